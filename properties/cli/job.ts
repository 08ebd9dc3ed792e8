/** One claim of a run, from the queue to its verdict. */
import { claimOf } from '../claims/registry.ts';
import { reversed, type Refutation, type Verdict } from '../model/verdict.ts';
import type { Times } from '../run/stopwatch.ts';
import type { SharedProgress } from './shared-progress.ts';

export class Job {
  readonly id: string;
  /** The worker that judges it now: its progress, and the controller that ends it. */
  worker: { readonly progress: SharedProgress; readonly end: AbortController } | undefined;
  /** Known before the verdict, while its counterexample is being shrunk. */
  refutation: Refutation | undefined;
  verdict: Verdict | undefined;
  /** The times of its phases, if the run is profiled. */
  times: Times | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** The verdict, or that of the refutation that is being shrunk, `milliseconds` after the run began. */
  soFar(milliseconds: number): Verdict | undefined {
    return this.verdict ?? this.refuted(milliseconds);
  }

  /** The verdict of the refutation that is being shrunk. */
  refuted(milliseconds: number): Verdict | undefined {
    const { id, refutation } = this;
    if (refutation === undefined) return undefined;
    const outcome = claimOf(id)?.expected === undefined ? 'refuted' : reversed('refuted');
    const instances = refutation.saved === undefined ? Number(refutation.replay.split(':')[0]) + 1 : 1;
    return { id, outcome, refutation, instances, milliseconds };
  }
}
