/**
 * Perturbed gradient descent at any dimension (docs/theory.md#dimension-free). Split X = U A + U_perp C and
 * Y = V B + V_perp E by the k singular directions of M. Gaussian noise looks the same in all coordinates, so of C and E only
 * C'C and E'E matter, and of the noise on their other rows only its Gram matrix, which is Wishart and drawn as such. A step
 * costs O(k r^2 + r^3) whatever d1 and d2 are, and the law of (A, B, C'C, E'E) is exactly that of the full descent.
 */
import { Matrix } from 'ml-matrix';
import { CHI_SQUARE_NORMALS, chiSquare } from './chi-square.ts';
import type { Descent, DescentOptions, Factors, NoiseSource } from './contract.ts';
import { Diverged, InvalidInput } from './errors.ts';
import { compressed } from './reduced-coordinates.ts';
import {
  shape,
  validateDimension,
  validateMatrix,
  validateNoise,
  validateStepSize,
  validateSteps,
} from './validate.ts';

/** What a descent in reduced coordinates starts from. */
export interface ReducedOptions extends Pick<DescentOptions, 'stepSize' | 'noise'> {
  /** Rows of X and of Y: whole numbers up to 2^53 - 1. */
  dimensions: {
    /** Of X. */
    d1: number;
    /** Of Y. */
    d2: number;
  };
  /** s_1, ..., s_k of the target, which may be 0; there may be none. */
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
 * Descent in reduced coordinates; plain gradient descent without noise. The source must hand out standard normals. A step
 * takes, for X and then for Y: one for each entry of the factor, row by row; where the other rows are drawn as a Wishart
 * matrix, those above the diagonal of its triangular factor, row by row, and CHI_SQUARE_NORMALS for each entry on it.
 * Throws `InvalidInput` and `Diverged`.
 */
export function reducedPerturbedGradientDescent(options: ReducedOptions): ReducedDescent {
  validateReduced(options);
  return new Reduced(options);
}

class Reduced implements ReducedDescent {
  readonly #x: Part;
  readonly #y: Part;
  readonly #s: Float64Array;
  readonly #stepSize: number;
  readonly #noise: DescentOptions['noise'];
  #step = 0;

  constructor({ dimensions, singularValues, start, stepSize, noise }: ReducedOptions) {
    this.#s = Float64Array.from(singularValues);
    this.#stepSize = stepSize;
    this.#noise = noise !== undefined && (noise.sigma1 > 0 || noise.sigma2 > 0) ? { ...noise } : undefined;
    const isNoisy = this.#noise !== undefined;
    this.#x = part(start.X, dimensions.d1, this.#s.length, isNoisy);
    this.#y = part(start.Y, dimensions.d2, this.#s.length, isNoisy);
  }

  get X(): Matrix {
    return toMatrix(this.#x);
  }

  get Y(): Matrix {
    return toMatrix(this.#y);
  }

  get target(): Matrix {
    const core = Matrix.zeros(this.#x.rows, this.#y.rows);
    this.#s.forEach((value, i) => core.set(i, i, value));
    return core;
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
    gram(x);
    gram(y);
    move(x, y, this.#s, this.#stepSize);
    move(y, x, this.#s, this.#stepSize);
    this.#step++;
    if (!(Number.isFinite(sum(x.at)) && Number.isFinite(sum(y.at)))) throw new Diverged(this.#step, this.#stepSize);
  }
}

/** One factor's blocks, rows of length r: A above C (or B above E), with the work space of a step. */
interface Part {
  readonly rows: number;
  readonly rank: number;
  /** The iterate. */
  readonly at: Float64Array;
  /** A step's normals: an entry each, and those of the Wishart matrix. */
  readonly normals: Float64Array;
  /** The perturbed point. */
  readonly perturbed: Float64Array;
  /** Gram matrix of the whole perturbed factor, r x r. */
  readonly gram: Float64Array;
  /** Rows that are not kept: of their noise only the Gram matrix counts. 0 where all are kept, or there is no noise. */
  readonly others: number;
  /** Upper triangular root of that Gram matrix, r x r; empty where there are no others. */
  readonly root: Float64Array;
  /** Two r x r blocks, one above the other, whose triangular factor is the next C. */
  readonly stack: Float64Array;
}

/** C has n = d - k rows. Where n >= 2 r it is kept as r x r, and the noise has n - r others; fewer are kept as they are. */
function part(start: Matrix, dimension: number, k: number, isNoisy: boolean): Part {
  const rank = start.columns;
  const n = dimension - k;
  const kept = n < 2 * rank ? n : rank;
  const [rows, others] = [k + kept, isNoisy ? n - kept : 0];
  const at = new Float64Array(rows * rank);
  at.set(blocks(start, k, kept));
  const drawn = others === 0 ? 0 : (rank * (rank - 1)) / 2 + CHI_SQUARE_NORMALS * rank;
  const square = others === 0 ? 0 : rank * rank;
  return {
    rows,
    rank,
    at,
    normals: new Float64Array(at.length + drawn),
    perturbed: new Float64Array(at.length),
    gram: new Float64Array(rank * rank),
    others,
    root: new Float64Array(square),
    stack: new Float64Array(2 * square),
  };
}

/** The start's rows, with those below the k-th made as few as are kept. */
function blocks(start: Matrix, k: number, kept: number): number[] {
  if (start.rows <= k + kept) return start.to1DArray();
  const rows = start.to2DArray();
  return [...rows.slice(0, k), ...compressed(new Matrix(rows.slice(k)), kept)].flat();
}

const toMatrix = ({ rows, rank, at }: Part): Matrix => Matrix.from1DArray(rows, rank, at);

function perturb(part: Part, source: NoiseSource | undefined, sigma = 0): void {
  const { at, perturbed, normals } = part;
  if (source === undefined) {
    perturbed.set(at);
    return;
  }
  source.fill(normals);
  // Stryker disable next-line EqualityOperator: a typed array drops what is written past its end
  for (let i = 0; i < at.length; i++) perturbed[i] = at[i]! + sigma * normals[i]!;
  if (part.others > 0) drawRoot(part, source, sigma);
}

/** Bartlett's decomposition: W = T'T with normals above the diagonal of T and roots of chi-squares on it. */
function drawRoot({ at, normals, root, rank, others }: Part, source: NoiseSource, sigma: number): void {
  let next = at.length;
  for (let i = 0; i < rank; i++) {
    for (let j = i + 1; j < rank; j++) root[i * rank + j] = sigma * normals[next++]!;
  }
  for (let i = 0; i < rank; i++, next += CHI_SQUARE_NORMALS) {
    root[i * rank + i] = sigma * Math.sqrt(chiSquare(others - i, normals, next, source));
  }
}

/** gram = A~'A~ + C~'C~ + W. */
function gram({ perturbed, root, gram, rank }: Part): void {
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let row = 0; row < perturbed.length; row += rank) sum += perturbed[row + k]! * perturbed[row + l]!;
      for (let row = 0; row < root.length; row += rank) sum += root[row + k]! * root[row + l]!;
      gram[k * rank + l] = sum;
      gram[l * rank + k] = sum;
    }
  }
}

/** [A; C] -= stepSize ([A~; C~] G - [S B~; 0]), and what the other rows have moved is folded into C. */
function move(own: Part, other: Part, s: Float64Array, stepSize: number): void {
  const { at, perturbed, rank, root } = own;
  const head = s.length * rank;
  for (let row = 0, i = 0; row < at.length; row += rank, i++) {
    for (let k = 0; k < rank; k++) {
      let slope = i < s.length ? -s[i]! * other.perturbed[row + k]! : 0;
      for (let l = 0; l < rank; l++) slope += perturbed[row + l]! * other.gram[l * rank + k]!;
      at[row + k]! -= stepSize * slope;
    }
  }
  // Stryker disable next-line ConditionalExpression,EqualityOperator: empty arrays take nothing and give nothing
  if (root.length > 0) fold(own, other.gram, head, stepSize);
}

/** C becomes the triangular factor of [C; stepSize T G], which has the Gram matrix of all rows of the moved block. */
function fold({ at, root, stack, rank }: Part, gram: Float64Array, head: number, stepSize: number): void {
  const square = root.length;
  // Stryker disable next-line EqualityOperator: the entry after the block is written below
  for (let i = 0; i < square; i++) stack[i] = at[head + i]!;
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k < rank; k++) {
      let sum = 0;
      // Stryker disable next-line AssignmentOperator: a row's sign does not matter to a Gram matrix
      for (let l = i; l < rank; l++) sum += root[i * rank + l]! * gram[l * rank + k]!;
      stack[square + i * rank + k] = stepSize * sum;
    }
  }
  triangularise(stack, rank);
  // Stryker disable next-line EqualityOperator: a typed array drops what is written past its end
  for (let i = 0; i < square; i++) at[head + i] = stack[i]!;
}

/** Householder reflections that make zeros below the diagonal of a 2r x r matrix: its Gram matrix stays the same. */
function triangularise(stack: Float64Array, rank: number): void {
  // Stryker disable next-line EqualityOperator: the column after the last is one of zeros
  for (let j = 0, corner = 0; j < rank; j++, corner += rank + 1) {
    let squares = 0;
    for (let i = corner; i < stack.length; i += rank) squares += stack[i]! * stack[i]!;
    // Where the column is 0 there is nothing to reflect.
    if (squares === 0) continue;
    const first = stack[corner]!;
    // With the other sign first - diagonal would cancel.
    // Stryker disable next-line EqualityOperator: at 0 either sign will do
    const diagonal = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    // The reflector v is the column with its first entry changed to first - diagonal; v'v / 2 = squares - first diagonal.
    const half = squares - first * diagonal;
    for (let column = 1; column < rank - j; column++) {
      let dot = (first - diagonal) * stack[corner + column]!;
      for (let i = corner + rank; i < stack.length; i += rank) dot += stack[i]! * stack[i + column]!;
      const factor = dot / half;
      stack[corner + column]! -= factor * (first - diagonal);
      for (let i = corner + rank; i < stack.length; i += rank) stack[i + column]! -= factor * stack[i]!;
    }
    stack[corner] = diagonal;
    for (let i = corner + rank; i < stack.length; i += rank) stack[i] = 0;
  }
}

function sum(entries: Float64Array): number {
  let total = 0;
  // Stryker disable next-line AssignmentOperator: only whether the sum is finite is used
  for (const entry of entries) total += entry;
  return total;
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
