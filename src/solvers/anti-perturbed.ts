/**
 * Anti-PGD (Orvieto, Kersting, Proske, Bach and Lucchi 2022): the iterate itself gets noise, and gets rid of it one step later.
 * With W = (X; Y), fresh xi_t and xi_0 = 0,
 *
 *     W_t = W_(t-1) - eta grad F(W_(t-1)) + xi_t - xi_(t-1).
 *
 * Z_t = W_t - xi_t is perturbed gradient descent, whose perturbed points are the W_t (docs/theory/other-methods.md#anti-pgd).
 */
import type { Descent, DescentOptions, Factors, NoiseSource, Solver } from '../contract.ts';
import { copied, plus, shiftedBy } from '../linear-algebra/matrices.ts';
import { gradient } from '../theory/objective.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions, validateSteps } from '../validate.ts';

/**
 * M d1 x d2, X d1 x r, Y d2 x r; a step consumes noise in the order of the contract. Plain gradient descent when `noise` is
 * omitted. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[2]]), Y: new Matrix([[0.5]]) };
 * const noise = { sigma1: 0.1, sigma2: 0.1, source: gaussianNoise('seed') };
 * const run = antiPerturbedDescent({ target: new Matrix([[1]]), start, stepSize: 1 / 16, noise });
 * run.advance(100);
 * ```
 */
export const antiPerturbedDescent: Solver = (options) => {
  validateOptions(options);
  const { noise, stepSize, start } = options;
  const target = copied(options.target);
  const blocks = [start.X, start.Y].map((A) => new Float64Array(A.rows * A.columns));
  const [ofX, ofY] = blocks as [Float64Array, Float64Array];
  return stepwise(options, (at) => {
    const slope = gradient(target, at);
    const plain = { X: plus(at.X, slope.X, -stepSize), Y: plus(at.Y, slope.Y, -stepSize) };
    if (noise === undefined) return plain;
    const rid = shifted(plain, { sigma1: -noise.sigma1, sigma2: -noise.sigma2 }, ofX, ofY);
    noise.source.fill(ofX);
    noise.source.fill(ofY);
    return shifted(rid, noise, ofX, ofY);
  });
};

type Scales = Readonly<Record<'sigma1' | 'sigma2', number>>;

const shifted = ({ X, Y }: Factors, { sigma1, sigma2 }: Scales, ofX: Float64Array, ofY: Float64Array): Factors => ({
  X: shiftedBy(X, sigma1, ofX),
  Y: shiftedBy(Y, sigma2, ofY),
});

/**
 * The perturbed gradient descent inside an implementation of Anti-PGD, so that checks of the former apply to the
 * latter. The implementation draws its noise in the order of the contract, and begins with xi_0 = 0. It gets the noise
 * of the first step in its start, and from there on the differences to it; after the last step of a call its own noise
 * is cancelled, and the next call starts it again.
 *
 * @example
 * ```ts
 * // For a file that `verify --solver` tests: export default perturbedFormOf(myAntiPgd);
 * const solver = perturbedFormOf(antiPerturbedDescent);
 * typeof solver; // "function"
 * ```
 */
export const perturbedFormOf =
  (antiPerturbed: Solver): Solver =>
  (options) => {
    validateOptions(options);
    const { noise } = options;
    return noise === undefined || (noise.sigma1 === 0 && noise.sigma2 === 0)
      ? antiPerturbed(options)
      : new PerturbedForm(antiPerturbed, { ...options, noise });
  };

type NoisyOptions = DescentOptions & { noise: NonNullable<DescentOptions['noise']> };

class PerturbedForm implements Descent {
  readonly #solver: Solver;
  readonly #options: NoisyOptions;
  #at: Factors;

  constructor(solver: Solver, options: NoisyOptions) {
    this.#solver = solver;
    this.#options = { ...options, target: copied(options.target) };
    this.#at = { X: copied(options.start.X), Y: copied(options.start.Y) };
  }

  get X(): Factors['X'] {
    return copied(this.#at.X);
  }

  get Y(): Factors['Y'] {
    return copied(this.#at.Y);
  }

  advance(steps: number): void {
    validateSteps(steps);
    if (steps === 0) return;
    const { noise, ...rest } = this.#options;
    const [ofX, ofY] = [this.#at.X, this.#at.Y].map((A) => new Float64Array(A.rows * A.columns)) as [
      Float64Array,
      Float64Array,
    ];
    noise.source.fill(ofX);
    noise.source.fill(ofY);
    const first = Float64Array.of(...ofX, ...ofY);
    const source = differencesTo(first, noise.source, steps);
    const run = this.#solver({ ...rest, start: shifted(this.#at, noise, ofX, ofY), noise: { ...noise, source } });
    run.advance(steps);
    this.#at = { X: copied(run.X), Y: copied(run.Y) };
  }
}

/** xi_t - xi_0 for the steps t = 1, 2, ... before the last, in which xi_t is 0. */
function differencesTo(first: Float64Array, source: NoiseSource, steps: number): NoiseSource {
  const last = (steps - 1) * first.length;
  const one = new Float64Array(1);
  let position = 0;
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++, position++) {
        if (position < last) source.fill(one);
        out[i] = (position < last ? one[0]! : 0) - first[position % first.length]!;
      }
    },
  };
}
