/**
 * Alternating gradient descent, the algorithm that Ward and Kolda (2023) study: Y takes its step from the new X.
 *
 *     X+ = X - eta (X Y' - M) Y,     Y+ = Y - eta (X+ Y' - M)' X+.
 *
 * The residual is never formed: (X Y' - M) Y = X (Y'Y) - M Y, similarly for Y (docs/theory/setting.md#residual-free).
 */
import { Matrix } from 'ml-matrix';
import type { DescentOptions, Solver } from '../contract.ts';
import { InvalidInput } from '../errors.ts';
import { gram } from '../linear-algebra/geometry.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions } from '../validate.ts';

/**
 * M d1 x d2, X d1 x r, Y d2 x r. It is a plain descent: noise is refused unless both scales are 0. Throws `InvalidInput`
 * and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[2]]), Y: new Matrix([[1]]) };
 * const run = alternatingGradientDescent({ target: new Matrix([[1]]), start, stepSize: 1 / 8 });
 * run.advance(200);
 * product(run); // [[1]]
 * ```
 */
export const alternatingGradientDescent: Solver = (options) => {
  validateOptions(options);
  refuseNoise(options);
  const { stepSize } = options;
  const target = options.target.clone();
  const transposed = target.transpose();
  return stepwise(options, ({ X, Y }) => {
    const newX = moved(X, Y, target, stepSize);
    return { X: newX, Y: moved(Y, newX, transposed, stepSize) };
  });
};

/** A - eta (A B' - T) B for a target T of the shape of A B'. */
export function moved(A: Matrix, B: Matrix, T: Matrix, stepSize: number): Matrix {
  const inside = gram(B);
  const next = new Matrix(A.rows, A.columns);
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.columns; k++) {
      let [slope, pulled] = [0, 0];
      for (let l = 0; l < A.columns; l++) slope += A.get(i, l) * inside.get(l, k);
      for (let j = 0; j < B.rows; j++) pulled += T.get(i, j) * B.get(j, k);
      next.set(i, k, A.get(i, k) - stepSize * (slope - pulled));
    }
  }
  return next;
}

function refuseNoise({ noise }: DescentOptions): void {
  if (noise === undefined || (noise.sigma1 === 0 && noise.sigma2 === 0)) return;
  throw new InvalidInput(
    `noise has sigma1 = ${noise.sigma1} and sigma2 = ${noise.sigma2}: alternating descent is plain, so omit noise or make both 0`,
  );
}
