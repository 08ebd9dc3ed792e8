/** The result of `decompose`. */
import type { Matrix } from 'ml-matrix';

/** A = U diag(s) V' for a d1 x d2 matrix A, with p = min(d1, d2). */
export interface Decomposition {
  /** d1 x p, orthonormal columns. */
  readonly U: Matrix;
  /** The p singular values, largest first. */
  readonly s: number[];
  /** d2 x p, orthonormal columns. */
  readonly V: Matrix;
}
