/**
 * Large steps along one pair of singular vectors, exactly: quantities that each step multiplies, and an autonomous
 * system.
 */
import { atStep, claim, equal, firstRefuted, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { withNoise } from '../../instances/designs.ts';
import { outside, planeRuns, type PlaneRun } from './ellipse.ts';
import { u } from '../../oracles/rounding.ts';
import { type Solver } from '../../../src/index.ts';
import { OURS, planeSteps, roundingOf } from './plane-steps.ts';

/** G after each step against (1 + h^2 r p) G, with another constant in place of 4. */
function* invariants(solver: Solver, run: PlaneRun, plainly = true, constant = 4): Generator<Comparison> {
  const h = run.eta;
  const shift = (4 - constant) / h;
  for (const step of planeSteps(solver, run, plainly)) {
    const { before, after, t } = step;
    const growth = h * h * before.r * before.x * before.y;
    const factor = 1 + growth;
    const comparison = equal(
      `G after step ${t}`,
      after.G + shift,
      factor * (before.G + shift),
      // The factor is wrong by some u of 1 + |growth|, G by some u of its terms.
      roundingOf(step, h, 1 + Math.abs(growth)),
    );
    yield atStep(t, showing(Math.abs(before.G) || 1, comparison));
  }
}

export const invariant = claim<PlaneRun>({
  id: 'large-step/invariant',
  statement:
    'Along one pair of singular vectors a step of gradient descent multiplies S - h mu r - 4/h by 1 + h^2 r p, exactly, at every step size.',
  formula: String.raw`G = x^2 + y^2 - h\mu r - 4/h,\ r = xy - \mu:\quad G^+ = (1 + h^2\,r\,xy)\,G`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    dropping('the constant is 4', (solver, run) => firstRefuted(invariants(solver, run, true, 2))),
    dropping(
      'no noise',
      { ...planeRuns, complete: (draft) => withNoise(1 / 4)(planeRuns.complete(draft)) },
      (solver, run) => firstRefuted(invariants(solver, run, false)),
    ),
  ],
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(planeRuns),
  check: (solver, run) => firstRefuted(invariants(solver, run)),
});

/** c = h r after each step against c^3 - (3 + hG) c; with G = 0 it is the Chebyshev polynomial of degree 3. */
function* residuals(solver: Solver, run: PlaneRun, onEllipse: boolean): Generator<Comparison> {
  const h = run.eta;
  for (const step of planeSteps(solver, run)) {
    const { before, after, t } = step;
    const c = h * before.r;
    const expected = c ** 3 - (3 + (onEllipse ? 0 : h * before.G)) * c;
    const reach = 4 * h * Math.sqrt(after.S) * step.error;
    const sizes =
      Math.abs(c) ** 3 + (7 + h * (before.S + Math.abs(before.mu * c))) * (Math.abs(c) + h * Math.abs(before.mu));
    const ofG = onEllipse ? Math.abs(c) * 64 * u * (4 + h * before.S) * 9 ** t : 0;
    const rounding = reach + 64 * u * (sizes + h * after.S) + ofG;
    yield atStep(t, showing(Math.abs(c) || 1, equal(`h r after step ${t}`, h * after.r, expected, rounding)));
  }
}

export const residualMap = claim<PlaneRun>({
  id: 'large-step/residual-map',
  statement: 'The residual and G form a closed system: h r becomes c^3 - (3 + hG) c.',
  formula: String.raw`c = hr:\quad c^+ = c^3 - (3 + hG)\,c`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [dropping('G counts', (solver, run) => firstRefuted(residuals(solver, run, true)))],
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(planeRuns),
  check: (solver, run) => firstRefuted(residuals(solver, run, false)),
});

/** At the critical step size, as far as it can be written down. */
const onTheEllipse: Design<PlaneRun> = outside([1]);

export const chebyshev = claim<PlaneRun>({
  id: 'large-step/chebyshev',
  statement:
    'On the border of convergence the residual obeys a Chebyshev polynomial: it is chaotic, and does not converge.',
  formula: String.raw`G_0 = 0 \;\Rightarrow\; c_{t+1} = c_t^3 - 3c_t,\quad c_t = 2\cos(3^t\theta)`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    dropping('the step size is the critical one', {
      ...outside([0.98]),
      complete: (draft) => ({ ...outside([0.98]).complete(draft), steps: 4 }),
    }),
  ],
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design({ ...onTheEllipse, complete: (draft) => ({ ...onTheEllipse.complete(draft), steps: 4 }) }),
  check: (solver, run) => firstRefuted(residuals(solver, run, true)),
});
