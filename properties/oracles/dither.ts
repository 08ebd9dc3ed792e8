/** The size of a step's noise relative to its rounding (docs/theory/setting.md#precision). */
import { Matrix } from 'ml-matrix';
import {
  gram,
  norm,
  penalties,
  residual,
  smoothedMinimiser,
  squaredNorm,
  type Factors,
  type NoiseScales,
} from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { conversion } from './rounding.ts';

/**
 * Standard deviation of a step of X, and of Y, under the noise, as Frobenius norms: of eta (xi1 (Y'Y + alpha I) + X xi2'Y + R xi2),
 * and the same with the factors exchanged.
 */
function noiseOfStep(target: Matrix, at: Factors, noise: NoiseScales & { eta: number }): [number, number] {
  const [{ alpha, beta }, r] = [penalties(target, noise), at.X.columns];
  const [v1, v2] = [noise.sigma1 ** 2, noise.sigma2 ** 2];
  const crossed = r * squaredNorm(residual(target, at)) + squaredNorm(at.X) * squaredNorm(at.Y);
  const own = (A: Matrix, penalty: number): number => squaredNorm(gram(A).add(Matrix.eye(r).mul(penalty)));
  const ofX = v1 * target.rows * own(at.Y, alpha) + v2 * crossed;
  const ofY = v2 * target.columns * own(at.X, beta) + v1 * crossed;
  return [noise.eta * Math.sqrt(ofX), noise.eta * Math.sqrt(ofY)];
}

/** The least ratio of a step's noise to its rounding at which rounding is negligible. */
export const CLEAR = 16;

/** Whether there is noise that is not clear of rounding, at the start of the instance or at the limit; both sizes, if so. */
export function drowned(instance: Instance): { noise: number; rounding: number } | undefined {
  if (instance.sigma1 === 0 && instance.sigma2 === 0) return undefined;
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const hasLimit = instance.sigma1 > 0 && instance.sigma2 > 0;
  const places = [start, ...(hasLimit ? [smoothedMinimiser(target, start.X.columns, instance)] : [])];
  const all = places.flatMap((at) => {
    const roundings = [at.X, at.Y].map((A) => conversion(instance) * norm(A));
    return noiseOfStep(target, at, instance).map((noise, i) => ({ noise, rounding: roundings[i]! }));
  });
  return all.find(({ noise, rounding }) => noise < CLEAR * rounding);
}
