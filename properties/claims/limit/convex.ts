/** The limit next to the target, and as the solution of a convex problem. */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { convexMinimiser, convexObjective, tooLarge } from './nuclear-norm.ts';
import { design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { shortRun, someNoise, startGrids, targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { matrix, type Instance } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import {
  OWN_SPECTRUM,
  singularVectors,
  spectral,
  spectralGrids,
  spectralPicks,
  type Spectral,
} from '../../instances/chosen-spectra.ts';
import { noiseFor, nonzero } from '../../instances/trajectories.ts';
import {
  norm,
  penalties,
  product,
  rank,
  singularValues,
  smoothedLoss,
  smoothedMinimiser,
  squaredNorm,
  type Factors,
} from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';

const limitOf = (instance: Instance): Factors =>
  smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance);

/** The rounding of a product of singular vectors and values, relative to the matrix that they come from. */
const decompositionRounding = (target: Matrix): number => 64 * (target.rows + target.columns) * u * norm(target);

const points: Design<Instance> = {
  grids: { ...targetGrids, ...startGrids },
  picks: { ...targetPicks, ...someNoise },
  complete: shortRun,
};

export const distance = claim({
  id: 'limit/distance',
  statement:
    'The limit differs from the target by lambda in every retained singular value, and lacks the others entirely.',
  formula: String.raw`\|X_\star Y_\star' - M\|^2 = \textstyle\sum_{i\le r}\min(s_i,\lambda)^2 + \sum_{i>r}s_i^2`,
  kind: 'identity',
  needs: 'theory',
  proof: 'minimisers',
  items: ['3.4'],
  instances: design(points),
  check(_, instance) {
    const [target, r] = [matrix(instance.M), instance.X0[0]!.length];
    const { lambda } = penalties(target, instance);
    const missing = singularValues(target).map((s, i) => (i < r ? Math.min(s, lambda) : s) ** 2);
    const found = squaredNorm(product(limitOf(instance)).sub(target));
    const rounding = 2 * decompositionRounding(target) * norm(target);
    return equal(
      "|X Y' - M|^2",
      found,
      missing.reduce((sum, square) => sum + square, 0),
      rounding,
      { lambda },
    );
  },
});

/** Targets with s_i = fall^(i-1): k of them, no more than columns. */
const fullRank: Design<Spectral> = {
  size: { r: [2, 3], k: [1, 2] },
  grids: spectralGrids,
  picks: { ...spectralPicks, share: [1 / 8] },
  complete: spectral,
  excludes: () => OWN_SPECTRUM,
};

const tooFewColumns: Design<Spectral> = { ...fullRank, size: { d1: [2, 8], d2: [2, 8], r: [1, 1], k: [2, 2] } };

function bounded(compare: typeof atMost, instance: Instance): Comparison {
  const target = matrix(instance.M);
  const { lambda } = penalties(target, instance);
  const bound = lambda * Math.sqrt(rank(target));
  return compare("|X Y' - M|", norm(product(limitOf(instance)).sub(target)), bound, decompositionRounding(target), {
    lambda,
  });
}

export const distanceBound = claim<Instance>({
  id: 'limit/distance-bound',
  statement: 'With enough columns the limit is within lambda sqrt(k) of a target of rank k.',
  formula: String.raw`\|X_\star Y_\star' - M\| \le \lambda\sqrt k`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [dropping('r >= k', tooFewColumns)],
  bound: {
    tight: 'where lambda <= s_k',
    on: { instances: design(fullRank), check: (_, instance) => bounded(equal, instance) },
  },
  proof: 'minimisers',
  items: ['3.4'],
  instances: design({
    ...points,
    size: { r: [2, 3], k: [1, 2] },
    excludes: ({ target, rank: r }) =>
      rank(matrix(target)) > r ? 'its rank is above that of the factors, and then the bound does not hold' : undefined,
  }),
  check: (_, instance) => bounded(atMost, instance),
});

/** Six decades of lambda: both scales shrink at their ratio, by 2^-10 in the end. */
const HALVINGS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Distances from M, and from the gamma-balanced point of its factorisations, in units of lambda. */
function* approach(instance: Spectral, exponent: { sigma1: number; sigma2: number }): Generator<Comparison> {
  const { s } = instance;
  const [target, { U, V }] = [matrix(instance.M), singularVectors(instance)];
  const { gamma } = penalties(target, instance);
  const S = Matrix.diag(s);
  const balanced = { X: U.mmul(S).mmul(U.transpose()), Y: V.mmul(S).mmul(V.transpose()) };
  for (const j of HALVINGS) {
    const sigma1 = instance.sigma1 * 2 ** (-j * exponent.sigma1);
    const sigma2 = instance.sigma2 * 2 ** (-j * exponent.sigma2);
    const { lambda } = penalties(target, { sigma1, sigma2 });
    const { X, Y } = limitOf({ ...instance, sigma1, sigma2 });
    const rounding = (2 * decompositionRounding(target)) / lambda;
    const [want, seen] = [Math.sqrt(s.length), { lambda, gamma }];
    yield equal("|X Y' - M| / lambda", norm(product({ X, Y }).sub(target)) / lambda, want, rounding, seen);
    const apart = (A: Matrix, scale: number, B: Matrix): number => norm(outerGram(A).mul(scale).sub(B)) / lambda;
    yield equal("|X X'/gamma - U S U'| / lambda", apart(X, 1 / gamma, balanced.X), want, rounding, seen);
    yield equal("|gamma Y Y' - V S V'| / lambda", apart(Y, gamma, balanced.Y), want, rounding, seen);
  }
}

export const smallNoise = claim<Spectral>({
  id: 'limit/small-noise',
  statement:
    'As the noise vanishes at a fixed ratio of its scales, the limit tends to the gamma-balanced factorisation of the target, at a distance in proportion to lambda.',
  formula: String.raw`\|X_\star Y_\star' - M\| = \|\gamma^{-1}X_\star X_\star' - USU'\| = \|\gamma Y_\star Y_\star' - VSV'\| = \lambda\sqrt k`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('r >= k', tooFewColumns),
    dropping('lambda <= s_k', { ...fullRank, picks: { ...spectralPicks, share: [3 / 2] } }),
    dropping('a fixed ratio sigma1 / sigma2', (_, instance) => worst(approach(instance, { sigma1: 2, sigma2: 0 }))),
  ],
  proof: 'minimisers',
  items: ['3.4'],
  instances: design(fullRank),
  check: (_, instance) => worst(approach(instance, { sigma1: 1, sigma2: 1 })),
});

/** Lambda as a share of s_1, so that some singular values lie above it and some below. */
const regularised: Design<Instance> = {
  grids: { ...targetGrids, ...startGrids },
  picks: { ...targetPicks, share: [1 / 4, 1 / 2, 1 / 8, 3 / 2], balance: [1, 2, 1 / 2, 0] },
  accepts: (draft) => nonzero(draft) && above(draft) <= draft.size.r,
  complete: (draft) => ({ ...shortRun(draft), ...scales(draft) }),
  excludes: ({ target }) =>
    target.flat().every((entry) => entry === 0) ? 'a target of 0 has no singular value to regularise' : undefined,
};

function scales(draft: Draft): { sigma1: number; sigma2: number } {
  const M = targetOf(draft);
  return noiseFor(M, draft.picks['share']! * singularValues(matrix(M))[0]!, draft.picks['balance']!);
}

/** The number of singular values above lambda. */
function above(draft: Draft): number {
  const target = matrix(targetOf(draft));
  const { lambda } = penalties(target, scales(draft));
  return singularValues(target).filter((s) => s > lambda).length;
}

const ENOUGH = 'r >= #{i : s_i > lambda}';

export const certificate = claim<Instance>({
  id: 'limit/dual-certificate',
  statement:
    'The limit satisfies the optimality conditions of nuclear-norm regularised least squares of weight lambda: the residual is a subgradient.',
  formula: String.raw`Z = X_\star Y_\star':\quad \|M - Z\|_{op} \le \lambda,\quad \langle M - Z, Z\rangle = \tfrac\lambda2\left(\gamma^{-1}\|X_\star\|^2 + \gamma\|Y_\star\|^2\right)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(ENOUGH, tooFewColumns)],
  source: 'Lee, Liang, Tang and Toh 2022 (nuclear-norm regularised problems in factored form); our proof',
  proof: 'lee',
  items: ['3.2', '8.5'],
  instances: design(regularised),
  check(_, instance) {
    const target = matrix(instance.M);
    const { lambda, gamma } = penalties(target, instance);
    const { X, Y } = limitOf(instance);
    const Z = product({ X, Y });
    const dual = Matrix.sub(target, Z);
    const rounding = decompositionRounding(target);
    const size = (squaredNorm(X) / gamma + gamma * squaredNorm(Y)) / 2;
    return worst([
      atMost('|M - Z|_op', singularValues(dual)[0]!, lambda, rounding),
      equal('<M - Z, Z>', Matrix.mul(dual, Z).sum(), lambda * size, rounding * (norm(target) + lambda), { lambda }),
    ]);
  },
});

/**
 * The convex solver takes roots of eigenvalues that rounding moves by 8 d u |Z|^2: an error of 2^-24 |M| if they are 0,
 * which its rate of at most 9/10 accumulates ten times.
 */
const CONVEX = 2 ** -20;

/** An s_i that is within a ninth of lambda makes the convex solver slow. */
function decided(draft: Draft): boolean {
  if (!regularised.accepts!(draft)) return false;
  const target = matrix(targetOf(draft));
  const { lambda } = penalties(target, scales(draft));
  return singularValues(target).every((s) => Math.min(s / lambda, lambda / s) <= 9 / 10);
}

export const nuclearNorm = claim<Instance>({
  id: 'limit/nuclear-norm',
  statement:
    'The limit and its value are those of nuclear-norm regularised least squares of weight lambda, as computed by a convex solver without soft-thresholding.',
  formula: String.raw`X_\star Y_\star' = \arg\min_Z \tfrac12\|Z - M\|^2 + \lambda\|Z\|_{nuc},\quad \min\tilde F - c = \min_Z\{\ldots\}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(ENOUGH, tooFewColumns)],
  source: 'Lee, Liang, Tang and Toh 2022 (nuclear-norm regularised problems in factored form); our proof',
  proof: 'lee',
  items: ['3.2', '8.5'],
  instances: design({
    ...regularised,
    size: { d1: [1, 6], d2: [1, 6] },
    accepts: decided,
    excludes: (given) => regularised.excludes!(given) ?? tooLarge(given),
  }),
  check(_, instance) {
    const target = matrix(instance.M);
    const { alpha, beta, lambda } = penalties(target, instance);
    const limit = limitOf(instance);
    const Z = convexMinimiser(target, lambda);
    const value = smoothedLoss(target, limit, instance) - (limit.X.columns * alpha * beta) / 2;
    return worst([
      equal("X Y' against the convex solution", product(limit), Z, norm(target) * CONVEX, { lambda }),
      equal(
        'F~ - c against the convex value',
        value,
        convexObjective(target, lambda, Z),
        4 * CONVEX * norm(target) * (norm(target) + lambda),
        { lambda },
      ),
    ]);
  },
});
