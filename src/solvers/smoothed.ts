import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseScales } from '../contract.ts';
import { Diverged } from '../errors.ts';
import { penalties } from '../theory/smoothed-objective.ts';
import { validateProblem, validateScales, validateSteps, validateStepSize } from '../validate.ts';

/** As `DescentOptions`, but only the scales of the noise matter: there is nothing random here. */
export type SmoothedOptions = Omit<DescentOptions, 'noise'> & {
  /** sigma1 and sigma2, which may be 0. */
  noise: NoiseScales;
};

/**
 * Gradient descent on the smoothed objective F~, the mean-field form of the perturbed one: each of its steps is the
 * mean of a perturbed step (docs/theory/noise.md#smoothing),
 *
 *     X+ = X - eta (R Y + alpha X),     Y+ = Y - eta (R'X + beta Y),     R = X Y' - M.
 *
 * Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[4]]), Y: new Matrix([[0.25]]) };
 * const noise = { sigma1: 0.5, sigma2: 0.5 };
 * const run = smoothedGradientDescent({ target: new Matrix([[1]]), start, stepSize: 1 / 32, noise });
 * run.advance(2000);
 * product(run); // [[0.75]]
 * ```
 */
export function smoothedGradientDescent({ target, start, stepSize, noise }: SmoothedOptions): Descent {
  validateProblem(target, start);
  validateScales(noise);
  validateStepSize(stepSize);
  const { alpha, beta } = penalties(target, noise);
  const [M, x, y] = [target, start.X, start.Y].map((A) => new Float64Array(A.to1DArray())) as Three;
  const [d1, d2, r] = [target.rows, target.columns, start.X.columns];
  const [slopeX, slopeY] = [x.slice(), y.slice()];
  let taken = 0;
  return {
    get X() {
      return Matrix.from1DArray(d1, r, x);
    },
    get Y() {
      return Matrix.from1DArray(d2, r, y);
    },
    advance(steps) {
      validateSteps(steps);
      for (let i = 0; i < steps; i++) {
        slopes(M, x, y, r, slopeX, slopeY);
        const fineX = move(x, slopeX, alpha, stepSize);
        const fineY = move(y, slopeY, beta, stepSize);
        taken++;
        if (!(fineX && fineY)) throw new Diverged(taken, stepSize);
      }
    },
  };
}

type Three = [Float64Array, Float64Array, Float64Array];

/** ofX = R Y and ofY = R'X, entry by entry of R; all matrices row by row. */
function slopes(
  M: Float64Array,
  x: Float64Array,
  y: Float64Array,
  r: number,
  ofX: Float64Array,
  ofY: Float64Array,
): void {
  ofX.fill(0);
  ofY.fill(0);
  for (let i = 0, at = 0; i < x.length; i += r) {
    for (let j = 0; j < y.length; j += r, at++) {
      let product = 0;
      for (let k = 0; k < r; k++) product += x[i + k]! * y[j + k]!;
      const residual = product - M[at]!;
      for (let k = 0; k < r; k++) {
        ofX[i + k]! += residual * y[j + k]!;
        ofY[j + k]! += residual * x[i + k]!;
      }
    }
  }
}

/** A -= stepSize (slope + penalty A); whether all of A is finite still. */
function move(A: Float64Array, slope: Float64Array, penalty: number, stepSize: number): boolean {
  let sum = 0;
  for (let i = 0; i < A.length; i++) sum += A[i]! -= stepSize * (slope[i]! + penalty * A[i]!);
  return Number.isFinite(sum);
}
