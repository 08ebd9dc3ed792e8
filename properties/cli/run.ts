/** Runs the claims in a pool of workers, so that a solver that hangs can be ended. */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import type Tinypool from 'tinypool';
import { SHRINK_MILLISECONDS } from '../run/shrink.ts';
import type { Refutation, Verdict } from '../model/verdict.ts';
import type { Saved } from '../model/saved.ts';
import type { Given } from '../model/draft.ts';
import { claimOf, isDerived } from '../claims/registry.ts';
import type { RunOptions } from './run-options.ts';
import { onTarget, soonestFirst } from './order.ts';
import {
  MINUTES,
  planned,
  planText,
  readCosts,
  sharedText,
  Shares,
  TARGET_END,
  TARGET_MINUTES,
  TOO_LONG,
  type Plan,
} from '../run/plan.ts';
import { hangOf, HANGS, hangText, timeoutAfter } from './hang.ts';
import { Job } from './job.ts';
import { poolOf } from './pool.ts';
import { RunClock } from './run-clock.ts';
import { solverOf } from './solver-name.ts';
import type { Profile } from './profile.ts';
import { Programs } from './program.ts';
import { inapplicable } from '../explain/judge.ts';
import { SharedProgress } from './shared-progress.ts';
import { share, type SharedTarget } from './shared-target.ts';
import type { Judged, Loaded, Task } from './worker.ts';

/** Callbacks for the progress of a run. */
export interface Progress {
  /** Claims under way, with the instances done. */
  running(claims: ReadonlyMap<string, number>): void;
  /** A claim is refuted; its counterexample is being shrunk, and this may be called again with a smaller one. */
  refuted?(id: string, refutation: Refutation): void;
  finished(verdict: Verdict): void;
  /** Fewer instances than were asked for can be afforded: the plan, in a sentence. */
  planned?(text: string): void;
}

export interface RunResult {
  /** The solver uses its own random numbers, or no random numbers. */
  readonly ownNoise: boolean;
  /** Unit roundoff of the solver, if it is judged at a coarser precision than that of doubles. */
  readonly u?: number;
  /** In the order of the claims asked for. */
  readonly verdicts: readonly Verdict[];
}

/** The solver's file has no usable solver: exit code 2. */
export class CannotLoad extends Error {
  override readonly name = 'CannotLoad';
}

const POLL_MILLISECONDS = 50;

export class Run {
  readonly #options: RunOptions;
  readonly #progress: Progress;
  readonly #pool: Tinypool;
  readonly #abort = new AbortController();
  readonly #epoch = Date.now();
  /** [microseconds that are left for the investigations of the run], of which all workers take. */
  readonly #time = new Int32Array(new SharedArrayBuffer(4));
  /** In the order of the claims asked for. */
  readonly #jobs: ReadonlyMap<string, Job>;
  #hangs = 0;
  /** Claims judged side by side. */
  readonly #lanes: number;
  /** The processes of a solver that is a program. */
  readonly #programs: Programs | undefined;
  #ownNoise = false;
  #u: number | undefined;
  #plan: Plan | undefined;
  /** The time of the claims that apply to a given target. */
  #shares: Shares | undefined;
  readonly #clock: RunClock;
  #applicable: readonly string[] = [];
  /** The times at which the modules were loaded and the first claim began, in milliseconds of this process. */
  readonly #loaded = performance.now();
  #began = 0;
  /** Counterexamples of earlier runs. */
  readonly #saved: readonly (Saved & { file: string })[];
  readonly #target: SharedTarget | undefined;

  constructor(options: RunOptions, progress: Progress, saved: readonly (Saved & { file: string })[] = []) {
    this.#saved = saved;
    this.#options = options;
    this.#jobs = new Map(options.claims.map((id) => [id, new Job(id)]));
    this.#target = options.target === undefined ? undefined : share(options.target.given);
    this.#progress = progress;
    this.#clock = new RunClock(options.command !== undefined);
    this.#time[0] = 1000 * SHRINK_MILLISECONDS;
    this.#lanes = Math.max(1, Math.min(options.workers ?? availableParallelism(), options.claims.length));
    this.#pool = poolOf(this.#lanes);
    this.#programs = options.command === undefined ? undefined : new Programs(options.command);
  }

  async run(): Promise<RunResult> {
    const poll = setInterval(() => this.#poll(), POLL_MILLISECONDS);
    try {
      await this.#inspect();
      this.#began = performance.now();
      const { claims } = this.#options;
      const waiting = this.#shares === undefined ? soonestFirst(claims) : onTarget(this.#applicable, readCosts());
      const queue = waiting.map((id) => this.#jobs.get(id)!);
      await Promise.all(Array.from({ length: this.#lanes }, () => this.#judgeAll(queue)));
      this.#reportShares();
    } finally {
      clearInterval(poll);
      this.#programs?.end();
    }
    return this.soFar(
      this.#hangs > 0 ? 'calls into the solver did not return, so that the run was ended' : 'the run was ended before',
    );
  }

  /** The times of all stages so far. */
  get profile(): Profile {
    const judging = performance.now() - this.#began;
    const claims = new Map([...this.#jobs].flatMap(([id, { times }]) => (times === undefined ? [] : [[id, times]])));
    return { loaded: this.#loaded, started: this.#began, judging, workers: this.#lanes, claims };
  }

  /** Ends the run; claims under way and those that wait get no verdict. */
  stop(): void {
    this.#abort.abort();
  }

  /** The present results; claims without a verdict are not run, for the given reason, or refuted and not shrunk to the end. */
  soFar(reason: string): RunResult {
    const verdicts = [...this.#jobs.values()].map(
      (job): Verdict =>
        job.soFar(this.#age) ?? { id: job.id, outcome: 'not run', reason, instances: 0, milliseconds: 0 },
    );
    return { ownNoise: this.#ownNoise, ...(this.#u === undefined ? {} : { u: this.#u }), verdicts };
  }

  /** Milliseconds since the run began. */
  get #age(): number {
    return Date.now() - this.#epoch;
  }

  /** Loads the solver once before all claims, so that a file that cannot be used is known at once. */
  async #inspect(): Promise<void> {
    const [first] = this.#jobs.values();
    const loaded = (await this.#submit(first!, {})) as Loaded | undefined;
    if (loaded === undefined) {
      // Every worker begins with the same two steps, and would hang in them.
      this.#abort.abort();
      return;
    }
    if ('cannotLoad' in loaded) {
      const { command } = this.#options;
      throw new CannotLoad(
        command === undefined ? loaded.cannotLoad : `--solver-command ${command}: ${loaded.cannotLoad}`,
      );
    }
    [this.#ownNoise, this.#u] = [loaded.ownNoise, loaded.u];
    this.#makePlan(loaded.perStep);
  }

  /** Shares the time over the claims. One instance, and a saved counterexample, take the time that they take. */
  #makePlan(perStep: number): void {
    const { claims: ids, instances, minutes = MINUTES, only, replay, jitter, target, shard } = this.#options;
    // A shard must give the results of the whole run, so its time is not limited.
    if ([only, replay, jitter, shard].some((each) => each !== undefined)) return;
    if (target !== undefined) {
      this.#share(target.given);
      return;
    }
    const budget = { instances, seconds: 60 * minutes * this.#lanes, perStep };
    this.#plan = planned(ids, readCosts(), budget);
    const text = planText(this.#plan, budget, minutes);
    if (text !== '') this.#progress.planned?.(text);
  }

  /** The time of a run on a given target. */
  #share(given: Given): void {
    const { claims: ids, minutes } = this.#options;
    const [seconds, most] = [60 * (minutes ?? TARGET_MINUTES), 60 * (minutes ?? TARGET_END)];
    for (const id of ids) {
      const reason = inapplicable(claimOf(id)!, given);
      if (reason !== undefined) this.#settle({ id, outcome: 'not applicable', reason, instances: 0, milliseconds: 0 });
    }
    this.#applicable = ids.filter((id) => this.#jobs.get(id)!.verdict === undefined);
    this.#shares = new Shares(this.#applicable, seconds, most, this.#lanes, this.#seconds());
  }

  /** Which claims had less time than was asked for. */
  #reportShares(): void {
    const { instances, minutes = TARGET_MINUTES } = this.#options;
    if (this.#shares === undefined) return;
    const judged = this.#applicable.flatMap((id) => this.#jobs.get(id)!.verdict ?? []);
    const ended = judged.filter(({ outcome }) => outcome === 'holds' || outcome === 'not applicable');
    const text = sharedText(
      ended.map((verdict) => verdict.instances),
      instances,
      minutes,
    );
    if (text !== '') this.#progress.planned?.(text);
  }

  /** Takes one claim after the other from those that wait. */
  async #judgeAll(waiting: Job[]): Promise<void> {
    while (waiting.length > 0 && !this.#abort.signal.aborted) await this.#judge(waiting.shift()!);
  }

  async #judge(job: Job): Promise<void> {
    const { id } = job;
    const seconds = this.#shares === undefined ? Infinity : this.#shares.take(id, this.#seconds());
    if (seconds === undefined) {
      this.#leaveOut(job);
      return;
    }
    if (this.#plan?.get(id) === 0) {
      const reason = 'one instance takes longer than there is time: raise --minutes';
      this.#settle({ id, outcome: 'not run', reason, instances: 0, milliseconds: 0 });
      return;
    }
    const judged = (await this.#submit(job, { claim: id, seconds })) as Judged | undefined;
    if (judged === undefined) return;
    job.times = judged.times;
    this.#settle(judged.verdict);
  }

  /** The duration of this run so far. */
  #seconds(): number {
    return this.#clock.tick(this.#running.length);
  }

  get #running(): Job[] {
    return [...this.#jobs.values()].filter(({ worker }) => worker !== undefined);
  }

  /** A claim that there was no time for on a target; a refutation of it that is known stands. */
  #leaveOut(job: Job): void {
    const left: Verdict = { id: job.id, outcome: 'not applicable', reason: TOO_LONG, instances: 0, milliseconds: 0 };
    this.#endWith(job, job.refuted(this.#age) ?? left);
  }

  /** The verdict of a claim whose worker is ended. */
  #endWith(job: Job, verdict: Verdict): void {
    const { worker } = job;
    job.worker = undefined;
    this.#settle(verdict);
    worker?.end.abort();
  }

  #settle(verdict: Verdict): void {
    const job = this.#jobs.get(verdict.id)!;
    // A worker that was ended may still have answered.
    if (job.verdict !== undefined) return;
    job.verdict = verdict;
    this.#progress.finished(verdict);
  }

  /** Undefined if the run has been ended. */
  async #submit(job: Job, what: Pick<Task, 'claim' | 'seconds'>): Promise<unknown> {
    const { id } = job;
    const { solver, seed, instances, shard, dimension, replay, roundoff } = this.#options;
    const { only = this.#options.only, amount } = this.#options.jitter?.of[id] ?? {};
    const worker = { progress: new SharedProgress(this.#epoch), end: new AbortController() };
    const program = this.#programs?.take();
    const line = program?.connect();
    const { port1: heard, port2: found } = new MessageChannel();
    heard.on('message', (refutation: Refutation) => {
      job.refutation = refutation;
      this.#progress.refuted?.(id, refutation);
    });
    const transferList = [found, ...(line === undefined ? [] : [line.port])];
    job.worker = worker;
    const task: Task = {
      ...what,
      found,
      ...(solver === undefined ? {} : { solver: solver.path }),
      ...(roundoff === undefined ? {} : { roundoff }),
      ...(line === undefined ? {} : { line }),
      ...(only === undefined ? {} : { only }),
      ...(shard === undefined ? {} : { shard }),
      ...(replay === undefined ? {} : { replay }),
      ...(amount === undefined ? {} : { jitter: { amount, seed: this.#options.jitter!.seed } }),
      ...(this.#target === undefined ? {} : { given: this.#target }),
      ...(dimension === undefined ? {} : { given: { dimension } }),
      seed,
      instances: this.#plan?.get(id) ?? instances,
      // An ablation only has to fail; one that was asked for by name is shrunk to be read.
      shrink: this.#options.shrink ?? (!isDerived({ id }) || this.#options.named.includes(id)),
      name: solverOf(this.#options),
      saved: this.#saved.filter(({ claim }) => claim === id),
      epoch: this.#epoch,
      progress: worker.progress.numbers,
      time: this.#time,
      profile: this.#options.profile === true,
    };
    const signal = AbortSignal.any([this.#abort.signal, worker.end.signal]);
    try {
      return await this.#pool.run(task, { signal, transferList });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      job.worker = undefined;
      heard.close();
      if (program !== undefined) this.#programs?.giveBack(program);
    }
  }

  #poll(): void {
    const seconds = timeoutAfter(this.#hangs, this.#options.timeout);
    for (const job of this.#running) if (job.worker!.progress.calling > 1000 * seconds) this.#hang(job, seconds);
    const begun = this.#running.filter(({ worker }) => worker!.progress.hasBegun);
    this.#progress.running(new Map(begun.map(({ id, worker }) => [id, worker!.progress.done])));
    if (this.#shares?.isOver(this.#seconds()) === true) for (const job of this.#running) this.#leaveOut(job);
  }

  /** A call took too long: its worker is ended, and its claim has a fault as its verdict; a refutation that is known stands. */
  #hang(job: Job, seconds: number): void {
    const { done, index } = job.worker!.progress;
    const known = job.refuted(this.#age);
    const verdict =
      known === undefined
        ? hangOf(job.id, index, seconds, this.#options)
        : { ...known, reason: hangText(seconds, ' while its counterexample was being shrunk') };
    this.#endWith(job, { instances: done, milliseconds: Math.round(1000 * seconds), ...verdict });
    if (++this.#hangs >= HANGS && !this.#hasAnswered) this.#abort.abort();
  }

  /** Whether the solver was judged on an instance. */
  get #hasAnswered(): boolean {
    return [...this.#jobs.values()].some(({ verdict }) => (verdict?.instances ?? 0) > 0);
  }
}
