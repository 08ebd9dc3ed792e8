/** Measurements of the rates of fitting and of balancing (docs/theory/limits.md#limit-noise). */
import { Matrix } from 'ml-matrix';
import { descend, descendSmoothed, iterate, matrix, startOf, type Instance } from '../../model/instance.ts';
import { meanSquares, varianceOfTurn } from './step-moments.ts';
import { Window } from '../../oracles/linear-process.ts';
import { added, timeAverage } from '../../instances/trajectories.ts';
import {
  imbalance,
  norm,
  penalties,
  residual,
  smoothedGradient,
  squaredNorm,
  type Descent,
  type Solver,
} from '../../../src/index.ts';
import { CONSTANTS, PARTS, type RankOne } from './rate-instances.ts';

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
  let [more, variance, drift] = [0, 0, 0];
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
      more = keep * more + taken * eta ** 2 * (ofSquares - slope);
      variance = keep ** 2 * variance + taken * eta ** 2 * varianceOfTurn(target, path, instance);
      path.advance(taken);
    }
  };
  const look = (): number => {
    const d = share();
    return Math.abs(gammaImbalance(path, gamma) + ((1 + d + gamma ** 2 * (1 - d)) / 2) * more);
  };
  const want = timeToLevel(instance, look, advance);
  return { want, error: Math.sqrt(variance / runs) / Math.abs(drift) };
}

/** Root mean square of the residual, and mean of D, over the run's steps from `from` to `to`; it stands at `now`. */
export function averagesBetween(
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
