/** Step sizes, noise and time scales that the theory allows an instance, as dyadic numbers. */
import { Matrix } from 'ml-matrix';
import { imbalance, residual, squaredNorm, type Factors } from '../../src/index.ts';

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

/**
 * A bound on |X|^2 + |Y|^2 + |R| along all of gradient descent from the start (docs/theory.md#stable-step): while the
 * loss falls, |X Y'| <= |M| + |R_0| =: P and |D| <= |D_0| + drift, so |X'X|, |Y'Y| <= (|D| + sqrt(|D|^2 + 4 P^2)) / 2;
 * and 1/eta at least the bound keeps the drift below 2 eta F_0.
 */
export function descentCurvature(target: Matrix, start: Factors): number {
  const R0 = residual(target, start).norm();
  const P = target.norm() + R0;
  const D0 = imbalance(start).norm();
  const bound = (D: number): number => D + Math.sqrt(D * D + 4 * P * P) + R0;
  const crude = bound(D0);
  // A zero problem has no curvature; any step size does.
  return crude === 0 ? 1 : bound(D0 + (R0 * R0) / crude);
}

/** A dyadic step size at which gradient descent provably descends: eta (|X|^2 + |Y|^2 + |R|) <= 1/2 along the run. */
export function descendingStep(target: Matrix, start: Factors): number {
  return powerOfTwoAtMost(1 / (2 * descentCurvature(target, start)));
}

/** |X|^2 + |Y|^2. */
export const size = ({ X, Y }: Factors): number => squaredNorm(X) + squaredNorm(Y);
