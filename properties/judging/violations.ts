/** Solvers that are wrong by a chosen amount: what claims with error rates are meant to catch. */
import type { DescentOptions, NoiseSource, Solver } from '../../src/index.ts';

/** A wrong solver, made of a right one. */
export interface WrongSolver {
  readonly text: string;
  readonly wrong: (right: Solver) => Solver;
}

type Noise = NonNullable<DescentOptions['noise']>;

/** A right solver whose options are changed on their way to it. */
const given =
  (change: (options: DescentOptions) => Partial<DescentOptions>) =>
  (right: Solver): Solver =>
  (options) =>
    right({ ...options, ...change(options) });

/** The same for its noise, where it has any. */
const givenNoise = (change: (noise: Noise, options: DescentOptions) => Noise): WrongSolver['wrong'] =>
  given((options) => (options.noise === undefined ? {} : { noise: change(options.noise, options) }));

/** sigma1 and sigma2 times these factors. */
export const scaledNoise = (factor1: number, factor2: number): WrongSolver => ({
  text: noiseText(factor1, factor2),
  wrong: givenNoise((noise) => ({ ...noise, sigma1: factor1 * noise.sigma1, sigma2: factor2 * noise.sigma2 })),
});

function noiseText(factor1: number, factor2: number): string {
  if (factor1 === factor2) return `sigma1 and sigma2 ${amount(factor1)}`;
  const changed = Object.entries({ sigma1: factor1, sigma2: factor2 }).filter(([, factor]) => factor !== 1);
  return changed.map(([name, factor]) => `${name} ${amount(factor)}`).join(', ');
}

/** A step size times this factor. */
export const scaledStep = (factor: number): WrongSolver => ({
  text: `the step size ${amount(factor)}`,
  wrong: given(({ stepSize }) => ({ stepSize: factor * stepSize })),
});

/** sigma1 and sigma2 to this power, which gets every power law of the noise wrong. */
export const raisedNoise = (power: number): WrongSolver => ({
  text: `sigma1 and sigma2 to the power of ${power}`,
  wrong: givenNoise((noise) => ({ ...noise, sigma1: noise.sigma1 ** power, sigma2: noise.sigma2 ** power })),
});

export const withoutNoise: WrongSolver = {
  text: 'no noise',
  wrong: givenNoise((noise) => ({ ...noise, sigma1: 0, sigma2: 0 })),
};

/** The noise of the first step in every step. */
export const frozenNoise: WrongSolver = {
  text: 'the same noise in every step',
  wrong: givenNoise((noise, { start: { X, Y } }) => ({
    ...noise,
    source: repeated(noise.source, (X.rows + Y.rows) * X.columns),
  })),
};

/** The first numbers of a source, over and over; they are drawn when they are asked for. */
function repeated(source: NoiseSource, length: number): NoiseSource {
  let block: Float64Array | undefined;
  let used = 0;
  return {
    fill(out) {
      if (block === undefined) source.fill((block = new Float64Array(length)));
      for (let i = 0; i < out.length; i++) out[i] = block[used++ % length]!;
    },
  };
}

function amount(factor: number): string {
  const percent = Math.round(100 * Math.abs(factor - 1));
  if (factor >= 2 || factor <= 1 / 2)
    return factor >= 2 ? `${factor} times too large` : `${1 / factor} times too small`;
  return `${percent} % too ${factor > 1 ? 'large' : 'small'}`;
}
