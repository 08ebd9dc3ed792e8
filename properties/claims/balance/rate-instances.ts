/** Instances on which the rates of fitting and of balancing are measured (docs/theory/limits.md#limit-noise). */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, shortBinary, squaredSize } from '../../oracles/scales.ts';
import { longGrids } from '../../instances/trajectories.ts';
import { norm, type NoiseScales } from '../../../src/index.ts';

/** Scales with exactly this lambda and gamma, up to the rounding of a square root. */
export function exactScales(target: Grid, lambda: number, gamma: number): NoiseScales {
  const [d1, d2] = [target.length, target[0]!.length];
  return { sigma1: Math.sqrt((lambda * gamma) / d1), sigma2: Math.sqrt(lambda / (gamma * d2)) };
}

/** The grid with `by` added on its diagonal, which keeps it away from 0. */
export const anchored = (grid: Grid, by: number): Grid =>
  grid.map((row, i) => row.map((entry, j) => (i === j ? entry + by : entry)));

const scaled = (grid: Grid, by: number): Grid => matrix(grid).mul(by).to2DArray();

/** The steps of an unbalanced run are a multiple of 2 `PARTS`: runs are looked at in the middle of each part. */
export const PARTS = 32;

/** The step size of an unbalanced run in units of the inverse curvature: the squares of the steps stay below their first order. */
const PACE = 1 / 16;

/** Any target, and a start with most of its weight in one factor, which `lean` says. */
export const unbalanced = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
  grids: {
    A: longGrids.A,
    B: longGrids.B,
    X0: { shape: ['d1', 'r'], unit: 1, max: 1 },
    Y0: { shape: ['d2', 'r'], unit: 1, max: 1 },
  },
  picks: { gamma: [1], share: [1 / 8, 1 / 16], lean: [1, -1] },
  complete: unbalancedRun,
} as const satisfies Design<Instance>;

function unbalancedRun({ grids, picks, ...draft }: Draft): Instance {
  const M = targetOf({ grids, picks, ...draft });
  const unit = powerOfTwoAtMost(Math.max(1, Math.sqrt(norm(matrix(M)))));
  const [heavy, light] = [unit, unit / 4];
  const leansToX = picks['lean']! > 0;
  const X0 = leansToX ? scaled(anchored(grids['X0']!, 2), heavy) : scaled(grids['X0']!, light);
  const Y0 = leansToX ? scaled(grids['Y0']!, light) : scaled(anchored(grids['Y0']!, 2), heavy);
  const curvature = squaredSize(startOf({ X0, Y0 })) + norm(matrix(M));
  const lambda = picks['share']! * curvature;
  const eta = powerOfTwoAtMost(PACE / curvature);
  const steps = 2 * PARTS * Math.ceil(1 / (2 * PARTS * eta * lambda));
  return { M, X0, Y0, eta, ...exactScales(M, lambda, picks['gamma']!), steps, seed: draft.seed };
}

/** An instance with its own rank-one target of singular value s. */
export type RankOne = Instance & { s: number };

/** M = a b'; the start is near multiples of a and b, so that it is off the stable set of the saddle. */
const rankOneGrids = {
  A: { shape: ['d1', 'one'], unit: 1, max: 1 },
  B: { shape: ['d2', 'one'], unit: 1, max: 1 },
  P: { shape: ['d1', 'one'], unit: 1 / 4, max: 1 / 2 },
  Q: { shape: ['d2', 'one'], unit: 1 / 4, max: 1 / 2 },
} as const satisfies Design<unknown>['grids'];

/** Small rank-one problems. */
const rankOne = (
  picks: Readonly<Record<string, readonly number[]>>,
  complete: (draft: Draft) => RankOne,
): Design<RankOne> => ({
  size: { d1: [1, 3], d2: [1, 3], r: [1, 1], k: [1, 1] },
  grids: rankOneGrids,
  picks,
  complete,
  excludes: () => 'it needs a target of rank one, which it makes itself',
});

/** The target, and a start whose factors have about the norms x sqrt(s) and y sqrt(s). */
function rankOneProblem({ grids }: Draft, x: number, y: number): Pick<RankOne, 'M' | 'X0' | 'Y0' | 's'> {
  const [a, b] = [matrix(anchored(grids['A']!, 2)), matrix(anchored(grids['B']!, 2))];
  const s = norm(a) * norm(b);
  const near = (direction: Matrix, shift: Grid, length: number): Grid => {
    const shifted = Matrix.add(direction, matrix(shift));
    return shifted.mul(shortBinary((length * Math.sqrt(s)) / norm(shifted))).to2DArray();
  };
  const M = a.mmul(b.transpose()).to2DArray();
  return { M, X0: near(a, grids['P']!, x), Y0: near(b, grids['Q']!, y), s };
}

/** Norms of the factors of the start in units of those of the limit: the square of the heavy one has to fall by six. */
const [HEAVY, LIGHT] = [Math.sqrt(6), 1 / 4];

/** Equal noise on both factors, lambda = s / 8. Runs are looked at every `steps` steps, in which time the fit settles. */
export const equalNoise = rankOne({ lean: [1, -1] }, (draft) => {
  const [d1, d2] = [draft.size.d1, draft.size.d2];
  const gamma = Math.sqrt(d1 / d2);
  const [x, y] = draft.picks['lean']! > 0 ? [HEAVY, LIGHT] : [LIGHT, HEAVY];
  const problem = rankOneProblem(draft, x * Math.sqrt(gamma), y / Math.sqrt(gamma));
  const { M, s } = problem;
  const eta = 1 / (32 * s * Math.max(gamma, 1 / gamma));
  return { ...problem, eta, ...exactScales(M, s / 8, gamma), steps: Math.ceil(1 / (2 * eta * s)), seed: draft.seed };
});

/** Steps of a run of two phases in the time 1 / s, and its length in these times. */
const [STEPS_IN_TIME, TIMES] = [64, 320];

/** lambda is `share` of s; x = 7/4 and y = 1/4 or the reverse: the product starts at 7/16 of s, the imbalance at 3 s. */
export const twoPhases = (share: number): Design<RankOne> =>
  rankOne({ lean: [1, -1] }, (draft) => {
    const [x, y] = draft.picks['lean']! > 0 ? [7 / 4, 1 / 4] : [1 / 4, 7 / 4];
    const problem = rankOneProblem(draft, x, y);
    const { M, s } = problem;
    const noise = exactScales(M, share * s, 1);
    return { ...problem, eta: 1 / (STEPS_IN_TIME * s), ...noise, steps: STEPS_IN_TIME * TIMES, seed: draft.seed };
  });

/** Time constants of the imbalance, 1 / (2 eta lambda) steps each, that the noise floor is averaged over. */
export const CONSTANTS = 768;

/** lambda = s / 16 by default, eta = 1 / (8 s), started at about the limit: then 64 steps are a time constant of D. */
export const settled = ({ gamma = 1, share = 1 / 16 }): Design<RankOne> =>
  rankOne({}, (draft) => {
    const problem = rankOneProblem(draft, 1, 1);
    const { M, s } = problem;
    return {
      ...problem,
      eta: 1 / (8 * s),
      ...exactScales(M, share * s, gamma),
      steps: CONSTANTS * 64,
      seed: draft.seed,
    };
  });

/** A 1 x 1 target s with lambda = 1. */
export const threshold = (targets: readonly number[]): Design<Instance> => ({
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
  grids: {},
  picks: { s: targets, x: [1, 1 / 2, 2, 3 / 4], y: [1, 1 / 2, 2, 3 / 4], gamma: [1, 2, 1 / 2, 3 / 2] },
  complete: ({ picks, seed }) => {
    const M = [[picks['s']!]];
    const [X0, Y0] = [[[picks['x']!]], [[picks['y']!]]];
    return { M, X0, Y0, eta: 1 / 16, ...exactScales(M, 1, picks['gamma']!), steps: 2048, seed };
  },
  excludes: () => 'it is about a 1 x 1 target at the threshold, which it makes itself',
});
