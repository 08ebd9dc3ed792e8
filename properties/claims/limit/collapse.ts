/** Perturbed descent near the origin, to leading order in the step size (docs/theory/minimisers.md#collapse). */
import { Matrix } from 'ml-matrix';
import { penalties, singularValues, type NoiseScales } from '../../../src/index.ts';

export interface Origin {
  /** The slowest rate, per unit of eta t, at which the origin attracts, or repels if lambda < s_1. */
  readonly rate: number;
  /** The mean of |X|^2 + |Y|^2 at rest, per unit of eta; only a scale if the origin repels. */
  readonly floor: number;
}

/** The linearised descent splits into planes of one singular pair and one column each, and lines of the longer factor. */
export function origin(target: Matrix, r: number, scales: NoiseScales): Origin {
  const { alpha, beta } = penalties(target, scales);
  const [d1, d2] = [target.rows, target.columns];
  const s = singularValues(target);
  const [ofX, ofY] = [scales.sigma1 ** 2, scales.sigma2 ** 2];
  // Variances of the noise of a step over eta^2, for s = 0.
  const [x, y] = [ofX * alpha ** 2 * (1 + (r + 1) / d2), ofY * beta ** 2 * (1 + (r + 1) / d1)];
  const inPlane = (value: number): number => {
    const across = -value * (ofX * alpha + ofY * beta);
    const Q = new Matrix([
      [x + value ** 2 * ofY, across],
      [across, y + value ** 2 * ofX],
    ]);
    return lyapunovTrace(alpha, beta, value, Q);
  };
  const planes = s.reduce((sum, value) => sum + Math.abs(inPlane(value)), 0);
  const lines = Math.max(d1 - d2, 0) * (x / (2 * alpha)) + Math.max(d2 - d1, 0) * (y / (2 * beta));
  return { rate: Math.abs(alpha + beta - Math.hypot(alpha - beta, 2 * s[0]!)) / 2, floor: r * (planes + lines) };
}

/** tr C for H C + C H = Q, H = [[alpha, -s], [-s, beta]]: C = (det(H) Q + adj(H) Q adj(H)) / (2 tr(H) det(H)). */
function lyapunovTrace(alpha: number, beta: number, s: number, Q: Matrix): number {
  const determinant = alpha * beta - s * s;
  const adjoint = new Matrix([
    [beta, s],
    [s, alpha],
  ]);
  const trace = determinant * Q.trace() + adjoint.mmul(Q).mmul(adjoint).trace();
  return trace / (2 * (alpha + beta) * determinant);
}
