/**
 * The distribution of the steps, for solvers with random numbers of their own: covariance, and independence from step
 * to step.
 */
import { claim, equal, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design, GridDesign } from '../../model/draft.ts';
import { shortRun, shortRuns, startGrids, targetGrids } from '../../instances/designs.ts';
import { altered, alternating, sameEveryStep, shifted } from '../../instances/noise-variants.ts';
import {
  blockSize,
  entriesOf,
  matrix,
  noiseOf,
  optionsOf,
  startOf,
  zeros,
  type Grid,
  type Instance,
} from '../../model/instance.ts';
import { deviation, lawOf, placed, seen, type Look, type Placed } from './white-steps.ts';
import { inUnits } from '../../instances/units.ts';
import { blocks, grid, planes, type Cubature, SIGNS } from '../../oracles/cubature.ts';
import { deviation as allowance, stepsOver } from '../../oracles/martingale.ts';
import { perturb } from '../../oracles/formula.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { component, moments } from '../../oracles/step-law.ts';
import { PER_TRIAL } from '../../run/chance.ts';
import { correlatedNoise, stepSize } from '../../run/violations.ts';
import { norm, type Factors, type NoiseSource, type Solver } from '../../../src/index.ts';

/** A run, and a direction (P, Q) in which its steps are looked at. */
type Directed = Instance & { P: Grid; Q: Grid };

const directionGrids = {
  P: { shape: ['d1', 'r'], unit: 1, max: 2 },
  Q: { shape: ['d2', 'r'], unit: 1, max: 2 },
} as const satisfies Record<string, GridDesign>;

const directionOf = ({ P, Q }: Directed): Factors => ({ X: matrix(P), Y: matrix(Q) });

const directed: Design<Directed> = {
  size: { d1: [1, 2], d2: [1, 2], r: [1, 2] },
  grids: { ...targetGrids, ...startGrids, ...directionGrids },
  picks: { ...shortRuns([1]).picks },
  // In the direction 0 nothing is seen.
  accepts: ({ grids: { P, Q } }) => [...P!.flat(), ...Q!.flat()].some((entry) => entry !== 0),
  complete: (draft) => ({ ...shortRun(draft), P: draft.grids['P']!, Q: draft.grids['Q']! }),
  excludes: ({ target, rank }) =>
    target.length * target[0]!.length * rank * rank > 36
      ? 'it averages over 4 (d1 d2 r^2)^2 pairs of points: it needs d1 d2 r^2 <= 36'
      : undefined,
};

const noisy = { ...directed.picks, sigma1: [1 / 2, 1 / 4], sigma2: [1 / 2, 1 / 4] };

/** The rule's mean of the squared deviation of a step from its mean, in the direction, against the formula. */
function squaredDeviation(
  solver: Solver,
  instance: Directed,
  rule: Cubature,
  formula: 'variance' | 'leading' = 'variance',
): Comparison {
  const [target, at, direction, points] = [matrix(instance.M), startOf(instance), directionOf(instance), [...rule]];
  const law = moments(target, at, direction, instance);
  const length = Math.hypot(norm(direction.X), norm(direction.Y));
  let [sum, rounding] = [0, 0];
  for (const { after, weight, point } of stepsOver(solver, instance, at, points)) {
    const deviation = component(direction, after) - law.mean;
    // stepRounding has the sizes of all terms, so it covers the products with the direction and the mean too.
    const error = 4 * length * stepRounding(target, at, perturb(at, instance, point), instance);
    sum += weight * deviation ** 2;
    rounding += Math.abs(weight) * ((2 * Math.abs(deviation) + error) * error + points.length * u * deviation ** 2);
  }
  const expected = law[formula];
  return showing(expected, equal('variance of <P, X+> + <Q, Y+>', sum, expected, rounding + 64 * u * expected));
}

/** A rule that is exact up to degree 5 in each block of the noise. */
const exactRule = ({ X0, Y0 }: Instance): Cubature => blocks(planes(entriesOf(X0)), planes(entriesOf(Y0)));

/** One row of the noise on X for all its rows. */
function* alikeRule({ X0, Y0 }: Instance): Cubature & Generator<readonly [Float64Array, number]> {
  const r = X0[0]!.length;
  for (const [point, weight] of blocks(planes(r), planes(entriesOf(Y0)))) {
    yield [Float64Array.of(...X0.flatMap(() => [...point.subarray(0, r)]), ...point.subarray(r)), weight] as const;
  }
}

export const covariance = claim<Directed>({
  id: 'law/step-covariance',
  statement:
    'Given the past a step has the covariance eta^2 H Sigma H, with H the Hessian of the smoothed objective and Sigma that of the noise, and the terms of higher order in the noise of the formula.',
  formula: String.raw`\mathrm{Var}\left(\langle P, X^+\rangle + \langle Q, Y^+\rangle\right) = \eta^2\langle(P,Q), \tilde{\mathcal H}\Sigma\tilde{\mathcal H}(P,Q)\rangle + \eta^2 c_4(P,Q)`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('Gaussian noise', { ...directed, picks: noisy }, (s, i) =>
      squaredDeviation(s, i, grid(entriesOf(i.X0) + entriesOf(i.Y0), SIGNS)),
    ),
    dropping(
      'the rows of the noise are independent',
      { ...directed, picks: noisy, size: { d1: [2, 2], d2: [1, 2], r: [1, 2] } },
      (s, i) => squaredDeviation(s, i, alikeRule(i)),
    ),
    dropping('the terms of higher order are counted', { ...directed, picks: noisy }, (s, i) =>
      squaredDeviation(s, i, exactRule(i), 'leading'),
    ),
  ],
  proof: 'step-covariance',
  items: ['2.5'],
  instances: design(directed),
  check: (solver, instance) => squaredDeviation(solver, instance, exactRule(instance)),
});

/**
 * Runs at their usual pace. `place`: 0 for a target and a start of 0, from which only products of the noise move a
 * step.
 */
const usual: Design<Placed> = {
  ...placed,
  picks: { ...placed.picks, settling: [0], place: [1, 1, 1, 0] },
  complete(draft) {
    const [run, place] = [placed.complete(draft), draft.picks['place'] ?? 1];
    const scaled = (grid: Grid): Grid => (place === 0 ? zeros(grid) : grid);
    return { ...run, M: draft.target ?? scaled(run.M), X0: scaled(run.X0), Y0: scaled(run.Y0), steps: 384 };
  },
};

/** Products of successive deviations fluctuate more than the deviations: it takes more of them to see a correlation of 0.2. */
const longer: Design<Placed> = { ...usual, complete: (draft) => ({ ...usual.complete(draft), steps: 512 }) };

/** Early steps are enough to show that a hypothesis is needed. */
const early: Design<Placed> = { ...usual, picks: { ...usual.picks, earlier: [0] } };

/** Entries whose deviations are looked at. */
const FEW = 6;

/** The deviations of a run's steps from their means in some entries, white given the past: z_t. The next one overwrites it. */
function* whitened(solver: Solver, instance: Placed, source: NoiseSource): Generator<Float64Array> {
  const law = lawOf(instance, FEW);
  const descent = solver(optionsOf(instance, source));
  if (instance.earlier > 0) descent.advance(instance.earlier);
  let [before, spare]: [Look, Look | undefined] = [seen(law, descent), undefined];
  for (let t = 0; t < instance.steps; t++) {
    law.prepare();
    descent.advance(1);
    const after = seen(law, descent, spare);
    yield law.whiten(deviation(before, after));
    [before, spare] = [after, before];
  }
}

/** A sum of martingale differences, given with their variances, against the bound by their size. */
function martingaleSum(what: string, differences: Iterable<readonly [number, number]>, rho: number): Comparison {
  let [sum, squares, variance] = [0, 0, 0];
  for (const [difference, given] of differences) {
    sum += difference;
    squares += difference ** 2;
    variance += given;
  }
  // Half of the chance of a false alarm leaves 1 % of the bound for rounding, which is smaller by many orders.
  const allowed = allowance(squares + variance, rho, PER_TRIAL / 2);
  return equal(what, sum, 0, allowed, { 'sum of squares': squares, 'sum of variances': variance });
}

/** <w, z_t> has mean 0 and variance 1 for a fixed w of length 1: that along the mean of the first step from the start. */
function sumOfDeviations(solver: Solver, instance: Placed, source: NoiseSource): Comparison {
  const w = alongMean(instance);
  function* differences(): Generator<readonly [number, number]> {
    for (const z of whitened(solver, instance, source)) yield [inner(w, z), 1];
  }
  return martingaleSum('sum of <w, z>', differences(), instance.steps / 16);
}

/** The mean of a step at the start in units of its covariance, scaled to length 1. */
function alongMean(instance: Instance): Float64Array {
  const law = lawOf(instance, FEW);
  law.see(startOf(instance));
  law.prepare();
  const drift = law.whiten(law.drift());
  const length = Math.sqrt(inner(drift, drift));
  return length === 0 ? drift.fill(1 / Math.sqrt(drift.length)) : drift.map((value) => value / length);
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** <z_t, z_{t+1}> has mean 0 and variance |z_t|^2, given all that precedes step t + 1. */
function sumOfProducts(solver: Solver, instance: Placed, source: NoiseSource): Comparison {
  function* differences(): Generator<readonly [number, number]> {
    let before = new Float64Array(FEW);
    for (const z of whitened(solver, instance, source)) {
      yield [inner(before.subarray(0, z.length), z), inner(before, before)];
      before = new Float64Array(z);
    }
  }
  const numbers = Math.min(FEW, blockSize(instance));
  return martingaleSum('sum of <z_t, z_{t+1}>', differences(), (numbers * instance.steps) / 16);
}

export const meanStep = claim<Placed>({
  id: 'law/mean-step',
  statement:
    'Along any run the deviations of the steps from a gradient step on the smoothed objective, white and in a fixed direction, add up to no more than a martingale of their variance can.',
  formula: String.raw`P\Big(S^2 \ge (V + \rho)\big(2\log\tfrac1\delta + \log(1 + \tfrac V\rho)\big)\Big) \le \delta,\quad S = \sum\langle w, z_t\rangle,\ V = \sum(\langle w, z_t\rangle^2 + 1),\ z_t = L_t^{-1}\delta_t`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('noise of mean 0', early, (s, i) => sumOfDeviations(s, i, altered(i, shifted))),
    dropping('fresh noise in every step', early, (s, i) => sumOfDeviations(s, i, sameEveryStep(i))),
  ],
  bound: 'valid',
  source: 'our proof, from the exponential inequality of Bercu and Touati 2008',
  proof: 'step-covariance',
  items: ['2.2', '2.5'],
  random: { basis: 'exact bound', shift: stepSize(0.05) },
  instances: design(inUnits(usual)),
  check: (solver, instance) => sumOfDeviations(solver, instance, noiseOf(instance)),
});

export const successive = claim<Placed>({
  id: 'law/successive',
  statement:
    'Deviations of successive steps from their means are uncorrelated: the products of their white forms add up to no more than a martingale of their variance can.',
  formula: String.raw`E[\langle z_t, z_{t+1}\rangle \mid \text{past}] = 0,\quad z_t = L_t^{-1}\delta_t,\ L_tL_t' = \mathrm{Var}(\delta_t \mid \text{past}),\ \delta_t = (dX, dY) + \eta\nabla\tilde F`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('fresh noise in every step', early, (s, i) => sumOfProducts(s, i, sameEveryStep(i))),
    dropping('the noise of a step does not depend on that of the step before', early, (s, i) =>
      sumOfProducts(s, i, alternating(i)),
    ),
  ],
  bound: 'valid',
  source: 'our proof, from the exponential inequality of Bercu and Touati 2008',
  proof: 'step-covariance',
  items: ['2.5', '3.7'],
  random: {
    basis: 'exact bound',
    shift: correlatedNoise(0.2, 'a run has 512 steps of at most 6 entries, 3072 products; law/white-steps has 40 000'),
  },
  instances: design(inUnits(longer)),
  check: (solver, instance) => sumOfProducts(solver, instance, noiseOf(instance)),
});
