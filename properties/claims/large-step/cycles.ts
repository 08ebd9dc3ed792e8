/** Beyond the edge of stability: a balanced two-cycle, and modes that oscillate. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { descendPlainly, iterate, startOf, type Instance } from '../../model/instance.ts';
import { beyondEdge, onAxes, ownPlane, planeOf, type PlaneRun } from './ellipse.ts';
import { conversion, u } from '../../oracles/rounding.ts';
import { type Factors, type Solver } from '../../../src/index.ts';
import { ending, NEAR, OURS } from './plane-steps.ts';

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

/** Two consecutive iterates against {1/w, w}, as products of h with p. */
function twoCycle(solver: Solver, run: PlaneRun): Comparison {
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

export const balancedCycle = claim<PlaneRun>({
  id: 'large-step/two-cycle',
  statement:
    'Beyond the edge of stability gradient descent converges to a balanced cycle of two points, from almost every start inside the ellipse.',
  formula: String.raw`1 < h\mu < \sqrt5 - 1:\quad x = y,\ h\,xy \in \{w, 1/w\},\ w + 1/w = 1 + h\mu`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [dropping('h mu is above 1', beyondEdge([0.9, 0.7], 4096))],
  source: NEAR,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(beyondEdge([1.1, 1.05, 1.15, 1.2], 4096)),
  check: twoCycle,
});

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
function cycleRate(solver: Solver, run: PlaneRun, rate: (m: number) => number): Comparison {
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

export const cycleBalances = claim<PlaneRun>({
  id: 'large-step/two-cycle-rate',
  statement: 'On the cycle of two points the imbalance x - y is multiplied by 3 - 2 h mu every two steps.',
  formula: String.raw`x_{t+2} - y_{t+2} \approx (3 - 2h\mu)(x_t - y_t)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('the factor is that of two steps', (solver, run) => cycleRate(solver, run, (m) => (3 - 2 * m) ** 2)),
  ],
  source: OURS,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(besideCycle),
  check: (solver, run) => cycleRate(solver, run, (m) => 3 - 2 * m),
});

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

export const modes = claim<Modes>({
  id: 'large-step/modes',
  statement:
    'From an aligned start at a large step, the number of oscillating singular directions is the number of singular values above 1/h.',
  formula: String.raw`\#\{k : p_k \text{ oscillates}\} = \#\{k : s_k > 1/h\}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('all h s_k are at most sqrt 5 - 1', modeRuns([1.6]), (solver, run) =>
      equal('|x - y| after two steps', drifted(solver, run), 0, 1e-3),
    ),
  ],
  source: OURS,
  proof: 'two-cycle',
  items: ['4.7'],
  instances: design(modeRuns([0.5, 1.1, 0.8, 1.2, 0.3])),
  check: (solver, run) =>
    ending(
      run,
      equal('modes that oscillate', oscillating(solver, run), run.paces.filter((pace) => pace > 1).length, 0),
    ),
});

/** The distance of the first mode from its value two steps before. */
function drifted(solver: Solver, run: Modes): number {
  const descent = descendPlainly(solver, run);
  descent.advance(run.steps);
  const now = iterate(descent);
  descent.advance(2);
  return run.eta * Math.abs(descent.X.get(0, 0) * descent.Y.get(0, 0) - now.X.get(0, 0) * now.Y.get(0, 0));
}
