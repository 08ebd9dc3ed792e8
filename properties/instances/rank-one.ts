/** The limit of gradient flow at rank one (docs/theory/gradient-descent.md#gd-limit), and runs of gradient descent to it. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../model/draft.ts';
import { matrix, type Grid, type Instance } from '../model/instance.ts';
import { descendingStep, powerOfTwoAtMost, squaredSize } from '../oracles/scales.ts';
import { decompose, loss, norm, squaredNorm, type Factors } from '../../src/index.ts';

/** The limits +-(a u, b v) that the imbalance of a start leaves. */
export interface FlowLimit {
  readonly u: Matrix;
  readonly v: Matrix;
  readonly a: number;
  readonly b: number;
  /** sqrt(D_0^2 + 4 s^2) = a^2 + b^2: the largest curvature at the limit. */
  readonly h: number;
  /** (h - |D_0|) / 2 = min(a^2, b^2): the slowest rate per unit of eta t, at the limit and at the saddle. */
  readonly rate: number;
}

/** The limits for the leading triple of the target. */
export function flowLimit(target: Matrix, { X, Y }: Factors): FlowLimit {
  const { U, s: all, V } = decompose(target);
  const s = all[0]!;
  const D = squaredNorm(X) - squaredNorm(Y);
  const h = Math.hypot(D, 2 * s);
  const larger = Math.sqrt((h + Math.abs(D)) / 2);
  const smaller = s / larger;
  const [a, b] = D >= 0 ? [larger, smaller] : [smaller, larger];
  return { u: U.getColumnVector(0), v: V.getColumnVector(0), a, b, h, rate: smaller ** 2 };
}

/** w = u'x + kappa v'y with kappa = b/a: gradient flow conserves its sign, which is that of the limit. */
export function sidedness({ u, v, a, b }: FlowLimit, { X, Y }: Factors): number {
  return u.dot(X) + (b / a) * v.dot(Y);
}

/** Why a user's target is out of reach of claims about rank one. */
const ownTarget = (): string => 'it needs a target of rank one, which it makes itself';

/** The vector, or e_1 if it is 0. */
const direction = (grid: Grid): Matrix =>
  matrix(grid.flat().some((entry) => entry !== 0) ? grid : grid.map((_, i) => [i === 0 ? 1 : 0]));

/** The directions of u and v on the lattice, for a target a b' of rank one. */
export const directions = ({ grids }: Draft): { a: Matrix; b: Matrix } => ({
  a: direction(grids['A']!),
  b: direction(grids['B']!),
});

const directionGrids = {
  A: { shape: ['d1', 'one'], unit: 1, max: 2 },
  B: { shape: ['d2', 'one'], unit: 1, max: 2 },
} as const satisfies Design<unknown>['grids'];

const startGrids = {
  P: { shape: ['d1', 'one'], unit: 1 / 4, max: 1 },
  Q: { shape: ['d2', 'one'], unit: 1 / 4, max: 1 },
} as const satisfies Design<unknown>['grids'];

const plain = { sigma1: 0, sigma2: 0 } as const;
const grids = ({ X, Y }: Factors): Pick<Instance, 'X0' | 'Y0'> => ({ X0: X.to2DArray(), Y0: Y.to2DArray() });

export type TwoStarts = Instance & { X1: Grid; Y1: Grid };

/** Time in units of the slowest rate: the start decays to e^-20, at any distance from the saddle here. */
const FOLDS = 20;

/** Rank-one targets with two starts on the side of the attracting minimum, of different imbalance. */
export const twoStarts: Design<TwoStarts> = {
  size: { r: [1, 1], k: [1, 1] },
  grids: { ...directionGrids, ...startGrids },
  accepts: (draft) => {
    const { a, b } = directions(draft);
    const [p, q] = [a.dot(matrix(draft.grids['P']!)) / norm(a), b.dot(matrix(draft.grids['Q']!)) / norm(b)];
    return Math.abs(p) + Math.abs(q) >= 1 / 4;
  },
  complete(draft) {
    const { a, b } = directions(draft);
    return fromTwoStarts(a.mmul(b.transpose()), aligned(draft), draft.seed);
  },
  excludes: ownTarget,
};

/** The start's projections on u and v get the same sign, so that it is off the saddle's stable set. */
function aligned(draft: Draft): Factors {
  const { a, b } = directions(draft);
  const [X, Y] = [matrix(draft.grids['P']!), matrix(draft.grids['Q']!)];
  return { X, Y: Math.sign(a.dot(X)) * Math.sign(b.dot(Y)) < 0 ? Y.mul(-1) : Y };
}

/** The second start exchanges the roles: more in X, then more in Y. */
export function fromTwoStarts(M: Matrix, { X, Y }: Factors, seed: number): TwoStarts {
  const first = { X: Matrix.mul(X, 2), Y: Matrix.mul(Y, 1 / 2) };
  const second = { X: Matrix.mul(X, 1 / 2), Y: Matrix.mul(Y, 2) };
  const starts = [first, second];
  const eta = Math.min(...starts.map((start) => descendingStep(M, start))) / 4;
  const slowest = Math.min(...starts.map((start) => flowLimit(M, start).rate));
  const { X0: X1, Y0: Y1 } = grids(second);
  const steps = Math.ceil(FOLDS / (eta * slowest));
  return { M: M.to2DArray(), ...grids(first), X1, Y1, eta, ...plain, steps, seed };
}

/** Starts of any sign on a target of rank one, with steps so small that they end on the side that the flow does. */
export const sided: Design<Instance> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1], k: [1, 1] },
  grids: { ...directionGrids, ...startGrids },
  accepts: (draft) => {
    const { M, start } = sidedStart(draft);
    return Math.abs(sidedness(flowLimit(M, start), start)) >= 1 / 16;
  },
  complete: (draft) => {
    const { M, start } = sidedStart(draft);
    return sidedRun(M, start, sidedness(flowLimit(M, start), start), draft.seed);
  },
  excludes: ownTarget,
};

function sidedStart(draft: Draft): { M: Matrix; start: Factors } {
  const { a, b } = directions(draft);
  return { M: a.mmul(b.transpose()), start: { X: matrix(draft.grids['P']!), Y: matrix(draft.grids['Q']!) } };
}

/**
 * A run from a start with w_0 = w. Along the flow |w_t| >= |w_0| min(1, 2h / (|x_0|^2 + |y_0|^2 + h)) =: least; steps
 * of size eta move it by at most eta |R_0|^2 (kappa / h) max(|y_0|, b) in addition, for which twice this amount is
 * allowed here. w ends at h/a; near the saddle it grows at the slowest rate (docs/theory/gradient-descent.md#gd-limit).
 */
export function sidedRun(M: Matrix, start: Factors, w: number, seed: number): Instance {
  const { a, b, h, rate } = flowLimit(M, start);
  const least = Math.abs(w) * Math.min(1, (2 * h) / (squaredSize(start) + h));
  const push = ((2 * loss(M, start) * b) / (a * h)) * Math.max(norm(start.Y), b);
  const eta = powerOfTwoAtMost(Math.min(descendingStep(M, start) / 8, least / (4 * push)));
  const steps = Math.ceil((SIDED_FOLDS + Math.log(Math.max(1, h / (a * least)))) / (eta * rate));
  return { M: M.to2DArray(), ...grids(start), eta, ...plain, steps, seed };
}

const SIDED_FOLDS = 6;

/** A run that is measured after `steps`, near its limit, and again after `more`. */
export type NearLimit = Instance & { more: number };

/** Six slowest time constants before the measurement, one for it. */
const SETTLE = 6;

/**
 * Starts (c a, b / c) + a small displacement of the larger factor, off the plane of (u, v), with the target a b': the
 * error of the larger factor off the plane decays most slowly.
 */
export const nearLimit: Design<NearLimit> = {
  size: { d1: [2, 5], d2: [2, 5], r: [1, 1], k: [1, 1] },
  grids: {
    ...directionGrids,
    P: { shape: ['d1', 'one'], unit: 1 / 16, max: 1 / 4 },
    Q: { shape: ['d2', 'one'], unit: 1 / 16, max: 1 / 4 },
  },
  picks: { c: [1, 2, 1 / 2] },
  accepts: (draft) => {
    const { along, moved } = displaced(draft);
    const off = Matrix.sub(moved, Matrix.mul(along, along.dot(moved) / squaredNorm(along)));
    return norm(off) >= 1 / 32;
  },
  complete: (draft) => nearLimitRun(draft, displaced(draft).moved),
  excludes: ownTarget,
};

interface Displaced {
  readonly larger: 'X' | 'Y';
  /** The larger factor of the minimum. */
  readonly along: Matrix;
  /** Its displacement, turned so that it does not become the smaller one. */
  readonly moved: Matrix;
  readonly minimum: Factors;
}

function displaced(draft: Draft): Displaced {
  const { a, b } = directions(draft);
  const c = draft.picks['c']!;
  const minimum = { X: Matrix.mul(a, c), Y: Matrix.mul(b, 1 / c) };
  const larger = norm(minimum.X) >= norm(minimum.Y) ? 'X' : 'Y';
  const along = minimum[larger];
  const moved = matrix(draft.grids[larger === 'X' ? 'P' : 'Q']!);
  return { larger, along, moved: along.dot(moved) < 0 ? moved.mul(-1) : moved, minimum };
}

/** The run from the minimum with its larger factor moved. */
function nearLimitRun(draft: Draft, moved: Matrix): NearLimit {
  const { larger, along, minimum } = displaced(draft);
  const { a, b } = directions(draft);
  const M = a.mmul(b.transpose());
  const start = { ...minimum, [larger]: Matrix.add(along, moved) };
  const eta = descendingStep(M, start);
  const more = Math.ceil(1 / (eta * flowLimit(M, start).rate));
  return { M: M.to2DArray(), ...grids(start), eta, ...plain, steps: SETTLE * more, more, seed: draft.seed };
}

/** The displacement along the factor itself: it stays in the plane. */
export function inPlane(draft: Draft): NearLimit {
  return nearLimitRun(draft, Matrix.mul(displaced(draft).along, 1 / 8));
}
