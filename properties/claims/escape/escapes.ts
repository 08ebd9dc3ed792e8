/**
 * Escape from the origin: the fastest direction, its rate, and the distribution of the time
 * (docs/theory/escape.md#escape).
 */
import { Matrix } from 'ml-matrix';
import type { Given } from '../../model/draft.ts';
import { descend, matrix, type Grid, type Instance } from '../../model/instance.ts';
import { chiSquaredTails, highestRate } from '../../oracles/quantiles.ts';
import {
  decompose,
  norm,
  penalties,
  squaredNorm,
  type Descent,
  type NoiseScales,
  type Solver,
} from '../../../src/index.ts';
import { transposedTimes } from '../../../src/linear-algebra/matrices.ts';

/** `runs` descents with independent noise. */
export type Escape = Instance & { runs: number };

/** The reason why the escape from a given target has no prediction, if so. */
export const noPrediction = ({ target }: Given): string | undefined =>
  target.flat().every((entry) => entry === 0) ? 'from a target of 0 nothing leaves the origin' : undefined;

export function atOrigin(M: Grid, r: number): Pick<Instance, 'X0' | 'Y0'> {
  return { X0: Matrix.zeros(M.length, r).to2DArray(), Y0: Matrix.zeros(M[0]!.length, r).to2DArray() };
}

/** The unit vector (a u, b v): the fastest direction away from the origin. */
export interface Leading {
  readonly s: number;
  readonly a: number;
  readonly b: number;
  /** Negative if lambda > s_1: the direction that decays slowest. */
  readonly rate: number;
}

export function leading(target: Matrix, noise: NoiseScales): Leading {
  const { alpha, beta } = penalties(target, noise);
  const s = decompose(target).s[0]!;
  const rate = (Math.hypot(alpha - beta, 2 * s) - (alpha + beta)) / 2;
  // (rate + alpha) a = s b.
  const length = Math.hypot(s, rate + alpha);
  return { s, a: s / length, b: (rate + alpha) / length, rate };
}

/** The variance q that a step adds, over eta^2, to each entry of the amplitude along the leading direction. */
function added(target: Matrix, noise: NoiseScales, r: number): number {
  const { a, b, rate } = leading(target, noise);
  const { alpha, beta } = penalties(target, noise);
  return (
    (noise.sigma1 * a) ** 2 * (rate ** 2 + ((r + 1) * alpha ** 2) / target.columns) +
    (noise.sigma2 * b) ** 2 * (rate ** 2 + ((r + 1) * beta ** 2) / target.rows)
  );
}

/**
 * The amplitude is N(0, V growth^(2t)) from early on if growth > 1, and tends to N(0, V) if growth < 1: V = eta^2 q /
 * |growth^2 - 1|.
 */
export function amplitudeLaw(target: Matrix, instance: Instance): { growth: number; deviation: number } {
  const { eta, X0 } = instance;
  const growth = 1 + eta * leading(target, instance).rate;
  const q = added(target, instance, X0[0]!.length);
  return { growth, deviation: eta * Math.sqrt(q / Math.abs(growth * growth - 1)) };
}

/** A time, and a range in which half of some runs have left, except with a small probability. */
export interface Arrival {
  readonly median: number;
  readonly earliest: number;
  readonly latest: number;
  /** The time of one e-fold. */
  readonly fold: number;
}

/**
 * The time at which half of the runs are at a level: the amplitude after t steps is sqrt(V (growth^(2t) - 1)) times the
 * norm z of r standard normals. More than half of n runs have z above the z_h with P(z > z_h) = p, or below the z_l
 * with P(z < z_l) = p, with the chance `chance` / 2 each, where P(Bin(n, 1 - p) <= (n - 1) / 2) = chance / 2.
 */
export function arrival(target: Matrix, instance: Escape, level: number, chance: number): Arrival {
  const { growth, deviation } = amplitudeLaw(target, instance);
  const r = instance.X0[0]!.length;
  const at = (square: number): number =>
    Math.log1p((level / deviation) ** 2 / square) / (2 * Math.abs(Math.log(growth)));
  const p = 1 - highestRate((instance.runs - 1) / 2, instance.runs, chance / 2);
  const [low, high] = chiSquaredTails(r, p);
  const [middle] = chiSquaredTails(r, 1 / 2);
  return { median: at(middle), earliest: at(high), latest: at(low), fold: 1 / Math.abs(Math.log(growth)) };
}

/** The norm of the amplitudes a u'X + b v'Y of an iterate. */
export function amplitude(target: Matrix, noise: NoiseScales): (at: Pick<Descent, 'X' | 'Y'>) => number {
  const { U, V } = decompose(target);
  const { a, b } = leading(target, noise);
  const [u, v] = [U.getColumnVector(0).mul(a).transpose(), V.getColumnVector(0).mul(b).transpose()];
  return ({ X, Y }) => norm(u.mmul(X).add(v.mmul(Y)));
}

/**
 * The number of runs that have an amplitude of at least `level` after the first, and after the second number of steps.
 */
export function leftBy(solver: Solver, instance: Escape, level: number, [early, late]: [number, number]): number[] {
  const of = amplitude(matrix(instance.M), instance);
  const left = [0, 0];
  const runs = Array.from({ length: instance.runs }, (_, run) => descend(solver, instance, `run ${run}`));
  for (const [look, steps] of [early, late - early].entries()) {
    for (const run of runs) run.advance(steps);
    left[look] = runs.filter((run) => of(run) >= level).length;
  }
  return left;
}

/**
 * Means of |A|^2, and of the energy alpha |X|^2 + beta |Y|^2 - 2 <M, X Y'>, over the runs and over looks at them that are
 * `stride` steps apart.
 */
export function meanSquares(
  solver: Solver,
  instance: Escape,
  looks: number,
  stride: number,
): { amplitude: number; energy: number } {
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  const of = amplitude(target, instance);
  const mean = { amplitude: 0, energy: 0 };
  const share = 1 / (instance.runs * looks);
  for (let run = 0; run < instance.runs; run++) {
    const descent = descend(solver, instance, `run ${run}`);
    for (let look = 0; look < looks; look++) {
      descent.advance(stride);
      const { X, Y } = descent;
      mean.amplitude += share * of(descent) ** 2;
      const product = Matrix.mul(Y, transposedTimes(target, X)).sum();
      mean.energy += share * (alpha * squaredNorm(X) + beta * squaredNorm(Y) - 2 * product);
    }
  }
  return mean;
}

/** The median over the runs of the first step at which the amplitude is at least `level`; Infinity after `steps`. */
export function medianArrival(solver: Solver, instance: Escape, level: number): number {
  const target = matrix(instance.M);
  const of = amplitude(target, instance);
  const { growth, deviation } = amplitudeLaw(target, instance);
  // Within this number of steps the amplitude cannot arrive, short of noise of 16 standard deviations.
  const untilArrival = (now: number): number => Math.floor(Math.log(level / (now + 16 * deviation)) / Math.log(growth));
  const arrivals = Array.from({ length: instance.runs }, (_, run) => {
    const descent = descend(solver, instance, `run ${run}`);
    for (let t = 0, now = of(descent); t < instance.steps;) {
      const wait = Math.max(1, untilArrival(now));
      descent.advance(wait);
      t += wait;
      now = of(descent);
      if (now >= level) return t;
    }
    return Infinity;
  });
  return arrivals.sort((a, b) => a - b)[(instance.runs - 1) / 2]!;
}
