/**
 * The convex problem of sensing, min 1/2 sum_i (<A_i, Z> - b_i)^2 + weight |H Z K|_nuc with H = Q^(1/2), K = P^(1/2),
 * by accelerated proximal steps in W = H Z K, with a duality bound on the distance of the value from the least
 * (docs/theory/other-problems.md#sensing).
 */
import { EVD, Matrix } from 'ml-matrix';
import { combined, decompose, sensingGrams, type Measurements } from '../../../src/index.ts';
import { misfits, sensingSize } from '../../../src/theory/sensing.ts';
import { times, timesTransposed } from '../../../src/linear-algebra/matrices.ts';

/** A power of a positive definite matrix. */
export function powerOf(A: Matrix, power: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix: E } = new EVD(A, { assumeSymmetric: true });
  return timesTransposed(E.clone().mulRowVector(realEigenvalues.map((value) => Math.max(value, 0) ** power)), E);
}

export const nuclearNorm = (W: Matrix): number => decompose(W).s.reduce((sum, value) => sum + value, 0);

/** A solution and bounds on the least value. */
export interface ConvexSolution {
  readonly Z: Matrix;
  /** The objective at Z: at least the least value. */
  readonly value: number;
  /** The value of a dual point: at most the least value. */
  readonly bound: number;
}

/** The largest number of steps; it stops when the value is certain up to this share of the first one. */
const [MOST, ENOUGH] = [3000, 2 ** -30];

export function sensingMinimiser(measurements: Measurements, weight: number): ConvexSolution {
  const { P, Q } = sensingGrams(measurements);
  const [H, K] = [powerOf(Q, -1 / 2), powerOf(P, -1 / 2)];
  const inW = { ...measurements, matrices: measurements.matrices.map((A) => times(times(H, A), K)) };
  // The largest eigenvalue of the normal operator is at most its trace.
  const step = 1 / sensingSize(inW);
  const first = measurements.values.reduce((sum, value) => sum + value * value, 0) / 2;
  let W = Matrix.zeros(H.rows, K.rows);
  let [at, momentum, best] = [W, 1, { W, value: first }];
  let bound = -Infinity;
  for (let i = 0; i < MOST && best.value - bound > ENOUGH * first; i++) {
    const slope = combined(inW.matrices, misfits(inW, at));
    const next = shrunk(Matrix.sub(at, slope.mul(step)), step * weight);
    const faster = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    at = Matrix.add(next, Matrix.sub(next, W).mul((momentum - 1) / faster));
    [W, momentum] = [next, faster];
    if (i % 16 > 0) continue;
    const value = valueAt(inW, weight, W);
    // If the value has risen, the acceleration has overshot, and restarts.
    if (value > best.value) [at, momentum] = [W, 1];
    else best = { W, value };
    bound = Math.max(bound, dualBound(inW, weight, W));
  }
  return { Z: times(times(H, best.W), K), value: best.value, bound };
}

const valueAt = (measurements: Measurements, weight: number, W: Matrix): number =>
  misfits(measurements, W).reduce((sum, misfit) => sum + misfit * misfit, 0) / 2 + weight * nuclearNorm(W);

/** <b, t> - |t|^2 / 2 for t = b - <B_i, W>, scaled so that sum t_i B_i has no singular value above the weight. */
function dualBound(measurements: Measurements, weight: number, W: Matrix): number {
  const t = misfits(measurements, W).map((misfit) => -misfit);
  const largest = decompose(combined(measurements.matrices, t)).s[0]!;
  const scale = largest > weight ? weight / largest : 1;
  return t.reduce((sum, each, i) => sum + scale * each * measurements.values[i]! - (scale * each) ** 2 / 2, 0);
}

/** Every singular value lowered by this amount, and cut at 0. */
function shrunk(W: Matrix, by: number): Matrix {
  const { U, s, V } = decompose(W);
  return timesTransposed(U.clone().mulRowVector(s.map((value) => Math.max(value - by, 0))), V);
}
