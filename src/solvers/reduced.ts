/**
 * Perturbed gradient descent at any dimension (docs/theory/dimension-free.md#dimension-free). Split X = U A + U_perp C
 * and Y = V B + V_perp E by the k singular directions of M. Gaussian noise looks the same in all coordinates, so of C
 * and E only C'C and E'E matter, and of the noise on their other rows only its Gram matrix, which is Wishart and drawn
 * as such. A step costs O(k r^2 + r^3) for all d1 and d2, and (A, B, C'C, E'E) has exactly the distribution that it has
 * in the full descent.
 */
import { Matrix } from 'ml-matrix';
import { CHI_SQUARE_NORMALS, chiSquare } from '../noise/chi-square.ts';
import type { Descent, DescentOptions, Factors, NoiseSource } from '../contract.ts';
import { Diverged, InvalidInput } from '../errors.ts';
import { padded, place, type Kernel } from '../kernel/kernel.ts';
import type { Kernels } from '../kernel/pool.ts';
import { Workspace, type Views } from '../kernel/workspace.ts';
import { fromEntries } from '../linear-algebra/matrices.ts';
import { compressed } from './reduced-coordinates.ts';
import {
  shape,
  validateDimension,
  validateMatrix,
  validateNoise,
  validateStepSize,
  validateSteps,
} from '../validate.ts';

/** The options of a descent in reduced coordinates. */
export interface ReducedOptions extends Pick<DescentOptions, 'stepSize' | 'noise'> {
  /** Rows of X and of Y: whole numbers up to 2^53 - 1. */
  dimensions: {
    /** The number of rows of X. */
    d1: number;
    /** The number of rows of Y. */
    d2: number;
  };
  /** s_1, ..., s_k of the target, each of which may be 0; may be empty. */
  singularValues: readonly number[];
  /**
   * X = [A; C] and Y = [B; E]: A and B are k x r, C and E have any number of rows up to d1 - k and d2 - k, and stand for all
   * factors with the same C'C and E'E. Rows that are not given are 0. Never changed.
   */
  start: Factors;
}

/**
 * A run under way: `X` = [A; C] and `Y` = [B; E] are factors of the small `target` diag(s, 0) and have the loss, the
 * imbalance, the Gram matrices X'X and Y'Y and the singular values of XY' of the full run, for instance
 * loss(descent.target, descent). Neither has more than k + 2 r rows.
 */
export interface ReducedDescent extends Descent {
  /** diag(s, 0), with a row and a column for each row of X and of Y. */
  readonly target: Matrix;
}

/**
 * Descent in reduced coordinates; plain gradient descent without noise. The source must hand out standard normals. A
 * step takes, for X and then for Y: one for each entry of the factor, row by row; if the other rows are drawn as a
 * Wishart matrix, those above the diagonal of its triangular factor, row by row, and CHI_SQUARE_NORMALS for each entry
 * on it. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * // A million rows and columns: the target is given by its singular values, the start by its reduced coordinates.
 * const start = { X: new Matrix([[1], [0]]), Y: new Matrix([[1], [0]]) };
 * const dimensions = { d1: 1e6, d2: 1e6 };
 * const run = reducedPerturbedGradientDescent({ dimensions, singularValues: [2], start, stepSize: 1 / 16 });
 * run.advance(500);
 * product(run).get(0, 0); // 2
 * ```
 */
export function reducedPerturbedGradientDescent(options: ReducedOptions): ReducedDescent {
  return reducedDescent(options);
}

/** The same, with kernels of one's choice. */
export function reducedDescent(options: ReducedOptions, kernels?: Kernels): ReducedDescent {
  validateReduced(options);
  return new Reduced(options, kernels);
}

class Reduced implements ReducedDescent {
  readonly #x: FactorState;
  readonly #y: FactorState;
  readonly #s: Float64Array;
  readonly #stepSize: number;
  readonly #source: NoiseSource | undefined;
  readonly #space: Workspace;
  #step = 0;

  constructor({ dimensions, singularValues, start, stepSize, noise }: ReducedOptions, kernels?: Kernels) {
    this.#s = Float64Array.from(singularValues);
    this.#stepSize = stepSize;
    const [sigma1, sigma2] = [noise?.sigma1 ?? 0, noise?.sigma2 ?? 0];
    this.#source = sigma1 > 0 || sigma2 > 0 ? noise?.source : undefined;
    const isNoisy = this.#source !== undefined;
    const x = (this.#x = stateOf(start.X, dimensions.d1, this.#s.length, sigma1, isNoisy));
    const y = (this.#y = stateOf(start.Y, dimensions.d2, this.#s.length, sigma2, isNoisy));
    const own = new Float64Array(layOut(x, y));
    own.set(blocks(start.X, this.#s.length, x.dimension), x.at);
    own.set(blocks(start.Y, this.#s.length, y.dimension), y.at);
    const ranges = { factors: [0, x.xi], xi1: [x.xi, x.entries], xi2: [y.xi, y.entries] } as const;
    this.#space = new Workspace(own, y.gram + y.rank ** 2, ranges, kernels);
  }

  get X(): Matrix {
    return toMatrix(this.#space.numbers, this.#x);
  }

  get Y(): Matrix {
    return toMatrix(this.#space.numbers, this.#y);
  }

  get target(): Matrix {
    const core = Matrix.zeros(this.#x.dimension, this.#y.dimension);
    this.#s.forEach((value, i) => core.set(i, i, value));
    return core;
  }

  advance(steps: number): void {
    validateSteps(steps);
    this.#space.enter((kernel) => {
      const { views } = this.#space;
      for (let i = 0; i < steps; i++) this.#takeOne(kernel, views);
    });
  }

  #takeOne(kernel: Kernel, { xi1, xi2 }: Views): void {
    const x = this.#x;
    const y = this.#y;
    perturb(kernel, x, xi1, this.#source);
    perturb(kernel, y, xi2, this.#source);
    kernel.crossProducts(x.panel, x.rows, x.rank, x.rank, x.rank, x.gram);
    kernel.crossProducts(y.panel, y.rows, y.rank, y.rank, y.rank, y.gram);
    const fineX = move(kernel, x, y, this.#s, this.#stepSize);
    const fineY = move(kernel, y, x, this.#s, this.#stepSize);
    this.#step++;
    if (!(fineX && fineY)) throw new Diverged(this.#step, this.#stepSize);
  }
}

/**
 * One factor's blocks, rows of length r, and the offset of its numbers. The rows of the iterate are A above C (or B
 * above E). If the noise has other rows, the rows of its triangular factor T follow, in which the iterate is 0.
 */
interface FactorState {
  /** Rows of A and C, and their entries. */
  readonly dimension: number;
  readonly entries: number;
  readonly rank: number;
  readonly sigma: number;
  /** Rows of noise of which only the Gram matrix matters. 0 if all rows are stored, or if there is no noise. */
  readonly others: number;
  /** A step's normals for T. */
  readonly normals: Float64Array;
  /** All rows, with padding. */
  readonly rows: number;
  /** The iterate. */
  at: number;
  /** C, within the iterate. */
  c: number;
  /** The noise on A and C, in units of sigma. */
  xi: number;
  /** The perturbed point. */
  panel: number;
  /** Gram matrix of the whole perturbed factor, r x r. */
  gram: number;
}

/**
 * C has n = d - k rows. If n >= 2 r it is stored as r x r, and the noise has n - r other rows; fewer rows are stored
 * unchanged.
 */
function stateOf(start: Matrix, d: number, k: number, sigma: number, isNoisy: boolean): FactorState {
  const rank = start.columns;
  const n = d - k;
  const isCompressed = n >= 2 * rank;
  const dimension = k + (isCompressed ? rank : n);
  const others = isNoisy ? d - dimension : 0;
  const normals = new Float64Array(others === 0 ? 0 : (rank * (rank - 1)) / 2 + CHI_SQUARE_NORMALS * rank);
  const rows = padded(others === 0 ? dimension : dimension + rank);
  const [entries, c] = [dimension * rank, k * rank];
  return { dimension, entries, rank, sigma, others, normals, rows, at: 0, c, xi: 0, panel: 0, gram: 0 };
}

/** Gives everything its place; returns the offset of the Gram matrices, which each step overwrites. */
function layOut(x: FactorState, y: FactorState): number {
  y.at = x.rows * x.rank;
  y.c += y.at;
  x.xi = y.at + y.rows * y.rank;
  y.xi = x.xi + x.entries;
  x.panel = y.xi + y.entries;
  y.panel = x.panel + x.rows * x.rank;
  x.gram = y.panel + y.rows * y.rank;
  y.gram = x.gram + x.rank ** 2;
  return x.gram;
}

/** The start's rows, with those below the k-th reduced to the number that is stored. */
function blocks(start: Matrix, k: number, dimension: number): number[] {
  if (start.rows <= dimension) return start.to1DArray();
  const rows = start.to2DArray();
  return [...rows.slice(0, k), ...compressed(new Matrix(rows.slice(k)), dimension - k)].flat();
}

const toMatrix = (numbers: Float64Array, { dimension, rank, at }: FactorState): Matrix =>
  fromEntries(dimension, rank, numbers, at);

/** The perturbed point, [A~; C~; T]. */
function perturb(kernel: Kernel, own: FactorState, xi: Float64Array, source: NoiseSource | undefined): void {
  source?.fill(xi);
  const { at, panel, dimension, rank, sigma, others } = own;
  kernel.perturb(at, own.xi, panel, dimension, rank, rank, sigma);
  if (source !== undefined && others > 0) drawWishartRoot(kernel.memory, own, source);
}

/** Bartlett's decomposition: W = T'T with normals above the diagonal of T and roots of chi-squares on it. */
function drawWishartRoot(numbers: Float64Array, own: FactorState, source: NoiseSource): void {
  const { panel, dimension, rank, sigma, others, normals } = own;
  source.fill(normals);
  let next = 0;
  for (let i = 0; i < rank; i++) {
    for (let j = i + 1; j < rank; j++) numbers[panel + place(dimension + i, j, rank)] = sigma * normals[next++]!;
  }
  for (let i = 0; i < rank; i++, next += CHI_SQUARE_NORMALS) {
    numbers[panel + place(dimension + i, i, rank)] = sigma * Math.sqrt(chiSquare(others - i, normals, next, source));
  }
}

/**
 * [A; C; 0] -= stepSize ([A~; C~; T] G - [S B~; 0; 0]), and the rows below C are folded into C. Returns whether all
 * entries are finite.
 */
function move(kernel: Kernel, own: FactorState, other: FactorState, s: Float64Array, stepSize: number): boolean {
  const { at, rows, rank, panel } = own;
  const numbers = kernel.memory;
  for (let i = 0, to = at; i < s.length; i++) {
    for (let k = 0; k < rank; k++, to++) numbers[to]! += stepSize * s[i]! * numbers[other.panel + place(i, k, rank)]!;
  }
  const isFine = kernel.subtractProduct(at, panel, rows, rank, other.gram, rank, stepSize) === 1;
  return isFine && (own.others === 0 || kernel.triangularise(own.c, 2 * rank, rank) === 1);
}

function validateReduced({ dimensions, singularValues, start, stepSize, noise }: ReducedOptions): void {
  const { d1, d2 } = dimensions;
  validateDimension('d1', d1);
  validateDimension('d2', d2);
  for (const value of singularValues) {
    if (!(value >= 0 && value < Infinity)) {
      throw new InvalidInput(`singularValues has ${value}: give finite numbers, 0 or larger`);
    }
  }
  validateMatrix('start.X', start.X);
  validateMatrix('start.Y', start.Y);
  const [k, r] = [singularValues.length, start.X.columns];
  const shapes = `start.X is ${shape(start.X)}, start.Y is ${shape(start.Y)}`;
  if (r !== start.Y.columns) throw new InvalidInput(`${shapes}: give both the same number of columns`);
  if (Math.max(k, r) > Math.min(d1, d2)) {
    throw new InvalidInput(
      `there are ${k} singular values and factors of rank ${r}: give at most min(d1, d2) = ${Math.min(d1, d2)} of both`,
    );
  }
  if (Math.min(start.X.rows, start.Y.rows) < k || start.X.rows > d1 || start.Y.rows > d2) {
    throw new InvalidInput(
      `${shapes}: give [A; C] and [B; E] with at least k = ${k} rows and at most d1 = ${d1} and d2 = ${d2}`,
    );
  }
  validateStepSize(stepSize);
  validateNoise(noise);
}
