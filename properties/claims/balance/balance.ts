/** Perturbed gradient descent balances the factors from every start, and they stay balanced. */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { faster, shortRuns, someNoise, targetPicks } from '../../instances/designs.ts';
import { descend, matrix, optionsOf, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { gradientLimit, stationaryNear } from '../../oracles/newton.ts';
import { sameEveryStep } from '../../instances/noise-variants.ts';
import { DEVIATIONS, deviationOf, Hovering, LEFT, settingOf } from '../../oracles/hovering.ts';
import { u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import {
  grams,
  longGrids,
  longPicks,
  longRun,
  nonzero,
  timeAverage,
  windowOf,
  type LongRun,
} from '../../instances/trajectories.ts';
import { noiseOnX } from '../../run/violations.ts';
import {
  gram,
  norm,
  penalties,
  smoothedGradient,
  smoothedMinimiser,
  type Descent,
  type Factors,
} from '../../../src/index.ts';

/** alpha X'X - beta Y'Y: the contribution of the noise to the slope of the imbalance. */
const weighted = (X: Matrix, Y: Matrix, { alpha, beta }: { alpha: number; beta: number }): Matrix =>
  Matrix.mul(X, alpha).sub(Matrix.mul(Y, beta));

const anyPoint: Design<Instance> = {
  ...shortRuns([0]),
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
  // With a scale 0 the smoothed objective may have no stationary point but at infinity.
  picks: { ...targetPicks, ...someNoise },
  excludes: ({ target, rank }) =>
    (target.length + target[0]!.length) * rank > 32
      ? 'it solves with the Hessian: it needs (d1 + d2) r <= 32'
      : undefined,
};

/** alpha X'X against beta Y'Y at a point whose gradient of F~ is within its limit. */
function balancedAt(instance: Instance, point: Factors): Comparison {
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  // X'(grad_X) - (grad_Y)'Y is the difference of the two sides: the remaining gradient changes it by at most this.
  const left = 2 * Math.sqrt(squaredSize(point)) * gradientLimit(target, instance);
  const rounding = (target.rows + target.columns) * u * (alpha + beta) * squaredSize(point);
  const [lhs, rhs] = [gram(point.X).mul(alpha), gram(point.Y).mul(beta)];
  return equal("alpha X'X at a stationary point", lhs, rhs, left + rounding, { X: point.X, Y: point.Y });
}

/** X'(RY + alpha X) - (R'X + beta Y)'Y against alpha X'X - beta Y'Y, at any point. */
function balanceOfSlopes(instance: Instance): Comparison {
  const [target, at] = [matrix(instance.M), startOf(instance)];
  const slope = smoothedGradient(target, at, instance);
  const lhs = at.X.transpose().mmul(slope.X).sub(slope.Y.transpose().mmul(at.Y));
  const rhs = weighted(gram(at.X), gram(at.Y), penalties(target, instance));
  const { alpha, beta } = penalties(target, instance);
  const terms = (norm(at.X) * norm(at.Y) + norm(target) + alpha + beta) * squaredSize(at);
  return equal(
    "X'(grad_X F~) - (grad_Y F~)'Y",
    lhs,
    rhs,
    2 * (target.rows + target.columns + at.X.columns + 4) * u * terms,
  );
}

export const stationary = claim({
  id: 'balance/stationary',
  statement: 'Every stationary point of the smoothed objective is gamma-balanced, for every rank of the factors.',
  formula: String.raw`\nabla\tilde F = 0 \;\Rightarrow\; \alpha X'X = \beta Y'Y,\quad\text{since } X'\nabla_X\tilde F - (\nabla_Y\tilde F)'Y = \alpha X'X - \beta Y'Y`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('the point is stationary', (_, i) => balancedAt(i, startOf(i)))],
  proof: 'balance',
  items: ['3.1'],
  instances: design(anyPoint),
  check(_, instance) {
    const found = stationaryNear(matrix(instance.M), startOf(instance), instance);
    return worst([balanceOfSlopes(instance), balancedAt(instance, found)]);
  },
});

const runs: Design<LongRun> = { grids: longGrids, picks: longPicks, accepts: nonzero, complete: longRun };

/** The same runs, from starts in which one factor is much the larger. */
const unbalanced: Design<LongRun> = { ...runs, picks: { ...longPicks, lean: [1, -1] } };

/**
 * Balance over the run's window after `burnIn`. The mean of the trace is of first order in the step size and known; the noise of
 * the limit moves by less than an eighth while the run hovers around it (docs/theory/limits.md#hovering).
 */
function balanceOver(descent: Descent, run: LongRun, what = 'time-averaged'): Comparison {
  const [target, setting] = [matrix(run.M), settingOf(run)];
  const penalty = penalties(target, run);
  const { X, Y } = timeAverage(descent, run, grams);
  const { trace, parts, deviation, spread } = new Hovering(setting).imbalance(windowOf(run));
  const off = parts / 8 + LEFT * 2 * penalty.lambda * setting.s[0]!;
  const found = weighted(X, Y, penalty);
  const zero = Matrix.zeros(X.rows, X.rows);
  // The remainder is small next to both, which is false at the noise floor (docs/theory/minimisers.md#balance).
  const size = penalty.alpha * X.trace() + penalty.beta * Y.trace();
  return worst([
    atMost(`${what} |alpha X'X - beta Y'Y|, relative to both`, norm(found), size / 4, 0, { ...penalty }),
    equal(`${what} tr(alpha X'X - beta Y'Y)`, found.trace(), trace, DEVIATIONS * deviation + off, { ...penalty }),
    equal(`${what} alpha X'X - beta Y'Y`, found, zero, deviationOf(spread) + parts + off, { ...penalty }),
  ]);
}

const BELOW = 'lambda < s_1';
/** lambda = 2 s_1: both factors shrink to the noise floor, and are not balanced there. */
const strongNoise = { ...longPicks, share: [2], balance: [2, 1 / 2] };

export const emerges = claim<LongRun>({
  id: 'balance/emerges',
  statement: 'From any start, however unbalanced, perturbed gradient descent makes the factors gamma-balanced.',
  formula: String.raw`\alpha\,\overline{X'X} - \beta\,\overline{Y'Y} \to 0 \text{ relative to both, i.e. } \overline{X'X} \to \gamma^2\,\overline{Y'Y},\ \gamma^2 = \frac{d_1\sigma_1^2}{d_2\sigma_2^2}`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('sigma1, sigma2 > 0', (solver, run) => balanceOver(descend(solver, { ...run, sigma2: 0 }), run)),
    dropping(BELOW, { ...runs, picks: strongNoise }),
    dropping('fresh noise in every step', unbalanced, (solver, run) =>
      balanceOver(solver(optionsOf(run, sameEveryStep(run))), run),
    ),
    dropping(
      'a time average after the settling time',
      changed(unbalanced, (run) => ({ ...run, burnIn: 0, steps: Math.ceil(run.burnIn / 64) })),
    ),
    dropping('a stable step size', changed(runs, faster(1024))),
  ],
  source: 'Liu et al. 2021 (balance emerges); our proof of gamma',
  proof: 'balance',
  items: ['3.1', '3.5'],
  random: { basis: 'leading order', shift: noiseOnX(0.05) },
  instances: design({ ...runs, large: LARGE }),
  check: (solver, run) => balanceOver(descend(solver, run), run),
});

/** Windows that are looked at one after the other; the run's time after settling makes two of them. */
const WINDOWS = 4;

/** The same run, started at the gamma-balanced minimiser of the smoothed objective; `steps` are those of one window. */
function fromBalance(run: LongRun): LongRun {
  const { X, Y } = smoothedMinimiser(matrix(run.M), run.X0[0]!.length, run);
  const steps = Math.ceil((run.steps - run.burnIn) / 2);
  return { ...run, X0: X.to2DArray(), Y0: Y.to2DArray(), burnIn: 0, steps };
}

const balancedRuns = changed(runs, fromBalance);

/** The start with the same product but X'X 16 times as large; the step size is divided by 16, to be as stable. */
function skewed(run: LongRun): LongRun {
  const times = (grid: Grid, factor: number): Grid => matrix(grid).mul(factor).to2DArray();
  return { ...run, X0: times(run.X0, 4), Y0: times(run.Y0, 1 / 4), eta: run.eta / 16, steps: 16 * run.steps };
}

const overWindows = (descent: Descent, run: LongRun): Comparison =>
  worst(Array.from({ length: WINDOWS }, (_, j) => balanceOver(descent, run, `window ${j + 1}, averaged`)));

export const persists = claim<LongRun>({
  id: 'balance/persists',
  statement:
    'Once balanced, the factors stay balanced under perturbed gradient descent: in each of several time windows, each much longer than the balancing time.',
  formula: String.raw`\alpha\,\overline{X'X} = \beta\,\overline{Y'Y} \text{ over } [jW, (j+1)W],\ j = 0, 1, \dots`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('the start is the gamma-balanced minimiser', changed(balancedRuns, skewed)),
    dropping('sigma1, sigma2 > 0', (solver, run) => overWindows(descend(solver, { ...run, sigma2: 0 }), run)),
    dropping(BELOW, { ...balancedRuns, picks: strongNoise }),
    dropping('a stable step size', changed(balancedRuns, faster(1024))),
  ],
  proof: 'balance',
  items: ['3.5', '3.8'],
  random: { basis: 'leading order', shift: noiseOnX(0.05) },
  instances: design(balancedRuns),
  check: (solver, run) => overWindows(descend(solver, run), run),
});
