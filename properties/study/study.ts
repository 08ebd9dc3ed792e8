/**
 * `study` as a function: measures the properties of an optimiser. It assumes nothing about the optimiser and refutes
 * nothing.
 */
import { setImmediate } from 'node:timers/promises';
import { InvalidInput, Matrix, type Solver } from '../../src/index.ts';
import type { Given } from '../model/draft.ts';
import { SolverFault } from '../run/guard.ts';
import { inOrdinaryUnits, rescaled } from '../run/rescaled.ts';
import { inspect, secondsPerStep, type Subject } from '../run/subject.ts';
import { PRECISIONS, precisionName, roundoffNamed } from '../model/precision.ts';
import { freshSeed } from '../model/seeds.ts';
import { balance } from './balance.ts';
import { conclusions } from './conclusions.ts';
import { escape } from './escape.ts';
import { exhibitsOf, type Exhibits } from './exhibits.ts';
import type { Experiment, Values } from './experiment.ts';
import { judgeFamilies, type Family } from './families.ts';
import { limits } from './limits.ts';
import { noise } from './noise.ts';
import { errorOfEach, JOINT_ERROR, seriesOf, unitsWithin, type Series } from './plan.ts';
import { checked, generated, givenProblem, STEP, type Problem } from './problems.ts';
import { quantityOf, type Quantity } from './quantity.ts';
import { stability } from './stability.ts';

export const EXPERIMENTS: readonly Experiment[] = [stability, balance, limits, escape, noise];

/** The optimiser to study, and the number of units. */
export interface StudySettings {
  /** The optimiser. */
  readonly solver: Solver;
  /** Its name in the study (default: the function's). */
  readonly name?: string;
  /** Minutes that it may take (default: 1). */
  readonly minutes?: number;
  /** Units of each experiment, instead of the number that the time allows: then the same seed gives the same study. */
  readonly units?: number;
  /** Whole number below 2^31 (default: fresh). */
  readonly seed?: number;
  /** Step size times the largest singular value of the target (default: 1/16). */
  readonly step?: number;
  /** A matrix M with the rank of the factors, instead of the generated problems. */
  readonly target?: Given;
  /** The precision of the solver (default: double): `float32`, `float16`, `bfloat16`, or a unit roundoff such as `2^-16`. */
  readonly precision?: string;
  /** Whether the claims of the theory are judged as well (default: true). */
  readonly claims?: boolean;
  /** Called with the share that is done, and the name of the current work. */
  readonly onProgress?: (share: number, what: string) => void;
}

/** One of the problems of a study. */
export interface NamedProblem {
  /** Such as `tall`. */
  readonly name: string;
  /** Such as `8 x 2, rank 1`. */
  readonly text: string;
}

/** The findings. */
export interface Study {
  /** Name of the optimiser. */
  readonly solver: string;
  /** With it and `units`, the same study. */
  readonly seed: number;
  /** Step size times the largest singular value. */
  readonly step: number;
  /** The precision of the solver, if not double. */
  readonly precision?: string;
  /** Independent units of each experiment. */
  readonly units: number;
  /** Seconds that a unit of all experiments on all problems took. */
  readonly secondsPerUnit: number;
  /** All intervals hold together with this probability at least. */
  readonly level: number;
  /** The problems: names, with the shape and the rank in words. */
  readonly problems: readonly NamedProblem[];
  /** In the order of the table, problem by problem. */
  readonly quantities: readonly Quantity[];
  /** The claims of the theory of perturbed descent. */
  readonly families: readonly Family[];
  /** In plain words. */
  readonly conclusions: readonly string[];
  /** Runs for the pictures. */
  readonly exhibits: Exhibits;
}

/**
 * Measures the properties of an optimiser, with simultaneous intervals at the level of 95 %. It prints nothing and
 * writes no file.
 *
 * Throws `InvalidInput` if a setting is invalid, or if nothing can be measured.
 *
 * @example
 * ```ts
 * const found = await study({ solver: perturbedGradientDescent, units: 1, seed: 1, claims: false });
 * found.conclusions.length > 0; // true
 * ```
 */
export async function study(settings: StudySettings): Promise<Study> {
  const roundoff = settings.precision === undefined ? undefined : roundoffOf(settings.precision);
  const given = settings.target === undefined ? undefined : inOrdinaryUnits(settings.target);
  return studySubject(inspect(settings.solver, undefined, roundoff), {
    ...settings,
    name: settings.name ?? (settings.solver.name || 'a function'),
    ...(given === undefined ? {} : { target: given }),
  });
}

function roundoffOf(precision: string): number {
  const roundoff = roundoffNamed(precision);
  if (roundoff === undefined) throw new InvalidInput(`precision is ${precision}, which is unknown: give ${PRECISIONS}`);
  return roundoff;
}

/** For internal use: which problems and experiments. */
export interface Scope {
  readonly problems?: readonly Problem[];
  readonly experiments?: readonly Experiment[];
}

export type SubjectSettings = Omit<StudySettings, 'solver' | 'precision' | 'name'> & Scope & { readonly name: string };

/** The share of the time for the claims. */
const CLAIMS = 1 / 4;

/** The same, for a solver that was inspected and a target in ordinary units. */
export async function studySubject(subject: Subject, settings: SubjectSettings): Promise<Study> {
  const { seed = freshSeed(), step = STEP, minutes = 1, target: given, claims = true } = settings;
  validate(settings);
  const solver = given?.scale === undefined ? subject.solver : rescaled(subject.solver, given.scale);
  const problems = settings.problems ?? (given === undefined ? generated(step) : [ofGiven(given, step)]);
  const seconds = 60 * minutes;
  try {
    const all = seriesOf(settings.experiments ?? EXPERIMENTS, problems);
    const [series, units] =
      settings.units === undefined
        ? affordable(solver, all, { seconds: seconds * (claims ? 1 - CLAIMS : 1), minutes, seed })
        : [all, settings.units];
    const measured = claims ? 1 - CLAIMS : 1;
    const { quantities, secondsPerUnit } = await measure(solver, series, units, {
      seed,
      onProgress: (share, what) => settings.onProgress?.(measured * share, what),
    });
    const families = claims
      ? await judgeFamilies(subject, {
          seed,
          seconds: seconds * CLAIMS,
          given,
          onProgress: (share, what) => settings.onProgress?.(measured + CLAIMS * share, what),
        })
      : [];
    return {
      solver: settings.name,
      seed,
      step,
      ...(subject.u === undefined ? {} : { precision: precisionName(subject.u) }),
      units,
      secondsPerUnit,
      level: 1 - JOINT_ERROR,
      problems: [...new Set(series.map(({ problem }) => problem))].map(({ name, text }) => ({ name, text })),
      quantities,
      families,
      conclusions: conclusions(quantities, step),
      exhibits: exhibitsOf(solver, problems[0]!, step, seed),
    };
  } catch (error) {
    if (error instanceof SolverFault) throw new InvalidInput(`${error.message}; verify shows the line of your file`);
    throw error;
  }
}

function validate({ minutes = 1, units, step = STEP }: SubjectSettings): void {
  if (!(minutes > 0)) throw new InvalidInput(`minutes is ${minutes}: give a number above 0`);
  if (units !== undefined && !(Number.isInteger(units) && units > 0))
    throw new InvalidInput(`units is ${units}: give a whole number from 1`);
  if (!(step > 0 && step <= 1)) throw new InvalidInput(`step is ${step}: give a number above 0 and at most 1`);
}

const ofGiven = ({ target, rank }: Given, step: number): Problem =>
  checked(givenProblem(new Matrix(target), rank, step));

interface Measured {
  readonly quantities: readonly Quantity[];
  readonly secondsPerUnit: number;
}

async function measure(
  solver: Solver,
  series: readonly Series[],
  units: number,
  { seed, onProgress }: { seed: number; onProgress: (share: number, what: string) => void },
): Promise<Measured> {
  const error = errorOfEach(series);
  const began = performance.now();
  const quantities: Quantity[] = [];
  for (const [i, each] of series.entries()) {
    const { experiment, problem } = each;
    const own = units * (experiment.times ?? 1);
    const found: Values[] = [];
    for (let unit = 0; unit < own; unit++) {
      onProgress((i + unit / own) / series.length, `${problem.name}: ${experiment.name}`);
      found.push(experiment.unit(solver, problem, keyOf(each, seed, unit)));
      // Lets other work of the program run between two units.
      await setImmediate();
    }
    quantities.push(...experiment.quantities(problem).map((one) => quantityOf(one, each, found, error)));
  }
  return { quantities, secondsPerUnit: (performance.now() - began) / 1000 / units };
}

const keyOf = ({ experiment, problem }: Series, seed: number, unit: number | string): string =>
  `${seed}/study/${problem.name}/${experiment.name}/${unit}`;

/** The problems, and the units, for which there is time: a unit of each series is timed, and its results are not looked at. */
function affordable(
  solver: Solver,
  all: readonly Series[],
  { seconds, minutes, seed }: { seconds: number; minutes: number; seed: number },
): [readonly Series[], number] {
  const perStep = secondsPerStep(solver);
  const first = all.filter(({ problem }) => problem === all[0]!.problem);
  const expected = first.reduce((sum, { experiment, problem }) => sum + experiment.steps(problem), 0) * perStep;
  if (expected > seconds / 2) throw new InvalidInput(tooSlow(12 * expected, minutes));
  const began = performance.now();
  const times = new Map<Series, number>();
  for (const one of all) {
    const start = performance.now();
    if ((start - began) / 1000 > seconds / 4 && one.problem !== all[0]!.problem) break;
    times.set(one, (one.experiment.times ?? 1) * timed(solver, one, seed));
  }
  const left = PLANNED * seconds - (performance.now() - began) / 1000;
  return fitting(all, times, left) ?? refuse(first, times, minutes);
}

/** Seconds of a unit; a quick one is timed again, when all code is compiled. */
function timed(solver: Solver, one: Series, seed: number): number {
  const { experiment, problem } = one;
  const timeOnce = (): number => {
    const start = performance.now();
    experiment.unit(solver, problem, keyOf(one, seed, 'timing'));
    return (performance.now() - start) / 1000;
  };
  const first = timeOnce();
  return first > QUICK ? first : (timeOnce() + timeOnce()) / 2;
}

const QUICK = 1 / 4;

/** The part of the time that is planned, because a machine has other work too. */
const PLANNED = 3 / 4;

/** Units that decide most questions. */
const ENOUGH = 40;

/** The problems for which there is time with enough units; for a slow solver, the first one. */
function fitting(
  all: readonly Series[],
  times: ReadonlyMap<Series, number>,
  seconds: number,
): [readonly Series[], number] | undefined {
  const problems = [...new Set(all.map(({ problem }) => problem))];
  for (let count = problems.length; count > 0; count--) {
    const series = all.filter(({ problem }) => problems.indexOf(problem) < count);
    if (!series.every((one) => times.has(one))) continue;
    const each = series.map((one) => times.get(one)!);
    const units = unitsWithin(seconds, each, series);
    if (units >= ENOUGH || (count === 1 && units > 0)) return [series, units];
  }
  return undefined;
}

function refuse(first: readonly Series[], times: ReadonlyMap<Series, number>, minutes: number): never {
  const one = first.reduce((sum, each) => sum + (times.get(each) ?? 0), 0);
  throw new InvalidInput(tooSlow(12 * one, minutes));
}

const tooSlow = (seconds: number, minutes: number): string =>
  `the fewest runs that decide anything take about ${Math.ceil(seconds / 6) / 10} minutes, and there are ${minutes}: give more --minutes`;
