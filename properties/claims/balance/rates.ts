/** How fast perturbed descent balances, and how well: rates of the mean, time scales, the noise floor. */
import { withNoise, faster } from '../../instances/designs.ts';
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Evidence } from '../../model/claim.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descend, matrix, startOf, type Instance } from '../../model/instance.ts';
import {
  CONSTANTS,
  decays,
  equalNoise,
  momentsOfImbalance,
  settled,
  stepsToBalance,
  twoPhases,
  unbalanced,
  window,
  type RankOne,
} from './rate-instances.ts';
import { stepRounding } from '../../oracles/rounding.ts';
import { size } from '../../oracles/scales.ts';
import { noiseOnBoth, noiseOnX, noisePower } from '../../run/violations.ts';
import { imbalance, penalties, residual, smoothedGradientDescent, type Solver } from '../../../src/index.ts';

const unequal: Design<Instance> = { ...unbalanced, picks: { ...unbalanced.picks, gamma: [4, 1 / 4] } };
const RUNS = 16;

function* meanDecayAlong(solver: Solver, instance: Instance): Generator<Evidence> {
  const { lambda } = penalties(matrix(instance.M), instance);
  const start = imbalance(startOf(instance));
  for (const { steps, mean, bias, error } of decays(solver, instance, RUNS)) {
    const predicted = Matrix.mul(start, (1 - 2 * instance.eta * lambda) ** steps);
    // Bias and error are bounds. 10 of these errors are 7 of one with twice the variance, for what the runs do between the
    // looks at them: 4 times outside 7 have a chance of 1e-11 (docs/theory.md#step-moments).
    const what = `mean of D over ${RUNS} runs after ${steps} steps`;
    yield equal(what, mean, predicted, bias + 10 * error, { bias, error });
  }
}

export const meanDecay: Claim = {
  id: 'balance/mean-decay',
  statement: 'With equal penalties the mean imbalance decays at the rate 2 lambda, whatever the residual does.',
  formula: String.raw`\alpha = \beta = \lambda \;\Rightarrow\; E D_t = (1 - 2\eta\lambda)^t D_0 + O(\eta)`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    { text: 'alpha = beta', without: { instances: design(unequal) } },
    { text: 'a stable step size', without: { instances: design(changed(unbalanced, faster(64))) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.15) },
  instances: design({
    ...unbalanced,
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank > 400 ? 'it averages over 16 runs: it needs d1 d2 r <= 400' : undefined,
  }),
  check: (solver, instance) => worst(meanDecayAlong(solver, instance)),
};

export const meanStep: Claim = {
  id: 'balance/mean-step',
  statement:
    'With equal penalties a step of smoothed descent multiplies the imbalance by 1 - 2 eta lambda, up to a term of second order in the step size, exactly.',
  formula: String.raw`\alpha = \beta = \lambda \;\Rightarrow\; D^+ = (1 - 2\eta\lambda)D + \eta^2(\nabla_X'\nabla_X - \nabla_Y'\nabla_Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [{ text: 'alpha = beta', without: { instances: design(unequal) } }],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(unbalanced),
  check(_, instance) {
    const [target, start, { eta }] = [matrix(instance.M), startOf(instance), instance];
    const { lambda } = penalties(target, instance);
    const descent = smoothedGradientDescent({ target, start, stepSize: eta, noise: instance });
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
    const rounding = 4 * Math.sqrt(size(start)) * stepRounding(target, start, start, { eta });
    return equal('D after a step', imbalance(descent), predicted, rounding, { lambda });
  },
};

export const timeScale: Claim<RankOne> = {
  id: 'balance/time-scale',
  statement:
    'With equal noise on both factors the number of steps until the factors are balanced is inversely proportional to the step size and to the variance of the noise.',
  formula: String.raw`\frac{\partial\log T}{\partial\log\eta} = \frac{\partial\log T}{\partial\log\sigma^2} = -1,\quad T \sim \frac{1}{\eta\sigma^2}`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    { text: 'sigma1 = sigma2 > 0', without: { instances: design(changed(equalNoise, withNoise(0))) } },
    { text: 'a stable step size', without: { instances: design(changed(equalNoise, faster(64))) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  random: { basis: 'leading order', shift: noisePower(0.25) },
  instances: design(equalNoise),
  check(solver, instance) {
    const { eta, sigma1, sigma2, steps } = instance;
    const weaker = { ...instance, sigma1: sigma1 / 2, sigma2: sigma2 / 2, steps: 4 * steps };
    // The same number of steps goes into each of the three times, and so they have the same relative error.
    const [base, slower, quieter] = [
      stepsToBalance(solver, instance, 24),
      stepsToBalance(solver, { ...instance, eta: eta / 4, steps: 4 * steps }, 6),
      stepsToBalance(solver, weaker, 6),
    ];
    const slope = (time: number): number => Math.log(base / time) / Math.log(4);
    const quantities = { base, slower, quieter };
    // Leading order is off by less than 1/16 and a standard error is at most 0.028: 6.7 of them (docs/theory.md#limit-noise).
    return worst([
      equal('slope in log eta', slope(slower), -1, 1 / 4, quantities),
      equal('slope in log sigma^2', slope(quieter), -1, 1 / 4, quantities),
    ]);
  },
};

export const phases: Claim<RankOne> = {
  id: 'balance/two-phases',
  statement:
    'With equal penalties much smaller than s the product fits first, at a rate of order s, and the factors balance long after that, at the rate 2 lambda.',
  formula: String.raw`\lambda \ll s:\quad |R_t| \approx 0,\ D_t \approx D_0 \ \text{ at } \tfrac1s \ll \eta t \ll \tfrac1\lambda;\qquad R_t \approx 0,\ D_t \approx 0 \ \text{ at } \eta t \gg \tfrac1\lambda`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    { text: 'lambda << s', without: { instances: design(twoPhases(1 / 2)) } },
    { text: 'a stable step size', without: { instances: design(changed(twoPhases(1 / 128), faster(64))) } },
  ],
  bound: 'valid',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  random: { basis: 'leading order', shift: noiseOnX(0.2) },
  instances: design(twoPhases(1 / 128)),
  check(solver, instance) {
    const { s, eta } = instance;
    const at = (time: number): number => Math.round(time / (eta * s));
    const start = Math.abs(imbalance(startOf(instance)).get(0, 0));
    const descent = descend(solver, instance);
    const early = window(descent, instance, [0, at(20), at(30)]);
    const late = window(descent, instance, [at(30), at(320), at(330)]);
    // For the levels see docs/theory.md#limit-noise: each is more than 7 standard errors from what is expected.
    const quantities = { 'early D': early.D, 'late D': late.D, 'D at the start': start };
    return worst([
      atMost('the residual at eta t = 20 / s', early.R, s / 8, 0, quantities),
      atLeast('the imbalance at eta t = 20 / s', Math.abs(early.D), start / 2, 0, quantities),
      atMost('the residual at eta t = 320 / s', late.R, s / 8, 0, quantities),
      atMost('the imbalance at eta t = 320 / s', Math.abs(late.D), start / 8, 0, quantities),
    ]);
  },
};

export const noiseFloor: Claim<RankOne> = {
  id: 'balance/noise-floor',
  statement:
    'In the long run the imbalance at rank one hovers around a mean of order eta, with a variance that is proportional to the step size, to lambda and to 1/d1 + 1/d2.',
  formula: String.raw`\mathrm{std}\,D = s\sqrt{2\eta\lambda(1/d_1 + 1/d_2)},\qquad \mathrm{mean}\,D = \frac{\eta(\sigma_2^2 - \sigma_1^2)s^2}{2\lambda}`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    { text: 'gamma = 1', without: { instances: design(settled({ gamma: 4 })) } },
    { text: 'lambda << s', without: { instances: design(settled({ share: 2 })) } },
    { text: 'a stable step size', without: { instances: design(changed(settled({}), faster(64))) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.6'],
  random: { basis: 'leading order', shift: noiseOnX(0.05) },
  instances: design(settled({})),
  check(solver, instance) {
    const { eta, sigma1, sigma2, s } = instance;
    const { lambda } = penalties(matrix(instance.M), instance);
    const mean = (eta * (sigma2 ** 2 - sigma1 ** 2) * s ** 2) / (2 * lambda);
    const variance = 2 * eta * lambda * (1 / instance.M.length + 1 / instance.M[0]!.length) * s ** 2;
    const found = momentsOfImbalance(descend(solver, instance), instance, mean);
    // Averages over N time constants of a quantity with correlations e^-h: D's has the variance 2 v / N, and that of
    // (D - mean)^2 exceeds v by 2 v sqrt(z / N) + 4 v z / N with a chance of e^-z at most (docs/theory.md#limit-noise).
    // The looks are half a time constant apart, which costs a twelfth of N.
    const [N, z] = [(11 / 12) * CONSTANTS, 25];
    const spread = variance * (2 * Math.sqrt(z / N) + (4 * z) / N + LEADING);
    return worst([
      equal('time average of D', found.mean, mean, 8 * Math.sqrt((2 * variance) / N) + LEADING * Math.abs(mean)),
      equal('time average of (D - mean)^2', found.variance, variance, spread, { mean }),
    ]);
  },
};

/** What leading order may be off by: lambda / s + eta s, which the design makes 1/16 + 1/8. */
const LEADING = 3 / 16;
