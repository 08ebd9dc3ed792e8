/**
 * Sharpness-aware minimisation, SAM (Foret et al. 2021): the gradient is taken at a point that is moved uphill by a
 * radius rho,
 *
 *     Z+ = Z - eta grad F(Z + rho grad F(Z) / |grad F(Z)|),     Z = (X; Y),
 *
 * or, without normalisation, at Z + rho grad F(Z). With normalisation it bounces across the minima and drifts along
 * them to balance; without, it stops at the first minimum that it reaches (docs/theory/other-methods.md#sam).
 */
import type { Descent, DescentOptions, Factors } from '../contract.ts';
import { copied, plus, squaredNorm } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions, validateScale } from '../validate.ts';

/** As `DescentOptions`, with a radius in place of noise. */
export type SharpnessAwareOptions = Omit<DescentOptions, 'noise'> & {
  /** rho, 0 (gradient descent) or larger. */
  radius: number;
  /** Whether the gradient is divided by its norm (default: true). */
  normalised?: boolean;
};

/**
 * M d1 x d2, X d1 x r, Y d2 x r. It does not move if the gradient is exactly 0. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[4]]), Y: new Matrix([[0.25]]) };
 * sharpnessAwareDescent({ target: new Matrix([[1]]), start, stepSize: 1 / 64, radius: 0.05 }).advance(1000);
 * ```
 */
export function sharpnessAwareDescent({ radius, normalised = true, ...options }: SharpnessAwareOptions): Descent {
  validateOptions(options);
  validateScale('radius', radius, 'radius');
  const target = copied(options.target);
  return stepwise(options, (at) => {
    const slope = gradient(target, at);
    const uphill = normalised ? radius / (lengthOf(slope) || 1) : radius;
    const perturbed = gradient(target, moved(at, slope, uphill));
    return moved(at, perturbed, -options.stepSize);
  });
}

const lengthOf = ({ X, Y }: Factors): number => Math.sqrt(squaredNorm(X) + squaredNorm(Y));

const moved = (at: Factors, by: Factors, times: number): Factors => ({
  X: plus(at.X, by.X, times),
  Y: plus(at.Y, by.Y, times),
});
