/** What the hot paths do with small matrices, without the iterators and intermediate matrices that ml-matrix takes for it. */
import { Matrix } from 'ml-matrix';

export function copied(A: Matrix): Matrix {
  const C = new Matrix(A.rows, A.columns);
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) C.set(i, j, A.get(i, j));
  return C;
}

/** A + s B. */
export function plus(A: Matrix, B: Matrix, s = 1): Matrix {
  const C = new Matrix(A.rows, A.columns);
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < A.columns; j++) C.set(i, j, A.get(i, j) + s * B.get(i, j));
  }
  return C;
}

/** A + s E, for the entries of E row by row. */
export function shiftedBy(A: Matrix, s: number, entries: ArrayLike<number>): Matrix {
  const C = new Matrix(A.rows, A.columns);
  for (let i = 0, n = 0; i < A.rows; i++) {
    for (let j = 0; j < A.columns; j++, n++) C.set(i, j, A.get(i, j) + s * entries[n]!);
  }
  return C;
}

/** A B', for A (m x r) and B (n x r); added to C where one is given. */
export function timesTransposed(A: Matrix, B: Matrix, C = new Matrix(A.rows, B.rows)): Matrix {
  for (let i = 0; i < C.rows; i++) {
    for (let j = 0; j < C.columns; j++) {
      let sum = 0;
      for (let k = 0; k < A.columns; k++) sum += A.get(i, k) * B.get(j, k);
      C.set(i, j, C.get(i, j) + sum);
    }
  }
  return C;
}

/** A'B, for A (m x p) and B (m x q); added to C where one is given. */
export function transposedTimes(A: Matrix, B: Matrix, C = new Matrix(A.columns, B.columns)): Matrix {
  for (let k = 0; k < C.rows; k++) {
    for (let l = 0; l < C.columns; l++) {
      let sum = 0;
      for (let i = 0; i < A.rows; i++) sum += A.get(i, k) * B.get(i, l);
      C.set(k, l, C.get(k, l) + sum);
    }
  }
  return C;
}

/** A B, for A (m x p) and B (p x q). */
export function times(A: Matrix, B: Matrix): Matrix {
  const C = new Matrix(A.rows, B.columns);
  for (let i = 0; i < C.rows; i++) {
    for (let j = 0; j < C.columns; j++) {
      let sum = 0;
      for (let k = 0; k < A.columns; k++) sum += A.get(i, k) * B.get(k, j);
      C.set(i, j, sum);
    }
  }
  return C;
}

/** <A, B> = tr A'B. */
export function inner(A: Matrix, B: Matrix): number {
  let sum = 0;
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) sum += A.get(i, j) * B.get(i, j);
  return sum;
}

/** |A|^2 (Frobenius). */
export const squaredNorm = (A: Matrix): number => inner(A, A);

/** |A| (Frobenius). */
export const norm = (A: Matrix): number => Math.sqrt(squaredNorm(A));
