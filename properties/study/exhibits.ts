/** A few runs of the optimiser for the pictures of a study. They illustrate; nothing is concluded from them. */
import { Matrix } from 'ml-matrix';
import { singularValues, squaredNorm, type Factors, type Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { horizon } from './balance.ts';
import { advanced, begin, unlessDiverged, type Grams } from './lab.ts';
import { limit } from './limits.ts';
import { givenProblem, type Problem } from './problems.ts';
import { anywhere, minimum } from './starts.ts';

/** Squared norms of both factors. */
export type Sizes = readonly [ofX: number, ofY: number];

/** Runs for the pictures. */
export interface Exhibits {
  /** |X|^2 - |Y|^2 of runs from two unbalanced minima of the first problem. */
  readonly course: Course;
  /** Starts of the first problem with the limits of the optimiser and of gradient descent. */
  readonly limits: readonly Limit[];
  /** sigma_i(X)^2 + sigma_j(Y)^2 at the limits: the Hessian's eigenvalues, largest first. */
  readonly spectra: readonly Spectra[];
  /** Paths in the plane of x and y for the target 1. */
  readonly hyperbola: readonly (readonly Sizes[])[];
}

/** A quantity along runs. */
export interface Course {
  /** When it was looked at. */
  readonly steps: readonly number[];
  /** The recorded numbers, run by run. */
  readonly runs: readonly (readonly number[])[];
}

/** Squared norms of both factors at a start and at the limits. */
export interface Limit {
  /** At the start. */
  readonly start: Sizes;
  /** At the end of the optimiser's run. */
  readonly end: Sizes;
  /** At the end of gradient descent. */
  readonly gd: Sizes;
}

/** Eigenvalues at the limits from one start. */
export interface Spectra {
  /** Those at the limit of the optimiser. */
  readonly own: readonly number[];
  /** Those at the limit of gradient descent. */
  readonly gd: readonly number[];
}

const [LOOKS, STARTS] = [48, 8];

export function exhibitsOf(solver: Solver, problem: Problem, step: number, seed: number): Exhibits {
  const key = `${seed}/exhibits`;
  const ends = Array.from({ length: STARTS }, (_, i) => ending(solver, problem, `${key}/${i}`));
  const known = ends.filter((end) => end !== undefined);
  return {
    course: courseOf(solver, problem, key),
    limits: known.map(({ start, own, gd }) => ({ start, end: sizesOf(own), gd: sizesOf(gd) })),
    spectra: known.slice(0, 3).map(({ own, gd }) => ({ own: spectrumOf(own, problem), gd: spectrumOf(gd, problem) })),
    hyperbola: pathsOf(solver, step, key),
  };
}

function courseOf(solver: Solver, problem: Problem, key: string): Exhibits['course'] {
  const every = Math.max(1, Math.round((3 * horizon(problem)) / LOOKS));
  const steps = Array.from({ length: LOOKS + 1 }, (_, i) => i * every);
  const runs = [Math.LN2 / 2, -Math.LN2 / 2].flatMap((lean) => {
    const start = minimum(problem, lean, `${key}/course`);
    const run = unlessDiverged(() => {
      const descent = begin(solver, problem, start, `${key}/course ${lean}`);
      return steps.map((step) => difference(step === 0 ? start : advanced(descent, every)));
    });
    return run === undefined ? [] : [run];
  });
  return { steps, runs };
}

interface Ending {
  readonly start: Sizes;
  readonly own: Grams;
  readonly gd: Grams;
}

function ending(solver: Solver, problem: Problem, key: string): Ending | undefined {
  const plain: Solver = ({ target, start, stepSize }) => referenceDescent({ target, start, stepSize });
  const { X, Y } = anywhere(problem, key);
  const own = unlessDiverged(() => limit(solver, problem, key, `${key}/noise`));
  const gd = limit(plain, problem, key, key);
  return own && { start: [squaredNorm(X), squaredNorm(Y)], own, gd };
}

const sizesOf = ({ XX, YY }: Grams): Sizes => [XX.trace(), YY.trace()];

function spectrumOf({ XX, YY }: Grams, { rank }: Problem): number[] {
  const squares = (A: Matrix): number[] => singularValues(A).map((value, i) => (i < rank ? value : 0));
  const sums = squares(XX).flatMap((a) => squares(YY).map((b) => a + b));
  return sums.filter((value) => value > 1e-9).sort((a, b) => b - a);
}

function pathsOf(solver: Solver, step: number, key: string): Exhibits['hyperbola'] {
  const problem = givenProblem(new Matrix([[1]]), 1, step);
  const starts: Sizes[] = [[2.2, 0.05], [0.3, 1.9], [-2.4, -0.9], [-0.1, -1.2]]; // prettier-ignore
  const every = Math.max(1, Math.round((4 * horizon(problem)) / 120));
  return starts.flatMap(([x, y], i) => {
    const path = unlessDiverged(() => {
      const descent = begin(solver, problem, { X: new Matrix([[x]]), Y: new Matrix([[y]]) }, `${key}/path ${i}`);
      const at = (factors: Factors): Sizes => [factors.X.get(0, 0), factors.Y.get(0, 0)];
      // Step by step while it fits, then less often.
      const first = Array.from({ length: 24 }, () => at(advanced(descent, 1)));
      return [[x, y] as const, ...first, ...Array.from({ length: 120 }, () => at(advanced(descent, every)))];
    });
    return path === undefined ? [] : [path];
  });
}

const difference = ({ X, Y }: Factors): number => squaredNorm(X) - squaredNorm(Y);
