/**
 * Perturbed gradient descent (Liu et al. 2021): the gradient is taken at a freshly perturbed point, the unperturbed
 * iterate moves. With X~ = X + xi1, Y~ = Y + xi2:
 *
 *     X+ = X - eta (X~ Y~' - M) Y~,     Y+ = Y - eta (X~ Y~' - M)' X~.
 *
 * The residual is never formed: (X~ Y~' - M) Y~ = X~ (Y~'Y~) - M Y~, similarly for Y. This is one product, of [X~, -M]
 * with [Y~'Y~; Y~]; or, for a target of small rank with thin factors M = L V', of [X~, -L] with [Y~'Y~; V'Y~]
 * (docs/theory/setting.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, NoiseSource, Solver } from '../contract.ts';
import { Diverged } from '../errors.ts';
import { padded, place, type Kernel } from '../kernel/kernel.ts';
import type { Kernels } from '../kernel/pool.ts';
import { PLAN_LENGTH, written, type Plan, type FactorState } from '../kernel/plan.ts';
import { Workspace } from '../kernel/workspace.ts';
import { fromEntries } from '../linear-algebra/matrices.ts';
import { remembered } from '../linear-algebra/remembered.ts';
import { thinFactors } from '../linear-algebra/thin-factors.ts';
import { normalState } from '../noise/sources.ts';
import { isLarge } from '../theory/objective.ts';
import { validateOptions, validateSteps } from '../validate.ts';

/**
 * Plain gradient descent when `noise` is omitted or both scales are 0. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[4]]), Y: new Matrix([[0.25]]) };
 * const noise = { sigma1: 0.3, sigma2: 0.3, source: gaussianNoise('seed') };
 * const run = perturbedGradientDescent({ target: new Matrix([[1]]), start, stepSize: 1 / 64, noise });
 * run.advance(5000); // run.X and run.Y are the current factors
 * Math.abs(imbalance(run).get(0, 0)) < 1; // true
 * ```
 */
export const perturbedGradientDescent: Solver = (options) => perturbedDescent(options);

/** The same, with kernels of one's choice. */
export function perturbedDescent(options: DescentOptions, kernels?: Kernels): Descent {
  validateOptions(options);
  return new PerturbedDescent(options, kernels);
}

class PerturbedDescent implements Descent {
  readonly #plan: Plan;
  /** The offset of the plan in the memory. */
  readonly #place: number;
  readonly #source: NoiseSource | undefined;
  readonly #space: Workspace;
  #step = 0;

  constructor({ target, start, stepSize, noise }: DescentOptions, kernels?: Kernels) {
    const thin = isLarge(target) ? remembered(target, thinFactors) : thinFactors(target);
    const [besideX, besideY] = thin ? [thin.L.length, thin.V.length] : [target.columns, target.rows];
    const x = stateOf(start.X, besideX, noise?.sigma1);
    const y = stateOf(start.Y, besideY, noise?.sigma2);
    const rank = start.X.columns;
    const plan = (this.#plan = { rank, stepSize, isThin: thin !== undefined, x, y });
    this.#place = layOut(plan);
    const own = new Float64Array(x.coefficients);
    own.set(written(plan), this.#place);
    fill(own, x, start.X, besideX, thin ? (i, k) => -thin.L[k]![i]! : (i, j) => -target.get(i, j));
    fill(own, y, start.Y, besideY, thin ? (j, k) => thin.V[k]![j]! : (j, i) => -target.get(i, j));
    const ranges = { factors: [0, x.xi], xi1: [x.xi, x.dimension * rank], xi2: [y.xi, y.dimension * rank] } as const;
    this.#space = new Workspace(own, y.coefficients + y.width * rank, ranges, kernels);
    this.#source = x.sigma > 0 || y.sigma > 0 ? noise?.source : undefined;
  }

  get X(): Matrix {
    return toMatrix(this.#space.numbers, this.#plan.x, this.#plan.rank);
  }

  get Y(): Matrix {
    return toMatrix(this.#space.numbers, this.#plan.y, this.#plan.rank);
  }

  advance(steps: number): void {
    validateSteps(steps);
    this.#space.enter((kernel) => {
      const state = this.#source && normalState(this.#source);
      if (this.#source === undefined || state !== undefined) this.#take(kernel, steps, state);
      else for (let i = 0; i < steps; i++) this.#takeOne(kernel, this.#source);
    });
  }

  /** A step with noise that may look at the iterate, and may fail: it is asked for a step's numbers before each. */
  #takeOne(kernel: Kernel, source: NoiseSource): void {
    const { xi1, xi2 } = this.#space.views;
    source.fill(xi1);
    source.fill(xi2);
    this.#take(kernel, 1, undefined);
  }

  #take(kernel: Kernel, steps: number, state: Int32Array | undefined): void {
    const last = kernel.descend(this.#place, steps, state);
    this.#step += last === 0 ? steps : last;
    if (last !== 0) throw new Diverged(this.#step, this.#plan.stepSize);
  }
}

/** `beside`: the number of columns next to the perturbed point. */
function stateOf(start: Matrix, beside: number, sigma = 0): FactorState {
  const { rows: dimension, columns: rank } = start;
  const [rows, width] = [padded(dimension), rank + beside];
  return { at: 0, xi: 0, panel: 0, coefficients: 0, dimension, rows, width, sigma };
}

/** Gives everything its place, and returns that of the plan. The coefficients, which each step overwrites, come last. */
function layOut({ rank, x, y }: Plan): number {
  y.at = x.rows * rank;
  x.xi = y.at + y.rows * rank;
  y.xi = x.xi + x.dimension * rank;
  x.panel = y.xi + y.dimension * rank;
  y.panel = x.panel + x.rows * x.width;
  const plan = y.panel + y.rows * y.width;
  x.coefficients = plan + PLAN_LENGTH;
  y.coefficients = x.coefficients + x.width * rank;
  return plan;
}

type Entry = (row: number, column: number) => number;

/** Writes the start, and the columns next to the perturbed point. */
function fill(numbers: Float64Array, state: FactorState, start: Matrix, beside: number, entry: Entry): void {
  const { dimension, at, panel, width } = state;
  const rank = start.columns;
  for (let i = 0; i < dimension; i++) {
    for (let k = 0; k < rank; k++) numbers[at + i * rank + k] = start.get(i, k);
    for (let j = 0; j < beside; j++) numbers[panel + place(i, rank + j, width)] = entry(i, j);
  }
}

const toMatrix = (numbers: Float64Array, { dimension, at }: FactorState, rank: number): Matrix =>
  fromEntries(dimension, rank, numbers, at);
