/** The law of one perturbed step given the past: its mean, its exact covariance (docs/theory.md#step-covariance). */
import { Matrix } from 'ml-matrix';
import { symmetrised } from './martingale.ts';
import { penalties, residual, smoothedGradient, squaredNorm } from '../../src/index.ts';
import type { Factors, NoiseScales } from '../../src/index.ts';

/** <A, X> + <B, Y>: the component of the pair of factors in a direction. */
export const component = (direction: Factors, at: Factors): number => direction.X.dot(at.X) + direction.Y.dot(at.Y);

/** The mean of the component of the next iterate. */
export function meanComponent(target: Matrix, at: Factors, direction: Factors, noise: NoiseScales & { eta: number }) {
  return component(direction, at) - noise.eta * component(direction, smoothedGradient(target, at, noise));
}

/** The variance of the component, for Gaussian noise: eta^2 times that of the gradient's, of second order and beyond. */
export function componentVariance(
  target: Matrix,
  at: Factors,
  direction: Factors,
  noise: NoiseScales & { eta: number },
): number {
  return leadingVariance(target, at, direction, noise) + higherVariance(at, direction, noise);
}

/** eta^2 <H Sigma H>, H the Hessian of the smoothed objective and Sigma the covariance of the noise. */
export function leadingVariance(
  target: Matrix,
  at: Factors,
  { X: A, Y: B }: Factors,
  noise: NoiseScales & { eta: number },
): number {
  const { alpha, beta } = penalties(target, noise);
  const R = residual(target, at);
  const change = crossed(at, { X: A, Y: B });
  const ofX = change.mmul(at.Y).add(R.mmul(B)).add(Matrix.mul(A, alpha));
  const ofY = change.transpose().mmul(at.X).add(R.transpose().mmul(A)).add(Matrix.mul(B, beta));
  return noise.eta ** 2 * (noise.sigma1 ** 2 * squaredNorm(ofX) + noise.sigma2 ** 2 * squaredNorm(ofY));
}

/** What the products of two and of three numbers of the noise add. */
function higherVariance(at: Factors, { X: A, Y: B }: Factors, noise: NoiseScales & { eta: number }): number {
  const { X, Y } = at;
  const [d1, d2, r] = [X.rows, Y.rows, X.columns];
  const [v1, v2] = [noise.sigma1 ** 2, noise.sigma2 ** 2];
  const half = (C: Matrix): number => squaredNorm(symmetrised(C)) / 4;
  const squares = 2 * d2 * v2 ** 2 * half(X.transpose().mmul(A)) + 2 * d1 * v1 ** 2 * half(Y.transpose().mmul(B));
  const cubes = (r + 1) * v1 * v2 * (d2 * v2 * squaredNorm(A) + d1 * v1 * squaredNorm(B));
  const sizes = squaredNorm(A) * squaredNorm(Y) + 2 * A.dot(X) * B.dot(Y) + squaredNorm(B) * squaredNorm(X);
  const products = v1 * v2 * ((r + 2) * squaredNorm(crossed(at, { X: A, Y: B })) + sizes);
  return noise.eta ** 2 * (squares + cubes + products);
}

/** A Y' + X B'. */
const crossed = ({ X, Y }: Factors, { X: A, Y: B }: Factors): Matrix =>
  A.mmul(Y.transpose()).add(X.mmul(B.transpose()));
