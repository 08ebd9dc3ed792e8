/** An invariant ellipse is the border of convergence of large steps. */
import { atLeast, atMost, atStep, claim, equal, firstRefuted, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descendPlainly, iterate, matrix, startOf } from '../../model/instance.ts';
import { atBorder, beyondEdge, onAxes, outside, planeOf, type Plane, type PlaneRun } from './ellipse.ts';
import { SolverFault } from '../../run/guard.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { conversion, u } from '../../oracles/rounding.ts';
import { hessian, type Solver } from '../../../src/index.ts';
import { ending, NEAR, OURS, planeSteps, roundingOf } from './plane-steps.ts';

/** Steps over which a run that is at a minimum by chance would have left it: the residual doubles at least. */
const WINDOW = 64;

/** The largest |h r| over the last steps of the run; infinite if an iterate was not finite. */
function lastResidual(solver: Solver, run: PlaneRun): number {
  try {
    const descent = descendPlainly(solver, run);
    descent.advance(run.steps - WINDOW);
    let most = 0;
    for (let t = 0; t < WINDOW; t++) {
      const { r } = planeOf(run, iterate(descent));
      most = Math.max(most, Math.abs(run.eta * r));
      descent.advance(1);
    }
    return most;
  } catch (error) {
    if (error instanceof SolverFault && error.diverged) return Infinity;
    throw error;
  }
}

/** A residual of this share of mu counts as 0: at 0.98 of the border the slowest of thousands of runs needs a third of the steps for 1e-6. */
const CONVERGED = 1e-6;

function convergence(solver: Solver, run: PlaneRun): Comparison {
  const { mu } = planeOf(run, startOf(run));
  const least = Math.max(CONVERGED, 64 * conversion(run));
  const most = run.eta * Math.abs(mu) * least;
  return ending(run, atMost('|h r| at the end', Math.min(lastResidual(solver, run), Number.MAX_VALUE), most, 0));
}

function noConvergence(solver: Solver, run: PlaneRun): Comparison {
  const most = Math.min(lastResidual(solver, run), Number.MAX_VALUE);
  return ending(run, atLeast('largest |h r| in the last 64 steps', most, 1, 0));
}

export const inside = claim<PlaneRun>({
  id: 'large-step/converges',
  statement:
    'Along one pair of singular vectors gradient descent converges from almost every start at every step size below the critical one, even above 2 / lambda_max.',
  formula: String.raw`h < \min\left(\tfrac1{|\mu|},\ \tfrac8{S_0 + \sqrt{S_0^2 - 16\mu r_0}}\right) \;\Rightarrow\; r_t \to 0`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [dropping('the step size is below the critical one', outside([1.02, 1.1]))],
  bound: 'valid',
  source: `${NEAR}; Wang, Chen, Zhao and Tao 2022 (abstract read: steps well beyond 2 / lambda_max)`,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(atBorder([0.98, 0.49, 0.9, 0.31])),
  check: convergence,
});

export const border = claim<PlaneRun>({
  id: 'large-step/border',
  statement:
    'Beyond the ellipse gradient descent converges from almost no start: the residual leaves every neighbourhood of 0 again, or the run diverges.',
  formula: String.raw`\tfrac8{S_0 + \sqrt{S_0^2 - 16\mu r_0}} < h < \tfrac1{|\mu|} \;\Rightarrow\; \limsup_t |h r_t| \ge 1`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [dropping('the step size is above the critical one', atBorder([0.98]))],
  bound: 'valid',
  source: NEAR,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(outside([1.02, 1.1, 1.5])),
  check: noConvergence,
});

/** Steps above 2 / lambda_max at the start, and below the critical one. */
const aboveCurvature: Design<PlaneRun> = {
  ...atBorder([0.9]),
  accepts: (draft) => {
    const run = atBorder([0.9]).complete(draft);
    const { x, y, mu } = draft.picks as Record<'x' | 'y' | 'mu', number>;
    const curvature = spectrumOf(hessian(matrix(run.M), startOf(run))).largest;
    return atBorder([0.9]).accepts!(draft) && run.eta > 2 / curvature && x * y !== mu;
  },
};

export const folklore = claim<PlaneRun>({
  id: 'large-step/two-over-curvature',
  statement: 'Gradient descent does not converge at a step size above 2 / lambda_max of the Hessian at its start.',
  formula: String.raw`h > \tfrac2{\lambda_{\max}(\nabla^2F(X_0, Y_0))} \;\Rightarrow\; \limsup_t |h r_t| \ge 1`,
  kind: 'deterministic trajectory',
  needs: 'law',
  bound: 'valid',
  source: 'folklore, from the case of a quadratic',
  proof: 'critical-step',
  items: ['4.6'],
  expected: 'refuted',
  instances: design(aboveCurvature),
  check: noConvergence,
});

/** phi = a log(s+/s) + b log(d+/d) - log(G+/G), which must not be positive, as the ratio that it is the logarithm of. */
function* lyapunov(solver: Solver, run: PlaneRun, compare: typeof atMost = atMost): Generator<Comparison> {
  const h = run.eta;
  for (const step of planeSteps(solver, run)) {
    const { before, after, t, error } = step;
    const m = h * before.mu;
    const parts = (z: Plane): { s: number; d: number } => ({ s: (z.x + z.y) ** 2, d: (z.x - z.y) ** 2 });
    const [old, found] = [parts(before), parts(after)];
    // x + y and x - y are multiplied by 1 - hr and 1 + hr; near 0 of either, or of G, rounding decides.
    const ratio = (found.s / old.s) ** (1 / 2 - m / 4) * (found.d / old.d) ** (1 / 2 + m / 4);
    const shares = [found.s, found.d, old.s, old.d].map((z) => (4 * error + 8 * u * Math.sqrt(after.S)) / Math.sqrt(z));
    const ofG = roundingOf(step, h, 4) / Math.min(Math.abs(after.G), Math.abs(before.G));
    const bound = after.G / before.G;
    const rounding = Math.abs(bound) * (2 * shares.reduce((sum, share) => sum + share, 0) + ofG);
    if (t > 1 && !(rounding < Math.abs(bound) / 16)) return;
    yield atStep(
      t,
      showing(
        Math.abs(bound),
        compare(`growth of (x + y)^2 and (x - y)^2 in step ${t}, weighed`, ratio, bound, rounding),
      ),
    );
  }
}

const insideRuns: Design<PlaneRun> = {
  ...atBorder([0.9, 0.49]),
  picks: {
    ...atBorder([0.9, 0.49]).picks,
    mu: [1, 1 / 2, 2],
    y: [1 / 2, 1 / 4, 3 / 4, 13 / 8],
    x: [1, 2, 5 / 4, 3 / 2],
  },
  accepts: ({ picks }) => picks['x'] !== picks['y'] && picks['x']! * picks['y']! !== picks['mu']!,
  complete: (draft) => ({ ...atBorder([1]).complete(draft), steps: 8 }),
};

/** Starts at unbalanced minima that are exact. */
const atMinima: Design<PlaneRun> = {
  ...atBorder([1 / 4]),
  picks: { x: [2, 4, 1 / 4, 1 / 2], mu: [1, 1 / 2, 2] },
  accepts: () => true,
  complete(draft) {
    const { x, mu } = draft.picks as Record<'x' | 'mu', number>;
    return onAxes({ ...draft, picks: { x, y: mu / x, mu } }, () => 1 / (4 * (x * x + (mu / x) ** 2)), 4);
  },
};

export const descends = claim<PlaneRun>({
  id: 'large-step/lyapunov',
  statement:
    'Inside the ellipse a weighted product of (x + y)^2 and (x - y)^2 falls relative to the distance to the border in each step, unless the residual is 0: therefore it converges although the loss may rise.',
  formula: String.raw`\left|1 - c\right|^{1 - m/2}\left|1 + c\right|^{1 + m/2} \le 1 + c^2 + mc,\quad c = hr,\ m = h\mu`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [dropping('|h mu| < 2', { ...beyondEdge([3], 1), size: { r: [1, 1] } })],
  bound: {
    tight: 'at a minimum',
    on: {
      instances: design(atMinima),
      check: (solver, run) => firstRefuted(lyapunov(solver, run, equal)),
    },
  },
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(insideRuns),
  check: (solver, run) => firstRefuted(lyapunov(solver, run)),
});
