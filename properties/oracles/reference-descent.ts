/**
 * The reference: perturbed gradient descent as the paper writes it, on flat arrays, row by row. It shares no code with the
 * solver of src, which never forms the residual, and is held to the definition in exact arithmetic (tests/reference-descent.test.ts).
 *
 *     X~ = X + sigma1 xi1,  Y~ = Y + sigma2 xi2,  R = X~ Y~' - M,
 *     X+ = X - eta R Y~,    Y+ = Y - eta R' X~.
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Solver } from '../../src/index.ts';

/** Perturbed gradient descent; plain gradient descent without noise. Where numbers overflow it goes on with them. */
export const referenceDescent: Solver = (options) => new ReferenceDescent(options);

class ReferenceDescent implements Descent {
  readonly #options: DescentOptions;
  readonly #M: Float64Array;
  readonly #at: { readonly X: Float64Array; readonly Y: Float64Array };
  readonly #perturbed: { readonly X: Float64Array; readonly Y: Float64Array };
  readonly #residual: Float64Array;

  constructor(options: DescentOptions) {
    const { target, start } = options;
    this.#options = options;
    this.#M = flat(target);
    this.#at = { X: flat(start.X), Y: flat(start.Y) };
    this.#perturbed = { X: this.#at.X.slice(), Y: this.#at.Y.slice() };
    this.#residual = this.#M.slice();
  }

  get X(): Matrix {
    return this.#matrix(this.#at.X);
  }

  get Y(): Matrix {
    return this.#matrix(this.#at.Y);
  }

  advance(steps: number): void {
    for (let t = 0; t < steps; t++) {
      this.#perturb();
      this.#takeResidual();
      this.#move();
    }
  }

  #matrix(entries: Float64Array): Matrix {
    const r = this.#options.start.X.columns;
    return Matrix.from1DArray(entries.length / r, r, entries);
  }

  /** (X~, Y~): all of xi1 is drawn before xi2. */
  #perturb(): void {
    const { noise } = this.#options;
    const isNoisy = noise !== undefined && (noise.sigma1 > 0 || noise.sigma2 > 0);
    for (const [name, sigma] of [
      ['X', noise?.sigma1],
      ['Y', noise?.sigma2],
    ] as const) {
      const [at, perturbed] = [this.#at[name], this.#perturbed[name]];
      if (!isNoisy) {
        perturbed.set(at);
        continue;
      }
      noise.source.fill(perturbed);
      for (let i = 0; i < at.length; i++) perturbed[i] = at[i]! + sigma! * perturbed[i]!;
    }
  }

  /** R = X~ Y~' - M. */
  #takeResidual(): void {
    const { rows: d1, columns: d2 } = this.#options.target;
    const r = this.#options.start.X.columns;
    const { X, Y } = this.#perturbed;
    for (let i = 0; i < d1; i++) {
      for (let j = 0; j < d2; j++) {
        let product = 0;
        for (let k = 0; k < r; k++) product += X[i * r + k]! * Y[j * r + k]!;
        this.#residual[i * d2 + j] = product - this.#M[i * d2 + j]!;
      }
    }
  }

  /** X - eta R Y~ and Y - eta R' X~. */
  #move(): void {
    const { rows: d1, columns: d2 } = this.#options.target;
    const { stepSize: eta, start } = this.#options;
    const r = start.X.columns;
    const { X, Y } = this.#at;
    for (let k = 0; k < r; k++) {
      for (let i = 0; i < d1; i++) {
        let slope = 0;
        for (let j = 0; j < d2; j++) slope += this.#residual[i * d2 + j]! * this.#perturbed.Y[j * r + k]!;
        X[i * r + k]! -= eta * slope;
      }
      for (let j = 0; j < d2; j++) {
        let slope = 0;
        for (let i = 0; i < d1; i++) slope += this.#residual[i * d2 + j]! * this.#perturbed.X[i * r + k]!;
        Y[j * r + k]! -= eta * slope;
      }
    }
  }
}

const flat = (A: Matrix): Float64Array => Float64Array.from(A.to1DArray());
