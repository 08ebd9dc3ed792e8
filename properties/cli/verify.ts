/** `verify` as a function: the command without terminal and files. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InvalidInput, type Solver } from '../../src/index.ts';
import type { Given } from '../model/draft.ts';
import { judge } from '../explain/judge.ts';
import { inOrdinaryUnits } from '../run/rescaled.ts';
import { isDerived, select, derivedFrom, claimOf } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { shrinkTime } from '../run/shrink.ts';
import { noWatch } from '../run/guard.ts';
import { inspect } from '../run/subject.ts';
import { precisionName, PRECISIONS, roundoffNamed } from '../model/precision.ts';
import type { Verdict } from '../model/verdict.ts';
import { versions } from './versions.ts';
import { evidenceOf, OURS, type RunFacts } from './evidence.ts';
import { exitCodeFor } from './exit.ts';
import { BadUsage } from './usage.ts';
import { CannotLoad, Run, type RunResult } from './run.ts';
import type { Evidence } from './evidence-types.ts';
import { runText } from './text.ts';

/** The claims to judge, and the number of instances. */
export interface VerifySettings {
  /**
   * The solver: a function, judged in this thread; or the path or file URL of a module whose default export is one,
   * judged in worker threads, so that a call that takes too long can be ended. Default: our solver.
   */
  readonly solver?: Solver | string | URL;
  /**
   * The precision of the solver (default: double): `float32`, `float16`, `bfloat16`, or a unit roundoff such as `2^-16`. A
   * module may export it instead, as `precision`.
   */
  readonly precision?: string;
  /** Ids or families of claims; default: all claims. */
  readonly claims?: readonly string[];
  /** Instances of each claim; default: 100. */
  readonly instances?: number;
  /** Whole number below 2^31; the same seed gives the same verdicts. Default: a fresh one. */
  readonly seed?: number;
  /** Only this instance, as a refutation names it: its index, or index:path. */
  readonly instance?: string;
  /** A matrix M (d1 x d2, row by row) on which the applicable claims are checked, with factors of the given rank. */
  readonly target?: Given;
  /** Whether each hypothesis is also shown to be needed, and each tight bound to be attained; default: false. */
  readonly ablate?: boolean;
  /** Whether refuted instances are shrunk; default: true. */
  readonly shrink?: boolean;
  /** Seconds for one call into a solver that is a file; default: 30. */
  readonly timeout?: number;
  /** Called with each verdict as soon as it is known. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** The result of a run. */
export interface Verification {
  /** Whether every applicable claim holds: none is refuted, none is undecided. */
  readonly holds: boolean;
  /** The seed of the run. */
  readonly seed: number;
  /** Whether the solver never draws from the noise source that it is given. */
  readonly ownNoise: boolean;
  /** One verdict per claim, in the order of the theory. */
  readonly verdicts: readonly Verdict[];
  /** The same with the statements of the claims, as the command leaves it in evidence.json. */
  readonly evidence: Evidence;
  /** The text that the command would print: the table, the refutations, the closing lines. */
  readonly text: string;
}

/**
 * Judges a solver by the claims. It prints nothing and writes no file.
 *
 * Throws `InvalidInput` if a setting is invalid, or if a file has no solver.
 *
 * @example
 * ```ts
 * const found = await verify({ solver: perturbedGradientDescent, claims: ['definition'], instances: 10, seed: 1 });
 * found.holds; // true
 * ```
 */
export async function verify(settings: VerifySettings = {}): Promise<Verification> {
  try {
    const run = planned(settings);
    const outcome =
      typeof settings.solver === 'function' ? await judgeHere(settings.solver, run) : await judgeInWorkers(run);
    return verification(run, outcome);
  } catch (error) {
    if (error instanceof BadUsage || error instanceof CannotLoad) throw new InvalidInput(error.message);
    throw error;
  }
}

/** The settings with their defaults. */
interface Plan extends VerifySettings {
  readonly ids: readonly string[];
  readonly instances: number;
  readonly seed: number;
  readonly roundoff?: number;
}

function planned(settings: VerifySettings): Plan {
  const { claims = [], instances = 100, seed = freshSeed(), target, instance, ablate = false, timeout = 30 } = settings;
  const chosen = select(claims);
  if ('unknown' in chosen) {
    throw new InvalidInput(
      `claims has ${chosen.unknown}, which is neither a claim nor a family: see the ids of claims`,
    );
  }
  whole('instances', instances, 1, 1_000_000);
  whole('seed', seed, 0, 2 ** 31 - 1);
  if (!(timeout > 0)) throw new InvalidInput(`timeout is ${timeout}: give a number of seconds above 0`);
  if (instance !== undefined && !/^\d+(:|(:\d+)*)$/.test(instance)) {
    throw new InvalidInput(`instance is ${instance}: give an index, or the index:path of a refutation`);
  }
  if (target !== undefined) validateTarget(target);
  const roundoff = settings.precision === undefined ? {} : { roundoff: roundoffOf(settings.precision) };
  const ids = chosen.flatMap((claim) =>
    [claim, ...(ablate && !isDerived(claim) ? derivedFrom(claim) : [])].map(({ id }) => id),
  );
  const given = target === undefined ? {} : { target: inOrdinaryUnits(target) };
  return { ...settings, ...given, ...roundoff, ids: [...new Set(ids)], instances, seed };
}

function roundoffOf(precision: string): number {
  const roundoff = roundoffNamed(precision);
  if (roundoff === undefined) throw new InvalidInput(`precision is ${precision}, which is unknown: give ${PRECISIONS}`);
  return roundoff;
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInput(`${name} is ${value}: give a whole number from ${least} to ${most}`);
  }
}

function validateTarget({ target, rank }: Given): void {
  const columns = target[0]?.length ?? 0;
  if (columns === 0 || target.some((row) => row.length !== columns || !row.every(Number.isFinite))) {
    throw new InvalidInput('target is not a matrix: give rows of finite numbers, all of one length');
  }
  whole('target.rank', rank, 1, Math.min(target.length, columns));
}

/** A function cannot travel to another thread: its claims are judged here, one after the other. */
async function judgeHere(solver: Solver, { ids, seed, instances, ...settings }: Plan): Promise<RunResult> {
  const [subject, time] = [inspect(solver, noWatch, settings.roundoff), shrinkTime()];
  const verdicts: Verdict[] = [];
  for (const id of ids) {
    const { instance: only, target: given, shrink = !isDerived({ id }) } = settings;
    const verdict = judge(claimOf(id)!, subject, { seed, instances, only, given, shrink, time });
    verdicts.push(verdict);
    settings.onVerdict?.(verdict);
    // Lets other work of the program run between two claims.
    await setImmediate();
  }
  return { ownNoise: subject.ownNoise, ...(subject.u === undefined ? {} : { u: subject.u }), verdicts };
}

function judgeInWorkers({ ids, seed, instances, ...settings }: Plan): Promise<RunResult> {
  const { instance: only, target: given, shrink, roundoff, timeout = 30 } = settings;
  const file = fileOf(settings.solver);
  const options = {
    ...(file === undefined ? {} : { solver: { file, path: file } }),
    ...(roundoff === undefined ? {} : { roundoff }),
    claims: ids,
    named: [],
    seed,
    instances,
    ...(only === undefined ? {} : { only }),
    ...(given === undefined ? {} : { target: { file: 'target', given } }),
    ...(shrink === undefined ? {} : { shrink }),
    timeout,
  };
  const finished = settings.onVerdict ?? (() => undefined);
  return new Run(options, { running: () => undefined, finished }).run();
}

function fileOf(solver: VerifySettings['solver']): string | undefined {
  if (solver === undefined || typeof solver === 'function') return undefined;
  const path = resolve(typeof solver === 'string' ? solver : fileURLToPath(solver));
  if (!existsSync(path)) throw new InvalidInput(`solver is ${path}, which does not exist: give the path of a file`);
  return path;
}

function verification(plan: Plan, { ownNoise, u, verdicts }: RunResult): Verification {
  const { seed, instances, solver, target, instance } = plan;
  const facts: RunFacts = {
    versions: versions(),
    seed,
    instances,
    solver: typeof solver === 'function' ? solver.name || 'a function' : (fileOf(solver) ?? OURS),
    ownNoise,
    ...(u === undefined ? {} : { precision: precisionName(u) }),
    ...(target === undefined ? {} : { target: 'target', rank: target.rank }),
    ...(instance === undefined ? {} : { instance }),
  };
  const shown = verdicts.filter(({ outcome, refutation }) => outcome === 'refuted' && refutation !== undefined);
  const text = runText(facts, verdicts, { shown, replay: callText(plan) });
  const evidence = evidenceOf(facts, verdicts);
  return { holds: exitCodeFor(verdicts) === 0, seed, ownNoise, verdicts, evidence, text };
}

/** The call that judges one refutation again. */
const callText =
  ({ seed, solver, precision, target }: Plan) =>
  ({ id, refutation }: Verdict): string => {
    const same = Object.entries({ solver, precision, target }).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    const rest = `claims: ['${id}'], seed: ${seed}, instance: '${refutation!.replay}'`;
    return `verify({ ${[...same, rest].join(', ')} })`;
  };
