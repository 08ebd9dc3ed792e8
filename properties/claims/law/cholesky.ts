/** Cholesky factors of small symmetric positive definite matrices, row by row in one array. */

/**
 * The lower triangle L with L L' = A, for A (n x n); its rows are as long as those of A. NaN if A is not positive
 * definite. It is written into `L`, whose entries above the diagonal do not change.
 */
export function cholesky(A: Float64Array, n: number, L: Float64Array = new Float64Array(n * n)): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = A[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= L[i * n + k]! * L[j * n + k]!;
      L[i * n + j] = i === j ? Math.sqrt(rest) : rest / L[j * n + j]!;
    }
  }
  return L;
}

/** Overwrites b with the solution of L x = b. */
export function solveLower(L: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let rest = b[i]!;
    for (let k = 0; k < i; k++) rest -= L[i * n + k]! * b[k]!;
    b[i] = rest / L[i * n + i]!;
  }
}

/** Overwrites b with the solution of L' x = b. */
export function solveUpper(L: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    let rest = b[i]!;
    for (let k = i + 1; k < n; k++) rest -= L[k * n + i]! * b[k]!;
    b[i] = rest / L[i * n + i]!;
  }
}
