/** Matrix operations of the hot paths, row by row, without the iterators and intermediate matrices of ml-matrix. */
import { Matrix } from 'ml-matrix';

/** The rows themselves if ml-matrix exposes them (its field `data`, which its types omit), otherwise copies. */
const rowsOf = (A: Matrix): readonly ArrayLike<number>[] =>
  (A as { data?: readonly Float64Array[] }).data ?? A.to2DArray();

/** The rows of a matrix that was just made. */
const ownRows = (A: Matrix): readonly Float64Array[] => (A as unknown as { data: readonly Float64Array[] }).data;

export function copied(A: Matrix): Matrix {
  const C = new Matrix(A.rows, A.columns);
  const [from, to] = [rowsOf(A), ownRows(C)];
  for (let i = 0; i < from.length; i++) to[i]!.set(from[i]!);
  return C;
}

/** rows x columns, of numbers that stand row by row from `at` on. */
export function fromEntries(rows: number, columns: number, numbers: Float64Array, at = 0): Matrix {
  const A = new Matrix(rows, columns);
  let n = at;
  for (const row of ownRows(A)) for (let j = 0; j < columns; j++) row[j] = numbers[n++]!;
  return A;
}

/** A matrix with these rows, which are of one length and are numbers: nothing checks it. */
export function ofRows(rows: readonly (readonly number[])[]): Matrix {
  const A = new Matrix(rows.length, rows[0]!.length);
  const to = ownRows(A);
  for (let i = 0; i < to.length; i++) to[i]!.set(rows[i]!);
  return A;
}

/** Whether A and B have the same shape and the same entries, to the last bit. */
export function isSame(A: Matrix, B: Matrix): boolean {
  if (A.rows !== B.rows || A.columns !== B.columns) return false;
  const [a, b] = [rowsOf(A), rowsOf(B)];
  for (let i = 0; i < A.rows; i++) {
    const [x, y] = [a[i]!, b[i]!];
    for (let j = 0; j < A.columns; j++) if (!Object.is(x[j], y[j])) return false;
  }
  return true;
}

/** A + s B. */
export function plus(A: Matrix, B: Matrix, s = 1): Matrix {
  const C = new Matrix(A.rows, A.columns);
  const [a, b, c] = [rowsOf(A), rowsOf(B), ownRows(C)];
  for (let i = 0; i < c.length; i++) {
    const [x, y, z] = [a[i]!, b[i]!, c[i]!];
    for (let j = 0; j < z.length; j++) z[j] = x[j]! + s * y[j]!;
  }
  return C;
}

/** A + s E, for the entries of E row by row. */
export function shiftedBy(A: Matrix, s: number, entries: ArrayLike<number>): Matrix {
  const C = new Matrix(A.rows, A.columns);
  const [a, c] = [rowsOf(A), ownRows(C)];
  for (let i = 0, n = 0; i < c.length; i++) {
    const [x, z] = [a[i]!, c[i]!];
    for (let j = 0; j < z.length; j++, n++) z[j] = x[j]! + s * entries[n]!;
  }
  return C;
}

/** A B', for A (m x r) and B (n x r); added to C if it is given. */
export function timesTransposed(A: Matrix, B: Matrix, C = new Matrix(A.rows, B.rows)): Matrix {
  const [a, b, c] = [rowsOf(A), rowsOf(B), ownRows(C)];
  for (let i = 0; i < c.length; i++) {
    const [x, z] = [a[i]!, c[i]!];
    for (let j = 0; j < z.length; j++) {
      const y = b[j]!;
      let sum = 0;
      for (let k = 0; k < A.columns; k++) sum += x[k]! * y[k]!;
      z[j]! += sum;
    }
  }
  return C;
}

/** A'B, for A (m x p) and B (m x q); added to C if it is given. */
export function transposedTimes(A: Matrix, B: Matrix, C?: Matrix): Matrix {
  const found = new Matrix(A.columns, B.columns);
  const [a, b, c] = [rowsOf(A), rowsOf(B), ownRows(found)];
  for (let i = 0; i < A.rows; i++) {
    const [x, y] = [a[i]!, b[i]!];
    for (let k = 0; k < c.length; k++) {
      const [factor, z] = [x[k]!, c[k]!];
      for (let l = 0; l < z.length; l++) z[l]! += factor * y[l]!;
    }
  }
  return C === undefined ? found : C.add(found);
}

/** A B, for A (m x p) and B (p x q). */
export function times(A: Matrix, B: Matrix): Matrix {
  const C = new Matrix(A.rows, B.columns);
  const [a, b, c] = [rowsOf(A), rowsOf(B), ownRows(C)];
  for (let i = 0; i < c.length; i++) {
    const [x, z] = [a[i]!, c[i]!];
    for (let k = 0; k < A.columns; k++) {
      const [factor, y] = [x[k]!, b[k]!];
      for (let j = 0; j < z.length; j++) z[j]! += factor * y[j]!;
    }
  }
  return C;
}

/** <A, B> = tr A'B. */
export function inner(A: Matrix, B: Matrix): number {
  const [a, b] = [rowsOf(A), rowsOf(B)];
  let sum = 0;
  for (let i = 0; i < A.rows; i++) {
    const [x, y] = [a[i]!, b[i]!];
    for (let j = 0; j < A.columns; j++) sum += x[j]! * y[j]!;
  }
  return sum;
}

/**
 * |A|^2 (Frobenius).
 *
 * @example
 * ```ts
 * squaredNorm(new Matrix([[3, 4]])); // 25
 * ```
 */
export const squaredNorm = (A: Matrix): number => inner(A, A);

/**
 * |A| (Frobenius).
 *
 * @example
 * ```ts
 * norm(new Matrix([[3, 4]])); // 5
 * ```
 */
export const norm = (A: Matrix): number => Math.sqrt(squaredNorm(A));
