/** Rates of smoothed descent near its limit: eigenvalues of the Hessian of F~ there, and the expected ones. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { equal, type Comparison } from '../../model/claim.ts';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { anchored, exactScales } from './rate-instances.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { powerOfTwoAtMost, squaredSize } from '../../oracles/scales.ts';
import { longGrids, nonzero } from '../../instances/trajectories.ts';
import {
  decompose,
  norm,
  penalties,
  singularValues,
  smoothedGradientDescent,
  smoothedHessian,
  smoothedMinimiser,
  type Factors,
  type NoiseScales,
  type Penalties,
} from '../../../src/index.ts';

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** Numbers as a column, in ascending order. */
export const sorted = (values: readonly number[]): Matrix => Matrix.columnVector(ascending(values));

/** Eigenvalues of the dense Hessian of F~, with a bound on their rounding. */
export function curvatures(target: Matrix, at: Factors, noise: NoiseScales): { values: number[]; rounding: number } {
  const H = smoothedHessian(target, at, noise);
  const { realEigenvalues } = new EigenvalueDecomposition(H, { assumeSymmetric: true });
  // A backward stable decomposition moves them by a small multiple of n u |H|; the point itself carries that of M's.
  return { values: ascending(realEigenvalues), rounding: 32 * H.rows * u * (norm(H) + norm(target)) };
}

/** Both eigenvalues of [[a, c], [c, b]]. */
const pair = (a: number, b: number, c: number): number[] => {
  const [mean, radius] = [(a + b) / 2, Math.hypot(a - b, 2 * c) / 2];
  return [mean - radius, mean + radius];
};

/**
 * The spectrum at a minimiser of rank one: in the plane of the retained triple, then of each other triple, then the
 * rest.
 */
export function rankOneSpectrum(target: Matrix, { lambda, gamma }: Penalties): number[] {
  const [s = 0, ...others] = singularValues(target);
  const beyond = (rows: number, value: number): number[] =>
    Array.from({ length: rows - 1 - others.length }, () => value);
  return [
    ...pair(s / gamma, s * gamma, s - 2 * lambda),
    ...others.flatMap((other) => pair(s / gamma, s * gamma, other)),
    ...beyond(target.rows, s / gamma),
    ...beyond(target.columns, s * gamma),
  ];
}

/** Eigenvalues that one column without a triple adds to the spectrum at a minimiser. */
export function freeColumn(target: Matrix, { alpha, beta, lambda }: Penalties): number[] {
  const s = singularValues(target);
  const beyond = (rows: number, value: number): number[] => Array.from({ length: rows - s.length }, () => value);
  return [
    ...s.flatMap((each) => pair(alpha, beta, Math.min(each, lambda))),
    ...beyond(target.rows, alpha),
    ...beyond(target.columns, beta),
  ];
}

/** Leading order, for small lambda, of the rates at which the pairs i <= j of r = k triples relax. */
export function pairRates(s: readonly number[], { lambda, gamma }: Penalties): number[] {
  return s.flatMap((si, i) =>
    s.slice(i).map((sj) => {
      const even = (si * sj) / (si + sj) ** 2;
      return (lambda * (gamma + 1 / gamma)) / (1 + even * (gamma - 1 / gamma) ** 2);
    }),
  );
}

/**
 * A bound on the distance of the rates from their leading order (docs/theory/limits.md#limit-noise); NaN if lambda is
 * not small.
 */
export function pairError(s: readonly number[], { lambda, gamma }: Penalties): number {
  const least = s[s.length - 1]!;
  if (!(least > 2 * lambda)) return NaN;
  const share = lambda / least;
  const even = (1 / (1 - share) ** 2 - 1) / 4;
  return lambda * (gamma + 1 / gamma) * (share / (4 * (1 - 2 * share)) + even * (gamma - 1 / gamma) ** 2);
}

/** The instance's point is the minimiser. */
export function atMinimiser(M: Grid, r: number, { sigma1, sigma2 }: NoiseScales, seed: number): Instance {
  const { X, Y } = smoothedMinimiser(matrix(M), r, { sigma1, sigma2 });
  return { M, X0: X.to2DArray(), Y0: Y.to2DArray(), eta: 1, sigma1, sigma2, steps: 0, seed };
}

/** The same product at another balance, which is no stationary point. */
export const tilted = (instance: Instance): Instance => ({
  ...instance,
  X0: matrix(instance.X0).mul(2).to2DArray(),
  Y0: matrix(instance.Y0)
    .mul(1 / 2)
    .to2DArray(),
});

const dense = ({ target, rank }: Given): string | undefined =>
  (target.length + target[0]!.length) * rank > 64 ? 'its Hessian is dense: it needs (d1 + d2) r <= 64' : undefined;

/** Minimisers of rank one; `share` is lambda / s_1. */
export const rankOneMinimisers = (shares: readonly number[]): Design<Instance> => ({
  size: { d1: [1, 5], d2: [1, 5], r: [1, 1], k: [1, 3] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: shares, gamma: [1, 2, 1 / 2, 4, 1 / 8] },
  accepts: nonzero,
  complete: (draft) => {
    const M = targetOf(draft);
    const lambda = singularValues(matrix(M))[0]! * draft.picks['share']!;
    return atMinimiser(M, 1, exactScales(M, lambda, draft.picks['gamma']!), draft.seed);
  },
  excludes: (given) => (given.rank > 1 ? 'it is about factors of rank one' : dense(given)),
});

/** Minimisers for a target of full rank r = k, or with `spare` more columns; lambda is a small share of s_k. */
export const exactRank = (spare: number): Design<Instance> => ({
  size: { d1: [1, 4], d2: [1, 4] },
  grids: {
    A: { shape: ['d1', 'k'], unit: 1 / 2, max: 1 },
    B: { shape: ['d2', 'k'], unit: 1 / 2, max: 1 },
  },
  picks: { share: [1 / 64, 1 / 1024, 1 / 4096], gamma: [1, 2, 1 / 2, 4] },
  complete: (draft) => {
    const M = exactTarget(draft);
    const s = singularValues(matrix(M)).slice(0, rankOf(draft));
    const lambda = s[s.length - 1]! * draft.picks['share']!;
    return atMinimiser(M, s.length + spare, exactScales(M, lambda, draft.picks['gamma']!), draft.seed);
  },
  excludes: (given) => {
    const s = singularValues(matrix(given.target));
    return s[given.rank - 1]! > 1e-3 * s[0]! && (s[given.rank] ?? 0) <= 1e-12 * s[0]!
      ? dense(given)
      : 'it needs r = rank(M) and a well-conditioned target';
  },
});

/** Products of diagonally dominant factors have full rank. */
const exactTarget = (draft: Draft): Grid =>
  draft.target ??
  matrix(anchored(draft.grids['A']!, 4))
    .mmul(matrix(anchored(draft.grids['B']!, 4)).transpose())
    .to2DArray();

const rankOf = ({ target, size: { r, k } }: Draft): number => (target === undefined ? k : r);

/** Minimisers with r at least `columns` that leave a column free: lambda is at least `share` s_1 and above s_r. */
export const spareColumns = (columns: number): Design<Instance> => ({
  size: { d1: [columns, 4], d2: [columns, 4], r: [columns, 3] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [1 / 2, 1 / 8], gamma: [1, 2, 1 / 2, 4] },
  accepts: nonzero,
  complete: (draft) => {
    const M = targetOf(draft);
    const { r } = draft.size;
    const s = singularValues(matrix(M));
    const lambda = Math.max(draft.picks['share']! * s[0]!, (9 / 8) * s[r - 1]!);
    return atMinimiser(M, r, exactScales(M, lambda, draft.picks['gamma']!), draft.seed);
  },
  excludes: dense,
});

/** A displacement of the minimiser of rank one along an eigenvector of its plane: 0 is the slow one, 1 the fast one. */
function displacement(instance: Instance, mode: 0 | 1, size: number): { by: Factors; rate: number } {
  const { U, s, V } = decompose(matrix(instance.M));
  const { lambda, gamma } = penalties(matrix(instance.M), instance);
  const [a, b, c] = [s[0]! / gamma, s[0]! * gamma, s[0]! - 2 * lambda];
  const rate = pair(a, b, c)[mode]!;
  const scale = size / Math.hypot(c, rate - a);
  return { by: { X: U.getColumnVector(0).mul(c * scale), Y: V.getColumnVector(0).mul((rate - a) * scale) }, rate };
}

const TINY = 2 ** -20;

/**
 * Displaces the minimiser of rank one by a tiny share of its size along the slow eigenvector, and descends for a time
 * constant. `far` makes it half of its size, within the same tolerance relative to the displacement.
 */
export function contraction(
  instance: Instance,
  { mode = 0, far = false }: { mode?: 0 | 1; far?: boolean } = {},
): Comparison {
  const [target, limit] = [matrix(instance.M), startOf(instance)];
  const largest = Math.max(norm(limit.X), norm(limit.Y));
  const { by } = displacement(instance, mode, (far ? 1 / 2 : TINY) * largest);
  const { rate } = displacement(instance, 0, TINY);
  const eta = powerOfTwoAtMost(1 / (4 * (squaredSize(limit) + singularValues(target)[0]!)));
  const steps = Math.ceil(1 / (eta * rate));
  const start = { X: Matrix.add(limit.X, by.X), Y: Matrix.add(limit.Y, by.Y) };
  const descent = smoothedGradientDescent({ target, start, stepSize: eta, noise: instance });
  descent.advance(steps);
  const left = stacked(descent).sub(stacked(limit));
  const predicted = stacked(by).mul((1 - eta * rate) ** steps);
  // The gradient's second order is at most 4 |(x, y)|_max |d|^2 in the plane; over the steps that adds up to this.
  const curved = (8 * largest * (TINY * largest) ** 2) / rate;
  const rounding = (steps + 1 / (eta * rate)) * stepRounding(target, limit, limit, { eta });
  const tolerance = (curved + rounding) * (far ? 1 / (2 * TINY) : 1);
  return equal(`displacement after ${steps} steps`, left, predicted, tolerance, { rate });
}
