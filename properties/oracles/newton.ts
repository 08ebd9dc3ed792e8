/** Stationary points of the smoothed objective, found by Newton's method without the formula for them. */
import { LuDecomposition, Matrix } from 'ml-matrix';
import { stacked } from './formula.ts';
import { norm, penalties, smoothedGradient, smoothedHessian, type Factors, type NoiseScales } from '../../src/index.ts';

/**
 * A point where the gradient of F~ is at most `gradientLimit`, reached from the start, or, if the method gets stuck,
 * from its half, its quarter, ... Near the origin it does not.
 */
export function stationaryNear(target: Matrix, start: Factors, scales: NoiseScales): Factors {
  for (let share = 1; ; share /= 2) {
    const found = descended(target, { X: Matrix.mul(start.X, share), Y: Matrix.mul(start.Y, share) }, scales);
    if (found !== undefined) return found;
  }
}

/** 2^-30 of the natural size of a gradient, (|M| + alpha + beta)^(3/2). */
export function gradientLimit(target: Matrix, scales: NoiseScales): number {
  const { alpha, beta } = penalties(target, scales);
  return 2 ** -30 * (norm(target) + alpha + beta) ** (3 / 2);
}

const ITERATIONS = 64;

/** Levenberg and Marquardt's damped steps on |grad F~|^2: rotations of the factors make the Hessian singular. */
function descended(target: Matrix, start: Factors, scales: NoiseScales): Factors | undefined {
  const limit = gradientLimit(target, scales);
  const slopeAt = (at: Factors): Matrix =>
    Matrix.columnVector(stacked(smoothedGradient(target, at, scales)).to1DArray());
  let [at, slope, damping] = [start, slopeAt(start), 1];
  for (let i = 0; i < ITERATIONS && norm(slope) > limit; i++) {
    const H = smoothedHessian(target, at, scales);
    const damped = H.mmul(H).add(Matrix.eye(H.rows).mul(damping * norm(slope)));
    const lu = new LuDecomposition(damped);
    // If H is singular, such small damping may be lost to rounding.
    if (lu.isSingular()) {
      damping *= 8;
      continue;
    }
    const next = moved(at, lu.solve(H.mmul(slope)));
    const nextSlope = slopeAt(next);
    if (norm(nextSlope) < norm(slope)) [at, slope, damping] = [next, nextSlope, damping / 4];
    else damping *= 8;
  }
  return norm(slope) <= limit ? at : undefined;
}

/** (X, Y) minus a step that lists the entries of X, row by row, and then those of Y. */
function moved({ X, Y }: Factors, step: Matrix): Factors {
  const entries = step.to1DArray();
  const ofX = X.rows * X.columns;
  return {
    X: Matrix.sub(X, Matrix.from1DArray(X.rows, X.columns, entries.slice(0, ofX))),
    Y: Matrix.sub(Y, Matrix.from1DArray(Y.rows, Y.columns, entries.slice(ofX))),
  };
}
