/** Problems of any dimension as small instances: M = diag(s, 0), X0 = [A; C], Y0 = [B; E], the rows beyond them being 0. */
import { Matrix } from 'ml-matrix';
import type { Factors, NoiseSource, ReducedDescent, ReducedOptions } from '../../src/index.ts';
import type { Design, Draft, GridDesign } from '../model/draft.ts';
import { matrix, startOf, type Grid, type Instance } from '../model/instance.ts';

/** d1 and d2 are the problem's dimensions. */
export type Wide = Instance & { d1: number; d2: number };

/** `side`: 0 for a claim on X, 1 on Y. */
export type Sided = Wide & { side: number };

/** A direction (P, Q) in which A and B are looked at. */
export type Directed = Wide & { P: Grid; Q: Grid };

/** A reduced descent, the right one or a wrong one. */
export type ReducedSolver = (options: ReducedOptions) => ReducedDescent;

/** The options of a reduced descent on the instance. */
export function reducedOptions(instance: Wide, source: NoiseSource): ReducedOptions {
  const { M, d1, d2, eta, sigma1, sigma2 } = instance;
  const plain = {
    dimensions: { d1, d2 },
    singularValues: diagonal(M),
    start: startOf(instance),
    stepSize: eta,
  };
  return sigma1 === 0 && sigma2 === 0 ? plain : { ...plain, noise: { sigma1, sigma2, source } };
}

/** The numbers on the diagonal that are not 0. */
export const diagonal = (M: Grid): number[] => M.map((row, i) => row[i] ?? 0).filter((value) => value !== 0);

export const diagonalGrid = (values: readonly number[], rows: number, columns: number): Grid =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => (i === j ? (values[i] ?? 0) : 0)));

const wideGrids = {
  X0: { shape: ['d1', 'r'], unit: 1 / 4, max: 2 },
  Y0: { shape: ['d2', 'r'], unit: 1 / 4, max: 2 },
} as const satisfies Record<string, GridDesign>;

/** Rows beyond the given ones, up to 5e14: C is stored in full, or just not, or has many rows. */
const ROWS = [0, 1, 2, 3, 5, 1e3, 1e6, 1e9, 2 ** 49] as const;

/** `level`: d sigma^2, the same at every dimension. `side`: which factor is looked at. */
export const wide: Design<Sided> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2], k: [1, 2] },
  grids: wideGrids,
  picks: { beyondX: ROWS, beyondY: ROWS, level1: [1, 1 / 4], level2: [1, 1 / 4], side: [0, 1] },
  complete: wideInstance,
  excludes: () => 'its instances have dimensions of their own',
};

/** The singular values are 2 and 1; with two columns the target is 0, so that averages over the noise are short. */
function wideInstance({ grids, picks, size, seed }: Draft): Sided {
  const [d1, d2] = [size.d1 + picks['beyondX']!, size.d2 + picks['beyondY']!];
  const s = [2, 1].slice(0, size.r === 1 ? size.k : 0);
  return {
    M: diagonalGrid(s, size.d1, size.d2),
    X0: grids['X0']!,
    Y0: grids['Y0']!,
    d1,
    d2,
    eta: 1 / 8,
    sigma1: Math.sqrt(picks['level1']! / d1),
    sigma2: Math.sqrt(picks['level2']! / d2),
    steps: 1,
    seed,
    side: picks['side']!,
  };
}

/** Few enough rows to form the full matrices too. */
export const directed: Design<Directed> = {
  ...wide,
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1], k: [1, 1] },
  grids: {
    ...wideGrids,
    P: { shape: ['k', 'r'], unit: 1, max: 2 },
    Q: { shape: ['k', 'r'], unit: 1, max: 2 },
  },
  picks: { ...wide.picks, beyondX: [0, 1, 2, 5], beyondY: [0, 1, 2, 5] },
  // In the direction 0 nothing is seen.
  accepts: ({ grids: { P, Q } }) => [...P!.flat(), ...Q!.flat()].some((entry) => entry !== 0),
  complete: (draft) => ({ ...wideInstance(draft), P: draft.grids['P']!, Q: draft.grids['Q']! }),
};

/** The target and the start with all their rows. */
export function fullProblem({ M, X0, Y0, d1, d2 }: Wide): { target: Matrix; at: Factors } {
  const target = matrix(diagonalGrid(diagonal(M), d1, d2));
  return { target, at: { X: padded(X0, d1), Y: padded(Y0, d2) } };
}

/** The rows, and zeros below them. */
export const padded = (rows: Grid, count: number): Matrix =>
  new Matrix(Array.from({ length: count }, (_, i) => rows[i] ?? new Array<number>(rows[0]!.length).fill(0)));

export type Counted = Wide;

/** d1 = d2 = k + 2 r plus this number. */
export const counted: Design<Counted> = {
  size: { d1: [1, 2], d2: [1, 2] },
  grids: wideGrids,
  picks: { beyond: [0, 1, 1e3, 1e6, 1e9, 1e15] },
  complete(draft) {
    const { k, r } = draft.size;
    const d = k + 2 * r + draft.picks['beyond']!;
    return {
      ...wideInstance({ ...draft, picks: { beyondX: 0, beyondY: 0, level1: 1, level2: 1, side: 0 } }),
      d1: d,
      d2: d,
    };
  },
  excludes: () => 'its instances have dimensions of their own',
};
