/** Instances of matrix sensing: row i of A holds the entries of the measurement A_i, row by row; b_i = <A_i, M>. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { startGrids, targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, squaredSize } from '../../oracles/scales.ts';
import { u } from '../../oracles/rounding.ts';
import { measured, norm, rank, sensingGrams, type Factors, type Measurements } from '../../../src/index.ts';
import { sensingSize } from '../../../src/theory/sensing.ts';

export const SOURCE = 'our proof';

export type Sensing = Instance & { A: Grid };

/** The A_i of an instance. */
export const matricesOf = ({ A, M }: Pick<Sensing, 'A' | 'M'>): Matrix[] =>
  A.map((entries) => Matrix.from1DArray(M.length, M[0]!.length, entries));

export const measurementsOf = (instance: Pick<Sensing, 'A' | 'M'>): Measurements =>
  measured(matricesOf(instance), matrix(instance.M));

/** Measurements on the lattice; `kind` 0: all of them; 1: the unit matrices at the nonzero entries of the first one. */
const one = { shape: ['d1', 'd2'], unit: 1 / 2, max: 1 } as const;
export const measurementGrids = { A1: one, A2: one, A3: one, A4: one } as const;
const COMPLETION = 1;
export const measurementPicks = { kind: [0, COMPLETION], count: [1, 2, 3, 4] } as const;

/** Rows of entries of the draft's measurements; empty if completion observes no entry. */
export function operatorOf({ grids, picks }: Draft): Grid {
  const all = Object.keys(measurementGrids).map((name) => grids[name]!.flat());
  if (picks['kind'] !== COMPLETION) return all.slice(0, picks['count']);
  const seen = all[0]!.flatMap((entry, n) => (entry === 0 ? [] : [n]));
  return seen.map((n) => all[0]!.map((_, m) => (m === n ? 1 : 0)));
}

export const seesSomething = (draft: Draft): boolean => operatorOf(draft).length > 0;

const some = [1 / 2, 1 / 4, 1] as const;

/** One step from anywhere, with noise. */
export const sensings: Design<Sensing> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2], k: [1, 2] },
  grids: { ...targetGrids, ...startGrids, ...measurementGrids },
  picks: { ...targetPicks, ...measurementPicks, sigma1: some, sigma2: some },
  accepts: seesSomething,
  complete: (draft) => sensing(draft, operatorOf(draft)),
  excludes: ({ target, rank: r }: Given) =>
    (target.length + target[0]!.length) * r > 24
      ? 'it averages over products of rules: it needs (d1 + d2) r <= 24'
      : undefined,
};

export function sensing(draft: Draft, A: Grid): Sensing {
  const { grids, picks, seed } = draft;
  const [M, X0, Y0] = [targetOf(draft), grids['X0']!, grids['Y0']!];
  const weight = sensingSize({ matrices: matricesOf({ A, M }) });
  const scale = squaredSize(startOf({ X0, Y0 })) + norm(matrix(M)) + 1;
  const eta = powerOfTwoAtMost(1 / (8 * Math.max(weight, 1) * scale));
  return { M, X0, Y0, A, eta, sigma1: picks['sigma1']!, sigma2: picks['sigma2']!, steps: 1, seed };
}

/** Whether both P and Q are positive definite. */
export function isWeighted(A: Grid, M: Grid): boolean {
  const { P, Q } = sensingGrams({ matrices: matricesOf({ A, M }) });
  return rank(P) === P.rows && rank(Q) === Q.rows;
}

/** Rounding of G Y and G'X at a point: sums of m products of sums of d1 d2 and of r terms. */
export function slopeRounding({ matrices, values }: Measurements, { X, Y }: Factors): number {
  const terms = matrices.length + 2 * X.rows * Y.rows + X.columns + 8;
  const [x, y] = [norm(X), norm(Y)];
  const pulls = matrices.map((A, i) => norm(A) * (norm(A) * x * y + Math.abs(values[i]!)));
  return 4 * terms * u * pulls.reduce((sum, each) => sum + each, 0) * (x + y);
}
