/** Global minima of the loss, X Y' = M: drawn on the lattice, balanced, or selected by noise (docs/theory/flatness.md#flatness). */
import { Matrix } from 'ml-matrix';
import type { Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { someNoise } from '../../instances/designs.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import {
  decompose,
  penalties,
  product,
  smoothedMinimiser,
  type Factors,
  type NoiseScales,
} from '../../../src/index.ts';

/** An instance that stands at a minimum: its target is the product of its start. */
export function minimumAt({ X, Y }: Factors, seed: number, noise: NoiseScales = { sigma1: 0, sigma2: 0 }): Instance {
  const M = product({ X, Y }).to2DArray();
  return { M, X0: X.to2DArray(), Y0: Y.to2DArray(), eta: 1, ...noise, steps: 0, seed };
}

const OWN_TARGET = 'it starts at a minimum that it makes itself: the given target has none on the lattice';

/** Minima of any rank: entries are halves, their products quarters, so X Y' = M without rounding. */
export const minima: Design<Instance> = {
  grids: { X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 2 }, Y0: { shape: ['d2', 'r'], unit: 1 / 2, max: 2 } },
  picks: someNoise,
  complete({ grids, picks, seed }) {
    const { sigma1, sigma2 } = picks as { sigma1: number; sigma2: number };
    return minimumAt({ X: matrix(grids['X0']!), Y: matrix(grids['Y0']!) }, seed, { sigma1, sigma2 });
  },
  excludes: () => OWN_TARGET,
};

/** Whether X has r rows or more, and whether Y has. */
export type Shapes = readonly [X: 'square' | 'tall', Y: 'square' | 'tall'];

/** Minima with r = rank(M) and factors of one of the given shapes. */
export function minimaOfFullRank(...shapes: readonly Shapes[]): Design<Instance> {
  return {
    size: { d1: [1, 5], d2: [1, 5] },
    grids: {
      X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 1 },
      Y0: { shape: ['d2', 'r'], unit: 1 / 2, max: 1 },
      moreX: { shape: ['one', 'r'], unit: 1 / 2, max: 1 },
      moreY: { shape: ['one', 'r'], unit: 1 / 2, max: 1 },
    },
    picks: { shapes: shapes.map((_, i) => i) },
    complete({ grids, picks, size: { r }, seed }) {
      const [shapeOfX, shapeOfY] = shapes[picks['shapes']!]!;
      const X = shapeOfX === 'square' ? grids['X0']!.slice(0, r) : [...grids['X0']!, ...grids['moreX']!];
      const Y = shapeOfY === 'square' ? grids['Y0']!.slice(0, r) : [...grids['Y0']!, ...grids['moreY']!];
      return minimumAt({ X: fullRank(X), Y: fullRank(Y) }, seed);
    },
    excludes: () => OWN_TARGET,
  };
}

/** The product of a unit lower trapezoidal and an upper triangular matrix, both stored in one grid: of full column rank. */
export function fullRank(grid: Grid): Matrix {
  const columns = grid[0]!.length;
  const lower = grid.map((row, i) => row.map((entry, j) => (i > j ? entry : i === j ? 1 : 0)));
  // A pivot is not 0.
  const upper = grid
    .slice(0, columns)
    .map((row, i) => row.map((entry, j) => (i < j ? entry : i === j ? entry || 1 : 0)));
  return matrix(lower).mmul(matrix(upper));
}

/** Far beyond the first entry of any product of these designs. */
const SHIFT = 128;

/** That X Y' = M; it is dropped by moving the target away from the product. */
export function atMinima<I extends Instance>(plan: Design<I>): Hypothesis<I> {
  const shifted = changed(plan, (instance) => {
    const M = matrix(instance.M);
    return { ...instance, M: M.set(0, 0, M.get(0, 0) + SHIFT).to2DArray() };
  });
  return dropping("X Y' = M", shifted);
}

/** That r = rank(M); it is dropped by clearing the last column of both factors. */
export function ofFullRank<I extends Instance>(plan: Design<I>): Hypothesis<I> {
  const deficient = changed({ ...plan, size: { d1: [2, 5], d2: [2, 5], r: [2, 3] } }, (instance) => ({
    ...instance,
    ...minimumAt({ X: withoutLast(instance.X0), Y: withoutLast(instance.Y0) }, instance.seed),
  }));
  return dropping('r = rank(M)', deficient);
}

const withoutLast = (grid: Grid): Matrix => matrix(grid.map((row) => [...row.slice(0, -1), 0]));

/** The gamma-balanced point of X Y' = M, for r >= rank(M): X = sqrt(gamma) U S^(1/2), Y = gamma^(-1/2) V S^(1/2). */
export function balancedMinimum(target: Matrix, r: number, gamma = 1): Factors {
  const { U, s, V } = topTriples(target, r);
  const scaled = (A: Matrix, factor: number): Matrix => A.mulRowVector(s.map((value) => Math.sqrt(factor * value)));
  return { X: scaled(U, gamma), Y: scaled(V, 1 / gamma) };
}

/** The r strongest singular triples. */
export function topTriples(target: Matrix, r: number): { U: Matrix; s: number[]; V: Matrix } {
  const { U, s, V } = decompose(target);
  const top = Array.from({ length: r }, (_, i) => i);
  return { U: U.subMatrixColumn(top), s: s.slice(0, r), V: V.subMatrixColumn(top) };
}

/** The instance with another start. */
export const startedAt = <I extends Instance>(instance: I, { X, Y }: Factors): I => ({
  ...instance,
  X0: X.to2DArray(),
  Y0: Y.to2DArray(),
});

/** The instance started at the gamma-balanced point of its target. */
export const atBalance = <I extends Instance>(instance: I, gamma = 1): I =>
  startedAt(instance, balancedMinimum(matrix(instance.M), instance.X0[0]!.length, gamma));

/**
 * The minimum of X Y' = M, of rank r, that perturbed descent selects: that of the target whose soft thresholding is M,
 * U (S + lambda) V'.
 */
export function selectedMinimum(target: Matrix, r: number, noise: NoiseScales): Factors {
  const { lambda } = penalties(target, noise);
  const { U, V } = topTriples(target, r);
  return smoothedMinimiser(Matrix.add(target, U.mmul(V.transpose()).mul(lambda)), r, noise);
}
