/** Matrices row by row in one array, for checks that look at a thousand steps each. */
import type { Matrix } from 'ml-matrix';

/** Copies a matrix into the array. */
export function flatten(A: Matrix, into: Float64Array = new Float64Array(A.rows * A.columns)): Float64Array {
  const { rows, columns } = A;
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) into[at] = A.get(i, j);
  return into;
}

/** A B' - M, for A (m x r), B (n x r) and M (m x n). */
export function residualInto(R: Float64Array, A: Float64Array, B: Float64Array, M: Float64Array, r: number): void {
  const [m, n] = [A.length / r, B.length / r];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = -M[i * n + j]!;
      for (let k = 0; k < r; k++) sum += A[i * r + k]! * B[j * r + k]!;
      R[i * n + j] = sum;
    }
  }
}

/** A'A, for A with r columns. */
export function gramInto(G: Float64Array, A: Float64Array, r: number): void {
  G.fill(0);
  for (let at = 0; at < A.length; at += r) {
    for (let k = 0; k < r; k++) for (let l = 0; l < r; l++) G[k * r + l]! += A[at + k]! * A[at + l]!;
  }
}
