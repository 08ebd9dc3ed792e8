/** The speed and the accuracy of balancing by perturbed descent: rates of the mean, time scales, the noise floor. */
import { faster } from '../../instances/designs.ts';
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descend, descendSmoothed, matrix, startOf, type Instance } from '../../model/instance.ts';
import { equalNoise, settled, twoPhases, unbalanced, type RankOne } from './rate-instances.ts';
import {
  balancingTime,
  decays,
  momentsOfImbalance,
  stepsToBalance,
  averagesBetween,
  windowOfImbalance,
} from './rate-measurements.ts';
import { DEVIATIONS, Hovering, settingOf } from '../../oracles/hovering.ts';
import { stepRounding } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { noiseOnBoth, noiseOnX, noisePower, withoutNoise } from '../../run/violations.ts';
import { imbalance, penalties, residual, type Solver } from '../../../src/index.ts';

const unequal: Design<Instance> = { ...unbalanced, picks: { ...unbalanced.picks, gamma: [4, 1 / 4] } };
const RUNS = 24;

function* meanDecayAlong(solver: Solver, instance: Instance): Generator<Comparison> {
  for (const { steps, mean, want, ofSquares, error } of decays(solver, instance, RUNS)) {
    // The sum over the steps is taken from a few runs, at evenly spaced steps: an eighth of it is more than that costs.
    const what = `mean of D over ${RUNS} runs after ${steps} steps`;
    yield equal(what, mean, want, DEVIATIONS * error + ofSquares / 8, { 'of the squares of the steps': ofSquares });
  }
}

export const meanDecay = claim({
  id: 'balance/mean-decay',
  statement: 'With equal penalties the mean imbalance decays at the rate 2 lambda, independently of the residual.',
  formula: String.raw`\alpha = \beta = \lambda \;\Rightarrow\; E D_t = (1 - 2\eta\lambda)^t D_0 + O(\eta)`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [dropping('alpha = beta', unequal), dropping('a stable step size', changed(unbalanced, faster(64)))],
  proof: 'limit-noise',
  items: ['3.5'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.035) },
  instances: design({
    ...unbalanced,
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank > 400 ? 'it averages over 24 runs: it needs d1 d2 r <= 400' : undefined,
  }),
  check: (solver, instance) => worst(meanDecayAlong(solver, instance)),
});

export const meanStep = claim({
  id: 'balance/mean-step',
  statement:
    'With equal penalties a step of smoothed descent multiplies the imbalance by 1 - 2 eta lambda, up to a term of second order in the step size, exactly.',
  formula: String.raw`\alpha = \beta = \lambda \;\Rightarrow\; D^+ = (1 - 2\eta\lambda)D + \eta^2(\nabla_X'\nabla_X - \nabla_Y'\nabla_Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('alpha = beta', unequal)],
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(unbalanced),
  check(_, instance) {
    const [target, start, { eta }] = [matrix(instance.M), startOf(instance), instance];
    const { lambda } = penalties(target, instance);
    const descent = descendSmoothed(instance);
    descent.advance(1);
    const R = residual(target, start);
    const slope = {
      X: R.mmul(start.Y).add(Matrix.mul(start.X, lambda)),
      Y: R.transpose().mmul(start.X).add(Matrix.mul(start.Y, lambda)),
    };
    const predicted = imbalance(start)
      .mul(1 - 2 * eta * lambda)
      .add(imbalance(slope).mul(eta ** 2));
    // As for a step of plain descent, whose terms are of the same size.
    const rounding = 4 * Math.sqrt(squaredSize(start)) * stepRounding(target, start, start, { eta });
    return equal('D after a step', imbalance(descent), predicted, rounding, { lambda });
  },
});

export const timeScale = claim<RankOne>({
  id: 'balance/time-scale',
  statement:
    'With equal noise on both factors the number of steps until the factors are balanced is inversely proportional to the step size and to the variance of the noise.',
  formula: String.raw`\frac{\partial\log T}{\partial\log\eta} = \frac{\partial\log T}{\partial\log\sigma^2} = -1,\quad T \sim \frac{1}{\eta\sigma^2}`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('sigma1 = sigma2 > 0', (solver, instance) => slopes(withoutNoise.wrong(solver), instance)),
    dropping('a stable step size', changed(equalNoise, faster(64))),
  ],
  proof: 'limit-noise',
  items: ['3.5'],
  random: { basis: 'leading order', shift: noisePower(0.05) },
  instances: design(equalNoise),
  check: slopes,
});

/** The slopes of the time in the logarithms of the step size and of the variance of the noise, against their predictions. */
function slopes(solver: Solver, instance: RankOne): Comparison {
  const { eta, sigma1, sigma2, steps } = instance;
  // Each of the three times is measured over the same number of steps, so that their relative errors are about equal.
  const later = { ...instance, steps: TIMES * steps };
  const cases = [
    { run: instance, runs: RUNS_TO_BALANCE },
    { run: { ...later, eta: eta / TIMES }, runs: RUNS_TO_BALANCE / TIMES },
    {
      run: { ...later, sigma1: sigma1 / Math.sqrt(TIMES), sigma2: sigma2 / Math.sqrt(TIMES) },
      runs: RUNS_TO_BALANCE / TIMES,
    },
  ];
  const [base, slower, quieter] = cases.map(({ run, runs }) => ({
    found: stepsToBalance(solver, run, runs),
    ...balancingTime(run, runs),
  })) as [Timed, Timed, Timed];
  const slope = (what: string, other: Timed): Comparison => {
    const by = (of: 'found' | 'want'): number => Math.log(base[of] / other[of]) / Math.log(TIMES);
    const deviation = Math.hypot(base.error / base.want, other.error / other.want) / Math.log(TIMES);
    const quantities = { 'leading order': -1, time: base.found, 'the other time': other.found };
    return equal(what, by('found'), by('want'), DEVIATIONS * deviation + OF_SECOND_ORDER, quantities);
  };
  return worst([slope('slope in log eta', slower), slope('slope in log sigma^2', quieter)]);
}

/** The divisor of the step size, and of the variance of the noise, in the other two cases. */
const TIMES = 16;
const RUNS_TO_BALANCE = 48;

/** A measured time, the expected one, and its standard deviation. */
interface Timed {
  readonly found: number;
  readonly want: number;
  readonly error: number;
}

/** Terms of second order in the step size and in the fluctuations that add to a slope (docs/theory/limits.md#limit-noise). */
const OF_SECOND_ORDER = 1 / 256;

export const phases = claim<RankOne>({
  id: 'balance/two-phases',
  statement:
    'With equal penalties much smaller than s the product fits first, at a rate of order s, and the factors balance long after that, at the rate 2 lambda.',
  formula: String.raw`\lambda \ll s:\quad |R_t| \approx 0,\ D_t \approx D_0 \ \text{ at } \tfrac1s \ll \eta t \ll \tfrac1\lambda;\qquad R_t \approx 0,\ D_t \approx 0 \ \text{ at } \eta t \gg \tfrac1\lambda`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('lambda << s', twoPhases(1 / 2)),
    dropping('a stable step size', changed(twoPhases(1 / 128), faster(64))),
  ],
  bound: 'valid',
  proof: 'limit-noise',
  items: ['3.5'],
  random: {
    basis: 'leading order',
    shift: noiseOnX(
      0.2,
      'it compares two sizes of different order; balance/mean-decay and balance/time-scale measure the rates',
    ),
  },
  instances: design(twoPhases(1 / 128)),
  check(solver, instance) {
    const { s, eta } = instance;
    const at = (time: number): number => Math.round(time / (eta * s));
    const start = Math.abs(imbalance(startOf(instance)).get(0, 0));
    const descent = descend(solver, instance);
    const early = averagesBetween(descent, instance, [0, at(20), at(30)]);
    const late = averagesBetween(descent, instance, [at(30), at(320), at(330)]);
    // For the levels see docs/theory/limits.md#limit-noise: each is more than 7 standard errors from the expected value.
    const quantities = { 'early D': early.D, 'late D': late.D, 'D at the start': start };
    return worst([
      atMost('the residual at eta t = 20 / s', early.R, s / 8, 0, quantities),
      atLeast('the imbalance at eta t = 20 / s', Math.abs(early.D), start / 2, 0, quantities),
      atMost('the residual at eta t = 320 / s', late.R, s / 8, 0, quantities),
      atMost('the imbalance at eta t = 320 / s', Math.abs(late.D), start / 8, 0, quantities),
    ]);
  },
});

export const noiseFloor = claim<RankOne>({
  id: 'balance/noise-floor',
  statement:
    'In the long run the imbalance at rank one fluctuates around a mean of order eta, with a variance that is proportional to the step size, to lambda and to 1/d1 + 1/d2.',
  formula: String.raw`\mathrm{std}\,D = s\sqrt{2\eta\lambda(1/d_1 + 1/d_2)},\qquad \mathrm{mean}\,D = \frac{\eta(\sigma_2^2 - \sigma_1^2)s^2}{2\lambda}`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('gamma = 1', settled({ gamma: 4 })),
    dropping('lambda << s', settled({ share: 2 })),
    dropping('a stable step size', changed(settled({}), faster(64))),
  ],
  proof: 'limit-noise',
  items: ['3.6'],
  random: { basis: 'leading order', shift: noiseOnX(0.02) },
  instances: design(settled({})),
  check(solver, instance) {
    const hovering = new Hovering(settingOf(instance));
    const { eta, sigma1, sigma2, s } = instance;
    const { lambda } = penalties(matrix(instance.M), instance);
    const rows = [...Array(Math.max(instance.M.length, instance.M[0]!.length)).keys()];
    const mean = rows.reduce((sum, i) => sum + hovering.mean(i).XX - hovering.mean(i).YY, 0);
    const variance = hovering.varianceOfImbalance;
    const window = windowOfImbalance(instance);
    const deviation = hovering.deviation([{ XX: 1, YY: -1, XY: 0 }], window);
    const found = momentsOfImbalance(descend(solver, instance), instance, mean);
    // Squares of a nearly normal process are correlated like the squares of its correlations (docs/theory/limits.md#limit-noise).
    const ofSquares = variance * Math.sqrt(2 * window.share((1 - eta * hovering.slowest) ** 2));
    const kappa = 1 / instance.M.length + 1 / instance.M[0]!.length;
    const leading = {
      mean: (eta * (sigma2 ** 2 - sigma1 ** 2) * s ** 2) / (2 * lambda),
      variance: 2 * eta * lambda * kappa * s ** 2,
    };
    const off = DEVIATIONS * ofSquares + variance * OF_VARIANCE;
    return worst([
      equal('the mean of D, to leading order', leading.mean, mean, LEADING * Math.abs(leading.mean) + ROUNDING * s, {
        lambda,
      }),
      equal('the variance of D, to leading order', leading.variance, variance, LEADING * leading.variance, { lambda }),
      equal('time average of D', found.mean, mean, DEVIATIONS * deviation + Math.abs(mean) / 8, leading),
      equal('time average of (D - mean)^2', found.variance, variance, off, leading),
    ]);
  },
});

/** A bound on the rounding of sums of some dozens of products, with room. */
const ROUNDING = 2 ** -40;

/** Relative error of the leading order: lambda / s + eta s, which the design makes 1/16 + 1/8. */
const LEADING = 3 / 16;
/** Relative error of the variance: fluctuations of the product, of relative size lambda / s + eta s, enter squared. */
const OF_VARIANCE = 1 / 16;
