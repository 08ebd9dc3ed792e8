/** Gradient descent along one pair of singular vectors, at steps up to and beyond the border of convergence (docs/theory/large-steps.md#critical-step). */
import { Matrix } from 'ml-matrix';
import { criticalStep, norm, type Factors } from '../../../src/index.ts';
import { transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';

/** A run along lattice vectors U and V, whose target is a multiple of U V'. */
export type PlaneRun = Instance & { U: Grid; V: Grid };

/** x, y and mu of a run in the plane of two unit vectors, and quantities derived from them. */
export interface Plane {
  readonly x: number;
  readonly y: number;
  readonly mu: number;
  /** xy - mu. */
  readonly r: number;
  /** x^2 + y^2. */
  readonly S: number;
  /** S - h mu r - 4/h: the ellipse is G = 0. */
  readonly G: number;
}

/** The coordinates of an iterate in the plane; its part off the plane is left out. */
export function planeOf(run: PlaneRun, { X, Y }: Factors): Plane {
  const [U, V] = [matrix(run.U), matrix(run.V)];
  const along = (A: Matrix, B: Matrix): number => transposedTimes(A, B).get(0, 0) / norm(A);
  const [x, y] = [along(U, X), along(V, Y)];
  return inPlane(x, y, along(U, matrix(run.M).mmul(V).div(norm(V))), run.eta);
}

/** The same from x, y, mu and h. */
export function inPlane(x: number, y: number, mu: number, h: number): Plane {
  const [r, S] = [x * y - mu, x * x + y * y];
  return { x, y, mu, r, S, G: S - h * mu * r - 4 / h };
}

export const ownPlane = (): string => 'it needs a start along a pair of singular vectors, which it makes itself';

const planePicks = {
  x: [1, 1 / 2, 2, 5 / 4, -1, 3 / 2, -7 / 4],
  y: [1 / 2, 1 / 4, 1, 3 / 4, -1 / 8, 2, 13 / 8],
  mu: [1, 1 / 2, 2, -1],
} as const;

/** Any start in the plane, at steps from small ones to such as blow up. */
export const planeRuns: Design<PlaneRun> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: { U: { shape: ['d1', 'one'], unit: 1, max: 2 }, V: { shape: ['d2', 'one'], unit: 1, max: 2 } },
  picks: { ...planePicks, pace: [1 / 2, 1, 1 / 4, 2, 1 / 16] },
  accepts: ({ grids }) => ['U', 'V'].every((name) => grids[name]!.flat().some((entry) => entry !== 0)),
  complete({ grids, picks, seed }) {
    const { U, V } = grids as Record<'U' | 'V', Grid>;
    const { x, y, mu, pace } = picks as Record<'x' | 'y' | 'mu' | 'pace', number>;
    const [a, b] = [matrix(U), matrix(V)];
    const M = Matrix.mul(a.mmul(b.transpose()), mu).to2DArray();
    // U and V are not of length 1, so that the effective step size is eta |U| |V|.
    const eta = pace / (norm(a) * norm(b));
    return { M, X0: a.mul(x).to2DArray(), Y0: b.mul(y).to2DArray(), U, V, eta, sigma1: 0, sigma2: 0, steps: 3, seed };
  },
  excludes: ownPlane,
};

/** The unit vectors e_i and e_j, on which rounding leaves a run that starts there. */
export function onAxes(
  { size: { d1, d2 }, picks, seed }: Draft,
  step: (target: Matrix, start: Factors) => number,
  steps: number,
): PlaneRun {
  const { x, y, mu } = picks as Record<'x' | 'y' | 'mu', number>;
  const unit = (length: number): Matrix => new Matrix(Array.from({ length }, (_, i) => [i === length - 1 ? 1 : 0]));
  const [U, V] = [unit(d1), unit(d2)];
  const target = Matrix.mul(U.mmul(V.transpose()), mu);
  const start = { X: Matrix.mul(U, x), Y: Matrix.mul(V, y) };
  const [X0, Y0, M] = [start.X, start.Y, target].map((A) => A.to2DArray()) as [Grid, Grid, Grid];
  const eta = step(target, start);
  return { M, X0, Y0, U: U.to2DArray(), V: V.to2DArray(), eta, sigma1: 0, sigma2: 0, steps, seed };
}

/** Neither at a minimum nor at x = -y (for mu > 0), from where descent converges to the saddle. */
const moves = ({ picks }: Draft): boolean => {
  const { x, y, mu } = picks as Record<'x' | 'y' | 'mu', number>;
  return x * y !== mu && x !== -Math.sign(mu) * y;
};

const STEPS = 4096;

/** At a share of the critical step size. */
export const atBorder = (shares: readonly number[]): Design<PlaneRun> => ({
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: {},
  picks: { ...planePicks, share: shares },
  accepts: moves,
  complete: (draft) =>
    onAxes(draft, (target, start) => draft.picks['share']! * criticalStep(target, start).stepSize, STEPS),
  excludes: ownPlane,
});

/** The same runs, for crossings of the ellipse. */
export const outside = (shares: readonly number[]): Design<PlaneRun> => ({
  ...atBorder(shares),
  picks: {
    x: [2, 5 / 2, 3, -5 / 2, 9 / 4],
    y: [1 / 4, 1 / 2, 1, 3 / 4, -1 / 8, 13 / 8],
    mu: [1, 1 / 2, -1],
    share: shares,
  },
  accepts: (draft) => {
    const { mu } = draft.picks as { mu: number };
    const { eta } = onAxes(draft, (target, start) => criticalStep(target, start).stepSize, 0);
    return moves(draft) && eta < 0.97 / Math.abs(mu);
  },
});

/** h mu = pace, from starts inside the ellipse: h x^2 and h y^2 are at most 25/16. */
export const beyondEdge = (paces: readonly number[], steps: number): Design<PlaneRun> => ({
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: {},
  picks: { x: [1, 1 / 2, 5 / 4, 7 / 8], y: [3 / 4, 1 / 4, 9 / 8, -1 / 8], mu: [1, 1 / 2, 2], pace: paces },
  complete(draft) {
    const { x, y, mu, pace } = draft.picks as Record<'x' | 'y' | 'mu' | 'pace', number>;
    const h = pace / mu;
    const picks = { x: x / Math.sqrt(h), y: y / Math.sqrt(h), mu };
    return onAxes({ ...draft, picks }, () => h, steps);
  },
  excludes: ownPlane,
});
