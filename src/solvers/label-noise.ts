/**
 * Label noise: gradient descent on a target that is observed with fresh noise in each step. With E (d1 x d2) of variance 1,
 *
 *     X+ = X - eta (R - s E) Y,     Y+ = Y - eta (R - s E)'X.
 *
 * It reaches the minimum of least trace of the Hessian, in a time of order 1 / eta^2 (docs/theory/other-methods.md#label-noise). Blanc et al.
 * (2020), Damian et al. (2021) and Li et al. (2022) study it for other models.
 */
import type { Descent, DescentOptions, NoiseSource } from '../contract.ts';
import { copied, plus, shiftedBy } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions, validateScale, validateSource } from '../validate.ts';

/** As `DescentOptions`, with noise on the target in place of noise on the point. */
export type LabelNoiseOptions = Omit<DescentOptions, 'noise'> & {
  /** A step consumes the entries of E, row by row. */
  labels: {
    /** s, 0 or larger: the standard deviation of the noise on each entry of M. */
    scale: number;
    /** The source of the entries of E. */
    source: NoiseSource;
  };
};

/**
 * M d1 x d2, X d1 x r, Y d2 x r. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const labels = { scale: 0.1, source: gaussianNoise('seed') };
 * labelNoiseDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 16, labels }).advance(100);
 * ```
 */
export function labelNoiseDescent({ labels: { scale, source }, ...options }: LabelNoiseOptions): Descent {
  validateOptions(options);
  validateScale('labels.scale', scale);
  validateSource('labels.source', source);
  const target = copied(options.target);
  const noise = new Float64Array(target.rows * target.columns);
  return stepwise(options, (at) => {
    source.fill(noise);
    const slope = gradient(shiftedBy(target, scale, noise), at);
    return { X: plus(at.X, slope.X, -options.stepSize), Y: plus(at.Y, slope.Y, -options.stepSize) };
  });
}
