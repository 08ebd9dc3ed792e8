/** Nuclear-norm regularised least squares, min 1/2 |Z - M|^2 + weight |Z|_nuc, without any soft-thresholding. */
import { EVD, Matrix } from 'ml-matrix';
import { outerGram, singularValues, squaredNorm } from '../../src/index.ts';

/** 1/2 |Z - M|^2 + weight |Z|_nuc. */
export function convexObjective(target: Matrix, weight: number, Z: Matrix): number {
  const nuclear = singularValues(Z).reduce((sum, value) => sum + value, 0);
  return squaredNorm(Matrix.sub(Z, target)) / 2 + weight * nuclear;
}

/** The iteration stops when a step moves Z by less than this share of |M|: with rate 9/10 it is within ten times that. */
const REST = 2 ** -40;
const MOST_ITERATIONS = 2000;

/**
 * Iteratively reweighted least squares (docs/theory.md#lee): the nuclear norm lies below tr(Z' W^-1 Z)/2 + tr(W)/2 and
 * touches it at W = (Z Z')^(1/2), so each iteration minimises a quadratic upper bound. It closes in at the rate
 * max_i min(weight / s_i, s_i / weight).
 */
export function convexMinimiser(target: Matrix, weight: number): Matrix {
  // W has as many rows as M: the shorter side is cheaper.
  if (target.rows > target.columns) return convexMinimiser(target.transpose(), weight).transpose();
  const rest = REST * target.norm();
  let Z = target;
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const next = reweighted(target, weight, Z);
    const moved = Matrix.sub(next, Z).norm();
    Z = next;
    if (moved <= rest) break;
  }
  return Z;
}

/** The least of 1/2 |Z - M|^2 + weight/2 tr(Z' W^-1 Z): W (W + weight)^-1 M. */
function reweighted(target: Matrix, weight: number, Z: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix: E } = new EVD(outerGram(Z), { assumeSymmetric: true });
  const shares = realEigenvalues.map((square) => {
    const w = Math.sqrt(Math.max(square, 0));
    return w / (w + weight);
  });
  return E.mmul(Matrix.diag(shares)).mmul(E.transpose()).mmul(target);
}
