/** Runs the claims in a pool of workers, so that a solver that hangs can be ended. */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import type Tinypool from 'tinypool';
import { SHRINK_MILLISECONDS } from '../run/shrink.ts';
import { reversed, type Refutation, type Verdict } from '../model/verdict.ts';
import type { Saved } from '../model/saved.ts';
import type { Given } from '../model/draft.ts';
import { claimOf, isVariation } from '../claims/registry.ts';
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
import { poolOf } from './pool.ts';
import { RunClock } from './run-clock.ts';
import { solverOf } from './solver-name.ts';
import type { Profile } from './profile.ts';
import { Programs } from './program.ts';
import { inapplicable } from '../explain/judge.ts';
import { share, type SharedTarget } from './shared-target.ts';
import type { Times } from '../run/stopwatch.ts';
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
  readonly #time = shared(1);
  readonly #verdicts = new Map<string, Verdict>();
  readonly #running = new Map<string, Int32Array>();
  /** The controller that ends the worker of a claim. */
  readonly #ends = new Map<string, AbortController>();
  #hangs = 0;
  /** Refutations that are still being shrunk. */
  readonly #found = new Map<string, Refutation>();
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
  /**
   * The times at which the modules were loaded and the first claim began, in milliseconds of this process; and the time
   * of each part.
   */
  readonly #loaded = performance.now();
  #began = 0;
  readonly #times = new Map<string, Times>();
  /** Counterexamples of earlier runs. */
  readonly #saved: readonly (Saved & { file: string })[];
  readonly #target: SharedTarget | undefined;

  constructor(options: RunOptions, progress: Progress, saved: readonly (Saved & { file: string })[] = []) {
    this.#saved = saved;
    this.#options = options;
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
      await Promise.all(Array.from({ length: this.#lanes }, () => this.#judgeAll(waiting)));
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
    return { loaded: this.#loaded, started: this.#began, judging, workers: this.#lanes, claims: this.#times };
  }

  /** Ends the run; claims under way and those that wait get no verdict. */
  stop(): void {
    this.#abort.abort();
  }

  /** The present results; claims without a verdict are not run, for the given reason, or refuted and not shrunk to the end. */
  soFar(reason: string): RunResult {
    const verdicts = this.#options.claims.map(
      (id): Verdict =>
        this.#verdicts.get(id) ??
        this.#refuted(id) ?? { id, outcome: 'not run', reason, instances: 0, milliseconds: 0 },
    );
    return { ownNoise: this.#ownNoise, ...(this.#u === undefined ? {} : { u: this.#u }), verdicts };
  }

  /** The verdict on a claim whose counterexample is still being shrunk. */
  #refuted(id: string): Verdict | undefined {
    const refutation = this.#found.get(id);
    if (refutation === undefined) return undefined;
    const outcome = claimOf(id)?.expected === undefined ? 'refuted' : reversed('refuted');
    const instances = Number(refutation.replay.split(':')[0]) + 1;
    return { id, outcome, refutation, instances, milliseconds: Date.now() - this.#epoch };
  }

  /** Loads the solver once before all claims, so that a file that cannot be used is known at once. */
  async #inspect(): Promise<void> {
    const first = this.#options.claims[0]!;
    const loaded = (await this.#submit(first, {})) as Loaded | undefined;
    this.#running.delete(first);
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
    this.#applicable = ids.filter((id) => !this.#verdicts.has(id));
    this.#shares = new Shares(this.#applicable, seconds, most, this.#lanes, this.#seconds());
  }

  /** Which claims had less time than was asked for. */
  #reportShares(): void {
    const { instances, minutes = TARGET_MINUTES } = this.#options;
    if (this.#shares === undefined) return;
    const judged = this.#applicable.map((id) => this.#verdicts.get(id)).filter((verdict) => verdict !== undefined);
    const ended = judged.filter(({ outcome }) => outcome === 'holds' || outcome === 'not applicable');
    const text = sharedText(
      ended.map((verdict) => verdict.instances),
      instances,
      minutes,
    );
    if (text !== '') this.#progress.planned?.(text);
  }

  /** Takes one claim after the other from those that wait. */
  async #judgeAll(waiting: string[]): Promise<void> {
    while (waiting.length > 0 && !this.#abort.signal.aborted) await this.#judge(waiting.shift()!);
  }

  async #judge(id: string): Promise<void> {
    const seconds = this.#shares === undefined ? Infinity : this.#shares.take(id, this.#seconds());
    if (seconds === undefined) {
      this.#leaveOut(id);
      return;
    }
    if (this.#plan?.get(id) === 0) {
      const reason = 'one instance takes longer than there is time: raise --minutes';
      this.#settle({ id, outcome: 'not run', reason, instances: 0, milliseconds: 0 });
      return;
    }
    const judged = (await this.#submit(id, { claim: id, seconds })) as Judged | undefined;
    this.#running.delete(id);
    if (judged === undefined) return;
    if (judged.times !== undefined) this.#times.set(id, judged.times);
    this.#settle(judged.verdict);
  }

  /** The duration of this run so far. */
  #seconds(): number {
    return this.#clock.tick(this.#running.size);
  }

  /** A claim that there was no time for on a target; a refutation of it that is known stands. */
  #leaveOut(id: string): void {
    this.#running.delete(id);
    this.#settle(
      this.#refuted(id) ?? { id, outcome: 'not applicable', reason: TOO_LONG, instances: 0, milliseconds: 0 },
    );
    this.#ends.get(id)?.abort();
  }

  #settle(verdict: Verdict): void {
    // A worker that was ended may still have answered.
    if (this.#verdicts.has(verdict.id)) return;
    this.#verdicts.set(verdict.id, verdict);
    this.#progress.finished(verdict);
  }

  /** Undefined if the run has been ended. */
  async #submit(id: string, what: Pick<Task, 'claim' | 'seconds'>): Promise<unknown> {
    const { solver, seed, instances, shard, dimension, replay, roundoff } = this.#options;
    const { only = this.#options.only, amount } = this.#options.jitter?.of[id] ?? {};
    const progress = shared(3);
    progress[2] = -1;
    const program = this.#programs?.take();
    const line = program?.connect();
    const { port1: heard, port2: found } = new MessageChannel();
    heard.on('message', (refutation: Refutation) => {
      this.#found.set(id, refutation);
      this.#progress.refuted?.(id, refutation);
    });
    const transferList = [found, ...(line === undefined ? [] : [line.port])];
    this.#running.set(id, progress);
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
      // The variations of a claim only have to fail; one that was asked for by name is shrunk to be read.
      shrink: this.#options.shrink ?? (!isVariation({ id }) || this.#options.named.includes(id)),
      name: solverOf(this.#options),
      saved: this.#saved.filter(({ claim }) => claim === id),
      epoch: this.#epoch,
      progress,
      time: this.#time,
      profile: this.#options.profile === true,
    };
    const end = new AbortController();
    this.#ends.set(id, end);
    const signal = AbortSignal.any([this.#abort.signal, end.signal]);
    try {
      return await this.#pool.run(task, { signal, transferList });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      heard.close();
      if (program !== undefined) this.#programs?.giveBack(program);
    }
  }

  #poll(): void {
    const now = Date.now() - this.#epoch;
    const seconds = timeoutAfter(this.#hangs, this.#options.timeout);
    const done = new Map<string, number>();
    for (const [id, progress] of this.#running) {
      const [began, instances] = [Atomics.load(progress, 0), Atomics.load(progress, 1)];
      if (began > 0 || instances > 0) done.set(id, instances);
      if (began > 0 && now - began > 1000 * seconds) this.#end(id, seconds, progress);
    }
    this.#progress.running(done);
    if (this.#shares?.isOver(this.#seconds()) === true) {
      for (const id of this.#running.keys()) this.#leaveOut(id);
    }
  }

  /** A call took too long: its worker is ended, and its claim has a fault as its verdict; a refutation that is known stands. */
  #end(id: string, seconds: number, progress: Int32Array): void {
    this.#running.delete(id);
    const known = this.#refuted(id);
    const verdict =
      known === undefined
        ? hangOf(id, Atomics.load(progress, 2), seconds, this.#options)
        : { ...known, reason: hangText(seconds, ' while its counterexample was being shrunk') };
    this.#settle({ instances: Atomics.load(progress, 1), milliseconds: Math.round(1000 * seconds), ...verdict });
    this.#ends.get(id)?.abort();
    if (++this.#hangs >= HANGS && !this.#hasAnswered) this.#abort.abort();
  }

  /** Whether the solver was judged on an instance. */
  get #hasAnswered(): boolean {
    return [...this.#verdicts.values()].some(({ instances }) => instances > 0);
  }
}

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
