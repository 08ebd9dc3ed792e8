/** The limit of perturbed gradient descent is determined by the noise alone. */
import { equal, worst, type Claim, type Evidence } from '../claim.ts';
import { design, type Design, type Draft } from '../design.ts';
import { targetOf } from '../designs.ts';
import { descend, matrix, type Grid } from '../instance.ts';
import { GAP, invariants, longGrids, longPicks, longRun, nonzero, timeAverage, type LongRun } from '../trajectories.ts';
import { penalties, rank, singularValues, smoothedMinimiser } from '../../src/index.ts';

/** r >= rank(M), or a gap after s_r: otherwise the limit is not unique, or settles too slowly. */
function determined(draft: Draft): boolean {
  if (!nonzero(draft)) return false;
  const target = matrix(targetOf(draft));
  const { r } = draft.size;
  const s = singularValues(target);
  return r >= rank(target) || s[r - 1]! - s[r]! >= s[0]! / GAP;
}

const DETERMINED = 'r >= rank(M), or s_r - s_{r+1} >= s_1 / 8';
const runs: Design<LongRun> = { grids: longGrids, picks: longPicks, accepts: determined, complete: longRun };

type Invariants = ReturnType<typeof invariants>;

/** XX', YY' and XY' of two limits, each within a share of its natural size. */
function compare(found: Invariants, want: Invariants, s: number, gamma: number, share: number): Evidence[] {
  return [
    equal("time-averaged X X'", found.XX, want.XX, share * gamma * s, { gamma }),
    equal("time-averaged Y Y'", found.YY, want.YY, (share * s) / gamma, { gamma }),
    equal("time-averaged X Y'", found.XY, want.XY, share * s, { gamma }),
  ];
}

export const closedForm: Claim<LongRun> = {
  id: 'limit/closed-form',
  statement:
    'Perturbed gradient descent ends at the gamma-balanced factors of the target with its top r singular values soft-thresholded by lambda.',
  formula: String.raw`XY' \to U_r(S_r - \lambda)_+V_r',\quad XX' \to \gamma\,U_r(S_r-\lambda)_+U_r',\quad YY' \to \gamma^{-1}V_r(S_r-\lambda)_+V_r'`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: ['sigma1, sigma2 > 0', DETERMINED, 'a stable step size; time averages after the settling time'],
  bound: 'equality',
  source: 'Liu et al. 2021 (the noise determines the limit); our proof of the formula',
  proof: 'minimisers',
  items: ['3.2'],
  falseAlarm: 1e-9,
  instances: design(runs),
  check(solver, instance) {
    const target = matrix(instance.M);
    const { gamma } = penalties(target, instance);
    const limit = smoothedMinimiser(target, instance.X0[0]!.length, instance);
    const want = invariants(limit);
    const s1 = singularValues(target)[0]!;
    return worst(compare(timeAverage(descend(solver, instance), instance, invariants), want, s1, gamma, 1 / 4));
  },
};

type TwoStarts = LongRun & { X1: Grid; Y1: Grid };

export const forgets: Claim<TwoStarts> = {
  id: 'limit/forgets-start',
  statement:
    'Two runs of perturbed gradient descent, from different starts and with independent noise, end at the same factors up to rotation.',
  formula: String.raw`\overline{XX'},\ \overline{YY'},\ \overline{XY'} \text{ from } (X_0, Y_0) = \text{those from } (X_0^\circ, Y_0^\circ)`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: ['sigma1, sigma2 > 0', DETERMINED, 'a stable step size; time averages after the settling time'],
  bound: 'equality',
  source: 'Liu et al. 2021 (the limit does not depend on the start)',
  proof: 'minimisers',
  items: ['3.2'],
  falseAlarm: 1e-9,
  instances: design<TwoStarts>({
    ...runs,
    grids: { ...longGrids, X1: longGrids.X0, Y1: longGrids.Y0 },
    complete(draft) {
      const first = longRun(draft);
      const [X0, Y0] = [draft.grids['X1']!, draft.grids['Y1']!];
      // The second start leans the other way.
      const picks = { ...draft.picks, lean: -draft.picks['lean']! };
      const second = longRun({ ...draft, grids: { ...draft.grids, X0, Y0 }, picks });
      // Both runs take the smaller of the two step sizes and the longer of the two times.
      const { eta, burnIn, steps } = first.eta <= second.eta ? first : second;
      return { ...first, eta, burnIn, steps, X1: second.X0, Y1: second.Y0 };
    },
  }),
  check(solver, instance) {
    const target = matrix(instance.M);
    const { gamma } = penalties(target, instance);
    const one = timeAverage(descend(solver, instance), instance, invariants);
    const other = { ...instance, X0: instance.X1, Y0: instance.Y1 };
    const two = timeAverage(descend(solver, other, 'second start'), other, invariants);
    return worst(compare(one, two, singularValues(target)[0]!, gamma, 1 / 4));
  },
};
