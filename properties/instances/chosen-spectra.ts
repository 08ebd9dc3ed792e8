/** Targets whose singular values are chosen and known without a decomposition, and rotations of factors. */
import { Matrix } from 'ml-matrix';
import { gaussianNoise, norm, penalties, type Factors } from '../../src/index.ts';
import type { Design, Draft } from '../model/draft.ts';
import { matrix, startOf, type Grid, type Instance } from '../model/instance.ts';
import { powerOfTwoAtMost, squaredSize } from '../oracles/scales.ts';
import { noiseSeed } from '../model/seeds.ts';
import { noiseFor } from './trajectories.ts';

/** M = H_P diag(s) H_T' with the reflections H at P and T. */
export type Spectral = Instance & { s: number[]; P: Grid; T: Grid };

export const spectralGrids = {
  P: { shape: ['d1', 'one'], unit: 1, max: 2 },
  T: { shape: ['d2', 'one'], unit: 1, max: 2 },
} as const satisfies Design<unknown>['grids'];

/**
 * s_i = fall^(i-1), lambda near `share`, gamma from `balance` as in trajectories.ts, Gaussian starts of size `start`.
 * Rounding the scales of the noise moves lambda by a seventh at most, so no s_i comes nearer to it than 1/20.
 */
export const spectralPicks = {
  fall: [1 / 2, 1],
  share: [3 / 8, 1 / 8, 3 / 4, 3 / 2],
  balance: [1, 2, 1 / 2, 0],
  start: [1 / 2, 1 / 16],
} as const;

export const OWN_SPECTRUM = 'it needs a target with singular values of its choice, which it makes itself';

/** Gives the retained and the omitted triples different singular values, so that the minimiser is unique. */
export const gapped = ({ size: { r, k }, picks }: Draft): boolean => r >= k || picks['fall']! < 1;

/** I - 2 a a'/a'a for a column a, I for a = 0: symmetric and orthogonal. */
export function reflection(a: Matrix): Matrix {
  const length = a.dot(a);
  const mirror = Matrix.eye(a.rows);
  return length === 0 ? mirror : mirror.sub(a.mmul(a.transpose()).mul(2 / length));
}

/** The left and right singular vectors of the target that belong to its singular values `s`. */
export function singularVectors({ s, P, T }: Pick<Spectral, 's' | 'P' | 'T'>): { U: Matrix; V: Matrix } {
  const first = (a: Grid): Matrix => reflection(matrix(a)).subMatrix(0, a.length - 1, 0, s.length - 1);
  return { U: first(P), V: first(T) };
}

/** An instance with the drafted spectrum, noise and start; `steps` is left to the claim. */
export function spectral({ size: { d1, d2, r, k }, grids, picks, seed }: Draft): Spectral {
  const s = Array.from({ length: k }, (_, i) => picks['fall']! ** i);
  const [P, T] = [grids['P']!, grids['T']!];
  const { U, V } = singularVectors({ s, P, T });
  const M = U.mmul(Matrix.diag(s)).mmul(V.transpose());
  const noise = noiseFor(M.to2DArray(), picks['share']!, picks['balance']!);
  const [X0, Y0] = [gaussian(d1, r, seed, 'X0', picks['start']), gaussian(d2, r, seed, 'Y0', picks['start'])];
  const eta = stableStep(M, startOf({ X0, Y0 }), noise);
  return { M: M.to2DArray(), X0, Y0, eta, ...noise, steps: 0, seed, s, P, T };
}

/** A matrix of normal numbers of standard deviation `scale` from a stream of the instance. */
export function gaussian(rows: number, columns: number, seed: number, purpose: string, scale = 1): Grid {
  const values = new Float64Array(rows * columns);
  gaussianNoise(noiseSeed({ seed }, purpose)).fill(values);
  return Matrix.from1DArray(
    rows,
    columns,
    values.map((value) => scale * value),
  ).to2DArray();
}

/**
 * A step for smoothed descent: the curvature of F~ is at most |X|^2 + |Y|^2 + |R| + alpha + beta, at the start or at
 * the limit, the larger of the two. A step of twice the inverse would still be stable.
 */
function stableStep(target: Matrix, start: Factors, noise: { sigma1: number; sigma2: number }): number {
  const { alpha, beta, gamma } = penalties(target, noise);
  const limit = norm(target) * (gamma + 1 / gamma);
  const residual = Math.max(norm(start.X) * norm(start.Y), norm(target)) + norm(target);
  return powerOfTwoAtMost(1 / (Math.max(squaredSize(start), limit) + residual + alpha + beta));
}

/** An orthogonal n x n matrix from two lattice-free directions: the product of two reflections at normal vectors. */
export function rotation(n: number, seed: number): Matrix {
  const mirror = (purpose: string): Matrix => reflection(matrix(gaussian(n, 1, seed, purpose)));
  return mirror('first mirror').mmul(mirror('second mirror'));
}

/** (XQ, YQ). */
export const rotated = ({ X, Y }: Factors, Q: Matrix): Factors => ({ X: X.mmul(Q), Y: Y.mmul(Q) });
