/** The investigation of a refuted instance: it is shrunk, its inputs are varied, and the next instances are tried. */
import { refutes, toPlain, type Finding } from '../model/claim.ts';
import type { Draft, InstanceArbitrary } from '../model/draft.ts';
import { confirm, type Blamed, type Missed } from './confirmation.ts';
import type { Examiner } from './examiner.ts';
import type { SolverFault } from './guard.ts';
import type { Instance } from '../model/instance.ts';
import { irrelevantInputs, LEAST, otherInputs, otherSeeds } from './irrelevant.ts';
import { shrink, type ShrinkTime } from './shrink.ts';
import { failureAt } from './survey.ts';
import type { Failure, Survey, Refutation } from '../model/verdict.ts';

/** An instance on which the claim fails. */
export interface Failing<I extends Instance> {
  readonly instance: I;
  /** The draft from which it is derived. */
  readonly draft: Draft;
  readonly finding: Finding;
  /** Who is to blame, where random numbers decide. */
  readonly confirmed?: Blamed;
}

/**
 * Work that the investigation of one refuted claim may take, in steps of a solver: about a second of ours. It is counted,
 * not timed, and each claim has its own, so that what is found does not depend on the machine and on how many workers it has.
 */
export const INVESTIGATION = 1_000_000;

export class Investigation<I extends Instance> {
  readonly #examiner: Examiner<I>;
  readonly #arbitrary: InstanceArbitrary<I>;
  /** Work that is left. */
  #left: number;
  readonly #time: ShrinkTime | undefined;

  constructor(examiner: Examiner<I>, arbitrary: InstanceArbitrary<I>, work: number, time?: ShrinkTime) {
    this.#examiner = examiner;
    this.#arbitrary = arbitrary;
    this.#left = work;
    this.#time = time;
  }

  /** Examines something; undefined where no work or no time is left for it. */
  #spending<T>(examination: () => T): T | undefined {
    if (this.#left <= 0 || (this.#time?.left() ?? 1) <= 0) return undefined;
    const [before, began] = [this.#examiner.work, performance.now()];
    const found = examination();
    this.#left -= this.#examiner.work - before;
    this.#time?.spend(performance.now() - began);
    return found;
  }

  /** The refutation by one instance, found again at `index` and the path of its shrinks. */
  refutation(
    { instance, draft, finding, confirmed }: Failing<I>,
    index: number,
    path: readonly number[] = [],
  ): Refutation {
    return {
      replay: [index, ...path].join(':'),
      instance: this.#examiner.effective(instance),
      draft,
      finding: typeof finding === 'string' ? finding : toPlain(finding),
      shrinks: path.length,
      stoppedEarly: false,
      ...(confirmed && {
        blame: confirmed.blame,
        trials: { solver: confirmed.solver, reference: confirmed.reference },
      }),
    };
  }

  /** The failing instance with who is to blame, where random numbers decide; undefined where it is a miss by chance. */
  confirmed(failing: Failing<I>, missed?: (miss: Missed) => void): Failing<I> | undefined {
    if (!this.#examiner.random) return failing;
    const found = confirm(this.#examiner, failing.instance, failing.finding);
    if (found.blame !== 'chance') return { ...failing, confirmed: found };
    missed?.(found);
    return undefined;
  }

  /**
   * The smallest refutation that simplifications lead to. A simpler draft has to fail the same check at the same tolerance, on
   * its own. The verdict rests on the instance that was drawn, and this is its illustration; where random numbers decide, it
   * is confirmed as that one was.
   */
  shrunk(
    first: Failing<I>,
    index: number,
    smaller: (refutation: Refutation) => void,
  ): { found: Failing<I>; refutation: Refutation } {
    const walked = [first];
    const { path, stoppedEarly } = shrink(first, {
      simpler: (draft) => this.#arbitrary.simpler(draft),
      attempt: (draft) => this.#attempt(draft),
      smaller: (found, path) => {
        walked.push(found);
        smaller({ ...this.refutation(found, index, path), stoppedEarly: true });
      },
    });
    const { found, steps } = this.#lastConfirmed(walked);
    const refutation = this.refutation(found, index, path.slice(0, steps));
    return { found, refutation: { ...refutation, stoppedEarly: stoppedEarly || steps < path.length } };
  }

  /** The last instance of a walk that is confirmed: back by one step, by two more, by four more, and so on to the first. */
  #lastConfirmed(walked: readonly Failing<I>[]): { found: Failing<I>; steps: number } {
    const [first, last] = [walked[0]!, walked.length - 1];
    for (let steps = last, back = 1; steps > 0; steps -= back, back *= 2) {
      const found = this.confirmed(walked[steps]!);
      if (found?.confirmed?.blame === first.confirmed?.blame) return { found: found!, steps };
    }
    return { found: first, steps: 0 };
  }

  /** `null` where the draft does not fail, undefined where no work is left to find out. */
  #attempt(draft: Draft): Failing<I> | null | undefined {
    return this.#spending(() => {
      const instance = this.#arbitrary.derive(draft);
      const finding = instance === undefined ? undefined : this.#examiner.failure(instance);
      return finding === undefined ? null : { instance: instance!, draft, finding };
    });
  }

  /** The smallest input that simplifications lead to and on which the solver breaks the contract in the same way. */
  fault(error: SolverFault, instance: I): { error: SolverFault; instance: I; path: readonly number[] } {
    const first = { instance, draft: this.#arbitrary.draftOf(instance), error };
    const { found, path } = shrink(first, {
      simpler: (draft) => this.#arbitrary.simpler(draft),
      attempt: (draft) =>
        this.#spending(() => {
          const simpler = this.#arbitrary.derive(draft);
          const again = simpler === undefined ? undefined : this.#examiner.faultOn(simpler);
          return again !== undefined && kindOf(again) === kindOf(error)
            ? { instance: simpler!, draft, error: again }
            : null;
        }),
      smaller: () => undefined,
    });
    return { error: found.error, instance: this.#examiner.effective(found.instance), path };
  }

  /** Inputs that do not matter. Where random numbers decide, a run is long, and its seed alone is varied. */
  irrelevant(found: Failing<I>): Pick<Refutation, 'irrelevant'> {
    const { draft } = found;
    const drafts = this.#examiner.random
      ? otherSeeds(draft, LEAST)
      : [...otherSeeds(draft), ...otherInputs(draft, this.#arbitrary)];
    const irrelevant = irrelevantInputs(found, this.#arbitrary, drafts, (instance) =>
      this.#spending(() => this.#examiner.failure(instance) !== undefined),
    );
    return irrelevant === undefined ? {} : { irrelevant };
  }

  /** The outcome on the next instances, up to the one at `last`; `seen` are the earlier findings. */
  survey(next: readonly number[], last: number, draw: (index: number) => I, seen: readonly Failure[]): Survey {
    const failing = [...seen];
    for (const index of next) {
      const finding = this.#spending(() => this.#examiner.examine(draw(index)));
      if (finding === undefined) return { through: index - 1, failing };
      if (refutes(finding)) failing.push(failureAt(index, finding));
    }
    return { through: last, failing };
  }
}

/** The same breach on another input differs in numbers only. */
const kindOf = ({ message }: SolverFault): string => message.replace(/[-\d.e+]+/g, '#');
