/** Solvers that are wrong by a chosen amount, which claims with error rates must detect. */
import { squaredNorm, type DescentOptions, type NoiseSource, type Solver } from '../../src/index.ts';
import type { Shift } from '../model/claim.ts';

/** A faulty solver, made of a correct one. */
export interface WrongSolver {
  readonly text: string;
  readonly wrong: (right: Solver) => Solver;
}

type Noise = NonNullable<DescentOptions['noise']>;

/** A correct solver whose options are changed on their way to it. */
const given =
  (change: (options: DescentOptions) => Partial<DescentOptions>) =>
  (right: Solver): Solver =>
  (options) =>
    right({ ...options, ...change(options) });

/** The same for its noise, if it has any. */
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

/** Noise that repeats itself: each number is a share of the one in the first step, plus a fresh part; of variance 1. */
const repeatedShare = (share: number): WrongSolver => ({
  text: share === 1 ? 'the same noise in every step' : `noise whose correlation in time is ${share ** 2}`,
  wrong: givenNoise((noise, { start: { X, Y } }) => ({
    ...noise,
    source: repeated(noise.source, (X.rows + Y.rows) * X.columns, share),
  })),
});

export const frozenNoise = repeatedShare(1);

/** Share of the first block, over and over, and sqrt(1 - share^2) of fresh numbers; drawn when they are asked for. */
function repeated(source: NoiseSource, length: number, share: number): NoiseSource {
  let block: Float64Array | undefined;
  let used = 0;
  const fresh = Math.sqrt(1 - share ** 2);
  return {
    fill(out) {
      if (block === undefined) source.fill((block = new Float64Array(length)));
      if (fresh === 0) out.fill(0);
      else source.fill(out);
      for (let i = 0; i < out.length; i++) out[i] = fresh * out[i]! + share * block[used++ % length]!;
    },
  };
}

/** Errors of one kind that a claim finds from this size on. */
const shiftOf =
  (text: string, by: (share: number) => WrongSolver) =>
  (finds: number, because?: string): Shift => ({ text, finds, by, ...(because === undefined ? {} : { because }) });

export const noiseOnX = shiftOf('sigma1', (share) => scaledNoise(1 + share, 1));
export const noiseOnBoth = shiftOf('sigma1 and sigma2', (share) => scaledNoise(1 + share, 1 + share));
/** Noise that depends on the start. */
export const noiseOfStart = shiftOf('sigma1 and sigma2 from a start with more in X than in Y', (share) => ({
  text: `sigma1 and sigma2 ${amount(1 + share)} where |X_0| > |Y_0|`,
  wrong: givenNoise((noise, { start: { X, Y } }) => {
    const factor = squaredNorm(X) > squaredNorm(Y) ? 1 + share : 1;
    return { ...noise, sigma1: factor * noise.sigma1, sigma2: factor * noise.sigma2 };
  }),
}));
export const stepSize = shiftOf('the step size', (share) => scaledStep(1 + share));
export const noisePower = shiftOf('the power of sigma1 and sigma2', (share) => raisedNoise(1 + share));
/** Noise with this correlation between steps. */
export const correlatedNoise = shiftOf('the correlation of the noise in time', (share) =>
  repeatedShare(Math.sqrt(share)),
);
export const repeatedNoise = shiftOf('the share of noise that repeats itself', repeatedShare);

function amount(factor: number): string {
  const percent = Math.round(100 * Math.abs(factor - 1));
  if (factor >= 2 || factor <= 1 / 2)
    return factor >= 2 ? `${factor} times too large` : `${1 / factor} times too small`;
  return `${percent} % too ${factor > 1 ? 'large' : 'small'}`;
}
