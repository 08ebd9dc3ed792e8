import type { Descent, DescentOptions, Factors } from '../contract.ts';
import { Diverged } from '../errors.ts';
import { copied } from '../linear-algebra/matrices.ts';
import { validateSteps } from '../validate.ts';

/** The descent that repeats a step, a function of the iterate and of the step's number (from 1). Throws `Diverged`. */
export function stepwise(
  { start, stepSize }: Pick<DescentOptions, 'start' | 'stepSize'>,
  step: (at: Factors, number: number) => Factors,
): Descent {
  let at: Factors = { X: copied(start.X), Y: copied(start.Y) };
  let taken = 0;
  return {
    get X() {
      return copied(at.X);
    },
    get Y() {
      return copied(at.Y);
    },
    advance(steps) {
      validateSteps(steps);
      for (let i = 0; i < steps; i++) {
        taken++;
        at = step(at, taken);
        if (!(Number.isFinite(at.X.sum()) && Number.isFinite(at.Y.sum()))) throw new Diverged(taken, stepSize);
      }
    },
  };
}
