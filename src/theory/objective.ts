/** The objective F(X, Y) = 1/2 |X Y' - M|^2 and its derivatives (docs/theory/setting.md#setting). */
import { Matrix } from 'ml-matrix';
import type { Factors } from '../contract.ts';
import { gram } from '../linear-algebra/geometry.ts';
import { plus, squaredNorm, times, timesTransposed, transposedTimes } from '../linear-algebra/matrices.ts';
import { remembered } from '../linear-algebra/remembered.ts';
import { thinFactors } from '../linear-algebra/thin-factors.ts';

/**
 * R = X Y' - M, d1 x d2.
 *
 * @example
 * ```ts
 * residual(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[1]]) }); // [[1]]
 * ```
 */
export function residual(target: Matrix, { X, Y }: Factors): Matrix {
  return timesTransposed(X, Y).sub(target);
}

/**
 * F = 1/2 |R|^2 (Frobenius).
 *
 * @example
 * ```ts
 * loss(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[1]]) }); // 0.5
 * ```
 */
export function loss(target: Matrix, factors: Factors): number {
  return squaredNorm(residual(target, factors)) / 2;
}

/** Whether a target is so large that no other matrix of its size is formed. */
export const isLarge = ({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>): boolean => rows * columns > 2 ** 16;

/**
 * grad F = (R Y, R' X), of the shapes of X and Y; as X Y'Y - M Y and Y X'X - M'X if M is large
 * (docs/theory/setting.md#residual-free).
 *
 * @example
 * ```ts
 * gradient(new Matrix([[1]]), { X: new Matrix([[2]]), Y: new Matrix([[1]]) }).X; // [[1]]
 * ```
 */
export function gradient(target: Matrix, { X, Y }: Factors): Factors {
  if (isLarge(target)) {
    const [ofX, ofY] = targetTimes(target, { X, Y });
    return { X: plus(times(X, gram(Y)), ofX, -1), Y: plus(times(Y, gram(X)), ofY, -1) };
  }
  const R = residual(target, { X, Y });
  return { X: times(R, Y), Y: transposedTimes(R, X) };
}

/** M Y and M'X; by thin factors of a large M if it has them. */
export function targetTimes(target: Matrix, { X, Y }: Factors): [Matrix, Matrix] {
  const thin = isLarge(target) ? remembered(target, thinMatrices) : undefined;
  if (thin === undefined) return [times(target, Y), transposedTimes(target, X)];
  return [times(thin.L, transposedTimes(thin.V, Y)), times(thin.V, transposedTimes(thin.L, X))];
}

function thinMatrices(target: Matrix): { L: Matrix; V: Matrix } | undefined {
  const thin = thinFactors(target);
  if (thin === undefined) return undefined;
  const withColumns = (columns: readonly Float64Array[]): Matrix => new Matrix(columns).transpose();
  return { L: withColumns(thin.L), V: withColumns(thin.V) };
}

/**
 * Hessian of F, (d1 + d2) r square, on the entries of X (row by row) followed by those of Y (row by row):
 * dX -> dX Y'Y on X, dY -> dY X'X on Y, and dY -> X dY' Y + R dY across.
 *
 * @example
 * ```ts
 * hessian(new Matrix([[1]]), { X: new Matrix([[1]]), Y: new Matrix([[1]]) }); // [[1, 1], [1, 1]]
 * ```
 */
export function hessian(target: Matrix, { X, Y }: Factors): Matrix {
  const [d1, d2, r] = [X.rows, Y.rows, X.columns];
  const R = residual(target, { X, Y });
  const [gramX, gramY] = [gram(X), gram(Y)];
  const H = Matrix.zeros((d1 + d2) * r, (d1 + d2) * r);
  for (let k = 0; k < r; k++) {
    for (let l = 0; l < r; l++) {
      for (let j = 0; j < d2; j++) H.set((d1 + j) * r + k, (d1 + j) * r + l, gramX.get(k, l));
      for (let i = 0; i < d1; i++) H.set(i * r + k, i * r + l, gramY.get(k, l));
      for (let i = 0; i < d1; i++) {
        for (let j = 0; j < d2; j++) {
          const across = X.get(i, l) * Y.get(j, k) + (k === l ? R.get(i, j) : 0);
          H.set(i * r + k, (d1 + j) * r + l, across);
          H.set((d1 + j) * r + l, i * r + k, across);
        }
      }
    }
  }
  return H;
}
