/** The options of a run. */
import type { Saved } from '../model/saved.ts';
import type { Shard } from '../run/judge-options.ts';
import type { GivenTarget } from './target.ts';

/** The options of a run. */
export interface RunOptions {
  /** Path as given, and in full. */
  readonly solver?: { file: string; path: string };
  /** A program that solves, instead of a module. */
  readonly command?: string;
  /** Unit roundoff of the precision that was asked for. */
  readonly roundoff?: number;
  /** Ids of the claims and of the derived claims that go with them. */
  readonly claims: readonly string[];
  /** The names given with --claim. */
  readonly named: readonly string[];
  /** Whether refuted instances are shrunk; default: true. */
  readonly shrink?: boolean;
  readonly instances: number;
  readonly seed: number;
  readonly shard?: Shard;
  readonly only?: string;
  readonly target?: GivenTarget;
  /** d1 = d2 of the claims that are about any dimension. */
  readonly dimension?: number;
  /** Instead of drawing instances, this saved counterexample is looked at. */
  readonly replay?: Saved & { file: string };
  /** For claims by their id: the one instance that is judged, and by which amount the solver's inputs are changed at random. */
  readonly jitter?: { readonly seed: string; readonly of: Readonly<Record<string, { only: string; amount: number }>> };
  /** Seconds for one call into the solver. */
  readonly timeout: number;
  /** Minutes that a run may take: a slow solver is judged on fewer instances. */
  readonly minutes?: number;
  /** Claims judged side by side; default: the number of cores. */
  readonly workers?: number;
  /** Whether the time of each part is measured. */
  readonly profile?: boolean;
}
