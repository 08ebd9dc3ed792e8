/**
 * Rounding bounds. u = 2^-53 is the unit roundoff; a sum of n products computed in any order is off by at most about
 * n u times the sum of the products' sizes (Higham 2002, section 3.1), and |A| |B| <= ||A|| ||B|| in Frobenius norms.
 */
import type { Matrix } from 'ml-matrix';
import { penalties, residual, type Factors, type NoiseScales } from '../../src/index.ts';
import { norm, squaredNorm } from '../../src/matrices.ts';

export const u = 2 ** -53;

/**
 * Rounding of one step, for each of X and Y, by any faithful way of computing it: with or without a residual, the terms
 * are X~ Y~'Y~ and M Y~, inner products of at most d1 + d2 + r terms in all, 8 more operations for noise, scaling and
 * update; thin factors of M keep within that (docs/theory.md#residual-free). The 2 is for the two computations that are
 * compared.
 */
export function stepRounding(target: Matrix, from: Factors, perturbed: Factors, eta: number): number {
  const [X, Y, M] = [norm(perturbed.X), norm(perturbed.Y), norm(target)];
  const size = Math.hypot(norm(from.X), norm(from.Y)) + X + Y + eta * (X * Y + M) * (X + Y);
  return 2 * (target.rows + target.columns + from.X.columns + 8) * u * size;
}

/**
 * How a small difference between two runs under the same noise grows in one step: the step's Jacobian is I - eta H with
 * H the Hessian at the perturbed point, whose eigenvalues lie in [-|R~|, |X~|^2 + |Y~|^2 + |R~|].
 */
export function stepGrowth(target: Matrix, perturbed: Factors, eta: number): number {
  const R = norm(residual(target, perturbed));
  const largest = squaredNorm(perturbed.X) + squaredNorm(perturbed.Y) + R;
  return Math.max(1 + eta * R, eta * largest - 1);
}

/**
 * Rounding of F~ and of sums of squared singular values beside it: d1 d2 squares of inner products of r terms, the two
 * penalties and the constant; a stable decomposition is exact for a matrix within about 16 max(d1, d2) u |M| of M.
 */
export function objectiveRounding(target: Matrix, { X, Y }: Factors, scales: NoiseScales): number {
  const { alpha, beta } = penalties(target, scales);
  const [d1, d2, r] = [X.rows, Y.rows, X.columns];
  const [x, y] = [norm(X), norm(Y)];
  const sizes = (x * y + norm(target)) ** 2 + alpha * x * x + beta * y * y + r * alpha * beta;
  return (d1 * d2 + 32 * (d1 + d2) + 4 * r + 8) * u * sizes;
}
