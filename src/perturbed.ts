/**
 * Perturbed gradient descent (Liu et al. 2021): the gradient is taken at a freshly perturbed point, the unperturbed
 * iterate moves. With X~ = X + xi1, Y~ = Y + xi2:
 *
 *     X+ = X - eta (X~ Y~' - M) Y~,     Y+ = Y - eta (X~ Y~' - M)' X~.
 *
 * The residual is never formed: (X~ Y~' - M) Y~ = X~ (Y~'Y~) - M Y~, and likewise for Y (docs/theory.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseSource, Solver } from './contract.ts';
import { Diverged } from './errors.ts';
import { validateOptions, validateSteps } from './validate.ts';

/** Plain gradient descent when `noise` is omitted or both scales are 0. Throws `InvalidInput` and `Diverged`. */
export const perturbedGradientDescent: Solver = (options) => {
  validateOptions(options);
  return new PerturbedDescent(options);
};

class PerturbedDescent implements Descent {
  readonly #x: Block;
  readonly #y: Block;
  readonly #target: Float64Array;
  readonly #stepSize: number;
  readonly #noise: DescentOptions['noise'];
  #step = 0;

  constructor({ target, start, stepSize, noise }: DescentOptions) {
    this.#target = Float64Array.from(target.to1DArray());
    this.#x = block(start.X);
    this.#y = block(start.Y);
    this.#stepSize = stepSize;
    this.#noise = noise !== undefined && (noise.sigma1 > 0 || noise.sigma2 > 0) ? { ...noise } : undefined;
  }

  get X(): Matrix {
    return toMatrix(this.#x);
  }

  get Y(): Matrix {
    return toMatrix(this.#y);
  }

  advance(steps: number): void {
    validateSteps(steps);
    for (let i = 0; i < steps; i++) this.#advanceOnce();
  }

  #advanceOnce(): void {
    const x = this.#x;
    const y = this.#y;
    perturb(x, this.#noise?.source, this.#noise?.sigma1);
    perturb(y, this.#noise?.source, this.#noise?.sigma2);
    multiplyTarget(this.#target, x, y);
    gram(x);
    gram(y);
    const sumX = move(x, y.gram, this.#stepSize);
    const sumY = move(y, x.gram, this.#stepSize);
    this.#step++;
    if (!(Number.isFinite(sumX) && Number.isFinite(sumY))) throw new Diverged(this.#step, this.#stepSize);
  }
}

/** One factor (d x r, row by row) with its work space. */
interface Block {
  readonly rows: number;
  readonly rank: number;
  /** The iterate. */
  readonly at: Float64Array;
  /** The perturbed point. */
  readonly perturbed: Float64Array;
  /** M times the other factor's perturbed point (M' for Y). */
  readonly image: Float64Array;
  /** Gram matrix of the perturbed point, r x r. */
  readonly gram: Float64Array;
}

function block(start: Matrix): Block {
  const at = Float64Array.from(start.to1DArray());
  const { rows, columns: rank } = start;
  const like = (): Float64Array => new Float64Array(rows * rank);
  return { rows, rank, at, perturbed: like(), image: like(), gram: new Float64Array(rank * rank) };
}

const toMatrix = ({ rows, rank, at }: Block): Matrix => Matrix.from1DArray(rows, rank, at);

function perturb({ at, perturbed }: Block, source: NoiseSource | undefined, sigma = 0): void {
  if (source === undefined) {
    perturbed.set(at);
    return;
  }
  source.fill(perturbed);
  // Stryker disable next-line EqualityOperator: a typed array drops what is written past its end
  for (let i = 0; i < at.length; i++) perturbed[i] = at[i]! + sigma * perturbed[i]!;
}

/** x.image = M Y~ and y.image = M' X~, row by row of M; sums are kept in locals, which is what makes the loop fast. */
function multiplyTarget(target: Float64Array, x: Block, y: Block): void {
  const { rank, image: imageX, perturbed: X } = x;
  const { rows: columns, image: imageY, perturbed: Y } = y;
  imageY.fill(0);
  for (let i = 0, row = 0; i < x.rows; i++, row += columns) {
    for (let k = 0; k < rank; k++) {
      const factor = X[i * rank + k]!;
      let sum = 0;
      for (let j = 0, at = k; j < columns; j++, at += rank) {
        const entry = target[row + j]!;
        sum += entry * Y[at]!;
        imageY[at]! += entry * factor;
      }
      imageX[i * rank + k] = sum;
    }
  }
}

function gram({ perturbed, gram, rank }: Block): void {
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let row = 0; row < perturbed.length; row += rank) sum += perturbed[row + k]! * perturbed[row + l]!;
      gram[k * rank + l] = sum;
      gram[l * rank + k] = sum;
    }
  }
}

/** at -= stepSize (perturbed otherGram - image). Returns the sum of the new entries, which is finite only if they all are. */
function move({ at, perturbed, image, rank }: Block, otherGram: Float64Array, stepSize: number): number {
  let sum = 0;
  for (let row = 0; row < at.length; row += rank) {
    for (let k = 0; k < rank; k++) {
      let slope = -image[row + k]!;
      for (let l = 0; l < rank; l++) slope += perturbed[row + l]! * otherGram[l * rank + k]!;
      const moved = at[row + k]! - stepSize * slope;
      at[row + k] = moved;
      // Stryker disable next-line AssignmentOperator: only whether the sum is finite is used
      sum += moved;
    }
  }
  return sum;
}
