/** Leaving the origin: the direction that leads, its rate, and the law of the time (docs/theory.md#escape). */
import { Matrix } from 'ml-matrix';
import type { Given } from '../../model/draft.ts';
import { descend, matrix, type Grid, type Instance } from '../../model/instance.ts';
import { decompose, penalties, type Descent, type NoiseScales, type Solver } from '../../../src/index.ts';

/** `runs` descents with independent noise. */
export type Escape = Instance & { runs: number };

/** Median of the norm of r independent standard normals. */
const MEDIANS = [0.6744897501960817, 1.1774100225154747, 1.5381722544550522];

/** Why a given target has no prediction of its escape, if it has none. */
export function noPrediction({ target, rank }: Given): string | undefined {
  if (target.flat().every((entry) => entry === 0)) return 'from a target of 0 nothing leaves the origin';
  return rank > MEDIANS.length ? `its prediction of the median time is for r <= ${MEDIANS.length}` : undefined;
}

export function atOrigin(M: Grid, r: number): Pick<Instance, 'X0' | 'Y0'> {
  return { X0: Matrix.zeros(M.length, r).to2DArray(), Y0: Matrix.zeros(M[0]!.length, r).to2DArray() };
}

/** The direction (a u, b v) of unit length that leads away from the origin. */
export interface Leading {
  readonly s: number;
  readonly a: number;
  readonly b: number;
  /** Negative where lambda > s_1: the direction that decays slowest. */
  readonly rate: number;
}

export function leading(target: Matrix, noise: NoiseScales): Leading {
  const { alpha, beta } = penalties(target, noise);
  const s = decompose(target).s[0]!;
  const rate = (Math.hypot(alpha - beta, 2 * s) - (alpha + beta)) / 2;
  // (rate + alpha) a = s b.
  const norm = Math.hypot(s, rate + alpha);
  return { s, a: s / norm, b: (rate + alpha) / norm, rate };
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
 * The amplitude is N(0, V growth^(2t)) from early on where growth > 1, and tends to N(0, V) where growth < 1:
 * V = eta^2 q / |growth^2 - 1|.
 */
export function amplitudeLaw(target: Matrix, instance: Instance): { growth: number; deviation: number } {
  const { eta, X0 } = instance;
  const growth = 1 + eta * leading(target, instance).rate;
  const q = added(target, instance, X0[0]!.length);
  return { growth, deviation: eta * Math.sqrt(q / Math.abs(growth * growth - 1)) };
}

/** The median time to reach a level, and the time of one e-fold; both mean something only far above the deviation. */
export function medianTime(target: Matrix, instance: Instance, level: number): { median: number; fold: number } {
  const { growth, deviation } = amplitudeLaw(target, instance);
  const fold = 1 / Math.abs(Math.log(growth));
  const folds = Math.log(level / (MEDIANS[instance.X0[0]!.length - 1]! * deviation));
  return { median: Math.max(0, folds * fold), fold };
}

/** The norm of the amplitudes a u'X + b v'Y of where a descent is. */
export function amplitude(target: Matrix, noise: NoiseScales): (at: Pick<Descent, 'X' | 'Y'>) => number {
  const { U, V } = decompose(target);
  const { a, b } = leading(target, noise);
  const [u, v] = [U.getColumnVector(0).mul(a).transpose(), V.getColumnVector(0).mul(b).transpose()];
  return ({ X, Y }) => u.mmul(X).add(v.mmul(Y)).norm();
}

/** How many of the runs have an amplitude of at least `level` after the first, and after the second number of steps. */
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

/** The median over the runs of the first step at which the amplitude is at least `level`; Infinity after `steps`. */
export function medianArrival(solver: Solver, instance: Escape, level: number): number {
  const target = matrix(instance.M);
  const of = amplitude(target, instance);
  const { growth, deviation } = amplitudeLaw(target, instance);
  // Within so many steps the amplitude cannot arrive, short of noise of 16 standard deviations.
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
