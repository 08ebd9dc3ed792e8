/** The tasks of a worker of the pool: inspecting the solver, and judging one claim. */
import type { MessagePort } from 'node:worker_threads';
import type { Saved } from '../model/saved.ts';
import type { GivenDimension } from '../model/draft.ts';
import type { Watch } from '../run/guard.ts';
import { agreed, load } from './load.ts';
import type { Line } from './program.ts';
import { inspectRemote, remoteSolver } from './remote.ts';
import { SharedProgress } from './shared-progress.ts';
import { givenIn, type SharedTarget } from './shared-target.ts';
import type { Claim } from '../model/claim.ts';
import { INVESTIGATION } from '../run/investigation.ts';
import { jittered } from '../run/jitter.ts';
import { judge, rejudge } from '../explain/judge.ts';
import { inspect, secondsPerStep, type Subject } from '../run/subject.ts';
import type { ShrinkTime } from '../run/shrink.ts';
import { Stopwatch, type Times } from '../run/stopwatch.ts';
import type { JudgeOptions, Shard } from '../run/judge-options.ts';
import type { Verdict } from '../model/verdict.ts';
import { claimOf } from '../claims/registry.ts';

export interface Task {
  /** Absent: only load and inspect the solver. */
  readonly claim?: string;
  /** The channel to which refutations are sent while they are still being shrunk. */
  readonly found?: MessagePort;
  readonly solver?: string;
  /** Unit roundoff of the precision that was asked for. */
  readonly roundoff?: number;
  /** The way to a solver that is a program. */
  readonly line?: Line;
  readonly seed: number;
  readonly instances: number;
  /** No further instance is begun that would probably end after this number of seconds; Infinity lets all begin. */
  readonly seconds?: number;
  readonly only?: string;
  readonly shard?: Shard;
  readonly shrink: boolean;
  /** Counterexamples of the claim from earlier runs. */
  readonly saved?: JudgeOptions['saved'];
  readonly given?: SharedTarget | GivenDimension;
  /** Name of the solver, as counterexamples have it. */
  readonly name?: string;
  /** The solver's inputs are changed by this amount at random. */
  readonly jitter?: { readonly amount: number; readonly seed: string };
  /** Instead of drawing instances, this saved counterexample is looked at. */
  readonly replay?: Saved & { file: string };
  /** When the run began, in milliseconds of the clock. */
  readonly epoch: number;
  /** The numbers of its `SharedProgress`. */
  readonly progress: Int32Array;
  /** [microseconds that are left for the investigations of the run]. */
  readonly time: Int32Array;
  /** Whether the worker reports its times. */
  readonly profile?: boolean;
}

/** The facts known of a solver before it is judged: u is its unit roundoff, if it is coarser than that of doubles. */
export type Loaded =
  | { readonly ownNoise: boolean; readonly u: number | undefined; readonly perStep: number }
  | { readonly cannotLoad: string };

export interface Judged {
  readonly verdict: Verdict;
  readonly times?: Times;
}

export default async function work(task: Task): Promise<Judged | Loaded> {
  const stopwatch = task.profile === true ? new Stopwatch() : undefined;
  try {
    const subject = await subjectOf(task, stopwatch);
    if (typeof subject === 'string') return { cannotLoad: subject };
    if (task.claim === undefined)
      return { ownNoise: subject.ownNoise, u: subject.u, perStep: secondsPerStep(subject.solver) };
    const claim = claimOf(task.claim)!;
    const { replay, jitter } = task;
    const judged = jitter === undefined ? subject : jitteredBy(jitter, subject);
    const verdict = replay === undefined ? judgeClaim(claim, judged, task, stopwatch) : rejudge(claim, subject, replay);
    return { verdict, ...(stopwatch && { times: stopwatch.times }) };
  } finally {
    task.line?.port.close();
    task.found?.close();
  }
}

const jitteredBy = ({ amount, seed }: NonNullable<Task['jitter']>, subject: Subject): Subject => ({
  ...subject,
  solver: jittered(subject.solver, amount, seed),
});

function judgeClaim(claim: Claim, subject: Subject, task: Task, stopwatch: Stopwatch | undefined): Verdict {
  const progress = progressOf(task);
  return judge(claim, subject, {
    seed: task.seed,
    instances: task.instances,
    seconds: task.seconds,
    only: task.only,
    shard: task.shard,
    shrink: task.shrink,
    saved: task.saved,
    given: givenIn(task.given),
    name: task.name,
    // A program takes its time over a step.
    work: task.line === undefined ? INVESTIGATION : INVESTIGATION / 20,
    time: timeOf(task.time),
    stopwatch,
    onBegin: (index) => progress.begin(index),
    onInstance: () => progress.count(),
    onRefuted: (refutation) => task.found?.postMessage(refutation),
  });
}

/** The solver under judgement, or the reason why it is missing. */
async function subjectOf(task: Task, stopwatch: Stopwatch | undefined): Promise<Subject | string> {
  const watch = watchOf(task, stopwatch);
  if (task.line !== undefined) {
    const claim = task.claim === undefined ? undefined : claimOf(task.claim);
    return inspectRemote(remoteSolver(task.line, claim?.needs), watch, task.roundoff);
  }
  const loaded = await load(task.solver, watch);
  if (typeof loaded === 'string') return loaded;
  const roundoff = agreed(task.roundoff, loaded);
  return typeof roundoff === 'string' ? roundoff : inspect(loaded.solver, watch, roundoff);
}

const progressOf = ({ epoch, progress }: Task): SharedProgress => new SharedProgress(epoch, progress);

function watchOf(task: Task, stopwatch: Stopwatch | undefined): Watch {
  const progress = progressOf(task);
  return {
    enter: () => {
      stopwatch?.start();
      progress.enter();
    },
    leave: () => {
      progress.leave();
      stopwatch?.stop();
    },
  };
}

/** All workers spend of the same. */
const timeOf = (shared: Int32Array): ShrinkTime => ({
  left: () => Atomics.load(shared, 0) / 1000,
  spend: (milliseconds) => Atomics.sub(shared, 0, Math.round(1000 * milliseconds)),
});
