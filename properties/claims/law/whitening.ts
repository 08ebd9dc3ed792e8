/**
 * The mean and the covariance of a step in some entries of the factors, and steps in units in which the covariance is 1
 * (docs/theory/noise.md#step-covariance). The arrays are overwritten at every iterate: checks look at a thousand of them.
 */
import type { Matrix } from 'ml-matrix';
import { penalties, type Factors, type NoiseScales } from '../../../src/index.ts';
import { isLarge } from '../../../src/theory/objective.ts';
import { cholesky, solveLower } from './cholesky.ts';
import { flatten, gramInto, residualInto } from './flat.ts';

/** An entry of X (`ofX`) or of Y. */
export interface Entry {
  readonly ofX: boolean;
  readonly row: number;
  readonly column: number;
}

/** One factor's numbers that the step of the other uses, row by row. */
interface FactorState {
  readonly A: Float64Array;
  readonly rows: number;
  /** A'A. */
  readonly gram: Float64Array;
  /** Standard deviation and variance of its noise. */
  readonly sigma: number;
  readonly variance: number;
  /** Weight of its penalty. */
  readonly penalty: number;
}

const side = (rows: number, r: number, sigma: number, penalty: number): FactorState => ({
  A: new Float64Array(rows * r),
  rows,
  gram: new Float64Array(r * r),
  sigma,
  variance: sigma ** 2,
  penalty,
});

/** The distribution of the step from the iterate last given to `see`. */
export class StepLaw {
  readonly #r: number;
  readonly #eta: number;
  readonly #M: Float64Array;
  /** The residual; undefined for a large target, of which the few entries in use are computed on demand. */
  readonly #R: Float64Array | undefined;
  readonly #x: FactorState;
  readonly #y: FactorState;
  readonly #entries: readonly Entry[];
  /** The rows of the smoothed objective's Hessian at the entries, times the standard deviations of the noise. */
  readonly #rows: Float64Array[];
  /** The covariance and its Cholesky factor. */
  readonly #C: Float64Array;
  readonly #factor: Float64Array;

  constructor(target: Matrix, r: number, noise: NoiseScales & { eta: number }, entries: readonly Entry[]) {
    const { alpha, beta } = penalties(target, noise);
    [this.#r, this.#eta, this.#entries] = [r, noise.eta, entries];
    this.#M = flatten(target);
    this.#R = isLarge(target) ? undefined : new Float64Array(this.#M.length);
    this.#x = side(target.rows, r, noise.sigma1, alpha);
    this.#y = side(target.columns, r, noise.sigma2, beta);
    this.#rows = entries.map(() => new Float64Array((target.rows + target.columns) * r));
    [this.#C, this.#factor] = [new Float64Array(entries.length ** 2), new Float64Array(entries.length ** 2)];
  }

  /** Copies the iterate, because a solver may return live views. Writes its chosen entries into `values`. */
  see({ X, Y }: Factors, values: Float64Array = new Float64Array(this.#entries.length)): Float64Array {
    flatten(X, this.#x.A);
    flatten(Y, this.#y.A);
    if (this.#R !== undefined) residualInto(this.#R, this.#x.A, this.#y.A, this.#M, this.#r);
    for (let i = 0; i < values.length; i++) {
      const { ofX, row, column } = this.#entries[i]!;
      values[i] = (ofX ? this.#x : this.#y).A[row * this.#r + column]!;
    }
    return values;
  }

  /** The mean change of the entries in the step, written into `changes`. */
  drift(changes: Float64Array = new Float64Array(this.#entries.length)): Float64Array {
    for (let i = 0; i < changes.length; i++) changes[i] = -this.#eta * this.#slope(this.#entries[i]!);
    return changes;
  }

  /** An entry of R Y + alpha X or of R'X + beta Y. */
  #slope({ ofX, row, column }: Entry): number {
    const r = this.#r;
    const own = ofX ? this.#x : this.#y;
    const other = ofX ? this.#y : this.#x;
    let sum = own.penalty * own.A[row * r + column]!;
    for (let j = 0; j < other.rows; j++) sum += this.#residual(ofX, row, j) * other.A[j * r + column]!;
    return sum;
  }

  /** The entry of R in this row and column; of R' if not `ofX`. */
  #residual(ofX: boolean, row: number, column: number): number {
    const i = ofX ? row : column;
    const j = ofX ? column : row;
    const r = this.#r;
    const at = i * this.#y.rows + j;
    if (this.#R !== undefined) return this.#R[at]!;
    const X = this.#x.A;
    const Y = this.#y.A;
    let entry = -this.#M[at]!;
    for (let k = 0; k < r; k++) entry += X[i * r + k]! * Y[j * r + k]!;
    return entry;
  }

  /** The covariance over eta^2 between the entries, row by row. */
  covariance(): Float64Array {
    gramInto(this.#x.gram, this.#x.A, this.#r);
    gramInto(this.#y.gram, this.#y.A, this.#r);
    const n = this.#entries.length;
    const C = this.#C;
    for (let i = 0; i < n; i++) {
      this.#writeRow(i);
      const one = this.#rows[i]!;
      for (let j = 0; j <= i; j++) {
        const other = this.#rows[j]!;
        let leading = 0;
        for (let k = 0; k < one.length; k++) leading += one[k]! * other[k]!;
        C[i * n + j] = C[j * n + i] = leading + this.#higher(this.#entries[i]!, this.#entries[j]!);
      }
    }
    return C;
  }

  #writeRow(i: number): void {
    const { ofX, row, column: k } = this.#entries[i]!;
    const [r, into] = [this.#r, this.#rows[i]!];
    const own = ofX ? this.#x : this.#y;
    const other = ofX ? this.#y : this.#x;
    into.fill(0);
    const atOwn = ofX ? 0 : other.A.length;
    const atOther = ofX ? own.A.length : 0;
    for (let l = 0; l < r; l++) into[atOwn + row * r + l] = own.sigma * other.gram[k * r + l]!;
    into[atOwn + row * r + k]! += own.sigma * own.penalty;
    for (let j = 0; j < other.rows; j++) {
      const at = atOther + j * r;
      const scaled = other.sigma * other.A[j * r + k]!;
      for (let l = 0; l < r; l++) into[at + l] = scaled * own.A[row * r + l]!;
      into[at + k]! += other.sigma * this.#residual(ofX, row, j);
    }
  }

  /** The contribution of products of two and of three numbers of the noise. */
  #higher(one: Entry, other: Entry): number {
    const r = this.#r;
    const x = this.#x;
    const y = this.#y;
    const both = x.variance * y.variance;
    if (one.ofX !== other.ofX) {
      const p = one.ofX ? one : other;
      const q = one.ofX ? other : one;
      const change = y.A[q.row * r + p.column]! * x.A[p.row * r + q.column]!;
      return both * ((r + 2) * change + x.A[p.row * r + p.column]! * y.A[q.row * r + q.column]!);
    }
    const own = one.ofX ? x : y;
    const opposite = one.ofX ? y : x;
    const isSameColumn = one.column === other.column;
    const exchanged = own.A[one.row * r + other.column]! * own.A[other.row * r + one.column]!;
    const rows = isSameColumn ? ofRows(own.A, one.row, other.row, r) : 0;
    const squares = opposite.rows * opposite.variance ** 2 * (rows + exchanged);
    if (one.row !== other.row) return squares;
    const products = both * (r + 2) * opposite.gram[one.column * r + other.column]!;
    if (!isSameColumn) return squares + products;
    return squares + products + both * ((r + 1) * opposite.rows * opposite.variance + trace(opposite.gram, r));
  }

  /** Works out the Cholesky factor of the covariance, which `whiten` takes until the next time. */
  prepare(): void {
    cholesky(this.covariance(), this.#entries.length, this.#factor);
  }

  /** Overwrites deviations of a step from its mean with numbers that are uncorrelated and of variance 1. */
  whiten(deviation: Float64Array): Float64Array {
    const n = this.#entries.length;
    for (let i = 0; i < n; i++) deviation[i]! /= this.#eta;
    solveLower(this.#factor, n, deviation);
    return deviation;
  }
}

/** The inner product of two rows. */
function ofRows(A: Float64Array, i: number, j: number, r: number): number {
  let sum = 0;
  for (let k = 0; k < r; k++) sum += A[i * r + k]! * A[j * r + k]!;
  return sum;
}

function trace(G: Float64Array, r: number): number {
  let sum = 0;
  for (let k = 0; k < r; k++) sum += G[k * r + k]!;
  return sum;
}
