/**
 * Stationary points of the smoothed objective as instances, with their Hessians and neighbourhoods
 * (docs/theory/minimisers.md#saddles).
 */
import { Matrix } from 'ml-matrix';
import { reflection, rotated } from '../../instances/chosen-spectra.ts';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import { tooDense } from '../../oracles/hessians.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { longGrids, noiseFor, nonzero } from '../../instances/trajectories.ts';
import {
  decompose,
  norm,
  penalties,
  singularValues,
  stationaryPoint,
  type Factors,
  type NoiseScales,
} from '../../../src/index.ts';

/**
 * The point (X0, Y0) retains the triples `kept`, rotated by the orthogonal Q: row c of Q is the direction of column c.
 */
export type Stationary = Instance & { kept: number[]; Q: Grid };

/** Whether a set of retained triples qualifies, by s, lambda and the number of columns. */
type Wanted = (kept: readonly number[], spectrum: { s: readonly number[]; lambda: number; r: number }) => boolean;

/** Differences of singular values below this share of s_1 count as 0. */
const TIE = 1e-6;

export const anySet: Wanted = () => true;
export const oneKept: Wanted = (kept) => kept.length === 1;
export const leavingSome: Wanted = (kept, { s }) => kept.length < s.length;
export const minimal: Wanted = (kept, { s, lambda, r }) => {
  const strongest = s.find((_, i) => !kept.includes(i)) ?? 0;
  const weakest = kept.length < r ? lambda : Math.min(...kept.map((i) => s[i]!));
  return strongest <= weakest + TIE * s[0]!;
};
export const notMinimal: Wanted = (kept, spectrum) => !minimal(kept, spectrum);

/** Stationary points: `share` is lambda / s_1, `balance` is gamma, `which` numbers the wanted sets of triples. */
export function stationaryPoints(wanted: Wanted): Design<Stationary> {
  return {
    size: { d1: [1, 5], d2: [1, 5], k: [1, 4] },
    grids: { A: longGrids.A, B: longGrids.B, turn: { shape: ['r', 'r'], unit: 1, max: 2 } },
    picks: { share: [1 / 8, 1 / 32, 1 / 2], balance: [1, 2, 1 / 2, 4, 1 / 8], which: [0, 1, 2, 3, 4, 5, 6, 7] },
    accepts: (draft) => nonzero(draft) && keptSets(draft, wanted).length > 0,
    complete: (draft) => stationary(draft, wanted),
    excludes: outOfReach,
  };
}

/** The same, with noise that collapses everything too. */
export function withCollapse(wanted: Wanted): Design<Stationary> {
  const points = stationaryPoints(wanted);
  return { ...points, picks: { ...points.picks, share: [1 / 8, 1 / 32, 1 / 2, 2] } };
}

/** Sizes with a second triple to leave out or to retain. */
export const severalTriples = { d1: [2, 5], d2: [2, 5], k: [1, 4] } as const;

const outOfReach = (given: Given): string | undefined =>
  given.target.flat().every((entry) => entry === 0) ? 'a target of 0 has no saddle' : tooDense(given);

function stationary(draft: Draft, wanted: Wanted): Stationary {
  const [M, noise, sets] = [targetOf(draft), noiseOf(draft), keptSets(draft, wanted)];
  const kept = sets[draft.picks['which']! % sets.length]!;
  const Q = turning(draft.grids['turn']!);
  const { X, Y } = rotated(stationaryPoint(matrix(M), draft.size.r, kept, noise), Q);
  const [X0, Y0] = [X.to2DArray(), Y.to2DArray()];
  return { M, X0, Y0, eta: 1, ...noise, steps: 0, seed: draft.seed, kept, Q: Q.to2DArray() };
}

/** The scales that a draft's share and balance stand for. */
export function noiseOf(draft: Draft): NoiseScales {
  const M = targetOf(draft);
  return noiseFor(M, singularValues(matrix(M))[0]! * draft.picks['share']!, draft.picks['balance']!);
}

/** Wanted sets of at most r triples above lambda, the smallest first; of many triples only the first six are tried. */
function keptSets(draft: Draft, wanted: Wanted): number[][] {
  const [target, { r }] = [matrix(targetOf(draft)), draft.size];
  const s = singularValues(target);
  const { lambda } = penalties(target, noiseOf(draft));
  const above = s.map((_, i) => i).filter((i) => s[i]! > lambda + TIE * s[0]!);
  return subsets(above.slice(0, 6))
    .filter((kept) => kept.length <= r && wanted(kept, { s, lambda, r }))
    .sort((a, b) => a.length - b.length);
}

const subsets = (all: readonly number[]): number[][] =>
  all.reduce<number[][]>((found, i) => [...found, ...found.map((set) => [...set, i])], [[]]);

/** The product of the reflections that the columns of a square matrix stand for: every orthogonal matrix is one. */
function turning(grid: Grid): Matrix {
  return grid
    .map((_, column) => reflection(matrix(grid).getColumnVector(column)))
    .reduce((Q, mirror) => Q.mmul(mirror));
}

/** A stationary point in the singular bases of the target. */
export interface View {
  readonly target: Matrix;
  readonly point: Factors;
  readonly lambda: number;
  readonly gamma: number;
  readonly U: Matrix;
  readonly s: readonly number[];
  readonly V: Matrix;
  /** Triples left out, the strongest first. */
  readonly left: readonly number[];
  /** The level of each column: s_j of the triple that it retains, lambda if it is free. */
  readonly levels: readonly number[];
}

export function viewOf(instance: Stationary): View {
  const [target, point] = [matrix(instance.M), startOf(instance)];
  const { lambda, gamma } = penalties(target, instance);
  const { U, s, V } = decompose(target);
  const left = s.map((_, i) => i).filter((i) => !instance.kept.includes(i));
  const levels = instance.Q.map((_, column) => s[instance.kept[column] ?? NaN] ?? lambda);
  return { target, point, lambda, gamma, U, s, V, left, levels };
}

/** The lower eigenvalue of [[mu / gamma, -s], [-s, mu gamma]]; negative iff s > mu. */
export const lowerEigenvalue = (s: number, mu: number, gamma: number): number =>
  (mu * (gamma + 1 / gamma) - Math.hypot(mu * (gamma - 1 / gamma), 2 * s)) / 2;

/** Rounding of R Y + alpha X and R'X + beta Y, sums of at most d1 + d2 + r products and a few more. */
export function slopeRounding(target: Matrix, at: Factors, noise: NoiseScales): number {
  const { alpha, beta } = penalties(target, noise);
  const terms = target.rows + target.columns + at.X.columns + 8;
  return terms * u * (squaredSize(at) + norm(target) + alpha + beta) * Math.sqrt(squaredSize(at));
}
