/**
 * The reference descent (reference-descent.ts) at another precision: all inputs and every operation are rounded. A
 * solver that declares the precision has the same distribution, up to the order of operations
 * (docs/theory/setting.md#precision).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseSource, Solver } from '../../src/index.ts';
import { DOUBLE, roundingTo, type Rounding } from '../model/precision.ts';
import { referenceDescent } from './reference-descent.ts';

/** The descent of the definition, as a solver of this unit roundoff computes it. */
export function referenceAt(roundoff: number | undefined): Solver {
  if (roundoff === undefined || roundoff <= DOUBLE) return referenceDescent;
  const round = roundingTo(roundoff);
  return (options) => new RoundedDescent(options, round);
}

/** Rows of X and Y, and the columns that they share. */
interface Shape {
  readonly d1: number;
  readonly d2: number;
  readonly r: number;
}

class RoundedDescent implements Descent {
  readonly #round: Rounding;
  readonly #shape: Shape;
  readonly #M: Float64Array;
  readonly #eta: number;
  readonly #scales: { readonly X: number; readonly Y: number };
  readonly #source: NoiseSource | undefined;
  readonly #at: { readonly X: Float64Array; readonly Y: Float64Array };
  readonly #perturbed: { readonly X: Float64Array; readonly Y: Float64Array };

  constructor({ target, start, stepSize, noise }: DescentOptions, round: Rounding) {
    const rounded = (A: Matrix): Float64Array => Float64Array.from(A.to1DArray(), round);
    this.#round = round;
    this.#shape = { d1: target.rows, d2: target.columns, r: start.X.columns };
    this.#M = rounded(target);
    this.#eta = round(stepSize);
    this.#scales = { X: round(noise?.sigma1 ?? 0), Y: round(noise?.sigma2 ?? 0) };
    this.#source = this.#scales.X > 0 || this.#scales.Y > 0 ? noise?.source : undefined;
    this.#at = { X: rounded(start.X), Y: rounded(start.Y) };
    this.#perturbed = { X: this.#at.X.slice(), Y: this.#at.Y.slice() };
  }

  get X(): Matrix {
    return Matrix.from1DArray(this.#shape.d1, this.#shape.r, this.#at.X);
  }

  get Y(): Matrix {
    return Matrix.from1DArray(this.#shape.d2, this.#shape.r, this.#at.Y);
  }

  advance(steps: number): void {
    for (let t = 0; t < steps; t++) {
      this.#perturb('X');
      this.#perturb('Y');
      this.#move(this.#residual());
    }
  }

  /** X~ = X + sigma1 xi1, and the same of Y. */
  #perturb(name: 'X' | 'Y'): void {
    const [at, perturbed, sigma, round] = [this.#at[name], this.#perturbed[name], this.#scales[name], this.#round];
    if (this.#source === undefined) {
      perturbed.set(at);
      return;
    }
    this.#source.fill(perturbed);
    for (let i = 0; i < at.length; i++) perturbed[i] = round(at[i]! + round(sigma * round(perturbed[i]!)));
  }

  /** R = X~ Y~' - M. */
  #residual(): Float64Array {
    const [{ d1, d2, r }, { X, Y }, round] = [this.#shape, this.#perturbed, this.#round];
    const R = new Float64Array(d1 * d2);
    for (let i = 0; i < d1; i++) {
      for (let j = 0; j < d2; j++) {
        let product = 0;
        for (let k = 0; k < r; k++) product = round(product + round(X[i * r + k]! * Y[j * r + k]!));
        R[i * d2 + j] = round(product - this.#M[i * d2 + j]!);
      }
    }
    return R;
  }

  /** X - eta R Y~ and Y - eta R' X~. */
  #move(R: Float64Array): void {
    const [{ d1, d2, r }, { X, Y }, round, eta] = [this.#shape, this.#at, this.#round, this.#eta];
    const perturbed = this.#perturbed;
    for (let k = 0; k < r; k++) {
      for (let i = 0; i < d1; i++) {
        let slope = 0;
        for (let j = 0; j < d2; j++) slope = round(slope + round(R[i * d2 + j]! * perturbed.Y[j * r + k]!));
        X[i * r + k] = round(X[i * r + k]! - round(eta * slope));
      }
      for (let j = 0; j < d2; j++) {
        let slope = 0;
        for (let i = 0; i < d1; i++) slope = round(slope + round(R[i * d2 + j]! * perturbed.X[i * r + k]!));
        Y[j * r + k] = round(Y[j * r + k]! - round(eta * slope));
      }
    }
  }
}
