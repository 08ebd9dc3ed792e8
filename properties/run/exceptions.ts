/** Instances of a claim on which it neither held nor was refuted, noted as they come. */
import type { Finding } from '../model/claim.ts';
import type { Missed } from './confirmation.ts';
import type { Miss, Refutation, Undecidable, Verdict } from '../model/verdict.ts';

export class Exceptions {
  readonly #missed: Miss[] = [];
  #worstMiss: Refutation | undefined;
  #undecidable: Undecidable | undefined;

  /**
   * Records a trial that failed by chance, with the refutation that it would have been, and an answer without numbers.
   */
  miss(index: number, { solver, reference }: Missed, finding: Finding, refutation: Refutation): void {
    this.#missed.push({ index, solver, reference, ...(typeof finding === 'string' ? { answer: finding } : {}) });
    if (this.#worstMiss !== undefined && solver.failed <= (this.#worstMiss.trials?.solver.failed ?? 0)) return;
    this.#worstMiss = { ...refutation, trials: { solver, reference } };
  }

  /** The instance decides nothing at the precision that the solver declares. */
  decidesNothing(index: number, because: string): void {
    const { count = 0, ...first } = this.#undecidable ?? {};
    this.#undecidable = { index, because, ...first, count: count + 1 };
  }

  get all(): Pick<Verdict, 'missed' | 'worstMiss' | 'undecidable'> {
    return {
      ...(this.#worstMiss === undefined ? {} : { missed: this.#missed, worstMiss: this.#worstMiss }),
      ...(this.#undecidable === undefined ? {} : { undecidable: this.#undecidable }),
    };
  }
}
