/** The part outside the column space of the target: X = U A + U_perp C, Y = V B + V_perp E (docs/theory/related-papers.md#ye-du). */
import { Matrix } from 'ml-matrix';
import { decompose, norm, rank, singularValues, type Factors } from '../../src/index.ts';
import { stepRounding, u, type Stepping } from './rounding.ts';

/** Orthogonal projectors onto the complements of col(M) and of row(M), d1 x d1 and d2 x d2. */
export interface Complements {
  readonly X: Matrix;
  readonly Y: Matrix;
}

export function complementsOf(target: Matrix): Complements {
  const { U, V } = decompose(target);
  const k = rank(target);
  return { X: complement(U, k), Y: complement(V, k) };
}

/** I - U_k U_k'. */
function complement(U: Matrix, k: number): Matrix {
  const projector = Matrix.eye(U.rows);
  for (let i = 0; i < k; i++) {
    const column = U.getColumnVector(i);
    projector.sub(column.mmul(column.transpose()));
  }
  return projector;
}

/** U_perp C and V_perp E: they have the norms of C and E. */
export const outside = ({ X, Y }: Complements, at: Factors): Factors => ({ X: X.mmul(at.X), Y: Y.mmul(at.Y) });

/**
 * A bound on the error of a projector that annihilates M: the singular vectors are exact for a matrix within a modest
 * multiple of (d1 + d2) u |M| of it (backward stability of the decomposition, Higham 2002, for which 16 is allowed),
 * and the product with it rounds by less.
 */
export const leakage = (target: Matrix): number => 16 * (target.rows + target.columns) * u * norm(target);

/** The largest singular value. */
export const operatorNorm = (A: Matrix): number => singularValues(A)[0]!;

/** Rounding of U_perp C and V_perp E over a step: of the step, of a projector, and of the claim's own computations. */
export function blockRounding(target: Matrix, at: Factors, step: Stepping): number {
  return 2 * stepRounding(target, at, at, step) + step.eta * leakage(target) * (norm(at.X) + norm(at.Y));
}
