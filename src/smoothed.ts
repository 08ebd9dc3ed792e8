import type { Descent, DescentOptions, NoiseScales } from './contract.ts';
import { copied, plus } from './matrices.ts';
import { smoothedGradient } from './smoothed-objective.ts';
import { stepwise } from './stepwise.ts';
import { validateProblem, validateScales, validateStepSize } from './validate.ts';

/** As `DescentOptions`, but only the scales of the noise matter: there is nothing random here. */
export type SmoothedOptions = Omit<DescentOptions, 'noise'> & {
  /** sigma1 and sigma2, which may be 0. */
  noise: NoiseScales;
};

/**
 * Gradient descent on the smoothed objective F~, the mean-field form of the perturbed one: each of its steps is the
 * mean of a perturbed step (docs/theory.md#smoothing). Throws `InvalidInput` and `Diverged`.
 */
export function smoothedGradientDescent({ target, start, stepSize, noise }: SmoothedOptions): Descent {
  validateProblem(target, start);
  validateScales(noise);
  validateStepSize(stepSize);
  const M = copied(target);
  const scales = { ...noise };
  return stepwise({ start, stepSize }, (at) => {
    const slope = smoothedGradient(M, at, scales);
    return { X: plus(at.X, slope.X, -stepSize), Y: plus(at.Y, slope.Y, -stepSize) };
  });
}
