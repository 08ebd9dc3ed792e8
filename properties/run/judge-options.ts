/** The options with which a claim is judged. */
import type { Given, GivenDimension } from '../model/draft.ts';
import type { Saved } from '../model/saved.ts';
import type { Refutation } from '../model/verdict.ts';
import type { ShrinkTime } from './shrink.ts';
import type { Stopwatch } from './stopwatch.ts';

/** One part of a run that is split over processes or machines. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** A saved counterexample, and the file that it is in. */
type SavedIn = Pick<Saved, 'draft' | 'instance'> & Partial<Pick<Saved, 'solver'>> & { readonly file: string };

export interface JudgeOptions {
  readonly seed: number;
  readonly instances: number;
  /** No further instance is begun that would probably end after this number of seconds; at least one is tried. */
  readonly seconds?: number | undefined;
  readonly given?: Given | GivenDimension | undefined;
  /** Judge only the instances whose index is congruent to `index` modulo `of`. */
  readonly shard?: Shard | undefined;
  /** `index` or `index:path`: judge that one instance only. */
  readonly only?: string | undefined;
  /** Counterexamples of the claim from earlier runs, to be tried first. */
  readonly saved?: readonly SavedIn[] | undefined;
  /** Name of the solver, as counterexamples have it. */
  readonly name?: string | undefined;
  /** Whether a refuted instance is shrunk and its neighbours are tried (default: true). */
  readonly shrink?: boolean;
  /** Work that the investigation of a refutation may take (see `INVESTIGATION`, the default). */
  readonly work?: number | undefined;
  /** Time that the investigations of a run may take together; default: unlimited. */
  readonly time?: ShrinkTime | undefined;
  /** Called with the index of a drawn instance before the solver gets it. */
  readonly onBegin?: (index: number) => void;
  readonly onInstance?: () => void;
  /** Called with the times of the phases. */
  readonly stopwatch?: Stopwatch | undefined;
  /** Called with a refutation as soon as it is known, and with each smaller one. */
  readonly onRefuted?: ((refutation: Refutation) => void) | undefined;
}
