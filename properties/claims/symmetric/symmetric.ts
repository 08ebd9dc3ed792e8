/** The symmetric problem |X X' - M|^2 / 4 under noise: its objective, its limit, and recovery from noisy observations. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { axes, changedRule, grid, planes, SIGNS, type Cubature, type LineRule } from '../../oracles/cubature.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { doubled, shifted } from '../../instances/noise-variants.ts';
import { entriesOf, matrix, type Instance } from '../../model/instance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import {
  loweredEigenvalues,
  norm,
  scriptedNoise,
  smoothedSymmetricGradient,
  smoothedSymmetricLoss,
  squaredNorm,
  symmetricLoss,
  symmetricRidge,
} from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import {
  descendSymmetrically,
  errorBound,
  limitError,
  notSymmetric,
  partsOf,
  scaleFor,
  SOURCE,
  symmetric,
  symmetricGrids,
  symmetricSteps,
  type Noisy,
} from './problems.ts';

/** Mean 0, variance 1, third moment 3/2. */
const SKEWED: LineRule = [
  [2, 1 / 5],
  [-1 / 2, 4 / 5],
];

/** The point of noise space for the second factor of the pair descent. */
const noiseSpace = ({ X0 }: Instance): number => entriesOf(X0);

/** The step averaged over a rule, against the step on the smoothed objective. */
function meanStep(instance: Instance, rule: Cubature, stepOf = oneStep): Comparison {
  const [target, start] = [matrix(instance.M), matrix(instance.X0)];
  const { eta, sigma1: sigma } = instance;
  const mean = Matrix.zeros(start.rows, start.columns);
  let [rounding, sizes, points] = [0, 0, 0];
  for (const [point, weight] of rule) {
    const after = stepOf(instance, point);
    mean.add(Matrix.mul(after, weight));
    const there = Matrix.from1DArray(start.rows, start.columns, point).mul(sigma).add(start);
    rounding += Math.abs(weight) * stepRounding(target, { X: start, Y: start }, { X: there, Y: there }, { eta });
    sizes += Math.abs(weight) * norm(after);
    points++;
  }
  const want = smoothedSymmetricGradient(target, start, sigma).mul(-eta).add(start);
  const found = equal('mean of X', mean, want, rounding + (points + 2) * u * sizes);
  const ridge = eta * symmetricRidge(start, sigma) * norm(start);
  return ridge > 0 ? showing(ridge, found) : found;
}

function oneStep(instance: Instance, point: Float64Array): Matrix {
  const descent = descendSymmetrically(instance, { source: scriptedNoise(point) });
  descent.advance(1);
  return descent.X;
}

/** The same with noise of its own on either X of X X': a pair of factors that are equal at the start. */
function pairStep(instance: Instance, point: Float64Array): Matrix {
  const { X0, M, eta, sigma1: sigma } = instance;
  const descent = referenceDescent({
    target: matrix(M),
    start: { X: matrix(X0), Y: matrix(X0) },
    stepSize: eta,
    noise: { sigma1: sigma, sigma2: sigma, source: scriptedNoise(Float64Array.of(...point, ...point.toReversed())) },
  });
  descent.advance(1);
  return descent.X;
}

/** Few enough entries for an average over all patterns of noise with two values. */
const few: Design<Instance> = { ...symmetricSteps, size: { d1: [1, 3], r: [1, 2] } };
const loud: Design<Instance> = { ...few, picks: { ...few.picks, sigma: [1, 1 / 2] } };
const off = (draft: Draft): boolean => draft.grids['X0']!.flat().some((entry) => entry !== 0);

const MOMENTS = [
  { text: 'noise of mean 0', rule: (n: number): Cubature => changedRule(axes(n), shifted) },
  { text: 'noise of variance sigma^2', rule: (n: number): Cubature => changedRule(axes(n), doubled) },
] as const;

export const meanOfStep = claim({
  id: 'symmetric/mean-step',
  statement: 'On the symmetric problem noise on X adds the ridge (d + r + 1) sigma^2 X to the mean gradient.',
  formula: String.raw`E[(\tilde X\tilde X' - M)\tilde X] = (XX' - M)X + (d + r + 1)\,\sigma^2 X,\quad \tilde X = X + \xi`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    ...MOMENTS.map(({ text, rule }) =>
      dropping(text, { ...loud, accepts: off }, (_: unknown, instance: Instance) =>
        meanStep(instance, rule(noiseSpace(instance))),
      ),
    ),
    dropping('noise without third moments', loud, (_, instance) =>
      meanStep(instance, grid(noiseSpace(instance), SKEWED)),
    ),
    dropping("the same noise on both sides of X X'", { ...loud, accepts: off }, (_, instance) =>
      meanStep(instance, axes(noiseSpace(instance)), pairStep),
    ),
  ],
  source: SOURCE,
  proof: 'symmetric',
  items: ['10.1'],
  instances: design(symmetricSteps),
  check: (_, instance) => meanStep(instance, axes(noiseSpace(instance))),
});

function meanLoss(instance: Instance, rule: Cubature): Comparison {
  const [target, X, { sigma1: sigma }] = [matrix(instance.M), matrix(instance.X0), instance];
  let [mean, size, points] = [0, 0, 0];
  for (const [point, weight] of rule) {
    const there = Matrix.from1DArray(X.rows, X.columns, point).mul(sigma).add(X);
    mean += weight * symmetricLoss(target, there);
    size += Math.abs(weight) * (squaredNorm(there) + norm(target)) ** 2;
    points++;
  }
  const rounding = (points + target.rows ** 2 + 8) * u * size;
  return equal('mean of F', mean, smoothedSymmetricLoss(target, X, sigma), rounding);
}

export const objective = claim({
  id: 'symmetric/objective',
  statement:
    'Averaged over the noise the symmetric loss is itself with a ridge of weight (d + r + 1) sigma^2 / 2, and constants.',
  formula: String.raw`E F(X + \xi) = F(X) + \tfrac{\mu}{2}\|X\|^2 - \tfrac r2\sigma^2\,\mathrm{tr}M + \tfrac14 dr\,\sigma^2\mu,\quad \mu = (d + r + 1)\,\sigma^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    ...MOMENTS.map(({ text, rule }) =>
      dropping(text, loud, (_: unknown, instance: Instance) => meanLoss(instance, rule(noiseSpace(instance)))),
    ),
    dropping('noise with the fourth moment of a normal', loud, (_, instance) =>
      meanLoss(instance, grid(noiseSpace(instance), SIGNS)),
    ),
  ],
  source: SOURCE,
  proof: 'symmetric',
  items: ['10.1'],
  instances: design(symmetricSteps),
  check: (_, instance) => meanLoss(instance, planes(noiseSpace(instance))),
});

/** Any point with r = d. */
const square: Design<Instance> = {
  ...symmetricSteps,
  grids: { ...symmetricGrids, X0: { shape: ['d1', 'd1'], unit: 1 / 4, max: 2 } },
  excludes: (given) => (given.rank < given.target.length ? 'it needs r = d' : notSymmetric(given)),
};

/** The excess of the smoothed objective over its least value, and |X X' - S*|^2 / 4. */
function excessOf(instance: Instance): { excess: number; distance: number; rounding: number } {
  const [target, X, { sigma1: sigma }] = [matrix(instance.M), matrix(instance.X0), instance];
  const mu = symmetricRidge(X, sigma);
  const best = loweredEigenvalues(target, X.columns, mu);
  // F~ depends on X X' = S only: |S - M|^2 / 4 + mu/2 tr S and a constant.
  const value = (S: Matrix): number => squaredNorm(Matrix.sub(S, target)) / 4 + (mu * S.trace()) / 2;
  const S = outerGram(X);
  const size = (norm(S) + norm(best) + norm(target) + mu) ** 2;
  return {
    excess: value(S) - value(best),
    distance: squaredNorm(Matrix.sub(S, best)) / 4,
    rounding: 64 * (target.rows + 2) * u * size,
  };
}

export const minimiser = claim({
  id: 'symmetric/minimiser',
  statement:
    'The smoothed symmetric objective is least at the product whose eigenvalues are those of the target lowered by mu and cut at 0, and grows with the squared distance to this point.',
  formula: String.raw`\tilde F(X) - \min\tilde F \ge \tfrac14\|XX' - S_\star\|^2,\quad S_\star = (M - \mu I)_+`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [dropping('r = d', { ...symmetricSteps, size: { d1: [3, 4], r: [1, 1], k: [2, 3] } })],
  bound: {
    tight: 'if no eigenvalue of M is below mu',
    on: {
      // M = A A' - B B' + c I with c above |B|^2 + mu.
      instances: design(
        changed(square, (instance) => {
          const M = matrix(instance.M);
          const c = Math.ceil(norm(M) + symmetricRidge(matrix(instance.X0), instance.sigma1));
          return { ...instance, M: M.add(Matrix.eye(M.rows).mul(c)).to2DArray() };
        }),
      ),
      check(_, instance) {
        const { excess, distance, rounding } = excessOf(instance);
        return equal('excess of the smoothed objective', excess, distance, rounding);
      },
    },
  },
  source: SOURCE,
  proof: 'symmetric',
  items: ['10.1'],
  instances: design(square),
  check(_, instance) {
    const { excess, distance, rounding } = excessOf(instance);
    return atLeast('excess of the smoothed objective', excess, distance, rounding);
  },
});

/** a a' + E with mu at least the largest eigenvalue of E, times `share`; both on the lattice. */
function observed(draft: Draft, share: number): Noisy {
  const { grids, seed, size } = draft;
  const [a, G] = [matrix(grids['a']!), matrix(grids['G']!)];
  const E = Matrix.add(G, G.transpose()).mul(draft.picks['noise']!);
  const mu = share * Math.max(largestEigenvalue(E), 1 / 64);
  const sigma = scaleFor(mu, size.d1, size.r);
  const M = a.mmul(a.transpose()).add(E).to2DArray();
  return { ...symmetric(M, grids['X0']!, sigma, 1 / 64, 0, seed), signal: grids['a']! };
}

/** The largest eigenvalue of a symmetric matrix. */
const largestEigenvalue = (E: Matrix): number => {
  // E + c I is positive semidefinite for c = |E|, so that its norm of rank one is its largest eigenvalue.
  const c = norm(E);
  const top = loweredEigenvalues(Matrix.add(E, Matrix.eye(E.rows).mul(c)), 1, 0);
  return top.trace() - c;
};

const observations = (share: readonly number[], noise: readonly number[]): Design<Noisy> => ({
  size: { d1: [1, 6], r: [1, 2] },
  grids: {
    a: { shape: ['d1', 'one'], unit: 1 / 2, max: 3 },
    G: { shape: ['d1', 'd1'], unit: 1 / 4, max: 1 },
    X0: { shape: ['d1', 'r'], unit: 1 / 4, max: 1 },
  },
  picks: { share, noise },
  accepts: (draft) => draft.grids['a']!.some(([entry]) => entry !== 0),
  complete: (draft) => observed(draft, draft.picks['share']!),
  excludes: () => 'it makes its own signal and noise',
});

const recoveryRounding = (instance: Noisy): number => {
  const { target, signal, mu } = partsOf(instance);
  return 64 * (target.rows + 2) * u * (norm(target) + norm(signal) + mu);
};

/** Shares that stay above 1 when sigma is rounded to three binary digits, by at most 1/8 each way. */
const ABOVE = [3 / 2, 2, 4] as const;

export const recoveryBound = claim<Noisy>({
  id: 'symmetric/recovery-bound',
  statement:
    'From a signal of rank one under noise whose eigenvalues are at most mu, the limit recovers the signal up to an error that is bounded by the noise in its direction and by mu, for every d.',
  formula: String.raw`M = aa' + E,\ \lambda_{\max}(E) \le \mu:\quad \|S_\star - aa'\|^2 \le 2\|Bu\|^2 - (u'Bu)^2,\quad B = \mu I - E,\ u = a/\|a\|`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('mu is at least the largest eigenvalue of the noise', {
      ...observations([1 / 64], [1]),
      size: { d1: [4, 6], r: [2, 2] },
    }),
  ],
  bound: {
    tight: 'without noise in M, where the signal is above mu',
    on: {
      instances: design(
        changed(
          {
            ...observations([2], [0]),
            accepts: ({ grids }: Draft) => squaredNorm(matrix(grids['a']!)) >= 1,
          },
          (instance) => ({ ...instance, sigma1: 1 / 8, sigma2: 1 / 8 }),
        ),
      ),
      check: (_, instance) =>
        equal("|S* - a a'|", limitError(instance), errorBound(instance), recoveryRounding(instance)),
    },
  },
  source: SOURCE,
  proof: 'symmetric-recovery',
  items: ['10.2'],
  instances: design(observations(ABOVE, [1, 1 / 2])),
  check: (_, instance) =>
    worst([atMost("|S* - a a'|", limitError(instance), errorBound(instance), recoveryRounding(instance))]),
});
