/** Large steps along one pair of singular vectors, exactly: an invariant ellipse is the border of convergence. */
import { Matrix } from 'ml-matrix';
import {
  atLeast,
  atMost,
  atStep,
  equal,
  firstRefuted,
  NONE,
  showing,
  worst,
  type Claim,
  type Evidence,
} from '../../model/claim.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descendPlainly, iterate, matrix, startOf, type Instance } from '../../model/instance.ts';
import { withNoise } from '../../instances/designs.ts';
import {
  atBorder,
  beyondEdge,
  onAxes,
  outside,
  ownPlane,
  planeOf,
  planeRuns,
  type Plane,
  type PlaneRun,
} from './ellipse.ts';
import { SolverFault } from '../../run/guard.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { conversion, stepRounding, u } from '../../oracles/rounding.ts';
import { size } from '../../oracles/scales.ts';
import { transitions } from '../../oracles/transitions.ts';
import { descend } from '../../model/instance.ts';
import { hessian, type Factors, type Solver } from '../../../src/index.ts';

const OURS = 'our proof';
const NEAR = `${OURS}; Liang and Montufar 2025 and Moon 2026 (abstracts read: the critical step size, and a balanced regime of period 2 beyond it)`;

/** Before and after a step: both points in the plane, and how far rounding may have moved x, y and what is off the plane. */
interface PlaneStep {
  readonly before: Plane;
  readonly after: Plane;
  readonly t: number;
  readonly error: number;
}

function* planeSteps(solver: Solver, run: PlaneRun, plainly = true): Generator<PlaneStep> {
  const target = matrix(run.M);
  const descent = plainly ? descendPlainly(solver, run) : descend(solver, run);
  for (const { before, after, t } of transitions(descent, run.steps)) {
    // What is off the plane after the steps before is of the size of their rounding too; each is at most the last one's.
    const error = 4 * stepRounding(target, before, before, run) + 4 * u * Math.sqrt(size(after) + size(before));
    yield { before: planeOf(run, before), after: planeOf(run, after), t, error };
  }
}

/** Rounding of S and of h mu r after the step, and of the products of the formula. */
function roundingOf({ before, after, error }: PlaneStep, h: number, factor: number): number {
  const reach = Math.sqrt(after.S) + h * Math.abs(after.mu) * Math.sqrt(after.S);
  const sizes = (z: Plane): number => z.S + h * Math.abs(z.mu * z.r) + h * z.mu * z.mu + 4 / h;
  return 4 * reach * error + 32 * u * (sizes(after) + Math.abs(factor) * sizes(before) + sizes(before));
}

/** G after each step against (1 + h^2 r p) G, with another constant in place of 4. */
function* invariants(solver: Solver, run: PlaneRun, plainly = true, constant = 4): Generator<Evidence> {
  const h = run.eta;
  const shift = (4 - constant) / h;
  for (const step of planeSteps(solver, run, plainly)) {
    const { before, after, t } = step;
    const growth = h * h * before.r * before.x * before.y;
    const factor = 1 + growth;
    const evidence = equal(
      `G after step ${t}`,
      after.G + shift,
      factor * (before.G + shift),
      // The factor is wrong by some u of 1 + |growth|, G by some u of its terms.
      roundingOf(step, h, 1 + Math.abs(growth)),
    );
    yield atStep(t, showing(Math.abs(before.G) || 1, evidence));
  }
}

export const invariant: Claim<PlaneRun> = {
  id: 'large-step/invariant',
  statement:
    'Along one pair of singular vectors a step of gradient descent multiplies S - h mu r - 4/h by 1 + h^2 r p, exactly, at every step size.',
  formula: String.raw`G = x^2 + y^2 - h\mu r - 4/h,\ r = xy - \mu:\quad G^+ = (1 + h^2\,r\,xy)\,G`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    { text: 'the constant is 4', without: { check: (solver, run) => firstRefuted(invariants(solver, run, true, 2)) } },
    {
      text: 'no noise',
      without: {
        instances: design({ ...planeRuns, complete: (draft) => withNoise(1 / 4)(planeRuns.complete(draft)) }),
        check: (solver, run) => firstRefuted(invariants(solver, run, false)),
      },
    },
  ],
  bound: 'equality',
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(planeRuns),
  check: (solver, run) => firstRefuted(invariants(solver, run)),
};

/** c = h r after each step against c^3 - (3 + hG) c; with G = 0 it is the Chebyshev polynomial of degree 3. */
function* residuals(solver: Solver, run: PlaneRun, onEllipse: boolean): Generator<Evidence> {
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

export const residualMap: Claim<PlaneRun> = {
  id: 'large-step/residual-map',
  statement: 'The residual and G are a system of their own: h r becomes c^3 - (3 + hG) c.',
  formula: String.raw`c = hr:\quad c^+ = c^3 - (3 + hG)\,c`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    {
      text: 'G counts',
      without: { check: (solver, run) => firstRefuted(residuals(solver, run, true)) },
    },
  ],
  bound: 'equality',
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(planeRuns),
  check: (solver, run) => firstRefuted(residuals(solver, run, false)),
};

/** At the critical step size, as far as it can be written down. */
const onTheEllipse: Design<PlaneRun> = outside([1]);

export const chebyshev: Claim<PlaneRun> = {
  id: 'large-step/chebyshev',
  statement:
    'On the border of convergence the residual obeys a Chebyshev polynomial: it is chaotic, and does not converge.',
  formula: String.raw`G_0 = 0 \;\Rightarrow\; c_{t+1} = c_t^3 - 3c_t,\quad c_t = 2\cos(3^t\theta)`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    {
      text: 'the step size is the critical one',
      without: {
        instances: design({
          ...outside([0.98]),
          complete: (draft) => ({ ...outside([0.98]).complete(draft), steps: 4 }),
        }),
      },
    },
  ],
  bound: 'equality',
  source: OURS,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design({ ...onTheEllipse, complete: (draft) => ({ ...onTheEllipse.complete(draft), steps: 4 }) }),
  check: (solver, run) => firstRefuted(residuals(solver, run, true)),
};

/** Steps over which a run that is at a minimum by chance would have left it: the residual doubles at least. */
const WINDOW = 64;

/** The largest |h r| over the last steps of the run; infinite where the run left the finite numbers. */
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
    if (error instanceof SolverFault) return Infinity;
    throw error;
  }
}

/** A residual of this share of mu counts as 0: at 0.98 of the border the slowest of thousands of runs needs a third of the steps for 1e-6. */
const CONVERGED = 1e-6;

/** Where a run of thousands of large steps ends, its rounding may decide from a unit roundoff of 2^-8 on. */
const ending = (run: Instance, evidence: Evidence): Evidence => ({ ...evidence, coarseness: 256 * conversion(run) });

function convergence(solver: Solver, run: PlaneRun): Evidence {
  const { mu } = planeOf(run, startOf(run));
  const least = Math.max(CONVERGED, 64 * conversion(run));
  const most = run.eta * Math.abs(mu) * least;
  return ending(run, atMost('|h r| at the end', Math.min(lastResidual(solver, run), Number.MAX_VALUE), most, 0));
}

function noConvergence(solver: Solver, run: PlaneRun): Evidence {
  const most = Math.min(lastResidual(solver, run), Number.MAX_VALUE);
  return ending(run, atLeast('largest |h r| in the last 64 steps', most, 1, 0));
}

export const inside: Claim<PlaneRun> = {
  id: 'large-step/converges',
  statement:
    'Along one pair of singular vectors gradient descent converges from almost every start at every step size below the critical one, however far above 2 / lambda_max that is.',
  formula: String.raw`h < \min\left(\tfrac1{|\mu|},\ \tfrac8{S_0 + \sqrt{S_0^2 - 16\mu r_0}}\right) \;\Rightarrow\; r_t \to 0`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    { text: 'the step size is below the critical one', without: { instances: design(outside([1.02, 1.1])) } },
  ],
  bound: 'valid',
  source: `${NEAR}; Wang, Chen, Zhao and Tao 2022 (abstract read: steps well beyond 2 / lambda_max)`,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(atBorder([0.98, 0.49, 0.9, 0.31])),
  check: convergence,
};

export const border: Claim<PlaneRun> = {
  id: 'large-step/border',
  statement:
    'Beyond the ellipse gradient descent converges from almost no start: the residual leaves every neighbourhood of 0 again, or the run diverges.',
  formula: String.raw`\tfrac8{S_0 + \sqrt{S_0^2 - 16\mu r_0}} < h < \tfrac1{|\mu|} \;\Rightarrow\; \limsup_t |h r_t| \ge 1`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [{ text: 'the step size is above the critical one', without: { instances: design(atBorder([0.98])) } }],
  bound: 'valid',
  source: NEAR,
  proof: 'critical-step',
  items: ['4.6'],
  instances: design(outside([1.02, 1.1, 1.5])),
  check: noConvergence,
};

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

export const folklore: Claim<PlaneRun> = {
  id: 'large-step/two-over-curvature',
  statement: 'Gradient descent does not converge at a step size above 2 / lambda_max of the Hessian where it starts.',
  formula: String.raw`h > \tfrac2{\lambda_{\max}(\nabla^2F(X_0, Y_0))} \;\Rightarrow\; \limsup_t |h r_t| \ge 1`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [NONE],
  bound: 'valid',
  source: 'folklore, from the case of a quadratic',
  proof: 'critical-step',
  items: ['4.6'],
  expected: 'refuted',
  instances: design(aboveCurvature),
  check: noConvergence,
};

/** phi = a log(s+/s) + b log(d+/d) - log(G+/G), which must not be positive, as the ratio that it is the logarithm of. */
function* lyapunov(solver: Solver, run: PlaneRun, compare: typeof atMost = atMost): Generator<Evidence> {
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

export const descends: Claim<PlaneRun> = {
  id: 'large-step/lyapunov',
  statement:
    'Inside the ellipse a weighed product of (x + y)^2 and (x - y)^2 falls relative to the distance to the border in each step, unless the residual is 0: that is why descent converges though the loss rises.',
  formula: String.raw`\left|1 - c\right|^{1 - m/2}\left|1 + c\right|^{1 + m/2} \le 1 + c^2 + mc,\quad c = hr,\ m = h\mu`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [{ text: '|h mu| < 2', without: { instances: design({ ...beyondEdge([3], 1), size: { r: [1, 1] } }) } }],
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
};

function after(solver: Solver, run: PlaneRun): Factors {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  return iterate(descent);
}

/** w > 1 with w + 1/w = 1 + h mu. */
function cycle(m: number): number {
  const half = (1 + m) / 2;
  return half + Math.sqrt(half * half - 1);
}

/** Two iterates in turn against {1/w, w}, as products of h with p. */
function twoCycle(solver: Solver, run: PlaneRun): Evidence {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  const first = planeOf(run, iterate(descent));
  descent.advance(1);
  const second = planeOf(run, iterate(descent));
  const [low, high] = [first, second].map(({ x, y }) => run.eta * x * y).sort((a, b) => a - b) as [number, number];
  const w = cycle(run.eta * first.mu);
  // The cycle attracts by at least 0.7 in two steps here: rounding is not gathered.
  const rounding = 1e-9 + 64 * conversion(run);
  return worst([
    ending(run, equal('h p, the smaller', low, 1 / w, rounding)),
    ending(run, equal('h p, the larger', high, w, rounding)),
    ending(run, equal('h (x - y)^2', run.eta * (first.x - first.y) ** 2, 0, rounding)),
  ]);
}

export const balancedCycle: Claim<PlaneRun> = {
  id: 'large-step/two-cycle',
  statement:
    'Beyond the edge of stability gradient descent ends in a balanced cycle of two points, from almost every start inside the ellipse.',
  formula: String.raw`1 < h\mu < \sqrt5 - 1:\quad x = y,\ h\,xy \in \{w, 1/w\},\ w + 1/w = 1 + h\mu`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [{ text: 'h mu is above 1', without: { instances: design(beyondEdge([0.9, 0.7], 4096)) } }],
  bound: 'equality',
  source: NEAR,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(beyondEdge([1.1, 1.05, 1.15, 1.2], 4096)),
  check: twoCycle,
};

/** How unbalanced the start next to the cycle is. */
const LEAN = 2 ** -6;
const DOUBLE_STEPS = 8;

/** A start next to the cycle, with x - y = 2 LEAN sqrt(w / h). */
const besideCycle: Design<PlaneRun> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: {},
  picks: { mu: [1, 1 / 2, 2], pace: [1.1, 1.05, 1.15, 1.2], sign: [1, -1] },
  complete(draft) {
    const { mu, pace, sign } = draft.picks as Record<'mu' | 'pace' | 'sign', number>;
    const [h, at] = [pace / mu, Math.sqrt((cycle(pace) * mu) / pace)];
    const picks = { mu, x: at * (1 + sign * LEAN), y: at * (1 - sign * LEAN) };
    return onAxes({ ...draft, picks }, () => h, 2 * DOUBLE_STEPS);
  },
  excludes: ownPlane,
};

/** log of the imbalance's shrinkage, against that of (3 - 2 h mu) every two steps, or of another rate. */
function cycleRate(solver: Solver, run: PlaneRun, rate: (m: number) => number): Evidence {
  const [first, last] = [planeOf(run, startOf(run)), planeOf(run, after(solver, run))];
  const found = (last.x - last.y) / (first.x - first.y);
  const expected = rate(run.eta * first.mu) ** DOUBLE_STEPS;
  // x - y is multiplied by 1 + c with c within 3 LEAN^2 of the cycle's, and |1 + c| >= 0.44: 7 LEAN^2 a step, relatively.
  const rounding = (16 * 2 * DOUBLE_STEPS * (u + conversion(run))) / LEAN;
  return showing(
    expected,
    equal('x - y, relative to the start', found, expected, 7 * 2 * DOUBLE_STEPS * LEAN ** 2 * expected + rounding),
    rounding,
  );
}

export const cycleBalances: Claim<PlaneRun> = {
  id: 'large-step/two-cycle-rate',
  statement: 'On the cycle of two points the imbalance x - y is multiplied by 3 - 2 h mu every two steps.',
  formula: String.raw`x_{t+2} - y_{t+2} \approx (3 - 2h\mu)(x_t - y_t)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'the factor is that of two steps',
      without: { check: (solver, run) => cycleRate(solver, run, (m) => (3 - 2 * m) ** 2) },
    },
  ],
  bound: 'equality',
  source: OURS,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(besideCycle),
  check: (solver, run) => cycleRate(solver, run, (m) => 3 - 2 * m),
};

/** A diagonal target and factors: every column is a run of its own. */
type Modes = Instance & { paces: number[] };

const modeRuns = (choices: readonly number[]): Design<Modes> => ({
  size: { d1: [2, 5], d2: [2, 5], r: [2, 3] },
  grids: {},
  picks: { first: choices, second: choices, third: choices, h: [1 / 4, 1, 1 / 2], lean: [1, 5 / 4, 3 / 4] },
  complete({ size: { d1, d2, r }, picks, seed }) {
    const { first, second, third, h, lean } = picks as Record<'first' | 'second' | 'third' | 'h' | 'lean', number>;
    const paces = [first, second, third].slice(0, r);
    const diagonal = (rows: number, columns: number, entry: (k: number) => number): number[][] =>
      Matrix.zeros(rows, columns)
        .to2DArray()
        .map((row, i) => row.map((_, k) => (i === k && k < r ? entry(k) : 0)));
    const M = diagonal(d1, d2, (k) => paces[k]! / h);
    // h x^2 and h y^2 are below 1, which is inside the ellipse of every mode.
    const X0 = diagonal(d1, r, () => ((3 / 4) * lean) / Math.sqrt(h));
    const Y0 = diagonal(d2, r, () => 5 / 8 / Math.sqrt(h));
    return { M, X0, Y0, eta: h, sigma1: 0, sigma2: 0, steps: 4096, seed, paces };
  },
  excludes: ownPlane,
});

/** Modes whose products change from one step to the next. */
function oscillating(solver: Solver, run: Modes): number {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  const now = iterate(descent);
  descent.advance(1);
  const next = iterate(descent);
  const moved = (k: number): number =>
    run.eta * Math.abs(next.X.get(k, k) * next.Y.get(k, k) - now.X.get(k, k) * now.Y.get(k, k));
  return run.paces.filter((_, k) => moved(k) > 1e-2).length;
}

export const modes: Claim<Modes> = {
  id: 'large-step/modes',
  statement:
    'From an aligned start at a large step as many singular directions oscillate as there are singular values above 1/h.',
  formula: String.raw`\#\{k : p_k \text{ oscillates}\} = \#\{k : s_k > 1/h\}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'all h s_k are at most sqrt 5 - 1',
      without: {
        instances: design(modeRuns([1.6])),
        check: (solver, run) => equal('|x - y| after two steps', drifted(solver, run), 0, 1e-3),
      },
    },
  ],
  bound: 'equality',
  source: OURS,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(modeRuns([0.5, 1.1, 0.8, 1.2, 0.3])),
  check: (solver, run) =>
    ending(
      run,
      equal('modes that oscillate', oscillating(solver, run), run.paces.filter((pace) => pace > 1).length, 0),
    ),
};

/** How far the first mode is from where it was two steps before. */
function drifted(solver: Solver, run: Modes): number {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  const now = iterate(descent);
  descent.advance(2);
  return run.eta * Math.abs(descent.X.get(0, 0) * descent.Y.get(0, 0) - now.X.get(0, 0) * now.Y.get(0, 0));
}
