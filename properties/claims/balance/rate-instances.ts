/** Instances and measurements of how fast perturbed descent fits and balances (docs/theory/limits.md#limit-noise). */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { descend, descendSmoothed, iterate, matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, shortBinary, squaredSize } from '../../oracles/scales.ts';
import { meanSquares, varianceOfTurn } from './step-moments.ts';
import { Window } from '../../oracles/linear-process.ts';
import { added, longGrids, timeAverage } from '../../instances/trajectories.ts';
import {
  imbalance,
  norm,
  penalties,
  residual,
  smoothedGradient,
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
  const unit = powerOfTwoAtMost(Math.max(1, Math.sqrt(norm(matrix(M)))));
  const [heavy, light] = [unit, unit / 4];
  const leansToX = picks['lean']! > 0;
  const X0 = leansToX ? scaled(anchored(grids['X0']!, 2), heavy) : scaled(grids['X0']!, light);
  const Y0 = leansToX ? scaled(grids['Y0']!, light) : scaled(anchored(grids['Y0']!, 2), heavy);
  const curvature = squaredSize(startOf({ X0, Y0 })) + norm(matrix(M));
  const lambda = picks['share']! * curvature;
  const eta = powerOfTwoAtMost(1 / (16 * curvature));
  const steps = 2 * PARTS * Math.ceil(1 / (2 * PARTS * eta * lambda));
  return { M, X0, Y0, eta, ...exactScales(M, lambda, picks['gamma']!), steps, seed: draft.seed };
}

/** Independent runs of one instance. */
export const independent = (solver: Solver, instance: Instance, runs: number): Descent[] =>
  Array.from({ length: runs }, (_, run) => descend(solver, instance, `run ${run}`));

/** D averaged over runs after some steps. */
export interface Decay {
  readonly steps: number;
  readonly mean: Matrix;
  /** Its mean, the squares of the steps included. */
  readonly want: Matrix;
  /** Contribution of the squared steps to (1 - 2 eta lambda)^steps D_0. */
  readonly ofSquares: number;
  /** The root of the variance, summed over the entries. */
  readonly error: number;
}

/** The steps of an unbalanced run are a multiple of 2 `PARTS`: runs are looked at in the middle of each part. */
const PARTS = 32;
/** One run in this many is read at its intermediate steps. */
const LOOKED_AT = 6;

/**
 * The mean of D over runs after each quarter of the instance's steps. A step multiplies D by 1 - 2 eta lambda and adds
 * a term whose mean, given the past, is eta^2 `meanSquares` and whose variance is at most eta^2 `varianceOfTurn`; it
 * decays with D. Both change slowly and differ little between runs.
 */
export function* decays(solver: Solver, instance: Instance, runs: number): Generator<Decay> {
  const { eta, steps } = instance;
  const target = matrix(instance.M);
  const all = independent(solver, instance, runs);
  const looked = all.filter((_, i) => i % LOOKED_AT === 0);
  const stride = steps / PARTS;
  const keep = (1 - 2 * eta * penalties(target, instance).lambda) ** stride;
  const decayed = imbalance(startOf(instance));
  const squares = Matrix.zeros(decayed.rows, decayed.rows);
  let variance = 0;
  for (let part = 1; part <= PARTS; part++) {
    for (const run of all) run.advance(stride / 2);
    decayed.mul(keep);
    squares.mul(keep);
    variance *= keep ** 2;
    for (const run of looked) {
      const at = iterate(run);
      // A contribution in the middle of the part decays for half of it.
      const share = (stride * eta ** 2 * Math.sqrt(keep)) / looked.length;
      squares.add(meanSquares(target, at, instance).mul(share));
      variance += (share * Math.sqrt(keep) * varianceOfTurn(target, at, instance)) / runs;
    }
    for (const run of all) run.advance(stride / 2);
    if (part % (PARTS / 4) !== 0) continue;
    const want = Matrix.add(decayed, squares);
    yield {
      steps: part * stride,
      mean: meanImbalance(all),
      want,
      ofSquares: norm(squares),
      error: Math.sqrt(variance),
    };
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

/**
 * The gamma-imbalance that counts as balanced; the limit's size is twice gamma s, that of the start about six times as
 * large.
 */
const BALANCED = 2;

/** Looks at a run, `steps` steps apart, until it is balanced; infinite if that takes too long. */
function timeToLevel({ M, s, steps }: RankOne, look: () => number, advance: () => void): number {
  const level = BALANCED * Math.sqrt(M.length / M[0]!.length) * s;
  let before = look();
  for (let looks = 0; looks < 64; looks++) {
    advance();
    const now = look();
    if (now <= level) return steps * (looks + Math.log(before / level) / Math.log(before / now));
    before = now;
  }
  return Infinity;
}

/** Steps until the mean gamma-imbalance over runs is at the level. */
export function stepsToBalance(solver: Solver, instance: RankOne, runs: number): number {
  const gamma = Math.sqrt(instance.M.length / instance.M[0]!.length);
  const all = independent(solver, instance, runs);
  return timeToLevel(
    instance,
    () => Math.abs(all.reduce((sum, run) => sum + gammaImbalance(run, gamma), 0)) / runs,
    () => all.forEach((run) => run.advance(instance.steps)),
  );
}

const gammaImbalance = ({ X, Y }: Pick<Descent, 'X' | 'Y'>, gamma: number): number =>
  squaredNorm(X) - gamma ** 2 * squaredNorm(Y);

/** Parts of the time between two looks, in which the moments of a step are taken as constant. */
const PARTS_OF_LOOK = 2;

/**
 * The expected time and its standard deviation: along the path of the mean step, with the contribution of the squared steps
 * to the mean imbalance and with the variance of its increments, both carried along linearly (docs/theory/limits.md#limit-noise).
 */
export function balancingTime(instance: RankOne, runs: number): { want: number; error: number } {
  const { M, eta, steps } = instance;
  const target = matrix(M);
  const { alpha, beta, gamma } = penalties(target, instance);
  const path = descendSmoothed(instance);
  let [added, variance, drift] = [0, 0, 0];
  /** The sizes of the factors as functions of the imbalance at a fixed product. */
  const share = (): number => {
    const [x, y] = [squaredNorm(path.X), squaredNorm(path.Y)];
    return (x - y) / (x + y);
  };
  const stride = Math.ceil(steps / PARTS_OF_LOOK);
  const advance = (): void => {
    for (let left = steps; left > 0; left -= stride) {
      const taken = Math.min(stride, left);
      const d = share();
      const keep = (1 - eta * (alpha * (1 + d) + beta * (1 - d))) ** taken;
      const slope = imbalance(smoothedGradient(target, path, instance)).get(0, 0);
      const ofSquares = meanSquares(target, path, instance).get(0, 0);
      drift = 2 * eta * (alpha * squaredNorm(path.X) - beta * squaredNorm(path.Y)) - eta ** 2 * ofSquares;
      added = keep * added + taken * eta ** 2 * (ofSquares - slope);
      variance = keep ** 2 * variance + taken * eta ** 2 * varianceOfTurn(target, path, instance);
      path.advance(taken);
    }
  };
  const look = (): number => {
    const d = share();
    return Math.abs(gammaImbalance(path, gamma) + ((1 + d + gamma ** 2 * (1 - d)) / 2) * added);
  };
  const want = timeToLevel(instance, look, advance);
  return { want, error: Math.sqrt(variance / runs) / Math.abs(drift) };
}

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

const LOOKS = 2 * CONSTANTS;

/** The looks that the moments of the imbalance are averages of. */
export const windowOfImbalance = ({ steps }: RankOne): Window => new Window(LOOKS, steps / LOOKS);

/** Settles for 10 time constants, then averages D and (D - around)^2 over looks that are half a time constant apart. */
export function momentsOfImbalance(
  descent: Descent,
  { steps }: RankOne,
  around: number,
): { mean: number; variance: number } {
  descent.advance((10 * steps) / CONSTANTS);
  let [mean, variance] = [0, 0];
  for (let look = 0; look < LOOKS; look++) {
    descent.advance(steps / LOOKS);
    const D = squaredNorm(descent.X) - squaredNorm(descent.Y);
    mean += D / LOOKS;
    variance += (D - around) ** 2 / LOOKS;
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
