/**
 * Problems min f(Z) + lambda |Z|_nuc with a known solution (docs/theory/related-papers.md#lee-algorithm). The measurements are
 * sqrt(w_i) Q_i for an orthonormal basis Q_i of the matrices, so the w_i are the eigenvalues of the Hessian of f. The values of
 * the measurements are such that soft-thresholding the target solves the problem.
 */
import { Matrix } from 'ml-matrix';
import { changed } from '../../generate/design.ts';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { startGrids, targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { matrix, zeros, type Grid, type Instance } from '../../model/instance.ts';
import {
  decompose,
  product,
  singularValues,
  squaredNorm,
  type Decomposition,
  type Factors,
} from '../../../src/index.ts';
import { inner, plus, timesTransposed } from '../../../src/linear-algebra/matrices.ts';

/** The parts of the paper that were read. */
export const SOURCE =
  "Lee, Liang, Tang and Toh 2022 (abstract, and the authors' program for matrix completion); our proof";

/** `eta` is the step size t of the proximal steps, `steps` the number of rounds. */
export type Lee = Instance & {
  lambda: number;
  /** The w_i, in the shape of a target. */
  weights: Grid;
  /** The Q_i are the images of the unit matrices under the reflection at this matrix; with 0 they are unit matrices. */
  mirror: Grid;
  /** Bounds on the w_i. */
  mu: number;
  L: number;
  /** The number of descent steps on the factors in a round. */
  descents: number;
};

export interface Problem {
  readonly lambda: number;
  /** Step size of the proximal steps. */
  readonly t: number;
  readonly mu: number;
  readonly L: number;
  /** The values of the measurements. */
  readonly b: Matrix;
  /** The solution if all weights are positive. */
  readonly Z: Matrix;
  /** Phi. */
  value(Z: Matrix): number;
  /** The gradient of f. */
  slope(Z: Matrix): Matrix;
}

export function problemOf(instance: Lee): Problem {
  const { lambda, eta: t, mu, L } = instance;
  const [target, mirror] = [matrix(instance.M), matrix(instance.mirror)];
  const [roots, inverses] = [rootsOf(instance.weights, 1 / 2), rootsOf(instance.weights, -1 / 2)];
  const Z = softThresholded(target, lambda);
  const measure = (A: Matrix): Matrix => reflected(A, mirror).mul(roots);
  // -grad f(Z) = M - Z, a subgradient of lambda |.|_nuc at Z.
  const b = measure(Z).add(reflected(Matrix.sub(target, Z), mirror).mul(inverses));
  const misfit = (A: Matrix): Matrix => measure(A).sub(b);
  return {
    ...{ lambda, t, mu, L, b, Z },
    value: (A) => squaredNorm(misfit(A)) / 2 + lambda * singularValues(A).reduce((sum, s) => sum + s, 0),
    slope: (A) => reflected(misfit(A).mul(roots), mirror),
  };
}

/** The weights to a power, 0 for those that are 0. */
const rootsOf = (weights: Grid, power: number): Matrix =>
  matrix(weights.map((row) => row.map((weight) => (weight === 0 ? 0 : weight ** power))));

/** A - 2 <a, A> a / |a|^2, a new matrix. */
function reflected(A: Matrix, a: Matrix): Matrix {
  const square = squaredNorm(a);
  return square === 0 ? A.clone() : plus(A, a, (-2 * inner(a, A)) / square);
}

export const lowered = (s: readonly number[], by: number): number[] => s.map((value) => Math.max(value - by, 0));

function softThresholded(A: Matrix, by: number): Matrix {
  const { U, s, V } = decompose(A);
  return timesTransposed(U.clone().mulRowVector(lowered(s, by)), V);
}

/** Balanced factors of the matrix with the singular vectors of a decomposition and these singular values. */
export function balancedFactors({ U, V }: Decomposition, values: readonly number[]): Factors {
  const roots = values.map((value) => Math.sqrt(value));
  return { X: U.clone().mulRowVector(roots), Y: V.clone().mulRowVector(roots) };
}

/** The start of a run: anywhere; at 0, a saddle of the factored problem; at one triple of the target, lowered by lambda. */
export const [ANYWHERE, ORIGIN, FIRST, SECOND] = [0, 1, 2, 3] as const;

function startAt(draft: Draft, lambda: number): Pick<Instance, 'X0' | 'Y0'> {
  const { grids, picks, size } = draft;
  const [X0, Y0] = [grids['X0']!, grids['Y0']!];
  if (picks['from'] === ANYWHERE) return { X0, Y0 };
  if (picks['from'] === ORIGIN) return { X0: zeros(X0), Y0: zeros(Y0) };
  const found = decompose(matrix(targetOf(draft)));
  const at = Math.min(picks['from']! - FIRST, found.s.length - 1);
  const { X, Y } = balancedFactors(
    found,
    lowered(found.s, lambda).map((value, i) => (i === at ? value : 0)),
  );
  // The triple is one column: the others of the start are 0.
  const only = (A: Matrix): Grid =>
    A.to2DArray().map((row) => Array.from({ length: size.r }, (_, i) => (i === 0 ? row[at]! : 0)));
  return { X0: only(X), Y0: only(Y) };
}

/** The size of the smaller side of a target, above which decompositions in each round take too long. */
const MOST = 32;

/** Rounds on problems whose smallest weight is at least `mu` L: with 0 some entries are not observed. */
export const problems = (least: readonly number[]): Design<Lee> => ({
  size: { d1: [1, 6], d2: [1, 6] },
  grids: {
    ...targetGrids,
    ...startGrids,
    weight: { shape: ['d1', 'd2'], unit: 1 / 2, max: 1 },
    mirror: { shape: ['d1', 'd2'], unit: 1, max: 1 },
  },
  picks: {
    ...targetPicks,
    share: [1 / 4, 1 / 2, 1 / 8, 3 / 2],
    from: [ANYWHERE, ORIGIN, FIRST, SECOND],
    mu: least,
    L: [1, 4],
    mirrored: [0, 1],
    speed: [1 / 2, 3 / 4, 1 / 4, 1],
    descents: [2, 0, 5],
    steps: [1, 4, 8],
  },
  between: ['steps'],
  complete: lee,
  excludes: ({ target }: Given) =>
    Math.min(target.length, target[0]!.length) > MOST
      ? `it decomposes a matrix of the target's size in each of many rounds: it needs min(d1, d2) <= ${MOST}`
      : undefined,
});

function lee(draft: Draft): Lee {
  const { grids, picks, seed } = draft;
  const M = targetOf(draft);
  const L = picks['L']!;
  const mu = picks['mu']! * L;
  const weights = grids['weight']!.map((row) => row.map((entry) => mu + (L - mu) * Math.abs(entry)));
  const mirror = picks['mirrored'] === 1 ? grids['mirror']! : zeros(grids['mirror']!);
  // A target of 0 has the solution 0, for every lambda.
  const lambda = picks['share']! * (singularValues(matrix(M))[0]! || 1);
  const eta = (picks['speed']! * 2) / (L + mu);
  const run = { eta, sigma1: 0, sigma2: 0, steps: picks['steps']!, seed, descents: picks['descents']! };
  return { M, ...startAt(draft, lambda), ...run, lambda, weights, mirror, mu, L };
}

/** The same design with these choices. */
export const picking = (plan: Design<Lee>, picks: NonNullable<Design<Lee>['picks']>): Design<Lee> => ({
  ...plan,
  picks: { ...plan.picks, ...picks },
});

/** With proximal steps of this size, in units of 1 / L. */
export const withStep = (size: number, plan: Design<Lee>): Design<Lee> =>
  changed(plan, (run) => ({ ...run, eta: size / run.L }));

/** Strongly convex problems. */
export const positiveWeights = problems([1, 1 / 2, 1 / 4]);

/** 1 - t mu. */
export const rateOf = ({ t, mu }: Problem): number => 1 - t * mu;

export const valueOf = (problem: Problem, at: Factors): number => problem.value(product(at));

/** The instance, started at balanced factors of its target. */
export function fromTarget(instance: Lee): Lee {
  const found = decompose(matrix(instance.M));
  const { X, Y } = balancedFactors(found, found.s);
  return { ...instance, X0: X.to2DArray(), Y0: Y.to2DArray() };
}
