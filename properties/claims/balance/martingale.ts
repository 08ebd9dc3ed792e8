/** The terms that move the imbalance along a run: a martingale, a pull towards balance, and terms of second order. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { axes, blocks, grid, planes, type Cubature, changedRule, SIGNS, tooManyAxes } from '../../oracles/cubature.ts';
import { design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, shortRuns, someNoise, startGrids, stepsWithin, targetGrids } from '../../instances/designs.ts';
import { divergedShares, unstable, type Diverging } from './divergence.ts';
import { perturb } from '../../oracles/formula.ts';
import {
  blockSize,
  descend,
  iterate,
  matrix,
  noiseOf,
  noiseTape,
  optionsOf,
  startOf,
  zeros,
  entriesOf,
  type Instance,
} from '../../model/instance.ts';
import {
  deviation,
  increment,
  noiseIncrement,
  pathRounding,
  pull,
  stepsOver,
  sizeOfPull,
  termsOf,
  traceIncrement,
  traceVariance,
} from '../../oracles/martingale.ts';
import { altered, sameEveryStep, seldom, shifted, doubled } from '../../instances/noise-variants.ts';
import { u } from '../../oracles/rounding.ts';
import { noiseSeed } from '../../model/seeds.ts';
import { PER_TRIAL } from '../../run/chance.ts';
import { noiseOnBoth } from '../../run/violations.ts';
import { isLarge } from '../../../src/theory/objective.ts';
import {
  gradient,
  imbalance,
  norm,
  rademacherNoise,
  scriptedNoise,
  type NoiseSource,
  type Solver,
} from '../../../src/index.ts';

/** The rule's mean of m at the point that the run reaches, against 0. */
function meanIncrement(solver: Solver, instance: Instance, rule: Cubature): Comparison {
  const descent = descend(solver, instance);
  descent.advance(instance.steps);
  const [at, terms, points] = [iterate(descent), termsOf(instance), [...rule]];
  const mean = Matrix.zeros(at.X.columns, at.X.columns);
  let rounding = 0;
  for (const drawn of stepsOver(solver, instance, at, points)) {
    const m = increment(at, drawn.after, terms);
    rounding += Math.abs(drawn.weight) * (drawn.rounding + points.length * u * norm(m));
    mean.add(m.mul(drawn.weight));
  }
  const zero = Matrix.zeros(mean.rows, mean.rows);
  const what = `mean of m in step ${instance.steps + 1}, given the past`;
  return showing(sizeOfPull(instance, at), equal(what, mean, zero, rounding, { X: at.X, Y: at.Y }));
}

const standard = (instance: Instance): Cubature => axes(blockSize(instance));

/** (z^2 - 1)/sqrt 2 in every entry of a column of xi1, z being the first of that column of xi2: exact up to degree 5 in z. */
function dependent({ X0, Y0 }: Instance): Cubature {
  const first = X0.flatMap((row) => row.map((_, column) => column));
  return [...planes(entriesOf(Y0))].map(
    ([z, weight]) => [Float64Array.of(...first.map((i) => (z[i]! ** 2 - 1) / Math.SQRT2), ...z), weight] as const,
  );
}

const anyStep = shortRuns([0, 1, 8, 64]);
export const martingaleMean = claim({
  id: 'balance/martingale-mean',
  statement:
    'At every step of every run the imbalance moves, to first order in the step, by a pull towards gamma-balance and by an increment whose mean given the past is exactly 0.',
  formula: String.raw`m_t = X'dX + dX'X - Y'dY - dY'Y + 2\eta(\alpha X'X - \beta Y'Y),\quad E[m_t \mid \text{past}] = 0`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('noise of mean 0', (s, i) => meanIncrement(s, i, changedRule(standard(i), shifted))),
    dropping('xi1 and xi2 are independent', { ...anyStep, picks: { ...anyStep.picks, ...someNoise } }, (s, i) =>
      meanIncrement(s, i, dependent(i)),
    ),
    dropping("E xi1'xi1 = beta I and E xi2'xi2 = alpha I", (s, i) =>
      meanIncrement(s, i, changedRule(standard(i), doubled)),
    ),
  ],
  proof: 'martingale',
  items: ['3.7'],
  instances: design({
    ...anyStep,
    large: { d1: [4, 10], d2: [4, 10], r: [4, 6], k: [1, 6] },
    excludes: tooManyAxes,
  }),
  check: (solver, instance) => meanIncrement(solver, instance, standard(instance)),
});

/** The rule's mean of (tr m)^2 at the start, against the formula. */
function meanSquare(solver: Solver, instance: Instance, rule: Cubature): Comparison {
  const [at, terms, points] = [startOf(instance), termsOf(instance), [...rule]];
  let [mean, rounding] = [0, 0];
  for (const { after, weight, rounding: error } of stepsOver(solver, instance, at, points)) {
    const m = traceIncrement(at, after, terms);
    mean += weight * m * m;
    rounding += Math.abs(weight) * ((2 * Math.abs(m) + error) * error + points.length * u * m * m);
  }
  const variance = traceVariance(matrix(instance.M), at, instance);
  return showing(variance, equal('E (tr m)^2', mean, variance, rounding + 32 * u * variance));
}

export const martingaleVariance = claim({
  id: 'balance/martingale-variance',
  statement: 'Given the past, the trace of the increment has the variance of the formula.',
  formula: String.raw`E(\mathrm{tr}\,m)^2 = 4\eta^2\big[\sigma_2^2|R'X|^2 + \sigma_1^2|RY|^2 + 2d_2\sigma_2^4|X'X|^2 + 2d_1\sigma_1^4|Y'Y|^2 + \sigma_1^2\sigma_2^4d_2(d_2{+}r{+}1)|X|^2 + \sigma_2^2\sigma_1^4d_1(d_1{+}r{+}1)|Y|^2 - 2(\sigma_1^2\alpha + \sigma_2^2\beta)\langle R, XY'\rangle\big]`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [dropping('Gaussian noise', (s, i) => meanSquare(s, i, grid(blockSize(i), SIGNS)))],
  proof: 'martingale',
  items: ['3.7'],
  instances: design({
    ...shortRuns([1]),
    size: { d1: [1, 3], d2: [1, 2], r: [1, 2] },
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank * rank > 36
        ? 'it averages over 4 (d1 d2 r^2)^2 pairs of points: it needs d1 d2 r^2 <= 36'
        : undefined,
  }),
  check: (solver, instance) =>
    meanSquare(solver, instance, blocks(planes(entriesOf(instance.X0)), planes(entriesOf(instance.Y0)))),
});

/** `runs` runs of `steps` steps, one after the other, from the same start and with one stream of noise. */
type Sampled = Instance & { runs: number };

/**
 * `lean`: a long run; or runs of one step from X = 0, at which tr m depends on sigma1 alone, or from Y = 0, at which it
 * depends on sigma2.
 */
const sampled: Design<Sampled> = {
  size: { d1: [1, 32], d2: [1, 6] },
  grids: { ...targetGrids, ...startGrids },
  picks: { lean: [1, -1, 0], sigma1: [1 / 4, 1 / 8, 1 / 2], sigma2: [1 / 4, 1 / 8, 1 / 2], slow: [1, 1 / 8] },
  accepts: ({ grids }) => ['X0', 'Y0'].every((name) => grids[name]!.flat().some((entry) => entry !== 0)),
  complete(draft) {
    const run = shortRun(draft);
    const lean = draft.picks['lean']!;
    // Solvers may look at a large target for long before they begin.
    if (lean === 0 || isLarge(matrix(run.M))) return { ...run, steps: stepsWithin(256, run.M, run.X0), runs: 1 };
    // A target of 0 leaves only the noise.
    const M = draft.target ?? zeros(run.M);
    return lean > 0 ? { ...run, M, X0: zeros(run.X0), runs: 512 } : { ...run, M, Y0: zeros(run.Y0), runs: 512 };
  },
};

const oneStepRuns: Design<Sampled> = { ...sampled, picks: { ...sampled.picks, lean: [1, -1] } };

/** The sum of tr m over all runs against the bound by its own size, [m] + <m>. */
function sumOfIncrements(solver: Solver, instance: Sampled, source: NoiseSource): Comparison {
  const [target, start, terms] = [matrix(instance.M), startOf(instance), termsOf(instance)];
  const options = optionsOf(instance, source);
  const first = traceVariance(target, start, instance);
  let [sum, squares, variance] = [0, 0, 0];
  for (let run = 0; run < instance.runs; run++) {
    const descent = solver(options);
    let before = start;
    for (let t = 0; t < instance.steps; t++) {
      variance += t === 0 ? first : traceVariance(target, before, instance);
      descent.advance(1);
      const after = iterate(descent);
      const m = traceIncrement(before, after, terms);
      sum += m;
      squares += m * m;
      before = after;
    }
  }
  const V = squares + variance;
  const rho = (instance.runs * instance.steps * first) / 16;
  // Half of the chance of a false alarm leaves 1 % of the bound for rounding, which is smaller by many orders.
  const allowed = deviation(V, rho, PER_TRIAL / 2);
  return equal('sum of tr m', sum, 0, allowed, { '[m]': squares, '<m>': variance, rho });
}

export const martingale = claim<Sampled>({
  id: 'balance/martingale',
  statement:
    'Along any runs the traces of the increments add up to no more than a martingale of their variance can, so the penalties that act on perturbed descent are d2 sigma2^2 and d1 sigma1^2.',
  formula: String.raw`P\Big(S^2 \ge (V + \rho)\big(2\log\tfrac1\delta + \log(1 + \tfrac V\rho)\big)\Big) \le \delta,\quad S = \sum\mathrm{tr}\,m_t,\ V = [m] + \langle m\rangle`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('fresh noise in every step', { ...sampled, picks: { ...sampled.picks, lean: [0] } }, (s, i) =>
      sumOfIncrements(s, { ...i, steps: 2048 }, sameEveryStep(i)),
    ),
    dropping('noise of mean 0', oneStepRuns, (s, i) => sumOfIncrements(s, i, altered(i, shifted))),
    dropping('entries of variance sigma1^2 and sigma2^2', oneStepRuns, (s, i) =>
      sumOfIncrements(s, i, altered(i, doubled)),
    ),
    dropping('Gaussian noise', oneStepRuns, (s, i) => sumOfIncrements(s, i, altered(i, seldom))),
  ],
  bound: 'valid',
  source: 'our proof, from the exponential inequality of Bercu and Touati 2008',
  proof: 'martingale',
  items: ['3.7'],
  random: { basis: 'exact bound', shift: noiseOnBoth(0.07) },
  instances: design(sampled),
  check: (solver, instance) => sumOfIncrements(solver, instance, noiseOf(instance)),
});

/** D_T - D_0 of a run against its value by the noise on `tape`, with or without the terms of second order. */
function alongPath(solver: Solver, instance: Instance, tape: Float64Array, second = true): Comparison {
  const [target, terms, block] = [matrix(instance.M), termsOf(instance), blockSize(instance)];
  const descent = solver(optionsOf(instance, scriptedNoise(noiseTape(instance))));
  const start = iterate(descent);
  const change = Matrix.zeros(start.X.columns, start.X.columns);
  let [before, rounding] = [start, 0];
  for (let t = 0; t < instance.steps; t++) {
    const perturbed = perturb(before, instance, tape.subarray(t * block, (t + 1) * block));
    const slope = gradient(target, perturbed);
    change.add(noiseIncrement(slope, before, perturbed, terms)).sub(pull(before, terms));
    if (second) change.add(imbalance(slope).mul(terms.eta ** 2));
    descent.advance(1);
    const after = iterate(descent);
    rounding += pathRounding(target, before, perturbed, after, terms);
    before = after;
  }
  return showing(norm(change), equal('D_T - D_0', imbalance(before).sub(imbalance(start)), change, rounding));
}

export const pathwise = claim({
  id: 'balance/pathwise',
  statement:
    'Along every path of perturbed gradient descent the imbalance is the sum of its increments, of the pull and of the terms of second order, exactly.',
  formula: String.raw`D_T - D_0 = \sum m_t - 2\eta\sum(\alpha X'X - \beta Y'Y) + \sum(dX'dX - dY'dY),\quad m_t = -\eta(H + H') + 2\eta(\alpha X'X - \beta Y'Y),\ H = \tilde X'\tilde R\xi_2 - \xi_1'\tilde R\tilde Y`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [
    dropping('the terms of second order are counted', (s, i) => alongPath(s, i, noiseTape(i), false)),
    dropping("m_t is made of the run's own noise", (s, i) => alongPath(s, i, noiseTape(i, i.steps, 'other noise'))),
  ],
  proof: 'martingale',
  items: ['3.8'],
  instances: design({ ...shortRuns([1, 4, 32, 128]), large: LARGE }),
  check: (solver, instance) => alongPath(solver, instance, noiseTape(instance)),
});

export const noStationaryLaw = claim<Diverging>({
  id: 'balance/no-stationary-law',
  statement:
    'At a constant step and with Gaussian noise almost every run diverges, at 1 x 1 in the shares that an independent simulation found, so there is no stationary distribution.',
  formula: String.raw`1 \times 1,\ \eta = 0.3,\ M = 1:\quad P(\text{diverged by } 10^2, 10^3, 10^4) = 0.8\,\%,\ 7.8\,\%,\ 55\,\% \text{ at } \sigma = \tfrac12`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('Gaussian noise, which is unbounded', { ...unstable, picks: { ...unstable.picks, row: [2, 3] } }, (s, i) =>
      divergedShares(s, i, rademacherNoise(noiseSeed(i, 'signs')), PER_TRIAL),
    ),
  ],
  source: 'our proof; our simulation',
  proof: 'no-stationary-law',
  items: ['3.8'],
  random: {
    basis: 'exact bound',
    shift: noiseOnBoth(
      0.2,
      'it counts how many of some dozens of runs diverge, a binomial number, against shares that are known to a few thousandths',
    ),
  },
  instances: design(unstable),
  check: (solver, instance) => divergedShares(solver, instance, noiseOf(instance), PER_TRIAL),
});
