/** Instances and measurements of how fast perturbed descent fits and balances (docs/theory.md#limit-noise). */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { descend, iterate, matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, shortBinary, size } from '../../oracles/scales.ts';
import { stepMoments } from '../../oracles/step-moments.ts';
import { added, longGrids, timeAverage } from '../../instances/trajectories.ts';
import {
  imbalance,
  penalties,
  residual,
  squaredNorm,
  type Descent,
  type NoiseScales,
  type Solver,
} from '../../../src/index.ts';

/** Scales with exactly this lambda and gamma, up to the rounding of a square root. */
export function exactScales(target: Grid, lambda: number, gamma: number): NoiseScales {
  const [d1, d2] = [target.length, target[0]!.length];
  return { sigma1: Math.sqrt((lambda * gamma) / d1), sigma2: Math.sqrt(lambda / (gamma * d2)) };
}

/** The grid with `by` added on its diagonal, which keeps it away from 0. */
export const anchored = (grid: Grid, by: number): Grid =>
  grid.map((row, i) => row.map((entry, j) => (i === j ? entry + by : entry)));

const scaled = (grid: Grid, by: number): Grid => matrix(grid).mul(by).to2DArray();

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
  const unit = powerOfTwoAtMost(Math.max(1, Math.sqrt(matrix(M).norm())));
  const [heavy, light] = [unit, unit / 4];
  const leansToX = picks['lean']! > 0;
  const X0 = leansToX ? scaled(anchored(grids['X0']!, 2), heavy) : scaled(grids['X0']!, light);
  const Y0 = leansToX ? scaled(grids['Y0']!, light) : scaled(anchored(grids['Y0']!, 2), heavy);
  const curvature = size(startOf({ X0, Y0 })) + matrix(M).norm();
  const lambda = picks['share']! * curvature;
  const eta = powerOfTwoAtMost(1 / (16 * curvature));
  const steps = 16 * Math.ceil(1 / (16 * eta * lambda));
  return { M, X0, Y0, eta, ...exactScales(M, lambda, picks['gamma']!), steps, seed: draft.seed };
}

/** Independent runs of one instance. */
export const independent = (solver: Solver, instance: Instance, runs: number): Descent[] =>
  Array.from({ length: runs }, (_, run) => descend(solver, instance, `run ${run}`));

/** D averaged over runs after some steps, and how far it may be from (1 - 2 eta lambda)^steps D_0. */
export interface Decay {
  readonly steps: number;
  readonly mean: Matrix;
  /** Of order eta. */
  readonly bias: number;
  /** A standard error. */
  readonly error: number;
}

/**
 * The mean of D over runs after each quarter of the instance's steps. What a step adds to D beyond the factor
 * 1 - 2 eta lambda has, given the past, a mean of at most eta^2 `move` and a variance of at most eta^2 `turn`, and decays
 * with D; so both are taken where the runs are, every sixteenth of the way.
 */
export function* decays(solver: Solver, instance: Instance, runs: number): Generator<Decay> {
  const { eta, steps } = instance;
  const target = matrix(instance.M);
  const all = independent(solver, instance, runs);
  const stride = steps / 16;
  const keep = (1 - 2 * eta * penalties(target, instance).lambda) ** stride;
  let [bias, variance] = [0, 0];
  for (let sixteenth = 1; sixteenth <= 16; sixteenth++) {
    bias *= keep;
    variance *= keep ** 2;
    for (const run of all) {
      const { move, turn } = stepMoments(target, iterate(run), instance);
      bias += (stride * eta ** 2 * move) / runs;
      variance += (stride * eta ** 2 * turn) / runs ** 2;
      run.advance(stride);
    }
    if (sixteenth % 4 === 0) {
      yield { steps: sixteenth * stride, mean: meanImbalance(all), bias, error: Math.sqrt(variance) };
    }
  }
}

/** D averaged over runs. */
function meanImbalance(runs: readonly Descent[]): Matrix {
  const r = runs[0]!.X.columns;
  const sum = Matrix.zeros(r, r);
  for (const run of runs) sum.add(imbalance(run));
  return sum.mul(1 / runs.length);
}

/** An instance with its own rank-one target of singular value s. */
export type RankOne = Instance & { s: number };

/** M = a b'; the start is near multiples of a and b, which keeps it off the stable set of the saddle. */
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
  const s = a.norm() * b.norm();
  const near = (direction: Matrix, shift: Grid, norm: number): Grid => {
    const shifted = Matrix.add(direction, matrix(shift));
    return shifted.mul(shortBinary((norm * Math.sqrt(s)) / shifted.norm())).to2DArray();
  };
  const M = a.mmul(b.transpose()).to2DArray();
  return { M, X0: near(a, grids['P']!, x), Y0: near(b, grids['Q']!, y), s };
}

/**
 * Equal noise on both factors, lambda = s / 8; the heavy one starts at about 6 times its final square. Runs are looked at
 * every `steps` steps.
 */
export const equalNoise = rankOne({ lean: [1, -1] }, (draft) => {
  const [d1, d2] = [draft.size.d1, draft.size.d2];
  const gamma = Math.sqrt(d1 / d2);
  const [heavy, light] = [Math.sqrt(6), 1 / 4];
  const [x, y] = draft.picks['lean']! > 0 ? [heavy, light] : [light, heavy];
  const problem = rankOneProblem(draft, x * Math.sqrt(gamma), y / Math.sqrt(gamma));
  const { M, s } = problem;
  const eta = 1 / (32 * s * Math.max(gamma, 1 / gamma));
  return { ...problem, eta, ...exactScales(M, s / 8, gamma), steps: Math.ceil(1 / (2 * eta * s)), seed: draft.seed };
});

/** Steps until the mean gamma-imbalance over runs is a quarter of the limit's size; infinite if that takes too long. */
export function stepsToBalance(solver: Solver, instance: RankOne, runs: number): number {
  const gamma = Math.sqrt(instance.M.length / instance.M[0]!.length);
  const level = (gamma * instance.s) / 2;
  const all = independent(solver, instance, runs);
  const look = (): number => Math.abs(all.reduce((sum, run) => sum + gammaImbalance(run, gamma), 0)) / runs;
  let before = look();
  for (let looks = 0; looks < 64; looks++) {
    all.forEach((run) => run.advance(instance.steps));
    const now = look();
    if (now <= level) return instance.steps * (looks + Math.log(before / level) / Math.log(before / now));
    before = now;
  }
  return Infinity;
}

const gammaImbalance = ({ X, Y }: Descent, gamma: number): number => squaredNorm(X) - gamma ** 2 * squaredNorm(Y);

/** lambda is `share` of s; the product starts at less than half of s, the imbalance at about 3 s. */
export const twoPhases = (share: number): Design<RankOne> =>
  rankOne({ lean: [1, -1] }, (draft) => {
    const [heavy, light] = [7 / 4, 1 / 4];
    const problem =
      draft.picks['lean']! > 0 ? rankOneProblem(draft, heavy, light) : rankOneProblem(draft, light, heavy);
    const { M, s } = problem;
    const noise = exactScales(M, share * s, 1);
    return { ...problem, eta: 1 / (64 * s), ...noise, steps: 64 * 320, seed: draft.seed };
  });

/** Root mean square of the residual, and mean of D, over the run's steps from `from` to `to`; it stands at `now`. */
export function window(
  descent: Descent,
  instance: RankOne,
  [now, from, to]: readonly [number, number, number],
): { R: number; D: number } {
  const target = matrix(instance.M);
  const run = { ...instance, burnIn: from - now, steps: to - now };
  const { R2, D } = timeAverage<'R2' | 'D'>(descent, run, (at, sums) => ({
    R2: added(Matrix.columnVector([squaredNorm(residual(target, at))]), sums?.R2),
    D: added(imbalance(at), sums?.D),
  }));
  return { R: Math.sqrt(R2.get(0, 0)), D: D.get(0, 0) };
}

/** lambda = s / 16 unless said, eta = 1 / (8 s), started at about the limit: 64 steps to a time constant of D. */
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

/** Time constants of the imbalance, 1 / (2 eta lambda) steps each, that the noise floor is averaged over. */
export const CONSTANTS = 768;

/** Settles for 10 time constants, then averages D and (D - around)^2 over looks that are half a time constant apart. */
export function momentsOfImbalance(
  descent: Descent,
  { steps }: RankOne,
  around: number,
): { mean: number; variance: number } {
  descent.advance((10 * steps) / CONSTANTS);
  const looks = 2 * CONSTANTS;
  let [mean, variance] = [0, 0];
  for (let look = 0; look < looks; look++) {
    descent.advance(steps / looks);
    const D = squaredNorm(descent.X) - squaredNorm(descent.Y);
    mean += D / looks;
    variance += (D - around) ** 2 / looks;
  }
  return { mean, variance };
}

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
