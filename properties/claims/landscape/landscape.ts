/** All stationary points of the smoothed objective, and the curvature at the origin. */
import { Matrix } from 'ml-matrix';
import { equal, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, shortRuns, fromZero } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import { spectrumAtOrigin, spectrumOf, tooDense } from '../../oracles/hessians.ts';
import { stationaryNear } from '../../oracles/newton.ts';
import { u } from '../../oracles/rounding.ts';
import { anySet, noiseOf, slopeRounding, stationaryPoints, viewOf, type Stationary } from './stationary.ts';
import { longGrids, nonzero } from '../../instances/trajectories.ts';
import {
  gram,
  norm,
  penalties,
  product,
  singularValues,
  smoothedGradient,
  smoothedHessian,
  smoothedLoss,
  squaredNorm,
  type Factors,
} from '../../../src/index.ts';

const ours = { needs: 'theory', source: 'our proof', proof: 'saddles', items: ['3.3'] } as const;

/** The gradient, which is 0 up to its own rounding and that of the singular triples, a modest multiple of it. */
function stationarity(target: Matrix, at: Factors, noise: Instance): Comparison {
  const slope = stacked(smoothedGradient(target, at, noise));
  const scale = slopeRounding(target, at, noise);
  return equal('grad F~', slope, Matrix.zeros(slope.rows, slope.columns), 8 * scale);
}

export const catalogue: Claim<Stationary> = {
  id: 'landscape/catalogue',
  statement:
    'Keeping at most r of the singular triples above lambda, each lowered by lambda and split between the factors by gamma, gives a stationary point of the smoothed objective.',
  formula: String.raw`X = \sqrt\gamma\,U_A(S_A - \lambda)^{1/2}Q,\ Y = \gamma^{-1/2}V_A(S_A - \lambda)^{1/2}Q \;\Rightarrow\; \nabla\tilde F(X, Y) = 0`,
  kind: 'identity',
  ...ours,
  proof: 'minimisers',
  hypotheses: [
    {
      text: 's_i > lambda for every retained triple',
      ablation: {
        instances: design({
          ...stationaryPoints(anySet),
          picks: { ...stationaryPoints(anySet).picks, share: [2, 4], which: [0] },
        }),
        check(_, instance) {
          const { target, gamma, lambda, U, s, V } = viewOf(instance);
          const size = Math.sqrt(Math.abs(s[0]! - lambda));
          const q = matrix(instance.Q).getRowVector(0);
          const X = U.getColumnVector(0)
            .mmul(q)
            .mul(size * Math.sqrt(gamma));
          const Y = V.getColumnVector(0)
            .mmul(q)
            .mul(size / Math.sqrt(gamma));
          return stationarity(target, { X, Y }, instance);
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(stationaryPoints(anySet)),
  check: (_, instance) => stationarity(matrix(instance.M), startOf(instance), instance),
};

/** Starts from which stationary points are searched for, of about the size of the minimiser and more. */
const searches: Design<Instance> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
  grids: { ...longGrids },
  picks: { share: [1 / 8, 1 / 32, 1 / 2, 1], balance: [1, 2, 1 / 2] },
  accepts: nonzero,
  complete: (draft) => ({ ...shortRun(draft), ...noiseOf(draft), steps: 0 }),
  excludes: (given) =>
    given.target.flat().every((entry) => entry === 0) ? 'its noise is scaled by s_1 > 0' : tooDense(given),
};

/** For each t the nearest s_i - lambda that is not taken yet, or 0 if t is at most `near`. */
function nearestTriples(found: readonly number[], lowered: readonly number[], near: number): number[] {
  const free = [...lowered];
  return found.map((t) => {
    if (t <= near) return 0;
    const distances = free.map((value) => Math.abs(value - t));
    return free.splice(distances.indexOf(Math.min(...distances)), 1)[0]!;
  });
}

/** A point, and a bound on its gradient with the rounding of its evaluation. */
interface Found {
  readonly point: Factors;
  readonly slope: number;
}

/**
 * Compares a point with a gradient of this size with the catalogue; tolerances as in docs/theory/minimisers.md#saddles.
 */
function inCatalogue(target: Matrix, { point, slope }: Found, noise: Instance): Comparison {
  const { alpha, beta, gamma, lambda } = penalties(target, noise);
  const [r, s] = [point.X.columns, singularValues(target)];
  const W = Math.sqrt(squaredNorm(point.X) / gamma + squaredNorm(point.Y) * gamma);
  const epsilon = Math.sqrt(Math.max(gamma, 1 / gamma)) * slope;
  const imbalance = (W * epsilon) / lambda;
  const near = (epsilon * (1 + W ** 2 / (2 * lambda))) ** (2 / 3) + imbalance / 2;
  const rounding = 8 * (target.rows + target.columns) * u * (W * W + norm(target) + lambda);
  const found = spectrumOf(gram(point.X).mul(1 / gamma)).values;
  const expected = nearestTriples(
    found,
    s.map((value) => value - lambda),
    near,
  );
  const Z = product(point);
  const [left, right] = [Z.mmul(target.transpose()), target.transpose().mmul(Z)];
  const skew = 2 * W * epsilon + rounding * norm(target);
  const value = smoothedLoss(target, point, noise) - (r * alpha * beta) / 2;
  const kept = found.reduce((sum, t) => sum + t * t, 0);
  const spent = W * epsilon + imbalance * (r * lambda + W * W) + rounding * (W * W + norm(target) + lambda);
  return worst([
    // The factor 2 is for triples so close to each other that the nearest is not the right one.
    ...found.map((t, c) => equal(`eigenvalue ${c + 1} of X'X / gamma`, t, expected[c]!, 2 * near + rounding)),
    equal("X Y'M', which is symmetric", left, left.transpose(), skew),
    equal("M'X Y', which is symmetric", right, right.transpose(), skew),
    equal('F~ less its constant', value, (squaredNorm(target) - kept) / 2, spent),
  ]);
}

export const complete: Claim = {
  id: 'landscape/complete',
  statement:
    'Every stationary point of the smoothed objective that a search finds consists of singular triples above lambda, each lowered by lambda.',
  formula: String.raw`\nabla\tilde F(X, Y) = 0 \;\Rightarrow\; \mathrm{spec}\,X'X/\gamma \setminus 0 = \{s_i - \lambda : i \in A\},\ XY' = U_A(S_A - \lambda)V_A'`,
  kind: 'identity',
  ...ours,
  proof: 'minimisers',
  hypotheses: [
    {
      text: 'grad F~ = 0',
      ablation: {
        check(_, instance) {
          const [target, point] = [matrix(instance.M), startOf(instance)];
          return inCatalogue(target, { point, slope: slopeRounding(target, point, instance) }, instance);
        },
      },
    },
  ],
  bound: 'equality',
  instances: design(searches),
  check(_, instance) {
    const target = matrix(instance.M);
    const point = stationaryNear(target, startOf(instance), instance);
    const left = norm(stacked(smoothedGradient(target, point, instance)));
    return inCatalogue(target, { point, slope: left + slopeRounding(target, point, instance) }, instance);
  },
};

const anyStart = { ...shortRuns([1]), size: { d1: [1, 6], d2: [1, 6] } } satisfies Design<Instance>;

export const origin: Claim = {
  id: 'landscape/origin',
  statement: 'At the origin the whole spectrum of the Hessian of the smoothed objective is known in closed form.',
  formula: String.raw`\mathrm{spec} = \Big\{\tfrac12\big(\alpha + \beta \pm \sqrt{(\alpha - \beta)^2 + 4s_i^2}\big)^{\times r},\ \alpha^{\times(d_1 - p)r},\ \beta^{\times(d_2 - p)r}\Big\}`,
  kind: 'identity',
  ...ours,
  hypotheses: [dropping('X = 0 and Y = 0', { ...anyStart, excludes: tooDense })],
  bound: 'equality',
  instances: design({ ...changed(anyStart, fromZero), excludes: tooDense }),
  check(_, instance) {
    const [target, point] = [matrix(instance.M), startOf(instance)];
    const H = smoothedHessian(target, point, instance);
    const expected = spectrumAtOrigin(target, point.X.columns, penalties(target, instance));
    const { values, rounding } = spectrumOf(H);
    return worst(values.map((value, n) => equal(`eigenvalue ${n + 1}`, value, expected[n]!, rounding)));
  },
};
