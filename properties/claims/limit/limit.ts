/** The limit of perturbed gradient descent is determined by the noise alone. */
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descendPlainly, matrix, noiseOf, type Grid } from '../../model/instance.ts';
import {
  compare,
  expected,
  leaning,
  limitOf,
  limitRuns,
  settledHypotheses,
  sumOfKept,
  type Invariants,
} from './limits.ts';
import { frameOf } from './frames.ts';
import { sameEveryStep } from '../../instances/noise-variants.ts';
import { penalties } from '../../../src/index.ts';
import { invariants, timeAverage, type LongRun } from '../../instances/trajectories.ts';
import { DEVIATIONS, deviationOf } from '../../oracles/hovering.ts';
import { noiseOfStart, noiseOnBoth } from '../../run/violations.ts';

/** Scales with the same gamma and a negligible lambda. */
const faint = ({ sigma1, sigma2 }: LongRun): { sigma1: number; sigma2: number } => ({
  sigma1: sigma1 * 2 ** -20,
  sigma2: sigma2 * 2 ** -20,
});

export const closedForm = claim<LongRun>({
  id: 'limit/closed-form',
  statement:
    'Perturbed gradient descent converges to the gamma-balanced factors of the target with its top r singular values soft-thresholded by lambda.',
  formula: String.raw`XY' \to U_r(S_r - \lambda)_+V_r',\quad XX' \to \gamma\,U_r(S_r-\lambda)_+U_r',\quad YY' \to \gamma^{-1}V_r(S_r-\lambda)_+V_r'`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'sigma1, sigma2 > 0',
      // The formula for lambda -> 0 at the instance's gamma, which gradient descent does not heed.
      ablation: {
        instances: design(leaning(limitRuns)),
        check(solver, run) {
          const found = timeAverage(descendPlainly(solver, run), run, invariants);
          return worst(compare(found, run, expected({ ...run, ...faint(run) })));
        },
      },
    },
    dropping('fresh noise in every step', leaning(limitRuns), (solver, run) =>
      worst(compare(limitOf(solver, run, sameEveryStep(run)), run)),
    ),
    ...settledHypotheses(limitRuns),
  ],
  source: 'Liu et al. 2021 (the noise determines the limit); our proof of the formula',
  proof: 'minimisers',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.05) },
  instances: design({ ...limitRuns, large: LARGE }),
  check: (solver, run) => worst(compare(limitOf(solver, run), run)),
});

type TwoStarts = LongRun & { X1: Grid; Y1: Grid };

/** The difference of two averages fluctuates by sqrt(2) more than one of them; runs are longer, so that 5 % of the noise shows. */
const LONGER = 5 / 4;

/** Two starts that lean opposite ways, with the smaller of their two step sizes and the longer of their two times. */
const twoStarts: Design<TwoStarts> = {
  ...limitRuns,
  size: { d1: [1, 6], d2: [1, 6] },
  grids: { ...limitRuns.grids, X1: limitRuns.grids['X0']!, Y1: limitRuns.grids['Y0']! },
  complete(draft) {
    const first = limitRuns.complete(draft);
    const [X0, Y0] = [draft.grids['X1']!, draft.grids['Y1']!];
    const picks = { ...draft.picks, lean: -draft.picks['lean']! };
    const second = limitRuns.complete({ ...draft, grids: { ...draft.grids, X0, Y0 }, picks });
    const eta = Math.min(first.eta, second.eta);
    const steps = (taken: 'burnIn' | 'steps'): number =>
      Math.ceil(Math.max(first.eta * first[taken], second.eta * second[taken]) / eta);
    return {
      ...first,
      eta,
      burnIn: steps('burnIn'),
      steps: Math.ceil(LONGER * steps('steps')),
      X1: second.X0,
      Y1: second.Y0,
    };
  },
};

/** Two averages with independent noise: their means are the same, except for the remainder of the starts. */
function sameEnd(one: Invariants, other: Invariants, run: TwoStarts): Comparison[] {
  const target = matrix(run.M);
  const at = expected(run, frameOf(run, [run.X1, run.Y1]));
  const { gamma, lambda } = penalties(target, run);
  const seen = { gamma, lambda };
  const allowed = (name: keyof Invariants): number => Math.SQRT2 * deviationOf(at.spread[name]) + 2 * at.left[name];
  const sum = Math.SQRT2 * DEVIATIONS * at.sum.deviation + 2 * at.sum.kept * at.left.XY;
  return [
    equal("time-averaged X X'", one.XX, other.XX, allowed('XX'), seen),
    equal("time-averaged Y Y'", one.YY, other.YY, allowed('YY'), seen),
    equal("time-averaged X Y'", one.XY, other.XY, allowed('XY'), seen),
    equal(
      "time-averaged sum of u_i'X Y'v_i",
      sumOfKept(one.XY, target, at),
      sumOfKept(other.XY, target, at),
      sum,
      seen,
    ),
  ];
}

export const forgets = claim<TwoStarts>({
  id: 'limit/forgets-start',
  statement:
    'Two runs of perturbed gradient descent, from different starts and with independent noise, converge to the same factors up to rotation.',
  formula: String.raw`\overline{XX'},\ \overline{YY'},\ \overline{XY'} \text{ from } (X_0, Y_0) = \text{those from } (X_0^\circ, Y_0^\circ)`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'sigma1, sigma2 > 0',
      ablation: {
        instances: design(leaning(twoStarts)),
        check(solver, run) {
          const end = (X0: Grid, Y0: Grid): Invariants =>
            timeAverage(descendPlainly(solver, { ...run, X0, Y0 }), run, invariants);
          return worst(sameEnd(end(run.X0, run.Y0), end(run.X1, run.Y1), run));
        },
      },
    },
    ...settledHypotheses(twoStarts),
  ],
  source: 'Liu et al. 2021 (the limit does not depend on the start)',
  proof: 'minimisers',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOfStart(0.05) },
  instances: design(twoStarts),
  check(solver, run) {
    const other = { ...run, X0: run.X1, Y0: run.Y1 };
    const frame = frameOf(run, [run.X1, run.Y1]);
    const ends = [
      limitOf(solver, run, noiseOf(run), frame),
      limitOf(solver, other, noiseOf(other, 'second start'), frame),
    ];
    return worst(sameEnd(ends[0]!, ends[1]!, run));
  },
});

export const endsAtTarget = claim<LongRun>({
  id: 'limit/ends-at-target',
  statement:
    'With enough columns, at a stable step size and after the settling time, the product of the factors equals the target for every noise.',
  formula: String.raw`XY' \to M`,
  kind: 'stochastic trajectory',
  needs: 'law',
  source: 'folklore: true of the limit of small noise only',
  proof: 'minimisers',
  items: ['3.2', '3.4'],
  // s_1 itself is lowered by lambda = s_1 / 2, twice the tolerance: the error is that of the other claims.
  random: { basis: 'leading order' },
  expected: 'refuted',
  instances: design({ ...limitRuns, size: { r: [2, 3], k: [1, 2] }, picks: { ...limitRuns.picks, share: [1 / 2] } }),
  check(solver, run) {
    const target = matrix(run.M);
    const { spread, bias, left } = expected(run);
    return equal("time-averaged X Y'", limitOf(solver, run).XY, target, deviationOf(spread.XY) + bias.XY + left.XY);
  },
});
