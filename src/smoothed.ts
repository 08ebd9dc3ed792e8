import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Factors, NoiseScales } from './contract.ts';
import { Diverged } from './errors.ts';
import { smoothedGradient } from './smoothed-objective.ts';
import { validateProblem, validateScales, validateSteps } from './validate.ts';
import { InvalidInput } from './errors.ts';

/** As `DescentOptions`, but only the scales of the noise matter: there is nothing random here. */
export type SmoothedOptions = Omit<DescentOptions, 'noise'> & { noise: NoiseScales };

/**
 * Gradient descent on the smoothed objective F~, the mean-field form of the perturbed one: each of its steps is the
 * mean of a perturbed step (docs/theory.md#smoothing). Throws `InvalidInput` and `Diverged`.
 */
export function smoothedGradientDescent({ target, start, stepSize, noise }: SmoothedOptions): Descent {
  validateProblem(target, start);
  validateScales(noise);
  if (!(stepSize > 0 && Number.isFinite(stepSize))) {
    throw new InvalidInput(`stepSize is ${stepSize}: give a positive finite number`);
  }
  let at: Factors = { X: start.X.clone(), Y: start.Y.clone() };
  let step = 0;
  const advanceOnce = (): void => {
    const slope = smoothedGradient(target, at, noise);
    at = { X: Matrix.sub(at.X, slope.X.mul(stepSize)), Y: Matrix.sub(at.Y, slope.Y.mul(stepSize)) };
    step++;
    if (!Number.isFinite(at.X.sum() + at.Y.sum())) throw new Diverged(step, stepSize);
  };
  return {
    get X() {
      return at.X.clone();
    },
    get Y() {
      return at.Y.clone();
    },
    advance(steps) {
      validateSteps(steps);
      for (let i = 0; i < steps; i++) advanceOnce();
    },
  };
}
