/** Nuclear-norm regularised least squares, min 1/2 |Z - M|^2 + weight |Z|_nuc, without any soft-thresholding. */
import { EVD, Matrix } from 'ml-matrix';
import { norm, singularValues, squaredNorm } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import { inner, times } from '../../../src/linear-algebra/matrices.ts';
import type { Given } from '../../model/draft.ts';

/** 1/2 |Z - M|^2 + weight |Z|_nuc. */
export function convexObjective(target: Matrix, weight: number, Z: Matrix): number {
  const nuclear = singularValues(Z).reduce((sum, value) => sum + value, 0);
  return squaredNorm(Matrix.sub(Z, target)) / 2 + weight * nuclear;
}

/** The iteration stops when a step moves Z by less than this share of |M|: with rate 9/10 it is within ten times that. */
const REST = 2 ** -40;
const MOST_ITERATIONS = 2000;

/**
 * Iteratively reweighted least squares (docs/theory/related-papers.md#lee): the nuclear norm lies below tr(Z' W^-1 Z)/2 + tr(W)/2 and
 * touches it at W = (Z Z')^(1/2), so each iteration minimises a quadratic upper bound: its least point is Z = W (W + weight)^-1 M.
 * It closes in at the rate max_i min(weight / s_i, s_i / weight). All is a matter of M M', for Z = B M.
 */
export function convexMinimiser(target: Matrix, weight: number): Matrix {
  // B has the number of rows of M: the shorter side is cheaper.
  if (target.rows > target.columns) return convexMinimiser(target.transpose(), weight).transpose();
  const G = outerGram(target);
  const rest = (REST * norm(target)) ** 2;
  let B = Matrix.eye(target.rows);
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const next = reweighted(times(times(B, G), B), weight);
    const moved = Matrix.sub(next, B);
    B = next;
    if (inner(times(moved, G), moved) <= rest) break;
  }
  return times(B, target);
}

/** W (W + weight)^-1 for W = C^(1/2). */
function reweighted(C: Matrix, weight: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: E } = new EVD(C, { assumeSymmetric: true });
  const shares = realEigenvalues.map((square) => {
    const w = Math.sqrt(Math.max(square, 0));
    return w / (w + weight);
  });
  return times(times(E, Matrix.diag(shares)), E.transpose());
}

/** Why the iteration is not run on a given target. */
export const tooLarge = ({ target }: Given): string | undefined =>
  Math.min(target.length, target[0]!.length) > 64
    ? "its convex solver decomposes M M' in each of many iterations: it needs min(d1, d2) <= 64"
    : undefined;
