/** Perturbed descent without rounding: it distinguishes a faulty solver from an unlucky rounding. */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Factors, NoiseScales, Solver } from '../../src/index.ts';
import { add, exact, multiply, rounded, scale, subtract, transpose, truncated, type Exact } from './exact.ts';

export interface ExactFactors {
  readonly X: Exact;
  readonly Y: Exact;
}

export const exactly = ({ X, Y }: Factors): ExactFactors => ({ X: exact(X), Y: exact(Y) });

/** A step, with the point that it takes the gradient at and the residual there. */
export interface ExactStep {
  readonly perturbed: ExactFactors;
  readonly residual: Exact;
  readonly next: ExactFactors;
}

/** The step of the definition, without residual tricks, from exact numbers; `noise` is sigma1 xi1 and sigma2 xi2. */
export function stepOf(target: Exact, at: ExactFactors, eta: number, noise: ExactFactors | undefined): ExactStep {
  const X = noise === undefined ? at.X : add(at.X, noise.X);
  const Y = noise === undefined ? at.Y : add(at.Y, noise.Y);
  const residual = subtract(multiply(X, transpose(Y)), target);
  const next = {
    X: subtract(at.X, scale(eta, multiply(residual, Y))),
    Y: subtract(at.Y, scale(eta, multiply(transpose(residual), X))),
  };
  return { perturbed: { X, Y }, residual, next };
}

/** sigma1 xi1 and sigma2 xi2, of the shapes of X and Y, from the standard normals of one step in the contract's order. */
export function noiseOf({ X, Y }: Factors, { sigma1, sigma2 }: NoiseScales, block: Float64Array): ExactFactors {
  const ofX = X.rows * X.columns;
  return {
    X: scale(sigma1, exact(Matrix.from1DArray(X.rows, X.columns, block.subarray(0, ofX)))),
    Y: scale(sigma2, exact(Matrix.from1DArray(Y.rows, Y.columns, block.subarray(ofX)))),
  };
}

/** The step from an iterate in doubles, rounded only in the end. */
export function exactStep(
  target: Matrix,
  at: Factors,
  { sigma1, sigma2, eta }: NoiseScales & { eta: number },
  block: Float64Array,
): Factors {
  const noise = sigma1 === 0 && sigma2 === 0 ? undefined : noiseOf(at, { sigma1, sigma2 }, block);
  const { X, Y } = stepOf(exact(target), exactly(at), eta, noise).next;
  return { X: rounded(X), Y: rounded(Y) };
}

/** Binary places that are stored from step to step: enough that the error is invisible in doubles. */
const PLACES = 320;

/** The same, rounded to this number of places for the next step. */
export const shortened = ({ X, Y }: ExactFactors): ExactFactors => ({
  X: truncated(X, PLACES),
  Y: truncated(Y, PLACES),
});

/** The runs are longer than asked for. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

/** The solver of the definition in PLACES binary places, with at most `steps` steps in all its descents. Throws `TooLong`. */
export function exactSolver(steps: number): Solver {
  let left = steps;
  return (options) =>
    new ExactDescent(options, () => {
      if (left-- <= 0) throw new TooLong();
    });
}

class ExactDescent implements Descent {
  readonly #target: Exact;
  readonly #options: Omit<DescentOptions, 'target' | 'start'>;
  readonly #spend: () => void;
  #at: ExactFactors;

  constructor({ target, start, ...options }: DescentOptions, spend: () => void) {
    [this.#target, this.#at, this.#options, this.#spend] = [exact(target), exactly(start), options, spend];
  }

  get X(): Matrix {
    return rounded(this.#at.X);
  }

  get Y(): Matrix {
    return rounded(this.#at.Y);
  }

  advance(steps: number): void {
    for (let i = 0; i < steps; i++) this.#advanceOnce();
  }

  #advanceOnce(): void {
    this.#spend();
    const { stepSize, noise } = this.#options;
    this.#at = shortened(stepOf(this.#target, this.#at, stepSize, noise && this.#draw(noise)).next);
  }

  #draw(noise: NonNullable<DescentOptions['noise']>): ExactFactors {
    const shapes = { X: this.X, Y: this.Y };
    const block = new Float64Array(shapes.X.rows * shapes.X.columns + shapes.Y.rows * shapes.Y.columns);
    noise.source.fill(block);
    return noiseOf(shapes, noise, block);
  }
}
