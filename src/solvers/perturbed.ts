/**
 * Perturbed gradient descent (Liu et al. 2021): the gradient is taken at a freshly perturbed point, the unperturbed
 * iterate moves. With X~ = X + xi1, Y~ = Y + xi2:
 *
 *     X+ = X - eta (X~ Y~' - M) Y~,     Y+ = Y - eta (X~ Y~' - M)' X~.
 *
 * The residual is never formed: (X~ Y~' - M) Y~ = X~ (Y~'Y~) - M Y~, similarly for Y. That is one product, of X~ beside -M
 * with Y~'Y~ above Y~; or, for a target of small rank with thin factors M = L V', of X~ beside -L with Y~'Y~ above V'Y~
 * (docs/theory.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseSource, Solver } from '../contract.ts';
import { Diverged } from '../errors.ts';
import { padded, place, type Kernel } from '../kernel/kernel.ts';
import type { Kernels } from '../kernel/lend.ts';
import { Workspace, type Range } from '../kernel/workspace.ts';
import { thinFactors } from '../linear-algebra/thin-factors.ts';
import { validateOptions, validateSteps } from '../validate.ts';

/** Plain gradient descent when `noise` is omitted or both scales are 0. Throws `InvalidInput` and `Diverged`. */
export const perturbedGradientDescent: Solver = (options) => perturbedDescent(options);

/** The same, with kernels of one's choice. */
export function perturbedDescent(options: DescentOptions, kernels?: Kernels): Descent {
  validateOptions(options);
  return new PerturbedDescent(options, kernels);
}

class PerturbedDescent implements Descent {
  readonly #x: FactorState;
  readonly #y: FactorState;
  readonly #isThin: boolean;
  readonly #stepSize: number;
  readonly #source: NoiseSource | undefined;
  readonly #space: Workspace;
  #step = 0;

  constructor({ target, start, stepSize, noise }: DescentOptions, kernels?: Kernels) {
    const thin = thinFactors(target);
    const [besideX, besideY] = thin ? [thin.L.length, thin.V.length] : [target.columns, target.rows];
    const x = (this.#x = side(start.X, besideX, noise?.sigma1));
    const y = (this.#y = side(start.Y, besideY, noise?.sigma2));
    const own = new Float64Array(layOut(x, y));
    fill(own, x, start.X, besideX, thin ? (i, k) => -thin.L[k]![i]! : (i, j) => -target.get(i, j));
    fill(own, y, start.Y, besideY, thin ? (j, k) => thin.V[k]![j]! : (j, i) => -target.get(i, j));
    const parts: Range[] = [[0, x.xi], [x.xi, x.entries], [y.xi, y.entries]]; // prettier-ignore
    this.#space = new Workspace(own, y.coefficients + y.width * y.rank, parts, kernels);
    this.#isThin = thin !== undefined;
    this.#stepSize = stepSize;
    this.#source = x.sigma > 0 || y.sigma > 0 ? noise?.source : undefined;
  }

  get X(): Matrix {
    return toMatrix(this.#space.numbers, this.#x);
  }

  get Y(): Matrix {
    return toMatrix(this.#space.numbers, this.#y);
  }

  advance(steps: number): void {
    validateSteps(steps);
    this.#space.enter((kernel, parts) => {
      for (let i = 0; i < steps; i++) this.#advanceOnce(kernel, parts[1]!, parts[2]!);
    });
  }

  #advanceOnce(kernel: Kernel, xi1: Float64Array, xi2: Float64Array): void {
    const x = this.#x;
    const y = this.#y;
    this.#source?.fill(xi1);
    this.#source?.fill(xi2);
    kernel.perturb(x.at, x.xi, x.panel, x.rows, x.rank, x.width, x.sigma);
    kernel.perturb(y.at, y.xi, y.panel, y.rows, y.rank, y.width, y.sigma);
    prepare(kernel, x, y, this.#isThin);
    prepare(kernel, y, x, this.#isThin);
    const fineX = kernel.subtractProduct(x.at, x.panel, x.rows, x.width, x.coefficients, x.rank, this.#stepSize);
    const fineY = kernel.subtractProduct(y.at, y.panel, y.rows, y.width, y.coefficients, y.rank, this.#stepSize);
    this.#step++;
    if (!(fineX && fineY)) throw new Diverged(this.#step, this.#stepSize);
  }
}

/** One factor, d x r, and where its numbers begin. The iterate and its noise are padded as the panel is. */
interface FactorState {
  /** d, and d r. */
  readonly dimension: number;
  readonly entries: number;
  /** With the padding. */
  readonly rows: number;
  readonly rank: number;
  /** Scale of the noise. */
  readonly sigma: number;
  /** The iterate. */
  at: number;
  /** The noise of the present step, in units of sigma. */
  xi: number;
  /** The perturbed point beside -M (-M' for Y), or beside -L (V for Y). */
  panel: number;
  /** Columns of the panel. */
  readonly width: number;
  /** The matrix by which the panel is multiplied to give the slope, width x r. */
  coefficients: number;
}

/** With that many columns beside the perturbed point. */
function side(start: Matrix, beside: number, sigma = 0): FactorState {
  const { rows: dimension, columns: rank } = start;
  const [rows, width, entries] = [padded(dimension), rank + beside, dimension * rank];
  return { dimension, entries, rows, rank, width, sigma, at: 0, xi: 0, panel: 0, coefficients: 0 };
}

/** Gives everything its place; returns where the coefficients begin, which each step overwrites. */
function layOut(x: FactorState, y: FactorState): number {
  y.at = x.rows * x.rank;
  x.xi = y.at + y.rows * y.rank;
  y.xi = x.xi + x.rows * x.rank;
  x.panel = y.xi + y.rows * y.rank;
  y.panel = x.panel + x.rows * x.width;
  x.coefficients = y.panel + y.rows * y.width;
  y.coefficients = x.coefficients + x.width * x.rank;
  return x.coefficients;
}

type Entry = (row: number, column: number) => number;

/** The start, and what stands beside the perturbed point. */
function fill(numbers: Float64Array, side: FactorState, start: Matrix, beside: number, entry: Entry): void {
  const { dimension, rank, at, panel, width } = side;
  for (let i = 0; i < dimension; i++) {
    for (let k = 0; k < rank; k++) numbers[at + i * rank + k] = start.get(i, k);
    for (let j = 0; j < beside; j++) numbers[panel + place(i, rank + j, width)] = entry(i, j);
  }
}

function toMatrix(numbers: Float64Array, { dimension, rank, at }: FactorState): Matrix {
  const A = new Matrix(dimension, rank);
  for (let i = 0, n = at; i < dimension; i++) for (let k = 0; k < rank; k++, n++) A.set(i, k, numbers[n]!);
  return A;
}

/** The coefficients of x: Y~'Y~ above V'Y~ if the target has thin factors, and above Y~ if not. */
function prepare(kernel: Kernel, x: FactorState, y: FactorState, isThin: boolean): void {
  const { dimension, rows, rank, panel, width } = y;
  kernel.crossProducts(panel, rows, width, isThin ? width : rank, rank, x.coefficients);
  if (isThin) return;
  for (let i = 0, to = x.coefficients + rank * rank; i < dimension; i++) {
    for (let k = 0; k < rank; k++, to++) kernel.memory[to] = kernel.memory[panel + place(i, k, width)]!;
  }
}
