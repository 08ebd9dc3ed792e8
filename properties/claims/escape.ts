/** The origin is a saddle: gradient descent stays there, perturbed gradient descent leaves in a predicted time. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim } from '../claim.ts';
import { design, type Design } from '../design.ts';
import { plainRuns, shortRun, targetOf } from '../designs.ts';
import { stacked } from '../formula.ts';
import { descend, descendPlainly, iterate, matrix, type Grid, type Instance } from '../instance.ts';
import { powerOfTwoAtMost, shortBinary } from '../scales.ts';
import { longGrids, nonzero } from '../trajectories.ts';
import { decompose, penalties, type Solver } from '../../src/index.ts';

/** The same problem, started at the saddle (0, 0). */
const atOrigin = plainRuns([1, 8, 64]);

export const origin: Claim = {
  id: 'escape/gd-stays',
  statement: 'Gradient descent that starts at the origin never leaves it.',
  formula: String.raw`(X_0, Y_0) = (0, 0) \;\Rightarrow\; (X_t, Y_t) = (0, 0)`,
  kind: 'identity',
  needs: 'law',
  hypotheses: ['no noise', 'X0 = 0 and Y0 = 0'],
  bound: 'equality',
  source: 'our proof',
  proof: 'escape',
  items: ['4.3'],
  instances: design({
    ...atOrigin,
    complete: (draft) => {
      const zero = (grid: Grid): Grid => grid.map((row) => row.map(() => 0));
      const { X0, Y0 } = draft.grids as { X0: Grid; Y0: Grid };
      return shortRun({ ...draft, grids: { ...draft.grids, X0: zero(X0), Y0: zero(Y0) } });
    },
  }),
  check(solver, instance) {
    const descent = descendPlainly(solver, instance);
    descent.advance(instance.steps);
    const at = stacked(iterate(descent));
    return equal('(X; Y)', at, Matrix.zeros(at.rows, at.columns), 0);
  },
};

/** Runs from the origin at rank one, until well after the predicted time. */
type Escape = Instance & { runs: number };

const RUNS = 25;

const fromOrigin: Design<Escape> = {
  size: { r: [1, 1], k: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [1 / 8, 1 / 16, 1 / 4], balance: [1, 2, 1 / 2] },
  accepts: (draft) => {
    if (!nonzero(draft)) return false;
    const { s } = decompose(matrix(targetOf(draft)));
    return s[0]! >= 1.5 * (s[1] ?? 0);
  },
  complete(draft) {
    const M = targetOf(draft);
    const target = matrix(M);
    const lambda = decompose(target).s[0]! * draft.picks['share']!;
    const gamma = draft.picks['balance']!;
    const [sigma1, sigma2] = [
      shortBinary(Math.sqrt((lambda * gamma) / M.length)),
      shortBinary(Math.sqrt(lambda / gamma / M[0]!.length)),
    ];
    const { rate } = unstable(target, { sigma1, sigma2 });
    const eta = powerOfTwoAtMost(1 / (32 * rate)) / 2;
    const zero = (rows: number): Grid => Array.from({ length: rows }, () => [0]);
    const { median, fold } = escapeTime(target, { sigma1, sigma2 }, eta);
    const steps = Math.ceil(median + SHIFT * fold);
    return { M, X0: zero(M.length), Y0: zero(M[0]!.length), eta, sigma1, sigma2, steps, runs: RUNS, seed: draft.seed };
  },
  excludes: ({ target, rank }) => {
    const s = decompose(matrix(target)).s;
    if (rank > 1) return 'its prediction of the median time is for r = 1';
    return s[0]! >= 1.5 * (s[1] ?? 0) ? undefined : 'it needs s_1 >= 1.5 s_2, so that one direction leads the escape';
  },
};

/** The unstable direction (a u, b v) of the origin, unit length, with its rate. */
function unstable(
  target: Matrix,
  noise: { sigma1: number; sigma2: number },
): { a: number; b: number; rate: number; s: number } {
  const { alpha, beta } = penalties(target, noise);
  const s = decompose(target).s[0]!;
  const rate = (Math.hypot(alpha - beta, 2 * s) - (alpha + beta)) / 2;
  // (rate + alpha) a = s b.
  const norm = Math.hypot(s, rate + alpha);
  return { a: s / norm, b: (rate + alpha) / norm, rate, s };
}

/** Amplitude that counts as having left, as a share of the minimiser's: small enough for the growth to be linear still. */
const LEFT = 1 / 4;
/** Median of |N(0, 1)|. */
const MEDIAN = 0.6744897501960817;
/** The O(1) of the theory, in e-folds of the amplitude, to either side. */
const SHIFT = 2.5;

/**
 * The median time to reach the amplitude LEFT: the amplitude is N(0, V (1 + eta rate)^(2t)) with V = eta^2 q /
 * ((1 + eta rate)^2 - 1), q the variance that a step adds along the unstable direction (docs/theory.md#escape).
 */
function escapeTime(
  target: Matrix,
  noise: { sigma1: number; sigma2: number },
  eta: number,
): { median: number; fold: number; level: number } {
  const { a, b, rate, s } = unstable(target, noise);
  const { alpha, beta, lambda, gamma } = penalties(target, noise);
  const growth = 1 + eta * rate;
  const q =
    (noise.sigma1 * a) ** 2 * (rate ** 2 + (2 * alpha ** 2) / target.columns) +
    (noise.sigma2 * b) ** 2 * (rate ** 2 + (2 * beta ** 2) / target.rows);
  const V = (eta * eta * q) / (growth * growth - 1);
  const level = LEFT * (a * Math.sqrt(gamma) + b / Math.sqrt(gamma)) * Math.sqrt(s - lambda);
  const fold = 1 / Math.log(growth);
  return { median: Math.max(0, Math.log(level / (MEDIAN * Math.sqrt(V))) * fold), fold, level };
}

/** Number of runs that have left by a given step. */
function leftBy(solver: Solver, instance: Escape, steps: number): number {
  const target = matrix(instance.M);
  const { U, V } = decompose(target);
  const { a, b } = unstable(target, instance);
  const { level } = escapeTime(target, instance, instance.eta);
  const [u, v] = [U.getColumnVector(0), V.getColumnVector(0)];
  let left = 0;
  for (let run = 0; run < instance.runs; run++) {
    const descent = descend(solver, instance, `run ${run}`);
    descent.advance(steps);
    const { X, Y } = iterate(descent);
    if (Math.abs(a * u.dot(X) + b * v.dot(Y)) >= level) left++;
  }
  return left;
}

export const medianTime: Claim<Escape> = {
  id: 'escape/median-time',
  statement:
    'From the origin, half of the runs of perturbed gradient descent have left at the predicted time, up to 2.5 e-folds.',
  formula: String.raw`t_{1/2} = \frac{\log\frac{1}{\sigma\sqrt\eta} + O(1)}{\log(1 + \eta\rho)},\quad \rho = \tfrac12\Big(\sqrt{(\alpha-\beta)^2 + 4s_1^2} - (\alpha+\beta)\Big)`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: ['X0 = 0 and Y0 = 0', 'r = 1', 'lambda < s_1 and s_1 >= 1.5 s_2'],
  bound: 'equality',
  source: 'our proof',
  proof: 'escape',
  items: ['4.3'],
  falseAlarm: 1e-9,
  instances: design(fromOrigin),
  check(solver, instance) {
    const { median, fold } = escapeTime(matrix(instance.M), instance, instance.eta);
    const [early, late] = [Math.max(0, Math.floor(median - SHIFT * fold)), Math.ceil(median + SHIFT * fold)];
    // Each run has left too early with a chance below P(|N| > 0.67 e^2.5 = 8.2) and not at the late time with one below
    // P(|N| < 0.67 e^-2.5) = 0.044; that 13 of 25 runs do has a chance below 25! / (13! 12!) 0.044^13 = 1e-11.
    const quantities = { median, early, late };
    return worst([
      atMost(
        `runs of ${instance.runs} that have left by step ${early}`,
        leftBy(solver, instance, early),
        instance.runs / 2,
        0,
        quantities,
      ),
      atLeast(
        `runs of ${instance.runs} that have left by step ${late}`,
        leftBy(solver, instance, late),
        instance.runs / 2,
        0,
        quantities,
      ),
    ]);
  },
};
