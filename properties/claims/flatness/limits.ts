/** How flat the limits of the descents are: perturbed descent against plain gradient descent, from one start. */
import { atMost, claim, equal, showing, worst } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { curvatureAt, spectrumOf } from '../../oracles/hessians.ts';
import { faster } from '../../instances/designs.ts';
import { tooEarly } from '../limit/limits.ts';
import { descend, descendPlainly, iterate, matrix, startOf, type Grid } from '../../model/instance.ts';
import { advanceRounded } from '../../instances/imbalances.ts';
import { DEVIATIONS, Hovering, LEFT, settingOf } from '../../oracles/hovering.ts';
import { fullRank, startedAt, topTriples } from './minima.ts';
import { added, longRun, timeAverage, windowOf, type LongRun } from '../../instances/trajectories.ts';
import { noiseOnBoth } from '../../run/violations.ts';
import { hessian, imbalance, loss, norm, penalties, singularValues, smoothedMinimiser } from '../../../src/index.ts';

/** Targets of rank one, r = 1; starts with one large factor, on the target's singular vector, and one small one. */
const unbalanced: Design<LongRun> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: {
    A: { shape: ['d1', 'one'], unit: 1, max: 2 },
    B: { shape: ['d2', 'one'], unit: 1, max: 2 },
    X0: { shape: ['d1', 'one'], unit: 1, max: 2 },
    Y0: { shape: ['d2', 'one'], unit: 1, max: 2 },
  },
  picks: { balance: [1, 0, 2, 1 / 2], share: [1 / 4, 1 / 8, 3 / 8], lean: [1, -1] },
  complete: startOnTarget,
  excludes: () => 'it needs a start aligned with a target of rank one, which it makes itself',
};

function startOnTarget(draft: Draft): LongRun {
  const { lean } = draft.picks as { lean: number };
  const { X0, Y0 } = draft.grids as Record<'X0' | 'Y0', Grid>;
  const [A, B] = [draft.grids['A']!, draft.grids['B']!].map((grid) => fullRank(grid).to2DArray()) as [Grid, Grid];
  const run = longRun({ ...draft, grids: { A, B, X0: lean >= 0 ? A : X0, Y0: lean <= 0 ? B : Y0 } });
  // Four times the usual time to average over: the curvature fluctuates by more than the factors.
  return { ...run, steps: 4 * run.steps - 3 * run.burnIn };
}

/** Both factors on the singular vectors and of like size, and a limit that the noise unbalances: gamma is 4 or 1/4. */
const balancedStarts: Design<LongRun> = { ...unbalanced, picks: { balance: [4, 1 / 4], share: [1 / 4], lean: [0] } };

const withShare = (share: number): Design<LongRun> => ({
  ...unbalanced,
  picks: { ...unbalanced.picks, share: [share] },
});

/** The largest eigenvalue of the Hessian of F at the minimiser of F~, for M = s u v' and r = 1. */
function limitCurvatureOf({ M, ...noise }: Pick<LongRun, 'M' | 'sigma1' | 'sigma2'>): number {
  const s = singularValues(matrix(M))[0]!;
  const { lambda, gamma } = penalties(matrix(M), noise);
  const left = s - lambda;
  return (left * (gamma + 1 / gamma) + Math.hypot(left * (gamma - 1 / gamma), 2 * (s - 2 * lambda))) / 2;
}

const atMinimiser = (instance: LongRun): LongRun =>
  startedAt(instance, smoothedMinimiser(matrix(instance.M), 1, instance));

/** A second singular value of 3/4 s, which the minimiser leaves out. */
function withSecondTriple(instance: LongRun): LongRun {
  const { U, s, V } = topTriples(matrix(instance.M), 2);
  const M = U.mulRowVector([s[0]!, (3 / 4) * s[0]!]).mmul(V.transpose());
  return { ...instance, M: M.to2DArray() };
}

/** A second column of twice the first. */
function withSecondColumn(instance: LongRun): LongRun {
  const both = (grid: Grid): Grid => grid.map(([entry]) => [entry!, 2 * entry!]);
  return { ...instance, X0: both(instance.X0), Y0: both(instance.Y0) };
}

const minimisers = changed(unbalanced, atMinimiser);

export const limitCurvature = claim<LongRun>({
  id: 'flatness/limit-curvature',
  statement:
    "For a target s u v' and r = 1 the largest eigenvalue of the Hessian of the loss at the limit of perturbed gradient descent is that of its 2 x 2 block in the plane of u and v.",
  formula: String.raw`\lambda_{\max} = \tfrac12\left[(s-\lambda)(\gamma+\gamma^{-1}) + \sqrt{(s-\lambda)^2(\gamma-\gamma^{-1})^2 + 4(s-2\lambda)^2}\right]`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('rank(M) = 1', {
      ...changed(withShare(1 / 4), (instance) => atMinimiser(withSecondTriple(instance))),
      size: { d1: [2, 4], d2: [2, 4], r: [1, 1] },
    }),
    dropping('lambda < s', changed(withShare(2), atMinimiser)),
  ],
  proof: 'flatness-limits',
  items: ['6.2'],
  instances: design(minimisers),
  check(_, instance) {
    const { largest, rounding } = curvatureAt(instance);
    return equal('lambda_max', largest, limitCurvatureOf(instance), rounding);
  },
});

/** Gradient descent fits at the rate eta |D_0| at least, from the start on: e^-32 is left. */
function plainSteps({ X0, Y0, eta, M }: LongRun): number {
  const D0 = imbalance(startOf({ X0, Y0 })).get(0, 0);
  return Math.ceil(32 / (eta * Math.max(Math.abs(D0), norm(matrix(M)))));
}

/**
 * The largest eigenvalue of the Hessian of F averaged over a run's window: its expected value, and the allowed distance
 * from it (docs/theory/flatness.md#flatness-limits).
 */
function averagedCurvature(instance: LongRun): { want: number; off: number } {
  const setting = settingOf(instance);
  const hovering = new Hovering(setting);
  const window = windowOf(instance);
  const s = setting.s[0]!;
  const rows = Array.from({ length: Math.max(setting.d1, setting.d2) }, (_, i) => hovering.mean(i));
  const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
  const [X2, Y2] = [
    sum(rows.slice(0, setting.d1).map(({ XX }) => XX)),
    sum(rows.slice(0, setting.d2).map(({ YY }) => YY)),
  ];
  const mixed = 2 * rows[0]!.XY - s;
  const want = (X2 + Y2 + Math.hypot(X2 - Y2, 2 * mixed)) / 2;
  // The eigenvector (p, q) of [[|Y|^2, mixed], [mixed, |X|^2]]; p^2 d|Y|^2 + q^2 d|X|^2 + 4 p q d(u'X Y'v) to first order.
  const length = Math.hypot(mixed, want - Y2);
  const [p, q] = [mixed / length, (want - Y2) / length];
  const deviation = hovering.deviation([{ XX: q * q, YY: p * p, XY: 4 * p * q }], window);
  // Entries of X Y' off the plane come in squared, over the distance to the eigenvalues there.
  const offPlane = 4 * hovering.spread(window).XY.total * (q ** 2 / (want - Y2) + p ** 2 / (want - X2));
  const bias = Math.abs(want - limitCurvatureOf(instance)) / 8 + 6 * hovering.ofSecondOrder + 2 * LEFT * s;
  return { want, off: DEVIATIONS * deviation + offPlane + bias };
}

/** The ratio h / l of the two curvatures, and its allowed error. */
function predictedRatio(instance: LongRun): { ratio: number; tolerance: number; curvature: number } {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const h = Math.hypot(imbalance(start).get(0, 0), 2 * norm(target));
  const { want, off } = averagedCurvature(instance);
  // dh/dD <= 1, and the imbalance drifts by 2 eta F_0 at most.
  const drift = 2 * instance.eta * loss(target, start);
  return { ratio: h / want, tolerance: (h + drift) / (want - off) - h / want, curvature: want };
}

export const flatterThanGd = claim<LongRun>({
  id: 'flatness/flatter-than-gd',
  statement:
    'At rank one, from an unbalanced start, perturbed descent converges to a minimum flatter than that of plain descent by the predicted factor of lambda_max.',
  formula: String.raw`\frac{\lambda_{\max}(\text{GD})}{\lambda_{\max}(\text{perturbed})} = \frac{\sqrt{D_0^2 + 4s^2}}{\tfrac12\left[(s-\lambda)(\gamma+\gamma^{-1}) + \sqrt{(s-\lambda)^2(\gamma-\gamma^{-1})^2 + 4(s-2\lambda)^2}\right]} > 1`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('|D_0| > |gamma - 1/gamma| s: the start is less balanced than the limit', balancedStarts),
    dropping('lambda < s', withShare(2)),
    dropping('rank(M) = 1 and r = 1', {
      ...changed(unbalanced, withSecondColumn),
      size: { ...unbalanced.size, d1: [2, 4], d2: [2, 4] },
    }),
    dropping('a stable step size', changed(unbalanced, faster(64))),
    dropping('time averages after the settling time', changed(unbalanced, tooEarly)),
  ],
  source: 'our proof, of a statement of Liu et al. 2021: the noise leads to flat minima',
  proof: 'flatness-limits',
  items: ['6.2', '4.2'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.05) },
  instances: design(unbalanced),
  check(solver, instance) {
    const target = matrix(instance.M);
    const plain = descendPlainly(solver, instance);
    const rounding = advanceRounded(plain, target, { ...instance, steps: plainSteps(instance) });
    // For r = 1 the Hessian is a function of X X', Y Y' and X Y', so that it can be averaged.
    const { H } = timeAverage<'H'>(descend(solver, instance), instance, (at, sums) => ({
      H: added(hessian(target, at), sums?.H),
    }));
    const sharp = spectrumOf(hessian(target, iterate(plain))).largest;
    const flat = spectrumOf(H).largest;
    const { ratio, tolerance, curvature } = predictedRatio(instance);
    const formula = limitCurvatureOf(instance);
    const quantities = { 'lambda_max of GD': sharp, 'lambda_max of perturbed GD': flat };
    return worst([
      // The step size makes a difference of a few hundredths of s.
      equal('lambda_max of perturbed GD, to leading order', formula, curvature, formula / 8, quantities),
      // Rounding that moves the imbalance moves the larger curvature by no more.
      showing(
        tolerance,
        equal('lambda_max of GD over that of perturbed GD', sharp / flat, ratio, tolerance, quantities),
        rounding / flat,
      ),
      atMost('lambda_max of perturbed GD against that of GD', flat, sharp, 0, quantities),
    ]);
  },
});
