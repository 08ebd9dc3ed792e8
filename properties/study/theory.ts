/**
 * Predictions for gradient descent (GD) and for perturbed gradient descent, to leading order in eta s_1 and lambda / s_1.
 * `within` bounds the next order. gamma = 1 in all problems, because the noise is scaled so.
 */
import type { Prediction, Predictions } from './experiment.ts';
import { AVERAGE, type Problem } from './problems.ts';

const exactly = (value: number): Prediction => ({ value, within: 1e-6 * Math.max(1, Math.abs(value)) });

/** eta s_1 + lambda / s_1: the size of the next order, relative to the leading one. */
const nextOrder = ({ stepSize, values, lambda }: Problem): number => stepSize * values[0]! + lambda / values[0]!;

/**
 * Two runs that start at minima with opposite leans. Perturbed descent: E D decays by 2 eta lambda a step (docs/theory/limits.md#limit-noise),
 * and by eta^2 lambda S more with S = |X|^2 + |Y|^2 at the leading singular value, at most 5 s_1 / 2 here, because the noise also makes a
 * residual. GD: the drift is at most 2 eta F_0 (docs/theory/gradient-descent.md#imbalance), and of second order in eta a step.
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
      gd: { value: 2, within: secondOrder(stepSize * values[0]!) },
      perturbed: { value: 1, within: next },
    },
  };
}

/**
 * The sum of the squared gradients in one direction with the eigenvalue z is proportional to 1 / (z (2 - eta z)), and z <= 5 s_1 / 2 here. So
 * half the step size halves the drift up to the factor (4 - eta z) / (4 - 2 eta z).
 */
export function secondOrder(step: number): number {
  const z = (5 / 2) * step;
  return Math.log2((4 - z) / (4 - 2 * z));
}

/** 2 F_0 / (s_1 |D_0|) is below this for the starts of the balance experiment. */
const GD_DRIFT = 1 / 16;

/** Gradient descent fits a direction in a time of order 1 / (eta s): within the time of a run only if s is large. */
const isFitted = (value: number, values: readonly number[]): boolean => value >= values[0]! / 2;

/**
 * The shrinkage of a singular value, in units of lambda: lambda, or the whole value. The next order is relative to the
 * value itself, and the noise that the average over time leaves pushes tied values apart
 * (docs/theory/studies.md#study).
 */
function shrinkageTheory({ lambda, values, stepSize, target }: Problem, value: number): Predictions {
  const tied = values.filter((other) => Math.abs(other - value) <= lambda).length;
  const kappa = 1 / target.rows + 1 / target.columns;
  const apart = tied === 1 ? 0 : Math.sqrt((2 * tied * 2 * kappa * stepSize * value) / AVERAGE);
  const next = stepSize * values[0]! + lambda / value + apart;
  return {
    ...(isFitted(value, values) ? { gd: { value: 0, within: 1e-2 } } : {}),
    perturbed: { value: Math.min(value, lambda) / lambda, within: next },
  };
}

/** The limit, by the ids of quantities. */
export function limitTheory(problem: Problem): Readonly<Record<string, Predictions>> {
  const { lambda, values, rank, target } = problem;
  const [s1, next] = [values[0]!, nextOrder(problem)];
  // Trace d2 |X|^2 + d1 |Y|^2, which is least at gamma^2 = d1 / d2, at gamma = 1.
  const unequal = (target.rows + target.columns) / (2 * Math.sqrt(target.rows * target.columns));
  const fitted = (prediction: Prediction): Pick<Predictions, 'gd'> =>
    isFitted(values.at(-1)!, values) ? { gd: prediction } : {};
  const found = values.filter((value) => value > lambda);
  const sum = values.reduce((total, value) => total + value, 0);
  const left = found.reduce((total, value) => total + value - lambda, 0);
  const missing = Math.hypot(...values.map((value) => Math.min(value, lambda))) / Math.hypot(...values);
  return {
    'stability/diverged': { gd: exactly(0), perturbed: exactly(0) },
    'balance/gamma': { perturbed: { value: 1, within: next / 2 } },
    'memory/further': { gd: exactly(1), perturbed: { value: 1 / 2, within: 0 } },
    'memory/within': { gd: exactly(0) },
    ...Object.fromEntries(values.map((value, i) => [`limit/shrinkage-${i + 1}`, shrinkageTheory(problem, value)])),
    'limit/distance': { ...fitted({ value: 0, within: 1e-2 }), perturbed: { value: missing, within: next } },
    'limit/rank': { ...fitted(exactly(rank)), perturbed: exactly(found.length) },
    'flatness/sharpness': { perturbed: { value: (s1 - lambda) / s1, within: next } },
    'flatness/trace': { perturbed: { value: (unequal * left) / sum, within: next } },
    'flatness/noisy': { perturbed: { value: left / sum, within: next } },
    'flatness/to-gd': { gd: { value: 1, within: 1e-2 } },
    'flatness/trace-to-gd': { gd: { value: 1, within: 1e-2 } },
  };
}

/**
 * From the origin, with g = 1 + eta (s - lambda): the unstable direction is normal with the variance
 * (eta s sigma)^2 (g^(2t) - 1) / (g^2 - 1), sigma^2 = (sigma1^2 + sigma2^2) / 2, until x y = z^2 / 2 saturates like a logistic curve. The
 * median of |z| is 0.6745 deviations (docs/theory/escape.md#escape).
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
  // p = z^2 / 2 reaches s / 2 when its linearised growth, p / (1 - p / left), is at this value.
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

/** The median of the square of N(0, 1). */
const SQUARE_MEDIAN = NORMAL_MEDIAN ** 2;

/**
 * The noise of a step at a minimum of rank one with the step size `part` eta, by the ids of quantities. Of perturbed
 * descent, to leading order: its energy is eta^2 lambda (p^2 + q^2 + kappa s^2), with p = |x|^2, q = |y|^2, pq = s^2
 * and kappa = 1 / d1 + 1 / d2; along the minima x'dX - y'dY = -eta (p |xi2|^2 - q |xi1|^2) has the variance 2 eta^2
 * lambda^2 (p^2 / d2 + q^2 / d1), and the common part of x'dX and y'dY the variance eta^2 lambda s^2 (q / d1 + p / d2)
 * (docs/theory/studies.md#experiments). Values are those for p = q and p = 4 q, the least and the largest lean.
 */
export function noiseTheory(problem: Problem, part: number): Readonly<Record<string, Predictions>> {
  const { stepSize, values, lambda } = problem;
  const s1 = values[0]!;
  // The second order in the noise, relative to the first.
  const second = lambda / s1;
  const ofRankOne = problem.rank === 1 && (problem.svd.s[1] ?? 0) < 1e-9 * s1;
  const [along, factors] = ofRankOne ? [alongOf(problem), factorsOf(problem)] : [undefined, undefined];
  return {
    'noise/any': { gd: exactly(0), perturbed: exactly(1) },
    'noise/along': along === undefined ? {} : { perturbed: along },
    // The curvature pulls the second step back by at most eta times the largest eigenvalue.
    'noise/time': { perturbed: { value: 0, within: 5 * part * stepSize * s1 } },
    'noise/factors': factors === undefined ? {} : { perturbed: factors },
    'noise/gaussian': { perturbed: { value: (2 / Math.PI) * Math.atan(1 / 3), within: second } },
  };
}

/** |x|^2 and |y|^2 at the least and at the largest lean, in units of s_1. */
const LEANS = [
  [1, 1],
  [2, 1 / 2],
  [1 / 2, 2],
] as const;

/** From the least to the largest of the values at the leans, with a quarter more for the next order. */
function spanning(found: readonly number[]): Prediction {
  const [least, most] = [Math.min(...found), Math.max(...found)];
  const value = (least + most) / 2;
  return { value, within: (most - least) / 2 + value / 4 };
}

function alongOf({ target: { rows: d1, columns: d2 }, lambda, values }: Problem): Prediction {
  const share = lambda / values[0]!;
  const kappa = 1 / d1 + 1 / d2;
  const shares = LEANS.map(([p, q]) => (2 * share * ((p * p) / d2 + (q * q) / d1)) / (p + q) / (p * p + q * q + kappa));
  return spanning(shares.map((each) => SQUARE_MEDIAN * (d1 + d2) * each));
}

/**
 * They differ in sign if half of the difference of x'dX and y'dY exceeds their mean: for independent normals an arc
 * tangent.
 */
function factorsOf({ target: { rows: d1, columns: d2 }, lambda, values }: Problem): Prediction {
  const differ = LEANS.map(([p, q]) => {
    const half = ((lambda / values[0]!) * ((p * p) / d2 + (q * q) / d1)) / 2;
    return (2 / Math.PI) * Math.atan(Math.sqrt(half / (q / d1 + p / d2)));
  });
  const { value, within } = spanning(differ);
  return { value: 1 - value, within };
}
