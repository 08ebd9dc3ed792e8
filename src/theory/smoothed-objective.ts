/**
 * The smoothed objective F~(X, Y) = E F(X + xi1, Y + xi2), with its stationary points (docs/theory/noise.md#smoothing,
 * docs/theory/minimisers.md#minimisers). Noise on X penalises Y and noise on Y penalises X:
 *
 *     F~ = F + alpha/2 |X|^2 + beta/2 |Y|^2 + (r/2) d1 d2 sigma1^2 sigma2^2,   alpha = d2 sigma2^2, beta = d1 sigma1^2.
 */
import { Matrix } from 'ml-matrix';
import type { Factors, NoiseScales } from '../contract.ts';
import { InvalidInput } from '../errors.ts';
import { decompose } from '../linear-algebra/geometry.ts';
import { plus, squaredNorm } from '../linear-algebra/matrices.ts';
import { gradient, hessian, loss } from './objective.ts';

/** Weights of the penalties: lambda = sqrt(alpha beta) is the soft threshold, gamma = sqrt(beta / alpha) the balance. */
export interface Penalties {
  /** d2 sigma2^2, on |X|^2 / 2. */
  alpha: number;
  /** d1 sigma1^2, on |Y|^2 / 2. */
  beta: number;
  /** The shrinkage of the singular values of M in the limit. */
  lambda: number;
  /** |X| / |Y| in the limit. */
  gamma: number;
}

/**
 * The penalties that noise of these scales puts on the factors of a d1 x d2 target.
 *
 * @example
 * ```ts
 * penalties(new Matrix([[1]]), { sigma1: 0.5, sigma2: 0.5 }); // {"alpha": 0.25, "beta": 0.25, "lambda": 0.25, "gamma": 1}
 * ```
 */
export function penalties(target: Matrix, { sigma1, sigma2 }: NoiseScales): Penalties {
  const alpha = target.columns * sigma2 * sigma2;
  const beta = target.rows * sigma1 * sigma1;
  return { alpha, beta, lambda: Math.sqrt(alpha * beta), gamma: Math.sqrt(beta / alpha) };
}

/**
 * F~(X, Y), the constant included.
 *
 * @example
 * ```ts
 * smoothedLoss(new Matrix([[1]]), { X: new Matrix([[1]]), Y: new Matrix([[1]]) }, { sigma1: 0.5, sigma2: 0.5 }); // 0.2813
 * ```
 */
export function smoothedLoss(target: Matrix, { X, Y }: Factors, scales: NoiseScales): number {
  const { alpha, beta } = penalties(target, scales);
  const constant = (X.columns * alpha * beta) / 2;
  return loss(target, { X, Y }) + (alpha * squaredNorm(X) + beta * squaredNorm(Y)) / 2 + constant;
}

/**
 * grad F~ = (R Y + alpha X, R' X + beta Y).
 *
 * @example
 * ```ts
 * smoothedGradient(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[1]]) }, { sigma1: 0.5, sigma2: 0.5 }).X; // [[1.5]]
 * ```
 */
export function smoothedGradient(target: Matrix, { X, Y }: Factors, scales: NoiseScales): Factors {
  const { alpha, beta } = penalties(target, scales);
  const plain = gradient(target, { X, Y });
  return { X: plus(plain.X, X, alpha), Y: plus(plain.Y, Y, beta) };
}

/**
 * Hessian of F~: that of F with alpha and beta added on the diagonal; layout as in `hessian`.
 *
 * @example
 * ```ts
 * smoothedHessian(new Matrix([[1]]), { X: new Matrix([[1]]), Y: new Matrix([[1]]) }, { sigma1: 0.5, sigma2: 0.5 }); // [[1.25, 1], [1, 1.25]]
 * ```
 */
export function smoothedHessian(target: Matrix, { X, Y }: Factors, scales: NoiseScales): Matrix {
  const { alpha, beta } = penalties(target, scales);
  const H = hessian(target, { X, Y });
  for (let i = 0; i < H.rows; i++) H.set(i, i, H.get(i, i) + (i < X.rows * X.columns ? alpha : beta));
  return H;
}

/**
 * The stationary point of F~ that keeps the singular triples of M with the given indices (from 0, at most r of them,
 * each with s_i > lambda): X = sqrt(gamma) U (S - lambda)^(1/2), Y = gamma^(-1/2) V (S - lambda)^(1/2), zero columns
 * after that. Every stationary point is one of these up to a rotation and the choice of singular vectors.
 *
 * @example
 * ```ts
 * // Without any triple it is the origin, a saddle.
 * product(stationaryPoint(new Matrix([[1]]), 1, [], { sigma1: 0.5, sigma2: 0.5 })); // [[0]]
 * ```
 */
export function stationaryPoint(target: Matrix, r: number, kept: readonly number[], scales: NoiseScales): Factors {
  const { lambda, gamma } = penalties(target, scales);
  if (!(lambda > 0))
    throw new InvalidInput(
      'the smoothed objective needs sigma1 and sigma2 above 0 to have a minimiser: give both above 0',
    );
  const { U, s, V } = decompose(target);
  if (kept.length > r || new Set(kept).size < kept.length || kept.some((i) => !(s[i]! > lambda))) {
    throw new InvalidInput(
      `kept is [${kept.join(', ')}]: give at most ${r} different indices with s_i > lambda = ${lambda}`,
    );
  }
  const X = Matrix.zeros(target.rows, r);
  const Y = Matrix.zeros(target.columns, r);
  kept.forEach((i, column) => {
    const size = Math.sqrt(s[i]! - lambda);
    X.setColumn(column, U.getColumnVector(i).mul(Math.sqrt(gamma) * size));
    Y.setColumn(column, V.getColumnVector(i).mul(size / Math.sqrt(gamma)));
  });
  return { X, Y };
}

/**
 * The minimiser of F~ (up to rotation): the top r triples, soft-thresholded by lambda.
 *
 * @example
 * ```ts
 * // The singular value 1 is lowered by lambda = 1/4.
 * product(smoothedMinimiser(new Matrix([[1]]), 1, { sigma1: 0.5, sigma2: 0.5 })); // [[0.75]]
 * ```
 */
export function smoothedMinimiser(target: Matrix, r: number, scales: NoiseScales): Factors {
  const { lambda } = penalties(target, scales);
  const { s } = decompose(target);
  const kept = s
    .map((_, i) => i)
    .slice(0, r)
    .filter((i) => s[i]! > lambda);
  return stationaryPoint(target, r, kept, scales);
}
