/**
 * Rounding bounds. A sum of n products computed in any order is off by at most n u / (1 - n u) times the sum of the products'
 * sizes, u being the unit roundoff (Higham 2002, section 3.1), and |A| |B| <= ||A|| ||B|| in Frobenius norms. A solver may
 * compute more coarsely than we do, who compute in doubles (docs/theory/setting.md#rounding).
 */
import type { Matrix } from 'ml-matrix';
import { gradient, gram, penalties, residual, type Factors, type NoiseScales } from '../../src/index.ts';
import { inner, norm, squaredNorm } from '../../src/linear-algebra/matrices.ts';
import { isLarge } from '../../src/theory/objective.ts';
import type { Instance } from '../model/instance.ts';
import { DOUBLE } from '../model/precision.ts';

/** Unit roundoff of doubles, the precision of our own computations. */
export const u = DOUBLE;

/**
 * The parameters of a step's rounding: the step size, and the unit roundoff of the solver if it is not that of doubles.
 */
export type Stepping = Pick<Instance, 'eta' | 'u'>;

/**
 * A solver of another precision first rounds its inputs: M, eta, sigma and xi in each of three factors of a term, and
 * the start in these and by itself.
 */
export const CONVERSIONS = 12;

/**
 * A bound on the relative error of n successive roundings. From n u = 1/2 on it is void, but large enough to show
 * nothing.
 */
const rounded = (n: number, roundoff: number): number => (n * roundoff) / Math.max(1 - n * roundoff, 1 / 2);

/** The relative error of a number that a solver is given in doubles. */
export const conversion = ({ u: own = u }: Pick<Stepping, 'u'>): number => (own > u ? own : 0);

/** The allowed distance of the solver's step from the same step in our computation, relative to its size. */
function relative(operations: number, { u: own = u }: Stepping): number {
  return rounded(own > u ? operations + CONVERSIONS : operations, own) + rounded(operations, u);
}

/**
 * Rounding of one step, for each of X and Y, by any faithful way of computing it: with or without a residual, the terms
 * are X~ Y~'Y~ and M Y~, inner products of at most d1 + d2 + r terms in all, 8 more operations for noise, scaling and
 * update; thin factors of M stay within that (docs/theory/setting.md#residual-free). Two computations are compared: the
 * solver's and ours.
 */
export function stepRounding(target: Matrix, from: Factors, perturbed: Factors, step: Stepping): number {
  const sizes = { X: norm(perturbed.X), Y: norm(perturbed.Y), M: norm(target) };
  return stepRoundingOf(target, from.X.columns, Math.hypot(norm(from.X), norm(from.Y)), sizes, step);
}

/** The same from bounds on |(X, Y)|, on |X~| and |Y~|. */
export function stepRoundingOf(
  { rows, columns }: Pick<Matrix, 'rows' | 'columns'>,
  r: number,
  from: number,
  { X, Y, M }: Readonly<Record<'X' | 'Y' | 'M', number>>,
  step: Stepping,
): number {
  const size = from + X + Y + step.eta * (X * Y + M) * (X + Y);
  return relative(rows + columns + r + 8, step) * size;
}

/**
 * The growth in one step of a small difference between two runs under the same noise: the step's Jacobian is I - eta H
 * with H the Hessian at the perturbed point, whose eigenvalues lie in [-|R~|, |X~|^2 + |Y~|^2 + |R~|].
 */
export function stepGrowth(target: Matrix, perturbed: Factors, eta: number): number {
  const R = residualNorm(target, perturbed);
  const largest = squaredNorm(perturbed.X) + squaredNorm(perturbed.Y) + R;
  return Math.max(1 + eta * R, eta * largest - 1);
}

/**
 * |X Y' - M|; for a large M an upper bound, from |R|^2 = 2 <R Y, X> - |X Y'|^2 + |M|^2 (for <M, X Y'> = |X Y'|^2 - <R Y, X>) and the rounding of these sums, of at most d1 d2 + 4 (d1 + d2) terms of total size (|X| |Y| + |M|)^2.
 */
export function residualNorm(target: Matrix, at: Factors): number {
  if (!isLarge(target)) return norm(residual(target, at));
  const [ofProduct, ofSlope] = [inner(gram(at.X), gram(at.Y)), inner(gradient(target, at).X, at.X)];
  const size = norm(at.X) * norm(at.Y) + norm(target);
  const rounding = (target.rows * target.columns + 4 * (target.rows + target.columns)) * u * size ** 2;
  return Math.sqrt(Math.max(0, 2 * ofSlope - ofProduct + squaredNorm(target)) + rounding);
}

/**
 * Rounding of F~ and of sums of squared singular values that are compared with it: d1 d2 squares of inner products of r
 * terms, the two penalties and the constant; a stable decomposition is exact for a matrix within about 16 max(d1, d2) u
 * |M| of M.
 */
export function objectiveRounding(target: Matrix, { X, Y }: Factors, scales: NoiseScales): number {
  const { alpha, beta } = penalties(target, scales);
  const [d1, d2, r] = [X.rows, Y.rows, X.columns];
  const [x, y] = [norm(X), norm(Y)];
  const sizes = (x * y + norm(target)) ** 2 + alpha * x * x + beta * y * y + r * alpha * beta;
  return (d1 * d2 + 32 * (d1 + d2) + 4 * r + 8) * u * sizes;
}
