/** The law of the steps, for solvers with random numbers of their own: covariance, and independence from step to step. */
import { Matrix } from 'ml-matrix';
import { equal, worst, type Claim, type Evidence } from '../claim.ts';
import { design, type Design, type GridDesign } from '../design.ts';
import { shortRun, shortRuns, startGrids, targetGrids, targetPicks } from '../instances/designs.ts';
import { drawnNormals, loneNoise, type Repeated } from '../instances/lone-noise.ts';
import { alike, altered, alternating, sameEveryStep, seldom, doubled, shifted } from '../instances/noise-variants.ts';
import { matrix, noiseOf, optionsOf, startOf, type Grid, type Instance, entriesOf } from '../instance.ts';
import { blocks, grid, planes, type Cubature, SIGNS } from '../oracles/cubature.ts';
import { deviation, stepsOver } from '../oracles/martingale.ts';
import { perturb } from '../oracles/formula.ts';
import { chiSquaredTails } from '../oracles/quantiles.ts';
import { stepRounding, u } from '../oracles/rounding.ts';
import { component, moments } from '../oracles/step-law.ts';
import { frozenNoise, scaledNoise } from '../judging/violations.ts';
import type { Factors, NoiseSource, Solver } from '../../src/index.ts';

/** A run, and a direction (P, Q) in which its steps are looked at. */
type Directed = Instance & { P: Grid; Q: Grid };

const directionGrids = {
  P: { shape: ['d1', 'r'], unit: 1, max: 2 },
  Q: { shape: ['d2', 'r'], unit: 1, max: 2 },
} as const satisfies Record<string, GridDesign>;

const directionOf = ({ P, Q }: Directed): Factors => ({ X: matrix(P), Y: matrix(Q) });

/** `place`: 0 for a target of 0 and a start there, where products of numbers of the noise are all that moves a step. */
const directed: Design<Directed> = {
  size: { d1: [1, 4], d2: [1, 4] },
  grids: { ...targetGrids, ...startGrids, ...directionGrids },
  picks: {
    ...targetPicks,
    steps: [1024],
    sigma1: [1 / 4, 1 / 8, 1 / 2],
    sigma2: [1 / 4, 1 / 8, 1 / 2],
    slow: [1, 1 / 8],
    place: [1, 0],
  },
  // In the direction 0 nothing is seen.
  accepts: ({ grids: { P, Q } }) => [...P!.flat(), ...Q!.flat()].some((entry) => entry !== 0),
  complete(draft) {
    const [run, place] = [shortRun(draft), draft.picks['place'] ?? 1];
    const scaled = (grid: Grid): Grid => grid.map((row) => row.map((entry) => place * entry));
    const at = { M: draft.target ?? scaled(run.M), X0: scaled(run.X0), Y0: scaled(run.Y0) };
    return { ...run, ...at, P: draft.grids['P']!, Q: draft.grids['Q']! };
  },
};

/** The rule's mean of the squared deviation of a step from its mean, in the direction, against the formula. */
function squaredDeviation(
  solver: Solver,
  instance: Directed,
  rule: Cubature,
  formula: 'variance' | 'leading' = 'variance',
): Evidence {
  const [target, at, direction, points] = [matrix(instance.M), startOf(instance), directionOf(instance), [...rule]];
  const law = moments(target, at, direction, instance);
  const length = Math.hypot(direction.X.norm(), direction.Y.norm());
  let [sum, rounding] = [0, 0];
  for (const { after, weight, point } of stepsOver(solver, instance, at, points)) {
    const deviation = component(direction, after) - law.mean;
    // stepRounding has the sizes of all terms, so it covers the products with the direction and the mean too.
    const error = 4 * length * stepRounding(target, at, perturb(at, instance, point), instance.eta);
    sum += weight * deviation ** 2;
    rounding += Math.abs(weight) * ((2 * Math.abs(deviation) + error) * error + points.length * u * deviation ** 2);
  }
  const expected = law[formula];
  return equal('variance of <P, X+> + <Q, Y+>', sum, expected, rounding + 64 * u * expected);
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

const small: Design<Directed> = {
  ...directed,
  size: { d1: [1, 2], d2: [1, 2], r: [1, 2] },
  picks: { ...shortRuns([1]).picks },
  excludes: ({ target, rank }) =>
    target.length * target[0]!.length * rank * rank > 36
      ? 'it averages over 4 (d1 d2 r^2)^2 pairs of points: it needs d1 d2 r^2 <= 36'
      : undefined,
};

const noisy = { ...small.picks, sigma1: [1 / 2, 1 / 4], sigma2: [1 / 2, 1 / 4] };

export const covariance: Claim<Directed> = {
  id: 'law/step-covariance',
  statement:
    'Given the past a step has the covariance eta^2 H Sigma H, with H the Hessian of the smoothed objective and Sigma that of the noise, and the terms of higher order in the noise that the formula says.',
  formula: String.raw`\mathrm{Var}\left(\langle P, X^+\rangle + \langle Q, Y^+\rangle\right) = \eta^2\langle(P,Q), \tilde{\mathcal H}\Sigma\tilde{\mathcal H}(P,Q)\rangle + \eta^2 c_4(P,Q)`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    {
      text: 'Gaussian noise',
      without: {
        instances: design({ ...small, picks: noisy }),
        check: (s, i) => squaredDeviation(s, i, grid(entriesOf(i.X0) + entriesOf(i.Y0), SIGNS)),
      },
    },
    {
      text: 'the rows of the noise are independent',
      without: {
        instances: design({ ...small, picks: noisy, size: { d1: [2, 2], d2: [1, 2], r: [1, 2] } }),
        check: (s, i) => squaredDeviation(s, i, alikeRule(i)),
      },
    },
    {
      text: 'the terms of higher order are counted',
      without: {
        instances: design({ ...small, picks: noisy }),
        check: (s, i) => squaredDeviation(s, i, exactRule(i), 'leading'),
      },
    },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'step-covariance',
  items: ['2.5'],
  instances: design(small),
  check: (solver, instance) => squaredDeviation(solver, instance, exactRule(instance)),
};

const FALSE_ALARM = 1e-10;

/** The deviations of a run's steps from their means in the direction, each in units of its standard deviation. */
function* standardised(solver: Solver, instance: Directed, source: NoiseSource): Generator<number> {
  const [target, direction] = [matrix(instance.M), directionOf(instance)];
  const descent = solver(optionsOf(instance, source));
  let at: Factors = { X: descent.X, Y: descent.Y };
  for (let t = 0; t < instance.steps; t++) {
    // Before the step: a solver may hand out matrices that it goes on with.
    const { mean, variance } = moments(target, at, direction, instance);
    descent.advance(1);
    at = { X: descent.X, Y: descent.Y };
    yield (component(direction, at) - mean) / Math.sqrt(variance);
  }
}

/** A sum of martingale differences, given with their variances, against what their size allows. */
function martingaleSum(what: string, differences: Iterable<readonly [number, number]>, rho: number): Evidence {
  let [sum, squares, variance] = [0, 0, 0];
  for (const [difference, given] of differences) {
    sum += difference;
    squares += difference ** 2;
    variance += given;
  }
  // Half of the chance of a false alarm leaves 1 % of the bound for rounding, which is smaller by many orders.
  const allowed = deviation(squares + variance, rho, FALSE_ALARM / 2);
  return equal(what, sum, 0, allowed, { 'sum of squares': squares, 'sum of variances': variance });
}

function sumOfDeviations(solver: Solver, instance: Directed, source: NoiseSource): Evidence {
  function* differences(): Generator<readonly [number, number]> {
    for (const nu of standardised(solver, instance, source)) yield [nu, 1];
  }
  return martingaleSum('sum of nu', differences(), instance.steps / 16);
}

/** nu_t nu_{t+1} has mean 0 and variance nu_t^2, given what was before step t + 1. */
function sumOfProducts(solver: Solver, instance: Directed, source: NoiseSource): Evidence {
  function* differences(): Generator<readonly [number, number]> {
    let before = 0;
    for (const nu of standardised(solver, instance, source)) {
      yield [before * nu, before ** 2];
      before = nu;
    }
  }
  return martingaleSum('sum of nu_t nu_{t+1}', differences(), instance.steps / 16);
}

export const meanStep: Claim<Directed> = {
  id: 'law/mean-step',
  statement:
    'Along any run the deviations of the steps from a gradient step on the smoothed objective, in a fixed direction, add up to no more than a martingale of their variance can.',
  formula: String.raw`P\Big(S^2 \ge (V + \rho)\big(2\log\tfrac1\delta + \log(1 + \tfrac V\rho)\big)\Big) \le \delta,\quad S = \sum\nu_t,\ V = \sum(\nu_t^2 + 1)`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    { text: 'noise of mean 0', without: { check: (s, i) => sumOfDeviations(s, i, altered(i, shifted)) } },
    {
      text: 'fresh noise in every step',
      without: { check: (s, i) => sumOfDeviations(s, i, sameEveryStep(i)) },
    },
  ],
  bound: 'valid',
  source: 'our proof, from the exponential inequality of Bercu and Touati 2008',
  proof: 'step-covariance',
  items: ['2.2', '2.5'],
  errors: { alpha: FALSE_ALARM, basis: 'exact bound', detects: frozenNoise, beta: 1e-6 },
  instances: design(directed),
  check: (solver, instance) => sumOfDeviations(solver, instance, noiseOf(instance)),
};

export const successive: Claim<Directed> = {
  id: 'law/successive',
  statement:
    'Deviations of successive steps from their means are uncorrelated: their products in a fixed direction add up to no more than a martingale of their variance can.',
  formula: String.raw`E[\nu_t\nu_{t+1} \mid \text{past}] = 0,\quad \nu_t = \frac{\langle(P,Q), \delta_t\rangle}{\sqrt{\mathrm{Var}\langle(P,Q),\delta_t\rangle}},\ \delta_t = (dX, dY) + \eta\nabla\tilde F`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    {
      text: 'fresh noise in every step',
      without: { check: (s, i) => sumOfProducts(s, i, sameEveryStep(i)) },
    },
    {
      text: 'the noise of a step does not depend on that of the step before',
      without: { check: (s, i) => sumOfProducts(s, i, alternating(i)) },
    },
  ],
  bound: 'valid',
  source: 'our proof, from the exponential inequality of Bercu and Touati 2008',
  proof: 'step-covariance',
  items: ['2.5', '3.7'],
  errors: { alpha: FALSE_ALARM, basis: 'exact bound', detects: frozenNoise, beta: 1e-6 },
  instances: design(directed),
  check: (solver, instance) => sumOfProducts(solver, instance, noiseOf(instance)),
};

/** Sample variances of the normals, of their sums, of their sums and differences in pairs, and their mean, against 1. */
function* sampleVariances(normals: Matrix): Generator<Evidence> {
  const [T, n] = [normals.rows, normals.columns];
  const products = normals.transpose().mmul(normals);
  // Two sides of n^2 + 3 sums of squares; a second half of the chance is left for rounding, which is smaller by many orders.
  const chance = FALSE_ALARM / (4 * (n * n + 3));
  const one = chiSquaredTails(T, chance);
  yield against('all normals together', products.trace(), T * n, chiSquaredTails(T * n, chance));
  yield equal('mean of all normals', normals.sum() / (T * n), 0, Math.sqrt(chiSquaredTails(1, chance)[1] / (T * n)));
  yield against('the sum of all normals', products.sum() / n, T, one);
  for (let i = 0; i < n; i++) {
    yield against(`normal ${i + 1}`, products.get(i, i), T, one);
    for (let j = 0; j < i; j++) {
      const [even, cross] = [(products.get(i, i) + products.get(j, j)) / 2, products.get(i, j)];
      yield against(`the sum of normals ${j + 1} and ${i + 1}`, even + cross, T, one);
      yield against(`the difference of normals ${j + 1} and ${i + 1}`, even - cross, T, one);
    }
  }
}

function against(what: string, squares: number, n: number, [low, high]: readonly [number, number]): Evidence {
  return equal(`sample variance of ${what}`, squares / n, 1, squares > n ? high / n - 1 : 1 - low / n);
}

const variances = (solver: Solver, instance: Repeated, source: NoiseSource): Evidence =>
  worst(sampleVariances(drawnNormals(solver, instance, source)));

export const stepVariance: Claim<Repeated> = {
  id: 'law/step-variance',
  statement:
    'Under noise on one factor alone a step is normal with the covariance of that noise: the entries that it is made of are uncorrelated, between rows and columns too, and have the variance sigma^2.',
  formula: String.raw`\sigma_2 = 0:\quad Z = -\frac{1}{\eta\sigma_1}(X^+ - EX^+)(Y'Y)^{-1},\quad \sum_{t \le T}\langle a, Z_t\rangle^2 \sim \chi^2_T \text{ for } |a| = 1`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    { text: 'Gaussian noise', without: { check: (s, i) => variances(s, i, altered(i, seldom)) } },
    {
      text: 'entries of variance sigma1^2 and sigma2^2',
      without: { check: (s, i) => variances(s, i, altered(i, doubled)) },
    },
    {
      text: 'the rows of the noise are independent',
      without: {
        instances: design({ ...loneNoise, size: { d1: [2, 6], d2: [2, 6] } }),
        check: (s, i) => variances(s, i, alike(i)),
      },
    },
    { text: 'fresh noise in every step', without: { check: (s, i) => variances(s, i, sameEveryStep(i)) } },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'step-covariance',
  items: ['2.5'],
  errors: { alpha: FALSE_ALARM, basis: 'exact bound', detects: scaledNoise(5 / 4, 5 / 4), beta: 1e-6 },
  instances: design(loneNoise),
  check: (solver, instance) => variances(solver, instance, noiseOf(instance)),
};
