import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions } from '../contract.ts';
import { Diverged, InvalidInput } from '../errors.ts';
import type { Measurements } from '../theory/sensing.ts';
import { shape, validateMatrix, validateNoise, validateProblem, validateSteps, validateStepSize } from '../validate.ts';

/** As `DescentOptions`, with measurements of the target in place of the target. */
export type SensingOptions = Omit<DescentOptions, 'target'> & {
  /** The A_i, d1 x d2 each, and the b_i. */
  measurements: Measurements;
};

/**
 * Perturbed gradient descent on F(X, Y) = 1/2 sum_i (<A_i, X Y'> - b_i)^2 (docs/theory/other-problems.md#sensing):
 *
 *     X+ = X - eta G~ Y~,     Y+ = Y - eta G~'X~,     G~ = sum_i (<A_i, X~ Y~'> - b_i) A_i.
 *
 * It draws noise as the contract has it. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const measurements = measured([new Matrix([[1, 0]]), new Matrix([[0, 1]])], new Matrix([[2, 1]]));
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1], [1]]) };
 * const run = sensingDescent({ measurements, start, stepSize: 1 / 16 });
 * run.advance(1000);
 * product(run); // [[2, 1]]
 * ```
 */
export function sensingDescent(options: SensingOptions): Descent {
  validate(options);
  const { measurements, start, stepSize, noise } = options;
  const [d1, d2, r] = [start.X.rows, start.Y.rows, start.X.columns];
  const operator = Float64Array.from(measurements.matrices.flatMap((A) => A.to1DArray()));
  const values = [...measurements.values];
  const [x, y] = [start.X, start.Y].map((A) => Float64Array.from(A.to1DArray())) as [Float64Array, Float64Array];
  const [atX, atY, G, Z] = [x.slice(), y.slice(), new Float64Array(d1 * d2), new Float64Array(d1 * d2)];
  let taken = 0;
  const step = (): boolean => {
    perturb(atX, x, noise, noise?.sigma1 ?? 0);
    perturb(atY, y, noise, noise?.sigma2 ?? 0);
    multiply(Z, atX, atY, r);
    pull(G, operator, values, Z);
    return move(x, y, atX, atY, G, r, stepSize);
  };
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
        taken++;
        if (!step()) throw new Diverged(taken, stepSize);
      }
    },
  };
}

/** at = A + sigma xi. Both blocks are drawn if either is noisy. */
function perturb(at: Float64Array, A: Float64Array, noise: DescentOptions['noise'], sigma: number): void {
  if (noise === undefined || (noise.sigma1 === 0 && noise.sigma2 === 0)) {
    at.set(A);
    return;
  }
  noise.source.fill(at);
  for (let n = 0; n < A.length; n++) at[n] = A[n]! + sigma * at[n]!;
}

/** Z = X Y', row by row. */
function multiply(Z: Float64Array, X: Float64Array, Y: Float64Array, r: number): void {
  for (let i = 0, at = 0; i < X.length; i += r) {
    for (let j = 0; j < Y.length; j += r, at++) {
      let sum = 0;
      for (let k = 0; k < r; k++) sum += X[i + k]! * Y[j + k]!;
      Z[at] = sum;
    }
  }
}

/** G = sum_i (<A_i, Z> - b_i) A_i; the operator has the A_i one after another. */
function pull(G: Float64Array, operator: Float64Array, values: readonly number[], Z: Float64Array): void {
  G.fill(0);
  for (let i = 0, at = 0; i < values.length; i++, at += Z.length) {
    let misfit = -values[i]!;
    for (let n = 0; n < Z.length; n++) misfit += operator[at + n]! * Z[n]!;
    for (let n = 0; n < Z.length; n++) G[n]! += misfit * operator[at + n]!;
  }
}

/** x -= stepSize G Y, y -= stepSize G'X at the perturbed (X, Y); whether both are finite still. */
function move(
  x: Float64Array,
  y: Float64Array,
  X: Float64Array,
  Y: Float64Array,
  G: Float64Array,
  r: number,
  stepSize: number,
): boolean {
  for (let i = 0, at = 0; i < x.length; i += r) {
    for (let j = 0; j < y.length; j += r, at++) {
      const pulled = stepSize * G[at]!;
      for (let k = 0; k < r; k++) {
        x[i + k]! -= pulled * Y[j + k]!;
        y[j + k]! -= pulled * X[i + k]!;
      }
    }
  }
  let sum = 0;
  for (let n = 0; n < x.length; n++) sum += x[n]!;
  for (let n = 0; n < y.length; n++) sum += y[n]!;
  return Number.isFinite(sum);
}

function validate({ measurements: { matrices, values }, start, stepSize, noise }: SensingOptions): void {
  if (matrices.length === 0) throw new InvalidInput('measurements has no matrices: give at least one');
  if (values.length !== matrices.length) {
    throw new InvalidInput(
      `measurements has ${matrices.length} matrices and ${values.length} values: give one value for each matrix`,
    );
  }
  matrices.forEach((A, i) => {
    validateMatrix(`measurements.matrices[${i}]`, A);
    if (shape(A) !== shape(matrices[0]!)) {
      throw new InvalidInput(
        `measurements.matrices[${i}] is ${shape(A)} and the first is ${shape(matrices[0]!)}: give matrices of one shape`,
      );
    }
  });
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new InvalidInput(`measurements.values[${bad}] is ${values[bad]}: give finite numbers`);
  validateProblem(matrices[0]!, start);
  validateStepSize(stepSize);
  validateNoise(noise);
}
