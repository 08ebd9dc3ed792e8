/**
 * Predictions for the optimisers of docs/study.md on problems of rank one with s_1 = 1, to leading order, by the ids of
 * quantities. `within` bounds the next order.
 */
import { balance, horizon } from './balance.ts';
import { escape } from './escape.ts';
import type { Experiment, Prediction, Predictions } from './experiment.ts';
import { limits } from './limits.ts';
import { noise } from './noise.ts';
import type { Problem } from './problems.ts';
import { stability } from './stability.ts';
import { secondOrder } from './theory.ts';

type Theory = Readonly<Record<string, Prediction>>;

const EXPERIMENTS: readonly Experiment[] = [stability, balance, limits, escape, noise];

const predictionsOf = (problem: Problem, of: keyof Predictions): Theory =>
  Object.fromEntries(
    EXPERIMENTS.filter(({ on }) => on(problem)).flatMap(({ quantities }) =>
      quantities(problem).flatMap(({ id, theory }) => {
        const prediction = theory?.(problem)[of];
        return prediction === undefined ? [] : [[id, prediction] as const];
      }),
    ),
  );

export const ofGradientDescent = (problem: Problem): Theory => predictionsOf(problem, 'gd');
export const ofPerturbed = (problem: Problem): Theory => predictionsOf(problem, 'perturbed');

/** Seen at W = Z + xi, where Z is perturbed descent (docs/theory/other-methods.md#anti-pgd): Gram matrices exceed its own by d sigma^2. */
export function ofAntiPerturbed(problem: Problem): Theory {
  const perturbed = predictionsOf(problem, 'perturbed');
  const { lambda, values, scales, target } = problem;
  const s = values[0]!;
  const next = perturbed['flatness/sharpness']!.within;
  const added = (scales.sigma1 ** 2 + scales.sigma2 ** 2) / 2;
  const same = ['balance/lost', 'balance/rate', 'balance/exponent', 'balance/gamma', 'memory/further', 'escape/time'];
  return {
    ...Object.fromEntries(same.map((id) => [id, perturbed[id]!])),
    'noise/any': perturbed['noise/any']!,
    'flatness/sharpness': { value: (s - lambda + added) / s, within: next },
    // |X|^2 = |Y|^2 = s - lambda + lambda.
    'flatness/trace': {
      value: (target.rows + target.columns) / (2 * Math.sqrt(target.rows * target.columns)),
      within: 2 * next,
    },
    // xi_1, then xi_2 - xi_1.
    'noise/time': { value: -Math.SQRT1_2, within: 1 / 32 },
    'noise/factors': { value: 1 / 2, within: 1 / 32 },
  };
}

/** s of the label noise. */
const LABELS = 1 / 2;

/**
 * docs/theory/other-methods.md#label-noise: a step moves D by -eta^2 s^2 (a p - b q), with p = |x|^2 and q = |y|^2, and to leading order in the residual.
 * The fixed point has p / q = d1 / d2.
 */
export function ofLabelNoise(problem: Problem): Theory {
  const { target, stepSize } = problem;
  const [full, half] = [1, 2].map((slower) => labelRate(problem, slower)) as [number, number];
  const time = horizon(problem);
  // E R^2 / mu^2 is about eta s^2 S / 2 with S <= 5 / 2.
  const next = stepSize * LABELS ** 2 * (5 / 4) * 2;
  const lost = 1 - Math.exp(-full * time);
  return {
    'balance/lost': { value: lost, within: next + 1 / 64 },
    'balance/rate': { value: full, within: 2 * next * full + full / 32 },
    'balance/exponent': { value: Math.log2(full / half), within: 2 * next },
    'balance/gamma': { value: Math.sqrt(target.rows / target.columns), within: 4 * next },
    'noise/any': { value: 1, within: 0 },
    // The noise of a step at a minimum is (E Y, E'X), which is normal to the minima and has the same x'E y in both.
    'noise/along': { value: 0, within: 1e-6 },
    'noise/factors': { value: 1, within: 0 },
    'noise/time': { value: 0, within: stepSize / 3 },
    'escape/time': { value: Infinity, within: 0 },
  };
}

/** The rate of the difference of two runs with opposite leans in the middle of the range of leans, at eta / slower. */
function labelRate(problem: Problem, slower: number): number {
  const [d1, d2] = [problem.target.rows, problem.target.columns];
  const eta = problem.stepSize / slower;
  const steps = slower * horizon(problem);
  const start = Math.sqrt(1.6 * 2) ** (1 / 2) - Math.sqrt(1.6 * 2) ** (-1 / 2);
  const ends = [start, -start].map((D) => {
    let at = D;
    for (let t = 0; t < steps; t++) {
      const S = Math.hypot(at, 2);
      const [p, q] = [(S + at) / 2, (S - at) / 2];
      const along = (z: number): number => (eta * z) / (2 - eta * z);
      const [a, b] = [d2 + along(S) + (d2 - 1) * along(p), d1 + along(S) + (d1 - 1) * along(q)];
      at -= (eta * LABELS) ** 2 * (a * p - b * q);
    }
    return at;
  }) as [number, number];
  return -Math.log((ends[0] - ends[1]) / (2 * start)) / steps;
}

/**
 * docs/theory/other-methods.md#gradient-noise: no contraction at first order; the noise of a step is isotropic. The residual that tau = eta / 8 makes has the
 * variance tau^2 / (2 eta) in each direction, so that a step lowers D by eta tau^2 (d2 p - d1 q) / 2, and 1 / (2 eta lambda) steps by
 * eta^2 (d1 + d2) / 32 of it; twice that is allowed for.
 */
export const ofGradientNoise = ({ stepSize, target }: Problem): Theory => ({
  'balance/lost': { value: 0, within: (stepSize ** 2 * (target.rows + target.columns)) / 16 },
  'noise/any': { value: 1, within: 0 },
  'noise/time': { value: 0, within: stepSize / 3 },
  'noise/factors': { value: 1 / 2, within: 0 },
  'noise/gaussian': { value: (2 / Math.PI) * Math.atan(1 / 3), within: 0 },
});

/** rho of SAM. */
const RADIUS = 1 / 8;

/** docs/theory/other-methods.md#sam: log |D| falls by 2 eta rho^2 / (1 - eta S / 2)^2 a step, with S between 2 and 5 / 2; 4 rho^2 / S is left out. */
export function ofSharpnessAware(problem: Problem): Theory {
  const { stepSize } = problem;
  const S = 9 / 4;
  const rateAt = (eta: number): number => (2 * eta * RADIUS ** 2) / (1 - (eta * S) / 2) ** 2;
  const [full, half] = [rateAt(stepSize), rateAt(stepSize / 2)];
  const lost = 1 - Math.exp(-full * horizon(problem));
  const next = (4 * RADIUS ** 2) / S + stepSize / 4;
  return {
    // The cycle is reached within some 1 / (eta S) steps.
    'balance/lost': { value: lost, within: next },
    'balance/rate': { value: full, within: (next / lost) * full },
    'balance/exponent': { value: Math.log2(full / half), within: 2 * next },
    'noise/any': { value: 0, within: 0 },
  };
}

/** Linear stability: z^2 - (1 + b - eta h) z + b = 0 leaves the unit disc at eta h = 2 (1 + b). */
export const ofHeavyBall = ({ stepSize }: Problem, b: number): Theory => ({
  'stability/step': { value: 1 + b, within: (1 + b) / 32 },
  // Like gradient descent with the step size eta / (1 - b), and twice that; the sum of squares of a direction is proportional to
  // (1 + b) / ((1 - b) z (2 (1 + b) - eta z)), which is nearer to its limit than that of gradient descent.
  'balance/lost': { value: 0, within: stepSize / 8 / (1 - b) },
  'balance/exponent': { value: 2, within: secondOrder(stepSize) },
  'noise/any': { value: 0, within: 0 },
  'memory/further': { value: 1, within: 0 },
});

/** Linear stability: z^2 - (1 + b)(1 - eta h) z + b (1 - eta h) = 0 leaves the unit disc at eta h = 2 (1 + b) / (1 + 2 b). */
export const ofNesterov = (b: number): Theory => ({
  'stability/step': { value: (1 + b) / (1 + 2 * b), within: 1 / 32 },
  'noise/any': { value: 0, within: 0 },
  'memory/further': { value: 1, within: 0 },
});
