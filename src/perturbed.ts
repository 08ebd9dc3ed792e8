/**
 * Perturbed gradient descent (Liu et al. 2021): the gradient is taken at a freshly perturbed point, the unperturbed
 * iterate moves. With X~ = X + xi1, Y~ = Y + xi2:
 *
 *     X+ = X - eta (X~ Y~' - M) Y~,     Y+ = Y - eta (X~ Y~' - M)' X~.
 *
 * The residual is never formed: (X~ Y~' - M) Y~ = X~ (Y~'Y~) - M Y~, and likewise for Y. That is one product, of X~ beside -M
 * with Y~'Y~ above Y~; or, for a target of small rank with thin factors M = L V', of X~ beside -L with Y~'Y~ above V'Y~
 * (docs/theory.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseSource, Solver } from './contract.ts';
import { Diverged } from './errors.ts';
import { crossProducts, panelSize, place, subtractProduct } from './products.ts';
import { thinFactors } from './thin-factors.ts';
import { validateOptions, validateSteps } from './validate.ts';

/** Plain gradient descent when `noise` is omitted or both scales are 0. Throws `InvalidInput` and `Diverged`. */
export const perturbedGradientDescent: Solver = (options) => {
  validateOptions(options);
  return new PerturbedDescent(options);
};

class PerturbedDescent implements Descent {
  readonly #x: Side;
  readonly #y: Side;
  readonly #isThin: boolean;
  readonly #stepSize: number;
  readonly #source: NoiseSource | undefined;
  #step = 0;

  constructor({ target, start, stepSize, noise }: DescentOptions) {
    const thin = thinFactors(target);
    this.#isThin = thin !== undefined;
    if (thin) {
      const { L, V } = thin;
      this.#x = side(start.X, L.length, (i, k) => -L[k]![i]!, noise?.sigma1);
      this.#y = side(start.Y, V.length, (j, k) => V[k]![j]!, noise?.sigma2);
    } else {
      this.#x = side(start.X, target.columns, (i, j) => -target.get(i, j), noise?.sigma1);
      this.#y = side(start.Y, target.rows, (j, i) => -target.get(i, j), noise?.sigma2);
    }
    this.#stepSize = stepSize;
    this.#source = this.#x.sigma > 0 || this.#y.sigma > 0 ? noise?.source : undefined;
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
    this.#source?.fill(x.drawn);
    this.#source?.fill(y.drawn);
    perturb(x);
    perturb(y);
    prepare(x, y, this.#isThin);
    prepare(y, x, this.#isThin);
    const fineX = subtractProduct(x.at, x.panel, x.width, x.coefficients, x.rank, this.#stepSize);
    const fineY = subtractProduct(y.at, y.panel, y.width, y.coefficients, y.rank, this.#stepSize);
    this.#step++;
    if (!(fineX && fineY)) throw new Diverged(this.#step, this.#stepSize);
  }
}

/** One factor, d x r, with its work space. Matrices are stored row by row, the panel as src/products.ts has it. */
interface Side {
  readonly rows: number;
  readonly rank: number;
  /** The iterate, padded with rows of zeros as the panel is. */
  readonly at: Float64Array;
  /** The perturbed point beside -M (-M' for Y), or beside -L (V for Y). */
  readonly panel: Float64Array;
  /** Columns of the panel. */
  readonly width: number;
  /** What the panel is multiplied with to give the slope, width x r. */
  readonly coefficients: Float64Array;
  /** Scale of the noise; its numbers in the present step, padded; and the part of them that is drawn. */
  readonly sigma: number;
  readonly xi: Float64Array;
  readonly drawn: Float64Array;
}

/** With that many columns beside the perturbed point. */
function side(start: Matrix, beside: number, entry: (row: number, column: number) => number, sigma = 0): Side {
  const { rows, columns: rank } = start;
  const width = rank + beside;
  const [small, large] = [panelSize(rows, rank), panelSize(rows, width)];
  // One allocation for all: allocating is most of what a short descent costs.
  const memory = new Float64Array(2 * small + large + width * rank);
  const at = memory.subarray(0, small);
  const xi = memory.subarray(small, 2 * small);
  const panel = memory.subarray(2 * small, 2 * small + large);
  const coefficients = memory.subarray(2 * small + large);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < rank; k++) at[i * rank + k] = start.get(i, k);
    for (let j = 0; j < beside; j++) panel[place(i, rank + j, width)] = entry(i, j);
  }
  return { rows, rank, at, panel, width, coefficients, sigma, xi, drawn: xi.subarray(0, rows * rank) };
}

function toMatrix({ rows, rank, at }: Side): Matrix {
  const A = new Matrix(rows, rank);
  for (let i = 0, n = 0; i < rows; i++) for (let k = 0; k < rank; k++, n++) A.set(i, k, at[n]!);
  return A;
}

/** Puts the perturbed point into the panel, 4 rows at a time. */
function perturb({ rank, at, panel, width, sigma, xi }: Side): void {
  for (let row = 0, to = 0; row < at.length; row += 4 * rank, to += 4 * width) {
    for (let k = row, p = to; k < row + rank; k++, p += 4) {
      panel[p] = at[k]! + sigma * xi[k]!;
      panel[p + 1] = at[k + rank]! + sigma * xi[k + rank]!;
      panel[p + 2] = at[k + 2 * rank]! + sigma * xi[k + 2 * rank]!;
      panel[p + 3] = at[k + 3 * rank]! + sigma * xi[k + 3 * rank]!;
    }
  }
}

/** The coefficients of x: Y~'Y~ above V'Y~ if the target has thin factors, and above Y~ if not. */
function prepare(x: Side, y: Side, isThin: boolean): void {
  const { rows, rank, panel, width } = y;
  crossProducts(panel, width, isThin ? width : rank, rank, x.coefficients);
  if (isThin) return;
  for (let i = 0, to = rank * rank; i < rows; i++) {
    for (let k = 0; k < rank; k++, to++) x.coefficients[to] = panel[place(i, k, width)]!;
  }
}
