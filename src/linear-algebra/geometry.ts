/** Invariants of a pair of factors: Gram matrices, imbalance, distances between orbits, flatness. */
import { EVD, Matrix, SVD } from 'ml-matrix';
import type { Factors } from '../contract.ts';
import { norm, timesTransposed, transposedTimes } from './matrices.ts';
import type { Decomposition } from './decomposition.ts';
import { decomposeTall } from './pivoted-qr.ts';
import { remembered } from './remembered.ts';

/**
 * A'A, r x r.
 *
 * @example
 * ```ts
 * gram(new Matrix([[1, 2]])); // [[1, 2], [2, 4]]
 * ```
 */
export const gram = (A: Matrix): Matrix => transposedTimes(A, A);

/** The eigenvalues of a symmetric matrix, from the largest to the smallest, and their vectors as columns. */
export function eigenpairs(S: Matrix): { values: number[]; U: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EVD(S, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return { values: order.map((i) => realEigenvalues[i]!), U: eigenvectorMatrix.subMatrixColumn(order) };
}

/**
 * A A', d x d: unchanged when A is rotated on the right.
 *
 * @example
 * ```ts
 * outerGram(new Matrix([[1], [2]])); // [[1, 2], [2, 4]]
 * ```
 */
export const outerGram = (A: Matrix): Matrix => timesTransposed(A, A);

/**
 * X Y', d1 x d2.
 *
 * @example
 * ```ts
 * product({ X: new Matrix([[1], [2]]), Y: new Matrix([[3], [4]]) }); // [[3, 4], [6, 8]]
 * ```
 */
export const product = ({ X, Y }: Factors): Matrix => timesTransposed(X, Y);

/**
 * X'X - gamma^2 Y'Y, r x r; the plain imbalance for gamma = 1.
 *
 * @example
 * ```ts
 * imbalance({ X: new Matrix([[2]]), Y: new Matrix([[1]]) }); // [[3]]
 * ```
 */
export function imbalance({ X, Y }: Factors, gamma = 1): Matrix {
  return gram(X).sub(gram(Y).mul(gamma * gamma));
}

/**
 * Singular values, largest first.
 *
 * @example
 * ```ts
 * singularValues(new Matrix([[0, 2], [1, 0]])); // [2, 1]
 * ```
 */
export const singularValues = (A: Matrix): number[] => [...decompose(A).s];

/** Multiplications, in units of d1 d2 min(d1, d2), from which on a matrix is reduced before it is decomposed. */
const LARGE = 4e6;

/**
 * The singular value decomposition of A.
 *
 * @example
 * ```ts
 * decompose(new Matrix([[3, 0], [0, 2]])).s; // [3, 2]
 * ```
 */
export function decompose(A: Matrix): Decomposition {
  if (A.rows * A.columns * Math.min(A.rows, A.columns) > LARGE) return remembered(A, decomposeLarge);
  const svd = new SVD(A, { autoTranspose: true });
  return { U: svd.leftSingularVectors, s: svd.diagonal, V: svd.rightSingularVectors };
}

function decomposeLarge(A: Matrix): Decomposition {
  if (A.rows >= A.columns) return decomposeTall(A);
  const { U, s, V } = decomposeTall(A.transpose());
  return { U: V, s, V: U };
}

/**
 * Number of singular values above rounding: s_i > max(d1, d2) u s_1 with u = 2^-52 (the usual rule of LAPACK's users).
 *
 * @example
 * ```ts
 * rank(new Matrix([[1, 2], [2, 4]])); // 1
 * ```
 */
export function rank(A: Matrix): number {
  const s = singularValues(A);
  return s.filter((value) => value > Math.max(A.rows, A.columns) * Number.EPSILON * s[0]!).length;
}

/**
 * Frobenius distance between the orbits {(XQ, YQ) : Q orthogonal} of two pairs (orthogonal Procrustes).
 *
 * @example
 * ```ts
 * // Factors that differ by a rotation are the same point.
 * orbitDistance({ X: new Matrix([[1]]), Y: new Matrix([[2]]) }, { X: new Matrix([[-1]]), Y: new Matrix([[-2]]) }); // 0
 * ```
 */
export function orbitDistance(a: Factors, b: Factors): number {
  const overlap = a.X.transposeMultiply(b.X).add(a.Y.transposeMultiply(b.Y));
  const { U, V } = decompose(overlap);
  const Q = timesTransposed(U, V);
  return Math.hypot(norm(Matrix.sub(a.X.mmul(Q), b.X)), norm(Matrix.sub(a.Y.mmul(Q), b.Y)));
}

/**
 * The nonzero part of the Hessian's spectrum at a global minimum X Y' = M with rank(M) = r, largest first:
 * sigma_i(X)^2 + sigma_j(Y)^2 for i <= d1, j <= d2, sigma being 0 past r (docs/theory/flatness.md#flatness).
 *
 * @example
 * ```ts
 * minimumSpectrum({ X: new Matrix([[2]]), Y: new Matrix([[1]]) }); // [5]
 * ```
 */
export function minimumSpectrum({ X, Y }: Factors): number[] {
  const squares = (A: Matrix): number[] => {
    const s = singularValues(A).map((value) => value * value);
    return [...s, ...Array<number>(A.rows - s.length).fill(0)];
  };
  const [ofX, ofY] = [squares(X), squares(Y)];
  const sums = ofX.flatMap((a) => ofY.map((b) => a + b));
  return sums.filter((sum) => sum > 0).sort((a, b) => b - a);
}
