/**
 * The symmetric problem F(X) = |X X' - M|^2 / 4 with M = M' (d x d) and X (d x r), and its objective under noise
 * (docs/theory/other-problems.md#symmetric). Noise N(0, sigma^2) on every entry of X adds a ridge:
 *
 *     E F(X + xi) = F + mu/2 |X|^2 - r sigma^2/2 tr M + d r (d + r + 1) sigma^4/4,   mu = (d + r + 1) sigma^2.
 */
import type { Matrix } from 'ml-matrix';
import { eigenpairs, outerGram } from '../linear-algebra/geometry.ts';
import { plus, squaredNorm, times, timesTransposed } from '../linear-algebra/matrices.ts';

/**
 * F(X) = |X X' - M|^2 / 4.
 *
 * @example
 * ```ts
 * symmetricLoss(new Matrix([[1]]), new Matrix([[2]])); // 2.25
 * ```
 */
export const symmetricLoss = (target: Matrix, X: Matrix): number => squaredNorm(outerGram(X).sub(target)) / 4;

/**
 * grad F = (X X' - M) X.
 *
 * @example
 * ```ts
 * symmetricGradient(new Matrix([[1]]), new Matrix([[2]])); // [[6]]
 * ```
 */
export const symmetricGradient = (target: Matrix, X: Matrix): Matrix => times(outerGram(X).sub(target), X);

/**
 * mu = (d + r + 1) sigma^2, the shrinkage of the eigenvalues of X X' by noise.
 *
 * @example
 * ```ts
 * symmetricRidge(new Matrix([[1], [1]]), 0.5); // 1
 * ```
 */
export const symmetricRidge = (X: Pick<Matrix, 'rows' | 'columns'>, sigma: number): number =>
  (X.rows + X.columns + 1) * sigma ** 2;

/**
 * E F(X + xi), the constants included.
 *
 * @example
 * ```ts
 * smoothedSymmetricLoss(new Matrix([[1]]), new Matrix([[1]]), 0.5); // 0.2969
 * ```
 */
export function smoothedSymmetricLoss(target: Matrix, X: Matrix, sigma: number): number {
  const [mu, r] = [symmetricRidge(X, sigma), X.columns];
  const constant = (-r * sigma ** 2 * target.trace()) / 2 + (X.rows * r * sigma ** 2 * mu) / 4;
  return symmetricLoss(target, X) + (mu * squaredNorm(X)) / 2 + constant;
}

/**
 * Its gradient, (X X' - M) X + mu X: the mean of the gradient at the perturbed point.
 *
 * @example
 * ```ts
 * smoothedSymmetricGradient(new Matrix([[1]]), new Matrix([[2]]), 0.5); // [[7.5]]
 * ```
 */
export const smoothedSymmetricGradient = (target: Matrix, X: Matrix, sigma: number): Matrix =>
  plus(symmetricGradient(target, X), X, symmetricRidge(X, sigma));

/**
 * X X' at the minimum of the smoothed objective over d x r matrices: the r largest eigenvalues, lowered by mu, cut at 0.
 *
 * @example
 * ```ts
 * loweredEigenvalues(new Matrix([[3, 0], [0, 1]]), 2, 2); // [[1, 0], [0, 0]]
 * ```
 */
export function loweredEigenvalues(target: Matrix, r: number, mu: number): Matrix {
  const { values, U: all } = eigenpairs(target);
  const U = all.subMatrixColumn(Array.from({ length: r }, (_, i) => i));
  const kept = values.slice(0, r).map((value) => Math.max(value - mu, 0));
  return timesTransposed(U.clone().mulRowVector(kept), U);
}
