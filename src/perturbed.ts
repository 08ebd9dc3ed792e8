/**
 * Perturbed gradient descent (Liu et al. 2021): the gradient is taken at a freshly perturbed point, the unperturbed
 * iterate moves. With X~ = X + xi1, Y~ = Y + xi2:
 *
 *     X+ = X - eta (X~ Y~' - M) Y~,     Y+ = Y - eta (X~ Y~' - M)' X~.
 *
 * The residual is never formed: (X~ Y~' - M) Y~ = X~ (Y~'Y~) - M Y~, and likewise for Y. That is one product, of X~ beside M
 * with Y~'Y~ above -Y~; or, for a target of small rank with M = U S V', of X~ beside U with Y~'Y~ above -S V'Y~
 * (docs/theory.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Solver } from './contract.ts';
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
  /** Both blocks of noise, xi1 before xi2. */
  readonly #xi: Float64Array;
  /** -s_i, for a target of small rank. */
  readonly #weights: Float64Array | undefined;
  readonly #stepSize: number;
  readonly #noise: DescentOptions['noise'];
  #step = 0;

  constructor({ target, start: { X, Y }, stepSize, noise }: DescentOptions) {
    const thin = thinFactors(target);
    this.#weights = thin && Float64Array.from(thin.s, (s) => -s);
    this.#xi = new Float64Array((X.rows + Y.rows) * X.columns);
    this.#stepSize = stepSize;
    this.#noise = noise !== undefined && (noise.sigma1 > 0 || noise.sigma2 > 0) ? { ...noise } : undefined;
    this.#x = side(
      X,
      thin?.U ?? target.transpose().to2DArray(),
      this.#xi.subarray(0, X.rows * X.columns),
      this.#noise?.sigma1,
    );
    this.#y = side(Y, thin?.V ?? target.to2DArray(), this.#xi.subarray(X.rows * X.columns), this.#noise?.sigma2);
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
    const [x, y] = [this.#x, this.#y];
    this.#noise?.source.fill(this.#xi);
    perturb(x);
    perturb(y);
    if (this.#weights === undefined) {
      facing(x, y);
      facing(y, x);
    } else {
      thinly(x, y, this.#weights);
      thinly(y, x, this.#weights);
    }
    const sumX = move(x, this.#stepSize);
    const sumY = move(y, this.#stepSize);
    this.#step++;
    if (!(Number.isFinite(sumX) && Number.isFinite(sumY))) throw new Diverged(this.#step, this.#stepSize);
  }
}

/** One factor, d x r, with its work space. All matrices are stored row by row. */
interface Side {
  readonly rows: number;
  readonly rank: number;
  /** Columns of the panel. */
  readonly width: number;
  /** The iterate, padded with rows of zeros. */
  readonly at: Float64Array;
  /** The perturbed point beside M (M' for Y) or U (V for Y), padded as well. */
  readonly panel: Float64Array;
  /** What the panel is multiplied with, width x r. */
  readonly coefficients: Float64Array;
  /** The noise of the step and its scale. */
  readonly xi: Float64Array;
  readonly sigma: number;
}

function side(start: Matrix, basis: readonly ArrayLike<number>[], xi: Float64Array, sigma = 0): Side {
  const { rows, columns: rank } = start;
  const width = rank + basis.length;
  const at = new Float64Array(panelSize(rows, rank));
  const panel = new Float64Array(panelSize(rows, width));
  at.set(start.to1DArray());
  basis.forEach((column, j) => {
    for (let i = 0; i < rows; i++) panel[place(i, rank + j, width)] = column[i]!;
  });
  return { rows, rank, width, at, panel, coefficients: new Float64Array(width * rank), xi, sigma };
}

const toMatrix = ({ rows, rank, at }: Side): Matrix => Matrix.from1DArray(rows, rank, at.subarray(0, rows * rank));

function perturb({ rows, rank, width, at, panel, xi, sigma }: Side): void {
  for (let i = 0, from = 0; i < rows; i++) {
    for (let k = 0, to = place(i, 0, width); k < rank; k++, from++, to += 4) panel[to] = at[from]! + sigma * xi[from]!;
  }
}

/** x.coefficients = Y~'Y~ above -Y~. */
function facing(x: Side, y: Side): void {
  const { rows, rank, width, panel } = y;
  crossProducts(panel, width, rank, rank, x.coefficients);
  for (let i = 0, to = rank * rank; i < rows; i++) {
    for (let k = 0; k < rank; k++, to++) x.coefficients[to] = -panel[place(i, k, width)]!;
  }
}

/** x.coefficients = Y~'Y~ above -S V'Y~. */
function thinly(x: Side, y: Side, weights: Float64Array): void {
  const { rank, width, panel } = y;
  crossProducts(panel, width, width, rank, x.coefficients);
  for (let i = 0, at = rank * rank; i < weights.length; i++) {
    for (let k = 0; k < rank; k++, at++) x.coefficients[at]! *= weights[i]!;
  }
}

/** The step of one factor; returns the sum of its new entries. */
const move = ({ at, panel, width, coefficients, rank }: Side, stepSize: number): number =>
  subtractProduct(at, panel, width, coefficients, rank, stepSize);
