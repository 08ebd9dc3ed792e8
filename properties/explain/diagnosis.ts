/**
 * Explains the steps of a faulty solver. They are recorded on the refuted instance and on generic descents, and the
 * simplest misreading that reproduces every wrong one of them, to rounding, is named. If no misreading does, there is
 * no explanation.
 */
import { Matrix, solve } from 'ml-matrix';
import { norm, type Factors, type Solver } from '../../src/index.ts';
import { SolverFault } from '../run/guard.ts';
import { iterate, optionsOf, type Instance } from '../model/instance.ts';
import { solverOf } from './misreading-solver.ts';
import type { Misreading } from './misreading.ts';
import { misreadings } from './misreadings.ts';
import { number } from '../model/numbers.ts';
import { stacked } from '../oracles/formula.ts';
import { nearby, PROBES } from './probes.ts';
import { isMet, record, type Recording, type Step } from './recording.ts';
import { atPrecision, type Subject } from '../run/subject.ts';

/** Steps of the refuted instance that are recorded, except for large ones; and the number of wrong ones that are explained. */
const [RECORDED, EXPLAINED] = [1024, 6];

/** Steps of the descent on its target from a generic start. */
const NEARBY = 8;

/** Products of numbers that recording may take: some tenths of a second. */
const WORK = 5_000_000;

/** The beginning of a diagnosis that names the mistake. */
export const NAMED = 'What the solver does instead';

/** The behaviour of a solver in words, and a solver that behaves so, if one can be made. */
export interface Diagnosis {
  readonly text: string;
  readonly alike?: Solver;
  /** The text if that solver turns out to behave otherwise. */
  readonly otherwise: string;
}

/** A sentence or two on the deviation of the solver from the steps of the theory; undefined if unknown. */
export function diagnose(subject: Subject, instance: Instance): Diagnosis | undefined {
  const { solver, ownNoise } = subject;
  const { M, X0, steps } = instance;
  const affordable = Math.ceil(WORK / (M.length * M[0]!.length * X0[0]!.length));
  const refuted = { ...instance, steps: Math.min(steps, RECORDED, affordable) };
  try {
    // The random numbers of a solver are unknown, but its steps without noise are known.
    const plainly = ownNoise && isRandom(solver) ? { sigma1: 0, sigma2: 0 } : undefined;
    const recorded = (each: Instance): Recording =>
      record(solver, atPrecision(subject, { ...each, ...plainly }), EXPLAINED);
    const recordings = [refuted, ...PROBES].map(recorded);
    recordings.push(...unlessItFails(() => recorded(nearby({ ...instance, steps: Math.min(NEARBY, affordable) }))));
    const wrong = recordings.filter(({ steps }) => steps.size > 0);
    if (wrong.length === 0) {
      if (recordings.some(drawsForNoisyOnly)) {
        const text = [`${NAMED}: ${NOISY_ONLY}.`, ...counting(recordings)].join(' ');
        return { text, otherwise: text };
      }
      const right = `${plainly ? 'Without noise its' : 'Its'} single steps are correct, ${place(recordings, recordings)}.`;
      const text = [right, ...counting(recordings)].join(' ');
      return { text, otherwise: text };
    }
    const best = bestFit(wrong);
    const text = [...explanation(best, place(wrong, recordings)), ...counting(recordings)].join(' ');
    // Without the noise of the refutation its numbers cannot be found again.
    const alike = plainly === undefined && best?.p !== undefined ? { alike: solverOf(best.misreading, best.p) } : {};
    const otherwise = [
      unexplained(
        wrong,
        place(
          recordings.filter((each) => !wrong.includes(each)),
          recordings,
        ),
      ),
      ...counting(recordings),
    ].join(' ');
    return { text: best === undefined ? otherwise : text, otherwise, ...alike };
  } catch (error) {
    // If it did not answer, the finding says so.
    if (error instanceof SolverFault) return undefined;
    throw error;
  }
}

/** A faulty solver may overflow here although it does not on the refuted instance. */
function unlessItFails<T>(recorded: () => T): T[] {
  try {
    return [recorded()];
  } catch (error) {
    if (error instanceof SolverFault) return [];
    throw error;
  }
}

/** "here and on 2 generic descents" */
function place(some: readonly Recording[], [refuted, ...generic]: readonly Recording[]): string {
  const others = generic.filter((probe) => some.includes(probe)).length;
  return [
    ...(some.includes(refuted!) ? ['here'] : []),
    ...(others > 0 ? [`on ${others} generic descent${others > 1 ? 's' : ''}`] : []),
  ].join(' and ');
}

/** Whether two equal descents end at different points. */
function isRandom(solver: Solver): boolean {
  const end = (): Matrix => {
    const descent = solver(optionsOf(PROBES[0]!, { fill: (out) => out.fill(0) }));
    descent.advance(1);
    return stacked(iterate(descent));
  };
  return norm(Matrix.sub(end(), end())) > 0;
}

const NOISY_ONLY = 'it draws no random numbers for a factor whose scale of noise is 0';

const drawsForNoisyOnly = ({ drawn, due, dueToNoisy }: Recording): boolean => drawn === dueToNoisy && dueToNoisy < due;

function counting(recordings: readonly Recording[]): string[] {
  const off = recordings.find(({ drawn, due }) => drawn > 0 && drawn !== due);
  return off === undefined ? [] : [`It drew ${off.drawn} random numbers instead of ${off.due}.`];
}

function explanation(best: Fit | undefined, where: string): string[] {
  if (best === undefined) return [];
  const { advice } = best.misreading;
  const said = `${NAMED}: ${best.text}.\n(It agrees with the solver ${where}, up to rounding.)`;
  return [advice === undefined ? said : `${said}\n${advice}`];
}

/** The simplest misreading whose unknown numbers stay the same; else the simplest one. */
function bestFit(wrong: readonly Recording[]): Fit | undefined {
  let best: Fit | undefined;
  for (const misreading of misreadings) {
    const found = fitted(misreading, wrong);
    if (found?.constant === true) return found;
    best ??= found;
  }
  return best;
}

/**
 * The steps and rows that are wrong, of a solver that no known misreading explains; `right` names the runs that are
 * correct.
 */
function unexplained(wrong: readonly Recording[], right: string): string {
  const longest = wrong.reduce((a, b) => (b.steps.size > a.steps.size ? b : a));
  const which = whichSteps([...longest.steps.keys()]);
  const steps = [...longest.steps.values()];
  const where = (['X', 'Y'] as const).flatMap((name) => wrongRows(name, steps));
  const of = where.length === 0 || where.join() === 'X,Y' ? '' : ` of ${where.join(' and ')}`;
  const but = right === '' ? '' : `, though correct ${right}`;
  return `Its steps${of} are wrong${which}${but}, and no known mistake explains them.`;
}

/** "row 3 of 3 of X", or "X" if more than one row is wrong; empty if no row is. */
function wrongRows(name: 'X' | 'Y', steps: readonly Step[]): string[] {
  const rows = steps[0]!.to[name].rows;
  const isWrong = (i: number): boolean =>
    steps.some(
      ({ to, right, rounding }) => norm(Matrix.sub(to[name].getRowVector(i), right[name].getRowVector(i))) > rounding,
    );
  const found = Array.from({ length: rows }, (_, i) => i).filter((i) => isWrong(i));
  if (found.length === 0) return [];
  return [rows > 1 && found.length === 1 ? `row ${found[0]! + 1} of ${rows} of ${name}` : name];
}

interface Fit {
  readonly misreading: Misreading;
  readonly text: string;
  /** The unknown numbers, if they are constant and a solver can be made with them. */
  readonly p?: readonly number[];
  /** Whether the unknown numbers are the same in all wrong steps. */
  readonly constant: boolean;
}

/** The misreading in words, if it explains all wrong steps. */
function fitted(misreading: Misreading, wrong: readonly Recording[]): Fit | undefined {
  const unknowns = misreading.unknown?.length ?? 0;
  // If the unknowns are as numerous as the entries, any step can be explained.
  const decisive = wrong.filter(
    ({ entries, steps }) => entries >= unknowns + 2 && [...steps.values()].some(misreading.decisive ?? (() => true)),
  );
  if (decisive.length === 0) return undefined;
  const found = new Map<Recording, (readonly number[])[]>();
  for (const recording of decisive) {
    const fits = fitsOf(misreading, recording);
    if (fits === undefined) return undefined;
    found.set(recording, fits);
  }
  const numbers = decisive.flatMap((recording) => found.get(recording)!);
  const constant = numbers.every((p) => p.every((value, i) => isNear(value, numbers[0]![i]!)));
  // A step of few entries may have another solution, or none that is found from afar.
  const known = constant ? [numbers[0]!] : [];
  const others = wrong.filter((recording) => !found.has(recording));
  if (others.some((recording) => fitsOf(misreading, recording, known) === undefined)) return undefined;
  // Two numbers that change from step to step, or numbers of the size of rounding, explain nothing.
  const isNothing = unknowns > 0 && numbers.every((p) => p.every((value) => Math.abs(value) <= NOTHING));
  if (isNothing || (!constant && unknowns > 1)) return undefined;
  const longest = decisive.reduce((a, b) => (b.steps.size > a.steps.size ? b : a));
  const words = numbers[0]!.map((_, i) =>
    constant ? short(numbers[0]![i]!) : sequence(found.get(longest)!.map((p) => p[i]!)),
  );
  const step = wrong[0]!.steps.values().next().value!;
  const which = whichSteps([...longest.steps.keys()]);
  // A solver that takes such steps from the first one on.
  const isMade = constant && misreading.looks === undefined && !which.includes('in steps');
  return { misreading, text: misreading.text(words, step) + which, constant, ...(isMade ? { p: numbers[0]! } : {}) };
}

/** A fitted number below this is 0: rounding, next to noise of an ordinary size. */
const NOTHING = 1e-9;

/** Numbers that were fitted to rounded steps. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-3 * Math.max(Math.abs(a), Math.abs(b));

const short = (value: number): string => number(Number(value.toPrecision(4)));

/** The first ones of numbers that change. */
const sequence = (values: readonly number[]): string =>
  values.every((value) => isNear(value, values[0]!))
    ? `${short(values[0]!)} (another number on another problem)`
    : `${values.slice(0, 4).map(short).join(', ')} and so on`;

function whichSteps(steps: readonly number[]): string {
  const [first] = steps;
  if (steps.some((t, i) => t !== first! + i)) return `, in steps ${steps.slice(0, 4).join(', ')} and so on`;
  return first === 1 ? '' : `, from step ${first} on`;
}

/** The unknown numbers in each wrong step; undefined if the misreading does not explain one of them. */
function fitsOf(
  misreading: Misreading,
  { steps }: Recording,
  known: readonly (readonly number[])[] = [],
): (readonly number[])[] | undefined {
  const fits: (readonly number[])[] = [];
  for (const step of steps.values()) {
    const p = fit(misreading, step, known);
    if (p === undefined) return undefined;
    fits.push(p);
  }
  return fits;
}

/**
 * The unknown numbers with which the misreading gives the solver's iterate, searched from `known` ones first; undefined if no
 * such numbers are found.
 */
function fit(
  { next, unknown = [] }: Misreading,
  step: Step,
  known: readonly (readonly number[])[],
): readonly number[] | undefined {
  const starts = unknown.length === 0 ? [[]] : [unknown, unknown.map((value) => value / 2), unknown.map(() => 0)];
  for (const start of [...known, ...starts]) {
    const p = solveFor(start, (q) => next(step, q), step);
    if (p !== undefined) return p;
  }
  return undefined;
}

/** Gauss and Newton's method from a first guess. */
function solveFor(
  guess: readonly number[],
  next: (p: readonly number[]) => Factors | undefined,
  step: Step,
): readonly number[] | undefined {
  let p = guess;
  for (let round = 0; round < 30; round++) {
    const here = next(p);
    if (here === undefined) return undefined;
    if (isMet(step, here)) return p;
    if (p.length === 0 || !p.every(Number.isFinite)) return undefined;
    const from = column(here);
    const slopes = p.map((_, i) => {
      const there = next(p.map((value, j) => (i === j ? value + NUDGE : value)))!;
      return column(there).sub(from).div(NUDGE).to1DArray();
    });
    if (!slopes.flat().every(Number.isFinite)) return undefined;
    const change = solve(new Matrix(slopes).transpose(), column(step.to).sub(from), true);
    p = p.map((value, i) => value + change.get(i, 0));
  }
  return undefined;
}

const NUDGE = 2 ** -20;
const column = (factors: Factors): Matrix => Matrix.columnVector(stacked(factors).to1DArray());
