/**
 * Noise added to the step itself, as in Langevin dynamics: with fresh N1 (d1 x r) and N2 (d2 x r) of variance 1,
 *
 *     X+ = X - eta R Y + tau N1,     Y+ = Y - eta R'X + tau N2.
 *
 * It explores the minima and selects none: the mean of X'X - Y'Y drifts by (d1 - d2) tau^2 I per step
 * (docs/theory/other-methods.md#gradient-noise).
 */
import type { Descent, DescentOptions, NoiseSource } from '../contract.ts';
import { copied, plus, shiftedBy } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions, validateScale, validateSource } from '../validate.ts';

/** As `DescentOptions`, with noise on the step in place of noise on the point. */
export type GradientNoiseOptions = Omit<DescentOptions, 'noise'> & {
  /** A step consumes the entries of N1 (row by row), then those of N2. */
  stepNoise: {
    /** tau, 0 or larger: the standard deviation of the noise in each entry of a step. */
    scale: number;
    /** The source of the entries of N1 and N2. */
    source: NoiseSource;
  };
};

/**
 * M d1 x d2, X d1 x r, Y d2 x r. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const stepNoise = { scale: 0.01, source: gaussianNoise('seed') };
 * gradientNoiseDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 16, stepNoise }).advance(100);
 * ```
 */
export function gradientNoiseDescent({ stepNoise: { scale, source }, ...options }: GradientNoiseOptions): Descent {
  validateOptions(options);
  validateScale('stepNoise.scale', scale);
  validateSource('stepNoise.source', source);
  const target = copied(options.target);
  const { X, Y } = options.start;
  const [ofX, ofY] = [new Float64Array(X.rows * X.columns), new Float64Array(Y.rows * Y.columns)];
  return stepwise(options, (at) => {
    source.fill(ofX);
    source.fill(ofY);
    const slope = gradient(target, at);
    return {
      X: shiftedBy(plus(at.X, slope.X, -options.stepSize), scale, ofX),
      Y: shiftedBy(plus(at.Y, slope.Y, -options.stepSize), scale, ofY),
    };
  });
}
