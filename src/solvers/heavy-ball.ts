/**
 * Heavy ball (Polyak 1964): gradient descent with momentum b. With Z = (X; Y),
 *
 *     Z_(t+1) = Z_t - eta grad F(Z_t) + b (Z_t - Z_(t-1)).
 *
 * Each step multiplies Z_t'Z_(t+1) - Z_(t+1)'Z_t by b (docs/theory/other-methods.md#momentum).
 */
import type { Descent, DescentOptions, Factors } from '../contract.ts';
import { copied, plus } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateMomentum, validateOptions, validateProblem } from '../validate.ts';

/** As `DescentOptions`, with momentum in place of noise. */
export type HeavyBallOptions = Omit<DescentOptions, 'noise'> & {
  /** b, from 0 (gradient descent) to below 1. */
  momentum: number;
  /** Z_(-1), of the start's shapes (default: the start, so that it begins at rest). */
  previous?: Factors;
};

/**
 * M d1 x d2, X d1 x r, Y d2 x r. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const run = heavyBall({ target: new Matrix([[2]]), start, stepSize: 1 / 16, momentum: 0.5 });
 * run.advance(500);
 * product(run); // [[2]]
 * ```
 */
export function heavyBall({ momentum, previous: before, ...options }: HeavyBallOptions): Descent {
  validateOptions(options);
  if (before !== undefined) validateProblem(options.target, before);
  validateMomentum(momentum);
  const target = copied(options.target);
  const first = before ?? options.start;
  let previous: Factors = { X: copied(first.X), Y: copied(first.Y) };
  return stepwise(options, (at) => {
    const slope = gradient(target, at);
    const next = (name: keyof Factors): Factors['X'] =>
      plus(plus(at[name], slope[name], -options.stepSize), plus(at[name], previous[name], -1), momentum);
    const after = { X: next('X'), Y: next('Y') };
    previous = at;
    return after;
  });
}
