/**
 * Noise on one factor at a time: on X in odd steps, on Y in even ones (docs/theory/related-papers.md#orvieto). Averaged
 * over two steps it puts half the penalties of simultaneous noise on the factors, and no product of the two noises
 * occurs. Orvieto, Raj, Kersting and Bach (2022) propose to perturb layer by layer; the two descents here are our
 * reading.
 */
import { moved } from './alternating.ts';
import type { Factors, NoiseSource, Solver } from '../contract.ts';
import { shiftedBy } from '../linear-algebra/matrices.ts';
import { perturbedGradientDescent } from './perturbed.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions } from '../validate.ts';

/**
 * The same stream with one block of each step silenced: xi2 in odd steps, xi1 in even ones. `start` gives the blocks'
 * sizes, d1 r and d2 r. Any solver that draws its noise in the contract's order perturbs one factor at a time with it.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const out = new Float64Array(4);
 * oneFactorAtATime(scriptedNoise([1, 2, 3, 4]), start).fill(out);
 * [...out]; // [1, 0, 0, 4]
 * ```
 */
export function oneFactorAtATime(source: NoiseSource, start: Factors): NoiseSource {
  const ofX = start.X.rows * start.X.columns;
  const block = ofX + start.Y.rows * start.Y.columns;
  let position = 0;
  return {
    fill(out) {
      source.fill(out);
      for (let i = 0; i < out.length; i++) {
        // Over two steps: xi1 is heard, xi2 silent; then xi1 silent, xi2 heard.
        if (position >= ofX && position < block + ofX) out[i] = 0;
        position = (position + 1) % (2 * block);
      }
    },
  };
}

/**
 * Perturbed descent with noise on one factor at a time, both factors moving at every step. M d1 x d2, X d1 x r, Y d2 x r;
 * without noise it is plain gradient descent. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const noise = { sigma1: 0.1, sigma2: 0.1, source: gaussianNoise('seed') };
 * oneFactorNoiseDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 16, noise }).advance(100);
 * ```
 */
export const oneFactorNoiseDescent: Solver = (options) => {
  validateOptions(options);
  const { noise, start } = options;
  return perturbedGradientDescent(
    noise === undefined ? options : { ...options, noise: { ...noise, source: oneFactorAtATime(noise.source, start) } },
  );
};

/**
 * The same, but at each step only the factor without noise moves: Y in odd steps, X in even ones. Without noise it is
 * alternating gradient descent that begins with Y and moves one factor per step. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const noise = { sigma1: 0.1, sigma2: 0.1, source: gaussianNoise('seed') };
 * otherFactorNoiseDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 16, noise }).advance(100);
 * ```
 */
export const otherFactorNoiseDescent: Solver = (options) => {
  validateOptions(options);
  const { stepSize, start } = options;
  const target = options.target.clone();
  const transposed = target.transpose();
  const noise = options.noise ?? { sigma1: 0, sigma2: 0, source: silence };
  const [xi1, xi2] = [start.X, start.Y].map(({ rows, columns }) => new Float64Array(rows * columns)) as Blocks;
  return stepwise({ start, stepSize }, ({ X, Y }, number) => {
    // A step consumes both blocks, as the contract has it.
    noise.source.fill(xi1);
    noise.source.fill(xi2);
    return number % 2 === 1
      ? { X, Y: moved(Y, shiftedBy(X, noise.sigma1, xi1), transposed, stepSize) }
      : { X: moved(X, shiftedBy(Y, noise.sigma2, xi2), target, stepSize), Y };
  });
};

type Blocks = [xi1: Float64Array, xi2: Float64Array];

/** Writes nothing into blocks that are 0 from the start. */
const silence: NoiseSource = { fill: () => undefined };
