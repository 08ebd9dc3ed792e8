/**
 * Matrix sensing: the convex problem that noise solves, and the number of measurements that recover a matrix of rank
 * one.
 */
import { atLeast, atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { finite } from '../../run/guard.ts';
import { sensingMinimiser } from './convex.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { norm, sensingGrams, smoothedSensingLoss, sensingGradient, type Factors } from '../../../src/index.ts';
import { sensingSize } from '../../../src/theory/sensing.ts';
import { plus, times } from '../../../src/linear-algebra/matrices.ts';
import { isWeighted, measurementGrids, measurementsOf, operatorOf, sensing, SOURCE, type Sensing } from './problems.ts';
import { relativeError, recoveryProblem, type Recovery } from './recovery-runs.ts';
import { cheapest, stretchOf } from './cheapest.ts';
import { targetGrids, targetOf } from '../../instances/designs.ts';
import { gaussians } from '../../instances/gaussians.ts';

/** Steps of the smoothed descent, and their number between two evaluations. */
const [STEPS, CHUNK] = [128, 32];

/**
 * Factors with r = min(d1, d2), measurements that weigh every row and column, and a target with nonzero measurements.
 */
const squares: Design<Sensing> = {
  size: { d1: [1, 3], d2: [1, 3], r: [3, 3], k: [1, 2] },
  grids: {
    ...targetGrids,
    ...measurementGrids,
  },
  picks: { kind: [0], count: [4, 3], sigma1: [1, 3 / 4], sigma2: [1, 3 / 4] },
  accepts: isSeen,
  complete: square,
  excludes: () => 'it needs factors of r = min(d1, d2) columns, and measurements of its own',
};

function square(draft: Draft): Sensing {
  const { d1, d2 } = draft.size;
  // A random start: a lattice may have one on the stable set of a saddle.
  const [X0, Y0] = gaussians(draft, [d1, d2]).map((G) => G.mul(1 / 2).to2DArray()) as [Grid, Grid];
  const run = sensing({ ...draft, grids: { ...draft.grids, X0, Y0 } }, operatorOf(draft));
  const { X, Y } = startOf(run);
  // The factors' squared norms stay of the size of the start's and of the target's.
  const reach = norm(X) ** 2 + norm(Y) ** 2 + 2 * norm(matrix(run.M));
  const eta = powerOfTwoAtMost(1 / (2 * sensingSize(measurementsOf(run)) * (reach + 2)));
  return { ...run, eta, steps: STEPS };
}

function isSeen(draft: Draft): boolean {
  const [A, M] = [operatorOf(draft), targetOf(draft)];
  return isWeighted(A, M) && measurementsOf({ A, M }).values.some((value) => value !== 0);
}

/** `steps` steps of gradient descent on the smoothed objective. */
function smoothedDescent(run: Sensing, at: Factors, steps: number): Factors {
  const measurements = measurementsOf(run);
  const { P, Q } = sensingGrams(measurements);
  let { X, Y } = at;
  for (let t = 0; t < steps; t++) {
    const slope = sensingGradient(measurements, { X, Y });
    [X, Y] = [
      plus(plus(X, slope.X, -run.eta), times(Q, X), -run.eta * run.sigma2 ** 2),
      plus(plus(Y, slope.Y, -run.eta), times(P, Y), -run.eta * run.sigma1 ** 2),
    ];
  }
  return { X, Y };
}

/**
 * The least value of the convex problem next to the smoothed loss, without its constant, at factors of the solution; on the way of
 * a descent, no value is below it.
 */
function convexValue(run: Sensing): Comparison {
  const measurements = measurementsOf(run);
  const { sigma1, sigma2 } = run;
  const { P, Q } = sensingGrams(measurements);
  const r = run.X0[0]!.length;
  const valueAt = (at: Factors): number =>
    smoothedSensingLoss(measurements, at, run) - (r * sigma1 ** 2 * sigma2 ** 2 * P.trace()) / 2;
  const { Z, value, bound } = sensingMinimiser(measurements, sigma1 * sigma2);
  const { X, Y } = cheapest(run, Z);
  const attained = valueAt({ X: X.subMatrix(0, X.rows - 1, 0, r - 1), Y: Y.subMatrix(0, Y.rows - 1, 0, r - 1) });
  // The value at 0 is the size of the terms of the sum.
  const first = measurements.values.reduce((sum, each) => sum + each * each, 0) / 2;
  const rounding = stretchOf(P, Q) * first;
  const passed: Comparison[] = [];
  let at: Factors = startOf(run);
  for (let taken = 0; taken < run.steps; taken += CHUNK) {
    at = smoothedDescent(run, at, CHUNK);
    // The iterate is larger than the minimiser: its rounding scales with the value at the iterate.
    const value = valueAt(at);
    passed.push(atLeast('smoothed loss on the way', value, bound, rounding + stretchOf(P, Q) * value, { taken }));
  }
  return worst([equal('smoothed loss at the factored solution', attained, value, rounding, { first }), ...passed]);
}

/** The first columns of the start only. */
const thin = (run: Sensing): Sensing => ({
  ...run,
  X0: run.X0.map((row) => row.slice(0, 1)),
  Y0: run.Y0.map((row) => row.slice(0, 1)),
});

export const convex = claim<Sensing>({
  id: 'sensing/convex',
  statement:
    'With factors of full size the least smoothed loss of matrix sensing is the least value of a convex problem, least squares with the reweighted nuclear norm: balanced factors of its solution attain it, and descent stays above it.',
  formula: String.raw`r = \min(d_1,d_2):\quad \min_{X,Y}\tilde F - c = \min_Z\ \tfrac12\textstyle\sum_i(\langle A_i, Z\rangle - b_i)^2 + \sigma_1\sigma_2\|Q^{1/2}ZP^{1/2}\|_*`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping(
      'r = min(d1, d2)',
      changed({ ...squares, size: { d1: [3, 3], d2: [3, 3], r: [3, 3], k: [2, 2] } }, (run) => ({
        ...thin(run),
        sigma1: 1 / 8,
        sigma2: 1 / 8,
      })),
    ),
  ],
  source: SOURCE,
  proof: 'sensing-recovery',
  items: ['10.6'],
  instances: design(squares),
  check: (_, run) => convexValue(run),
});

/** A draw of problems: a matrix of rank one has seven degrees of freedom, and 16 entries. Each trial has problems of its own. */
const recoveries: Design<Draws> = {
  size: { d1: [1, 1], d2: [1, 1] },
  grids: {},
  picks: { count: [12, 11, 10] },
  complete: ({ picks, seed }) => ({
    ...{ M: [[1]], X0: [[1]], Y0: [[1]], eta: 1, sigma1: 0, sigma2: 0, steps: 0, seed },
    count: picks['count']!,
  }),
  excludes: () => 'it makes its own targets and measurements',
};

type Draws = Instance & { count: number };
type Change = (run: Recovery) => Recovery;
const same: Change = (run) => run;

const PROBLEMS = 2;

/** The distance of perturbed descent from the targets, next to that of plain descent; either may be changed. */
function better({ count, ...instance }: Draws, noisily = same, plainly = same): Comparison {
  let [noisy, plain] = [0, 0];
  for (let i = 0; i < PROBLEMS; i++) {
    const run = recoveryProblem(instance, count, i);
    noisy += finite(() => relativeError(noisily(run), true)) / PROBLEMS;
    plain += finite(() => relativeError(plainly(run), false)) / PROBLEMS;
  }
  return atMost('mean relative error of perturbed descent', noisy, (5 / 8) * plain, plain / 8, { plain });
}

export const recovery = claim<Draws>({
  id: 'sensing/recovery',
  statement:
    'From 10 to 12 Gaussian measurements of a 4 x 4 matrix of rank one perturbed descent with factors of full size has less than 3/4 of the error of plain descent from the same large start, averaged over two matrices.',
  formula: String.raw`7 < m < 16:\quad \|XY' - M\| \le \tfrac34\|X_\infty Y_\infty' - M\| \text{ (plain)}`,
  kind: 'statistical',
  needs: 'theory',
  hypotheses: [
    dropping('noise', (_, draws) => better(draws, (run) => ({ ...run, sigma1: 0, sigma2: 0, steps: 512 }))),
    dropping('a large start of plain descent', (_, draws) =>
      better(draws, same, (run) => ({
        ...run,
        X0: run.X0.map((row) => row.map((x) => x / 64)),
        Y0: run.Y0.map((row) => row.map((y) => y / 64)),
      })),
    ),
  ],
  bound: 'valid',
  source: 'Ding, Drusvyatskiy, Fazel and Harchaoui 2022 (that flat solutions recover); measured here',
  proof: 'sensing-recovery',
  items: ['10.6'],
  // Measured on 1000 draws: docs/theory/other-problems.md#sensing-recovery.
  random: {
    basis: 'leading order',
    shift: {
      text: 'sigma1 and sigma2',
      finds: -7 / 8,
      because:
        'it compares errors of two descents: half of the noise, or five times the noise, still has the smaller one',
      by: (share) => ({
        text: `scales too ${share < 0 ? 'small' : 'large'}`,
        check: (_, draws) =>
          better(draws, (run) => ({ ...run, sigma1: (1 + share) * run.sigma1, sigma2: (1 + share) * run.sigma2 })),
      }),
    },
  },
  instances: design(recoveries),
  check: (_, draws) => better(draws),
});
