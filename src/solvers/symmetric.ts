import { Matrix } from 'ml-matrix';
import type { NoiseSource } from '../contract.ts';
import { Diverged, InvalidInput } from '../errors.ts';
import { shape, validateMatrix, validateNoise, validateSteps, validateStepSize } from '../validate.ts';

/** The options of a descent on the symmetric problem. */
export interface SymmetricOptions {
  /** M = M', d x d. */
  target: Matrix;
  /** X0, d x r with r <= d. Never changed. */
  start: Matrix;
  /** eta > 0. */
  stepSize: number;
  /** Omitted: plain gradient descent. A step consumes the entries of xi, row by row. */
  noise?: {
    /** Standard deviation of the entries of xi. */
    sigma: number;
    /** The source of the entries of xi / sigma. */
    source: NoiseSource;
  };
}

/** A run under way. */
export interface SymmetricDescent {
  /** The current iterate, d x r: a copy. */
  readonly X: Matrix;
  /** Takes `steps` steps, a whole number of at least 0. */
  advance(steps: number): void;
}

/**
 * Perturbed gradient descent on F(X) = |X X' - M|^2 / 4 (docs/theory/other-problems.md#symmetric):
 *
 *     X+ = X - eta (X~ X~' - M) X~,     X~ = X + xi.
 *
 * The residual is never formed: (X~ X~' - M) X~ = X~ (X~'X~) - M X~. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const run = symmetricPerturbedDescent({ target: new Matrix([[4]]), start: new Matrix([[1]]), stepSize: 1 / 16 });
 * run.advance(200);
 * run.X; // [[2]]
 * ```
 */
export function symmetricPerturbedDescent(options: SymmetricOptions): SymmetricDescent {
  validate(options);
  const { target, start, stepSize, noise } = options;
  const [d, r] = [start.rows, start.columns];
  const M = Float64Array.from(target.to1DArray());
  const x = Float64Array.from(start.to1DArray());
  const [at, xi, inside] = [x.slice(), new Float64Array(d * r), new Float64Array(r * r)];
  let taken = 0;
  const step = (): boolean => {
    if (noise === undefined || noise.sigma === 0) at.set(x);
    else {
      noise.source.fill(xi);
      for (let n = 0; n < at.length; n++) at[n] = x[n]! + noise.sigma * xi[n]!;
    }
    grams(at, r, inside);
    return move(x, at, inside, M, r, stepSize);
  };
  return {
    get X() {
      return Matrix.from1DArray(d, r, x);
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

/** A'A, r x r, for A row by row. */
function grams(A: Float64Array, r: number, out: Float64Array): void {
  out.fill(0);
  for (let i = 0; i < A.length; i += r) {
    for (let k = 0; k < r; k++) for (let l = 0; l < r; l++) out[k * r + l]! += A[i + k]! * A[i + l]!;
  }
}

/** x -= stepSize (A G - M A) for G = A'A; whether all of x is finite still. */
function move(
  x: Float64Array,
  A: Float64Array,
  G: Float64Array,
  M: Float64Array,
  r: number,
  stepSize: number,
): boolean {
  const d = A.length / r;
  let sum = 0;
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < r; k++) {
      let slope = 0;
      for (let l = 0; l < r; l++) slope += A[i * r + l]! * G[l * r + k]!;
      for (let j = 0; j < d; j++) slope -= M[i * d + j]! * A[j * r + k]!;
      sum += x[i * r + k]! -= stepSize * slope;
    }
  }
  return Number.isFinite(sum);
}

function validate({ target, start, stepSize, noise }: SymmetricOptions): void {
  validateMatrix('target', target);
  validateMatrix('start', start);
  if (!target.isSymmetric()) {
    throw new InvalidInput(
      `target is ${shape(target)} and not symmetric: give M with M = M', such as (M + M') / 2, or use perturbedGradientDescent`,
    );
  }
  if (start.rows !== target.rows || start.columns > target.rows) {
    throw new InvalidInput(
      `target is ${shape(target)}, start is ${shape(start)}: for a d x d target give a d x r start with r <= d`,
    );
  }
  validateStepSize(stepSize);
  validateNoise(noise && { sigma1: noise.sigma, sigma2: 0, source: noise.source });
}
