/**
 * What the theory predicts for gradient descent (GD) and for perturbed gradient descent, to leading order in eta s_1 and lambda / s_1.
 * `within` bounds the next order. gamma = 1 in all problems, because the noise is scaled so.
 */
import type { Prediction, Predictions } from './experiment.ts';
import type { Problem } from './problems.ts';

const exactly = (value: number): Prediction => ({ value, within: 1e-6 * Math.max(1, Math.abs(value)) });

/** eta s_1 + lambda / s_1: the size of the next order, relative to the leading one. */
const nextOrder = ({ stepSize, values, lambda }: Problem): number => stepSize * values[0]! + lambda / values[0]!;

/**
 * Two runs that start at minima with opposite leans. Perturbed descent: E D decays by 2 eta lambda a step (docs/theory.md#limit-noise),
 * and by eta^2 lambda S more with S = |X|^2 + |Y|^2 at the leading singular value, at most 5 s_1 / 2 here, because the noise also makes a
 * residual. GD: the drift is at most 2 eta F_0 (docs/theory.md#imbalance), and of second order in eta a step.
 */
export function balanceTheory(problem: Problem, steps: number): Record<'lost' | 'rate' | 'exponent', Predictions> {
  const { stepSize, lambda, values } = problem;
  const rate = 2 * stepSize * lambda;
  const next = (5 / 2) * stepSize * values[0]!;
  const share = GD_DRIFT * stepSize * values[0]!;
  return {
    lost: {
      gd: { value: 0, within: share },
      perturbed: { value: 1 - Math.exp(-rate * steps), within: next * Math.exp(-1) },
    },
    rate: {
      gd: { value: 0, within: (2 * share) / steps },
      perturbed: { value: rate, within: next * rate },
    },
    exponent: {
      gd: { value: 2, within: 1 / 4 },
      perturbed: { value: 1, within: next },
    },
  };
}

/** 2 F_0 / (s_1 |D_0|) is below this for the starts of the balance experiment. */
const GD_DRIFT = 1 / 16;

/** The limit, by the ids of quantities. */
export function limitTheory(problem: Problem): Readonly<Record<string, Predictions>> {
  const { lambda, values, rank, target } = problem;
  const [s1, next] = [values[0]!, nextOrder(problem)];
  // Trace d2 |X|^2 + d1 |Y|^2, which is least at gamma^2 = d1 / d2, at gamma = 1.
  const unequal = (target.rows + target.columns) / (2 * Math.sqrt(target.rows * target.columns));
  // Gradient descent fits a direction in a time of order 1 / (eta s_i): within the time of a run only if s_i is large.
  const fitted = (prediction: Prediction): Pick<Predictions, 'gd'> =>
    values.at(-1)! < s1 / 2 ? {} : { gd: prediction };
  const found = values.filter((value) => value > lambda);
  const sum = values.reduce((total, value) => total + value, 0);
  const left = found.reduce((total, value) => total + value - lambda, 0);
  const missing = Math.hypot(...values.map((value) => Math.min(value, lambda))) / Math.hypot(...values);
  return {
    'stability/diverged': { gd: exactly(0), perturbed: exactly(0) },
    'balance/gamma': { perturbed: { value: 1, within: next / 2 } },
    'memory/further': { gd: exactly(1), perturbed: { value: 1 / 2, within: 0 } },
    'memory/within': { gd: exactly(0) },
    'limit/shrinkage': { gd: { value: 0, within: 1e-2 }, perturbed: { value: 1, within: next } },
    'limit/distance': { ...fitted({ value: 0, within: 1e-2 }), perturbed: { value: missing, within: next } },
    'limit/rank': { ...fitted(exactly(rank)), perturbed: exactly(found.length) },
    'flatness/sharpness': { perturbed: { value: (s1 - lambda) / s1, within: next } },
    'flatness/trace': { perturbed: { value: (unequal * left) / sum, within: next } },
    'flatness/to-gd': { gd: { value: 1, within: 1e-2 } },
  };
}

/**
 * From the origin, with g = 1 + eta (s - lambda): the unstable direction is normal with the variance
 * (eta s sigma)^2 (g^(2t) - 1) / (g^2 - 1), sigma^2 = (sigma1^2 + sigma2^2) / 2, until x y = z^2 / 2 saturates like a logistic curve. The
 * median of |z| is 0.6745 deviations (docs/theory.md#escape).
 */
export function escapeTheory(problem: Problem): Record<'time' | 'exponent', Predictions> {
  const full = escapeTime(problem, 1);
  const slope = Math.log2(escapeTime(problem, 1 / 2) / full);
  // A time constant 1 / (eta s): the noise that comes while the product saturates.
  const constant = 1 / (problem.stepSize * problem.values[0]!);
  return {
    time: { gd: { value: Infinity, within: 0 }, perturbed: { value: full, within: constant / 2 } },
    exponent: { perturbed: { value: slope, within: constant / full } },
  };
}

function escapeTime({ stepSize, values, scales, lambda }: Problem, noise: number): number {
  const s = values[0]!;
  const left = s - noise ** 2 * lambda;
  const growth = 1 + stepSize * left;
  const sigma = noise * Math.sqrt((scales.sigma1 ** 2 + scales.sigma2 ** 2) / 2);
  // p = z^2 / 2 reaches s / 2 where the line that it leaves, p / (1 - p / left), is at this.
  const line = s / 2 / (1 - s / 2 / left);
  const deviations = Math.sqrt(2 * line) / (NORMAL_MEDIAN * stepSize * s * sigma);
  return Math.log(1 + deviations ** 2 * (growth ** 2 - 1)) / (2 * Math.log(growth));
}

/** The median of |N(0, 1)|. */
const NORMAL_MEDIAN = 0.6744897501960817;

/** Within the range that is halved eight times, a 64th of its logarithm. */
export const stabilityTheory = (): Predictions => {
  const border = { value: 1, within: 1 / 32 };
  return { gd: border, perturbed: border };
};

/** The noise of a step at a minimum with step size `part` eta, by the ids of quantities. */
export function noiseTheory(
  { stepSize, values, lambda }: Problem,
  part: number,
): Readonly<Record<string, Predictions>> {
  const s1 = values[0]!;
  // What is of second order in the noise, relative to what is of first.
  const second = lambda / s1;
  return {
    'noise/any': { gd: exactly(0), perturbed: exactly(1) },
    'noise/along': { perturbed: { value: 0, within: 4 * second } },
    'noise/time': { perturbed: { value: 0, within: 5 * part * stepSize * s1 } },
    'noise/factors': { perturbed: { value: 1, within: Math.sqrt(second) } },
    'noise/gaussian': { perturbed: { value: (2 / Math.PI) * Math.atan(1 / 3), within: second } },
  };
}
