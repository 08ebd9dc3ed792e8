import type { Matrix } from 'ml-matrix';
import type { NoiseSource } from '../contract.ts';
import { Diverged, InvalidInput } from '../errors.ts';
import { copied, plus, shiftedBy } from '../linear-algebra/matrices.ts';
import { deepGradient } from '../theory/deep.ts';
import { shape, validateMatrix, validateNoise, validateSteps, validateStepSize } from '../validate.ts';

/** The options of a descent on a linear network. */
export interface DeepOptions {
  /** M, d1 x d2. */
  target: Matrix;
  /** The layers, two or more: the first has d1 rows, the last d2 columns, and each can be multiplied by the next. Never changed. */
  start: readonly Matrix[];
  /** eta > 0. */
  stepSize: number;
  /** Omitted: plain gradient descent. A step consumes the entries of the noise of every layer, row by row. */
  noise?: {
    /** Standard deviation of the entries of the noise on each layer. */
    sigmas: readonly number[];
    /** The source of the noise, in units of its standard deviation. */
    source: NoiseSource;
  };
}

/** A run under way. */
export interface DeepDescent {
  /** The current layers: copies. */
  readonly layers: readonly Matrix[];
  /** Takes `steps` steps, a whole number of at least 0. */
  advance(steps: number): void;
}

/**
 * Perturbed gradient descent on a linear network, F = |L_1 ... L_N - M|^2 / 2: every layer steps along its gradient at the perturbed
 * layers (docs/theory/other-problems.md#deep). Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = [new Matrix([[2.5]]), new Matrix([[2]]), new Matrix([[1.5]])];
 * const run = deepPerturbedDescent({ target: new Matrix([[8]]), start, stepSize: 1 / 128 });
 * run.advance(1000);
 * deepProduct(run.layers); // [[8]]
 * ```
 */
export function deepPerturbedDescent(options: DeepOptions): DeepDescent {
  validate(options);
  const { stepSize, noise } = options;
  const target = copied(options.target);
  let layers = options.start.map(copied);
  let taken = 0;
  return {
    get layers() {
      return layers.map(copied);
    },
    advance(steps) {
      validateSteps(steps);
      for (let i = 0; i < steps; i++) {
        taken++;
        const at = noise === undefined ? layers : layers.map((L, j) => perturbed(L, noise.sigmas[j]!, noise.source));
        const slopes = deepGradient(target, at);
        layers = layers.map((L, j) => plus(L, slopes[j]!, -stepSize));
        if (!layers.every((L) => Number.isFinite(L.sum()))) throw new Diverged(taken, stepSize);
      }
    },
  };
}

function perturbed(L: Matrix, sigma: number, source: NoiseSource): Matrix {
  const xi = new Float64Array(L.rows * L.columns);
  source.fill(xi);
  return shiftedBy(L, sigma, xi);
}

function validate({ target, start, stepSize, noise }: DeepOptions): void {
  validateMatrix('target', target);
  if (start.length < 2) {
    throw new InvalidInput(
      `start has ${start.length === 1 ? '1 layer' : 'no layers'}: give two or more, since one layer is least squares`,
    );
  }
  start.forEach((L, j) => validateMatrix(`layer ${j + 1} of start`, L));
  const shapes = [start[0]!.rows, ...start.map(({ columns }) => columns)];
  const fits = start.every(({ rows }, j) => rows === shapes[j]);
  if (!fits || shapes[0] !== target.rows || shapes.at(-1) !== target.columns) {
    throw new InvalidInput(
      `target is ${shape(target)}, the layers of start are ${start.map(shape).join(', ')}: give layers whose product has the shape of the target`,
    );
  }
  validateStepSize(stepSize);
  if (noise === undefined) return;
  if (noise.sigmas.length !== start.length) {
    throw new InvalidInput(
      `noise has ${noise.sigmas.length} scales for ${start.length} layers: give one standard deviation for each layer`,
    );
  }
  for (const sigma of noise.sigmas) validateNoise({ sigma1: sigma, sigma2: 0, source: noise.source });
}
