/**
 * The reference: perturbed gradient descent as the paper writes it, on flat arrays, row by row. It shares no code with
 * the solver of src, which never forms the residual, and is tested against the definition in exact arithmetic
 * (tests/reference-descent.test.ts).
 *
 *     X~ = X + sigma1 xi1,  Y~ = Y + sigma2 xi2,  R = X~ Y~' - M,
 *     X+ = X - eta R Y~,    Y+ = Y - eta R' X~.
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Solver } from '../../src/index.ts';

/** Perturbed gradient descent; plain gradient descent without noise. It continues after an overflow. */
export const referenceDescent: Solver = (options) => new ReferenceDescent(options);

class ReferenceDescent implements Descent {
  readonly #options: DescentOptions;
  readonly #isNoisy: boolean;
  readonly #M: Float64Array;
  readonly #X: Float64Array;
  readonly #Y: Float64Array;
  readonly #perturbedX: Float64Array;
  readonly #perturbedY: Float64Array;
  readonly #residual: Float64Array;

  constructor(options: DescentOptions) {
    const { target, start, noise } = options;
    this.#options = options;
    this.#isNoisy = noise !== undefined && (noise.sigma1 > 0 || noise.sigma2 > 0);
    this.#M = flat(target);
    this.#X = flat(start.X);
    this.#Y = flat(start.Y);
    this.#perturbedX = this.#X.slice();
    this.#perturbedY = this.#Y.slice();
    this.#residual = this.#M.slice();
  }

  get X(): Matrix {
    return this.#matrix(this.#X);
  }

  get Y(): Matrix {
    return this.#matrix(this.#Y);
  }

  advance(steps: number): void {
    for (let t = 0; t < steps; t++) {
      // All of xi1 is drawn before xi2.
      this.#perturb(this.#X, this.#perturbedX, this.#options.noise?.sigma1);
      this.#perturb(this.#Y, this.#perturbedY, this.#options.noise?.sigma2);
      this.#takeResidual();
      this.#move();
    }
  }

  #matrix(entries: Float64Array): Matrix {
    const r = this.#options.start.X.columns;
    return Matrix.from1DArray(entries.length / r, r, entries);
  }

  #perturb(at: Float64Array, perturbed: Float64Array, sigma = 0): void {
    if (!this.#isNoisy) {
      perturbed.set(at);
      return;
    }
    this.#options.noise!.source.fill(perturbed);
    for (let i = 0; i < at.length; i++) perturbed[i] = at[i]! + sigma * perturbed[i]!;
  }

  /** R = X~ Y~' - M. */
  #takeResidual(): void {
    const [X, Y, M, R] = [this.#perturbedX, this.#perturbedY, this.#M, this.#residual];
    const r = this.#options.start.X.columns;
    for (let x = 0, n = 0; x < X.length; x += r) {
      for (let y = 0; y < Y.length; y += r, n++) {
        let product = 0;
        for (let k = 0; k < r; k++) product += X[x + k]! * Y[y + k]!;
        R[n] = product - M[n]!;
      }
    }
  }

  /** X - eta R Y~ and Y - eta R' X~. */
  #move(): void {
    const { stepSize: eta, start } = this.#options;
    const [r, d2] = [start.X.columns, start.Y.rows];
    const [X, Y, R, nearX, nearY] = [this.#X, this.#Y, this.#residual, this.#perturbedX, this.#perturbedY];
    for (let x = 0, row = 0; x < X.length; row += d2) {
      for (let k = 0; k < r; k++, x++) {
        let slope = 0;
        for (let j = 0, y = k; j < d2; j++, y += r) slope += R[row + j]! * nearY[y]!;
        X[x]! -= eta * slope;
      }
    }
    for (let y = 0, j = 0; y < Y.length; j++) {
      for (let k = 0; k < r; k++, y++) {
        let slope = 0;
        for (let n = j, x = k; n < R.length; n += d2, x += r) slope += R[n]! * nearX[x]!;
        Y[y]! -= eta * slope;
      }
    }
  }
}

const flat = (A: Matrix): Float64Array => Float64Array.from(A.to1DArray());
