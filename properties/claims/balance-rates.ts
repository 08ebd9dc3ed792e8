/** How fast perturbed descent balances, and how well: rates of the mean, rates near the limit, the noise floor. */
import { withNoise, faster } from '../instances/designs.ts';
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Evidence } from '../claim.ts';
import { changed, design, type Design } from '../design.ts';
import { descend, matrix, startOf, type Instance } from '../instance.ts';
import {
  atMinimiser,
  contraction,
  curvatures,
  exactRank,
  freeColumn,
  pairError,
  pairRates,
  rankOneMinimisers,
  rankOneSpectrum,
  sorted,
  spareColumns,
  tilted,
} from '../oracles/local-spectra.ts';
import {
  CONSTANTS,
  decays,
  equalNoise,
  momentsOfImbalance,
  settled,
  stepsToBalance,
  threshold,
  twoPhases,
  unbalanced,
  window,
  type RankOne,
} from '../instances/rates.ts';
import { stepRounding } from '../oracles/rounding.ts';
import { size } from '../oracles/scales.ts';
import { raisedNoise, scaledNoise } from '../violations.ts';
import {
  imbalance,
  penalties,
  residual,
  singularValues,
  smoothedGradientDescent,
  type Solver,
} from '../../src/index.ts';

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
  errors: { alpha: 1e-10, basis: 'leading order', detects: scaledNoise(1.15, 1.15), beta: 1e-6 },
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
    const rounding = 4 * Math.sqrt(size(start)) * stepRounding(target, start, start, eta);
    return equal('D after a step', imbalance(descent), predicted, rounding, { lambda });
  },
};

export const localRates: Claim = {
  id: 'balance/local-rates',
  statement:
    'At the minimiser of rank one the curvatures of the smoothed objective, the rates at which descent settles, are those of 2 x 2 blocks: in the plane of the kept triple, and for each triple left out.',
  formula: String.raw`\tfrac12\Big(s(\gamma+\tfrac1\gamma) \pm \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4(s-2\lambda)^2}\Big),\quad \tfrac12\Big(s(\gamma+\tfrac1\gamma) \pm \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4s_i^2}\Big),\ i > 1`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    { text: 'lambda < s_1', without: { instances: design(rankOneMinimisers([2, 4])) } },
    {
      text: 'at the minimiser',
      without: { instances: design(changed(rankOneMinimisers([1 / 4, 1 / 16, 3 / 4]), tilted)) },
    },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(rankOneMinimisers([1 / 4, 1 / 16, 1 / 2, 3 / 4])),
  check(_, instance) {
    const target = matrix(instance.M);
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const predicted = rankOneSpectrum(target, penalties(target, instance));
    return equal('eigenvalues of the Hessian of F~', sorted(values), sorted(predicted), rounding);
  },
};

export const localContraction: Claim = {
  id: 'balance/local-contraction',
  statement:
    'Smoothed descent that is displaced from the minimiser of rank one along the slow eigenvector comes back by the factor 1 - eta rate a step.',
  formula: String.raw`z_t - z_\star = (1 - \eta\rho)^t(z_0 - z_\star) + O(|z_0 - z_\star|^2),\quad \rho = \tfrac12\Big(s(\gamma+\tfrac1\gamma) - \sqrt{s^2(\gamma-\tfrac1\gamma)^2 + 4(s-2\lambda)^2}\Big)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    { text: 'near the minimiser', without: { check: (_, instance) => contraction(instance, { far: true }) } },
    { text: 'along the slow eigenvector', without: { check: (_, instance) => contraction(instance, { mode: 1 }) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(rankOneMinimisers([1 / 4, 1 / 16, 3 / 4])),
  check: (_, instance) => contraction(instance),
};

export const slowModes: Claim = {
  id: 'balance/slow-modes',
  statement:
    'For small lambda and r = k the slow rates at the minimiser are one for each pair of triples, of order lambda; the rotations do not relax; the slowest rate is 4 alpha beta / (alpha + beta).',
  formula: String.raw`\frac{\lambda(\gamma + 1/\gamma)}{1 + s_is_j(\gamma - 1/\gamma)^2/(s_i+s_j)^2} + O(\lambda^2),\ i \le j;\qquad \min = \frac{4\alpha\beta}{\alpha+\beta}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    { text: 'r = k', without: { instances: design(exactRank(1)) } },
    { text: 'at the minimiser', without: { instances: design(changed(exactRank(0), tilted)) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(exactRank(0)),
  check(_, instance) {
    const target = matrix(instance.M);
    const penalty = penalties(target, instance);
    const s = singularValues(target).filter((each) => each > penalty.lambda);
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const still = (s.length * (s.length - 1)) / 2;
    const slow = values.slice(0, s.length ** 2);
    const rates = pairRates(s, penalty);
    const tolerance = Math.sqrt(rates.length) * pairError(s, penalty) + rounding;
    const slowest = (4 * penalty.alpha * penalty.beta) / (penalty.alpha + penalty.beta);
    return worst([
      equal('rates of rotations', sorted(slow.slice(0, still)), Matrix.zeros(still, 1), rounding * (still + 1)),
      equal('rates of pairs', sorted(slow.slice(still)), sorted(rates), tolerance),
      equal('the slowest rate', slow[still]!, slowest, tolerance),
    ]);
  },
};

export const freeColumns: Claim = {
  id: 'balance/free-columns',
  statement:
    'Every column beyond the triples above lambda adds its own rates at the minimiser: alpha, beta, 0, alpha + beta, and the pair of each triple below lambda, exactly.',
  formula: String.raw`\tfrac12\Big((\alpha+\beta) \pm \sqrt{(\alpha-\beta)^2 + 4\min(s_i, \lambda)^2}\Big),\ i \le p;\quad \alpha\ (d_1 - p\text{ times}),\ \beta\ (d_2 - p\text{ times})`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [{ text: 'at the minimiser', without: { instances: design(changed(spareColumns(2), tilted)) } }],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(spareColumns(1)),
  check(_, instance) {
    const target = matrix(instance.M);
    const r = instance.X0[0]!.length;
    const penalty = penalties(target, instance);
    const kept = singularValues(target).filter((each, i) => i < r && each > penalty.lambda).length;
    const { values, rounding } = curvatures(target, startOf(instance), instance);
    const tight =
      kept === 0 ? [] : curvatures(target, startOf(atMinimiser(instance.M, kept, instance, 0)), instance).values;
    const added = Array.from({ length: r - kept }, () => freeColumn(target, penalty)).flat();
    return equal('eigenvalues of the Hessian of F~', sorted(values), sorted([...tight, ...added]), rounding, { kept });
  },
};

export const sublinear: Claim = {
  id: 'balance/sublinear',
  statement: 'A triple exactly at the threshold, s = lambda, with a column free for it fades like 1 / t only.',
  formula: String.raw`1\times1,\ s = \lambda = 1:\quad x_t^2\,\eta t \to \tfrac{\gamma^2 + 1}{4},\quad \tfrac12 \text{ at } \gamma = 1`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [{ text: 's = lambda', without: { instances: design(threshold([2, 1 / 2])) } }],
  bound: 'equality',
  source: 'our proof',
  proof: 'limit-noise',
  items: ['3.5'],
  instances: design(threshold([1])),
  check(_, instance) {
    const [target, start] = [matrix(instance.M), startOf(instance)];
    const { gamma } = penalties(target, instance);
    const descent = smoothedGradientDescent({ target, start, stepSize: instance.eta, noise: instance });
    descent.advance(instance.steps);
    const time = instance.eta * instance.steps;
    // 1 / c^2, c the coordinate along the centre manifold, grows by 4 t / G, starts at (G / w)^2 and is off by less than
    // 3 log(1 + t) for the manifold's bend and for the steps (docs/theory.md#limit-noise).
    const G = gamma + 1 / gamma;
    const w = Math.sqrt(gamma) * start.X.get(0, 0) + start.Y.get(0, 0) / Math.sqrt(gamma);
    const limit = (gamma * G) / 4;
    const tolerance = (limit * G * ((G / w) ** 2 + 3 * Math.log(1 + time))) / (4 * time);
    return equal(`x^2 eta t after ${instance.steps} steps`, descent.X.get(0, 0) ** 2 * time, limit, tolerance);
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
  errors: { alpha: 1e-10, basis: 'leading order', detects: raisedNoise(1.25), beta: 1e-6 },
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
  errors: { alpha: 1e-10, basis: 'leading order', detects: scaledNoise(1.2, 1), beta: 1e-6 },
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
  errors: { alpha: 1e-10, basis: 'leading order', detects: scaledNoise(1.05, 1), beta: 1e-6 },
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
