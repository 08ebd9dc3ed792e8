/**
 * The distribution of one perturbed step given the past: its mean, its exact covariance
 * (docs/theory/noise.md#step-covariance).
 */
import { Matrix } from 'ml-matrix';
import { symmetrised } from './martingale.ts';
import { gradient, gram, penalties, type Factors, type NoiseScales } from '../../src/index.ts';
import { inner, squaredNorm, times, transposedTimes } from '../../src/linear-algebra/matrices.ts';
import { targetTimes } from '../../src/theory/objective.ts';

type Noise = NoiseScales & { eta: number };

/** Mean and variance, for Gaussian noise, of the component of the next iterate in a direction. */
export interface Moments {
  readonly mean: number;
  /** eta^2 <H Sigma H>, H the Hessian of the smoothed objective and Sigma the covariance of the noise. */
  readonly leading: number;
  /** The leading term, and the terms of products of two and of three numbers of the noise. */
  readonly variance: number;
}

/** <A, X> + <B, Y>: the component of the pair of factors in a direction. */
export const component = (direction: Factors, at: Factors): number =>
  inner(direction.X, at.X) + inner(direction.Y, at.Y);

export function moments(target: Matrix, at: Factors, direction: Factors, noise: Noise): Moments {
  const { alpha, beta } = penalties(target, noise);
  const [A, B] = [direction.X, direction.Y];
  const [slopes, [MB, MA]] = [gradient(target, at), targetTimes(target, direction)];
  const slope = component(direction, slopes) + alpha * inner(A, at.X) + beta * inner(B, at.Y);
  // With C = A Y' + X B', along which the product changes: C Y + R B + alpha A, and C'X + R'A + beta B.
  const [XA, YB] = [transposedTimes(at.X, A), transposedTimes(at.Y, B)];
  const ofX = times(A, gram(at.Y))
    .add(times(at.X, symmetrised(YB)))
    .sub(MB)
    .add(Matrix.mul(A, alpha));
  const ofY = times(B, gram(at.X))
    .add(times(at.Y, symmetrised(XA)))
    .sub(MA)
    .add(Matrix.mul(B, beta));
  const leading = noise.eta ** 2 * (noise.sigma1 ** 2 * squaredNorm(ofX) + noise.sigma2 ** 2 * squaredNorm(ofY));
  const mean = component(direction, at) - noise.eta * slope;
  return { mean, leading, variance: leading + higherVariance(at, direction, noise) };
}

function higherVariance({ X, Y }: Factors, { X: A, Y: B }: Factors, noise: Noise): number {
  const [d1, d2, r] = [X.rows, Y.rows, X.columns];
  const [v1, v2] = [noise.sigma1 ** 2, noise.sigma2 ** 2];
  const [a, b] = [squaredNorm(A), squaredNorm(B)];
  const [XA, YB] = [transposedTimes(X, A), transposedTimes(Y, B)];
  // |A Y' + X B'|^2
  const change = inner(gram(A), gram(Y)) + inner(gram(X), gram(B)) + 2 * inner(XA, YB.transpose());
  const half = (C: Matrix): number => squaredNorm(symmetrised(C)) / 4;
  const squares = 2 * d2 * v2 ** 2 * half(XA) + 2 * d1 * v1 ** 2 * half(YB);
  const cubes = (r + 1) * v1 * v2 * (d2 * v2 * a + d1 * v1 * b);
  const sizes = a * squaredNorm(Y) + 2 * inner(A, X) * inner(B, Y) + b * squaredNorm(X);
  const products = v1 * v2 * ((r + 2) * change + sizes);
  return noise.eta ** 2 * (squares + cubes + products);
}
