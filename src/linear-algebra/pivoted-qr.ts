/**
 * The singular value decomposition of a large matrix: Householder's QR with column pivoting (Businger and Golub 1965),
 * which ends when only rounding errors remain, then the decomposition of the k rows of R.
 */
import { Matrix, SVD } from 'ml-matrix';
import type { Decomposition } from './decomposition.ts';

const UNIT = 2 ** -53;

/**
 * The decomposition of A, for d1 >= d2. The remainder at the end is at most d1 u |A e_1|, the largest column first: by
 * Weyl's inequality no singular value moves by more, which is half of the threshold of `rank`.
 */
export function decomposeTall(A: Matrix): Decomposition {
  const { rows: d1, columns: d2 } = A;
  const unit = unitOf(A);
  const { columns, order, reflectors } = pivotedQr(columnsOf(A, 1 / unit), d1);
  const k = reflectors.length;
  if (k === 0) return { U: Matrix.eye(d1, d2), s: zeros(d2), V: Matrix.eye(d2, d2) };
  const R = new Matrix(k, d2);
  for (let j = 0; j < d2; j++) for (let i = 0; i <= j && i < k; i++) R.set(i, order[j]!, columns[j]![i]!);
  const { diagonal, leftSingularVectors, rightSingularVectors } = new SVD(R, { autoTranspose: true });
  return {
    U: completed(applied(reflectors, columnsOf(leftSingularVectors), d1), reflectors, d2),
    s: [...diagonal.map((value) => value * unit), ...zeros(d2 - k)],
    V: orthonormalBasis(columnsOf(rightSingularVectors)),
  };
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** The power of two next to the largest entry, so that no square overflows or vanishes; 1 for a zero matrix. */
function unitOf(A: Matrix): number {
  const largest = Math.max(A.max(), -A.min());
  return largest === 0 ? 1 : 2 ** Math.max(-1000, Math.floor(Math.log2(largest)));
}

/** Orthonormal columns in R^d, followed by others up to a basis. */
function orthonormalBasis(columns: Float64Array[]): Matrix {
  const d = columns[0]!.length;
  const { reflectors } = pivotedQr(
    columns.map((column) => column.slice()),
    d,
  );
  return completed(columns, reflectors, d);
}

/** The columns, which span the same space as the first Q e_j, followed by other Q e_j, `count` in all. */
function completed(columns: Float64Array[], reflectors: readonly Float64Array[], count: number): Matrix {
  const d = columns[0]!.length;
  const others = Array.from({ length: count - columns.length }, (_, i) => {
    const e = new Float64Array(d);
    e[columns.length + i] = 1;
    return e;
  });
  const all = [...columns, ...applied(reflectors, others, d)];
  const C = new Matrix(d, count);
  all.forEach((column, j) => column.forEach((value, i) => C.set(i, j, value)));
  return C;
}

/** Q x for each x, filled up with zeros to d entries. */
function applied(reflectors: readonly Float64Array[], columns: readonly Float64Array[], d: number): Float64Array[] {
  return columns.map((column) => {
    const x = new Float64Array(d);
    x.set(column);
    for (let i = reflectors.length - 1; i >= 0; i--) reflect(reflectors[i]!, i, x);
    return x;
  });
}

interface PivotedQr {
  /** Above the diagonal R, its columns in the order of pivoting. */
  readonly columns: readonly Float64Array[];
  readonly order: readonly number[];
  /** Unit vectors v_i that are 0 before i: Q = H_0 H_1 ..., H_i = I - 2 v_i v_i'. */
  readonly reflectors: readonly Float64Array[];
}

const columnsOf = (A: Matrix, factor = 1): Float64Array[] =>
  Array.from({ length: A.columns }, (_, j) => {
    const column = new Float64Array(A.rows);
    for (let i = 0; i < A.rows; i++) column[i] = A.get(i, j) * factor;
    return column;
  });

/** Overwrites the columns. */
function pivotedQr(columns: Float64Array[], d1: number): PivotedQr {
  const order = columns.map((_, j) => j);
  const sizes = columns.map((column) => squareFrom(column, 0));
  const smallest = (d1 * UNIT) ** 2 * Math.max(...sizes);
  const reflectors: Float64Array[] = [];
  for (let k = 0; k < columns.length; k++) {
    const left = sizes.slice(k).reduce((sum, size) => sum + size, 0);
    if (!(left > smallest)) break;
    swap(k, sizes.indexOf(Math.max(...sizes.slice(k)), k), columns, order, sizes);
    const v = reflectorOf(columns[k]!, k);
    for (let j = k; j < columns.length; j++) {
      reflect(v, k, columns[j]!);
      sizes[j] = squareFrom(columns[j]!, k + 1);
    }
    reflectors.push(v);
  }
  return { columns, order, reflectors };
}

function swap(i: number, j: number, ...lists: unknown[][]): void {
  for (const list of lists) [list[i], list[j]] = [list[j], list[i]];
}

/** The unit vector whose reflection takes the part of a column from k on to a multiple of e_k. */
function reflectorOf(column: Float64Array, k: number): Float64Array {
  const v = column.slice();
  v.fill(0, 0, k);
  const size = Math.sqrt(squareFrom(v, k));
  v[k]! += v[k]! >= 0 ? size : -size;
  const length = Math.sqrt(squareFrom(v, k));
  for (let i = k; i < v.length; i++) v[i]! /= length;
  return v;
}

/** x -= 2 v v'x, for a v that is 0 before k. */
function reflect(v: Float64Array, k: number, x: Float64Array): void {
  let sum = 0;
  for (let i = k; i < v.length; i++) sum += v[i]! * x[i]!;
  sum *= 2;
  for (let i = k; i < v.length; i++) x[i]! -= sum * v[i]!;
}

function squareFrom(x: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < x.length; i++) sum += x[i]! * x[i]!;
  return sum;
}
