/** Step sizes, noise and time scales that the theory allows an instance, as dyadic numbers. */
import type { Matrix } from 'ml-matrix';
import { squaredNorm, type Factors } from '../../src/index.ts';
import { descentCurvature } from '../../src/theory/critical-step.ts';

export { descentCurvature };

/** The largest power of two that is at most x > 0. */
export function powerOfTwoAtMost(x: number): number {
  if (!(x > 0 && x < Infinity)) throw new Error(`there is no largest power of two at most ${x}`);
  let power = 1;
  while (power > x) power /= 2;
  while (2 * power <= x) power *= 2;
  return power;
}

/** x > 0 rounded to three significant binary digits, so that a person can read it. */
export function shortBinary(x: number): number {
  const unit = powerOfTwoAtMost(x) / 4;
  return Math.round(x / unit) * unit;
}

/** A dyadic step size at which gradient descent provably descends: eta (|X|^2 + |Y|^2 + |R|) <= 1/2 along the run. */
export function descendingStep(target: Matrix, start: Factors): number {
  return powerOfTwoAtMost(1 / (2 * descentCurvature(target, start)));
}

/** |X|^2 + |Y|^2. */
export const squaredSize = ({ X, Y }: Factors): number => squaredNorm(X) + squaredNorm(Y);
