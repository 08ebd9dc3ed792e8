/** An instance is a value, plain JSON: everything a check needs, so that a counterexample can be saved and replayed. */
import { Matrix } from 'ml-matrix';
import {
  gaussianNoise,
  smoothedGradientDescent,
  type Descent,
  type DescentOptions,
  type Factors,
  type NoiseSource,
  type Solver,
} from '../../src/index.ts';
import { copied, ofRows } from '../../src/linear-algebra/matrices.ts';
import { isLarge } from '../../src/theory/objective.ts';
import { noiseSeed } from './seeds.ts';

/** A matrix as plain JSON, row by row. */
export type Grid = number[][];

/** The input of a check; some claims have more fields than these. */
export interface Instance {
  /** Target, d1 x d2. */
  M: Grid;
  /** Start, d1 x r. */
  X0: Grid;
  /** Start, d2 x r. */
  Y0: Grid;
  /** Step size. */
  eta: number;
  /** Scale of the noise on X; with sigma2 = 0 too it is plain gradient descent. */
  sigma1: number;
  /** Scale of the noise on Y. */
  sigma2: number;
  /** The number of steps of a descent. */
  steps: number;
  /** Seed of the instance's noise; never shrunk. */
  seed: number;
  /** Which trial of the instance this is, each with noise of its own; absent in the first. */
  trial?: number;
  /** Unit roundoff of the solver, if it declares one that is coarser than that of doubles (run/examiner.ts). */
  u?: number;
}

/** A large target was checked when it was read, and is made a matrix of many times. */
export const matrix = (grid: Grid): Matrix =>
  isLarge({ rows: grid.length, columns: grid[0]?.length ?? 0 }) ? ofRows(grid) : new Matrix(grid);

export const startOf = ({ X0, Y0 }: Pick<Instance, 'X0' | 'Y0'>): Factors => ({ X: matrix(X0), Y: matrix(Y0) });

/** A grid of the same shape of zeros. */
export const zeros = (grid: Grid): Grid => grid.map((row) => row.map(() => 0));

/** The number of entries of a grid. */
export const entriesOf = (grid: Grid): number => grid.length * grid[0]!.length;

/** Normals that one step consumes: (d1 + d2) r. */
export const blockSize = ({ X0, Y0 }: Pick<Instance, 'X0' | 'Y0'>): number => entriesOf(X0) + entriesOf(Y0);

/** The problem of the instance, as the solvers have it: eta is their step size. */
export const problemOf = ({
  M,
  X0,
  Y0,
  eta,
}: Pick<Instance, 'M' | 'X0' | 'Y0' | 'eta'>): Omit<DescentOptions, 'noise'> => ({
  target: matrix(M),
  start: startOf({ X0, Y0 }),
  stepSize: eta,
});

/** The options of a descent on the instance: with the given noise, or without noise if both scales are 0. */
export function optionsOf(instance: Instance, source: NoiseSource): DescentOptions {
  const { sigma1, sigma2 } = instance;
  const plain = problemOf(instance);
  return sigma1 === 0 && sigma2 === 0 ? plain : { ...plain, noise: { sigma1, sigma2, source } };
}

/** Starts a descent on the instance with its own noise; another `purpose` gives an independent stream. */
export function descend(solver: Solver, instance: Instance, purpose = 'noise'): Descent {
  return solver(optionsOf(instance, noiseOf(instance, purpose)));
}

/** Plain gradient descent on the instance, for any scales of noise. */
export const descendPlainly = (solver: Solver, instance: Omit<Instance, 'sigma1' | 'sigma2'>): Descent =>
  solver(problemOf(instance));

/** Starts a descent on the smoothed objective of the instance. */
export const descendSmoothed = (instance: Instance): Descent =>
  smoothedGradientDescent({ ...problemOf(instance), noise: instance });

export const noiseOf = (instance: Instance, purpose = 'noise'): NoiseSource =>
  gaussianNoise(noiseSeed(instance, purpose));

/** The first `steps` blocks of the instance's noise, one after the other. */
export function noiseTape(instance: Instance, steps = instance.steps, purpose = 'noise'): Float64Array {
  const tape = new Float64Array(steps * blockSize(instance));
  noiseOf(instance, purpose).fill(tape);
  return tape;
}

/** A copy of the iterate of a descent. */
export const iterate = (descent: Descent): Factors => ({ X: copied(descent.X), Y: copied(descent.Y) });

/** The same descent, advanced otherwise. */
export const advancing = (descent: Descent, advance: Descent['advance']): Descent => ({
  get X() {
    return descent.X;
  },
  get Y() {
    return descent.Y;
  },
  advance,
});
