/**
 * Scaled gradient descent (Tong, Ma and Chi 2021): each factor's gradient is divided by the Gram matrix of the other one,
 *
 *     X+ = X - eta R Y (Y'Y)^-1,     Y+ = Y - eta R'X (X'X)^-1,
 *
 * so that its speed does not depend on the condition number of the target (docs/theory/other-methods.md#scaled).
 */
import { inverse, type Matrix } from 'ml-matrix';
import type { Descent, DescentOptions } from '../contract.ts';
import { gram, rank } from '../linear-algebra/geometry.ts';
import { InvalidInput } from '../errors.ts';
import { copied, plus, times } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions } from '../validate.ts';

/**
 * M d1 x d2, X d1 x r, Y d2 x r, both of rank r. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[4]]), Y: new Matrix([[1]]) };
 * const run = scaledGradientDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 2 });
 * run.advance(30);
 * product(run); // [[2]]
 * ```
 */
export function scaledGradientDescent(options: Omit<DescentOptions, 'noise'>): Descent {
  validateOptions(options);
  for (const name of ['X', 'Y'] as const) refuseDependent(name, options.start[name]);
  const target = copied(options.target);
  return stepwise(options, (at) => {
    const slope = gradient(target, at);
    return {
      X: plus(at.X, times(slope.X, inverse(gram(at.Y))), -options.stepSize),
      Y: plus(at.Y, times(slope.Y, inverse(gram(at.X))), -options.stepSize),
    };
  });
}

function refuseDependent(name: string, A: Matrix): void {
  const found = rank(A);
  if (found === A.columns) return;
  throw new InvalidInput(
    `start.${name} has rank ${found} and ${A.columns} columns: its Gram matrix has no inverse, so start with independent columns`,
  );
}
