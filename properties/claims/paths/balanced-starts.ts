/** Runs whose start has X'X - Y'Y = delta I, for which gradient flow is known in closed form. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { descendingStep } from '../../oracles/scales.ts';
import { norm, product, squaredNorm } from '../../../src/index.ts';

/** d1 = d2 + r: X is Y above sqrt(delta) I. */
function startWith(draft: Draft): { M: Grid; X0: Grid; Y0: Grid } {
  const { size, grids, picks } = draft;
  const [Y0, delta, d1] = [grids['Y0']!, picks['delta']!, size.d2 + size.r];
  const last = (k: number): number[] => Array.from({ length: size.r }, (_, l) => (k === l ? Math.sqrt(delta) : 0));
  const X0 = [...Y0.map((row) => [...row]), ...Array.from({ length: size.r }, (_, k) => last(k))];
  const A = matrix(grids['A']!).subMatrix(0, d1 - 1, 0, size.k - 1);
  return { M: A.mmul(matrix(grids['B']!).transpose()).to2DArray(), X0, Y0 };
}

/** A start of any factors, whose imbalance is no multiple of I. */
function anyStart(draft: Draft): { M: Grid; X0: Grid; Y0: Grid } {
  const { M, X0, Y0 } = startWith(draft);
  const X = matrix(X0).mulColumn(0, 2);
  return { M, X0: X.to2DArray(), Y0 };
}

const STEPS = 128;

function runFrom({ M, X0, Y0 }: { M: Grid; X0: Grid; Y0: Grid }, draft: Draft): Instance {
  const lambda = draft.picks['lambda'] ?? 0;
  const [d1, d2] = [M.length, M[0]!.length];
  const eta = descendingStep(matrix(M), startOf({ X0, Y0 })) / (8 * (1 + lambda));
  return {
    M,
    X0,
    Y0,
    eta,
    sigma1: Math.sqrt(lambda / d1),
    sigma2: Math.sqrt(lambda / d2),
    steps: STEPS,
    seed: draft.seed,
  };
}

/** Target and start are not 0, and the start is no minimum. */
const moves = (draft: Draft): boolean => {
  const { M, X0, Y0 } = startWith(draft);
  const R = Matrix.sub(product(startOf({ X0, Y0 })), matrix(M));
  return squaredNorm(matrix(Y0)) >= 1 / 4 && norm(R) >= 1 / 2;
};

const balanced: Design<Instance> = {
  size: { d1: [5, 5], d2: [1, 3], r: [1, 2], k: [1, 2] },
  grids: {
    A: { shape: ['d1', 'k'], unit: 1 / 2, max: 2 },
    B: { shape: ['d2', 'k'], unit: 1, max: 2 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 4, max: 2 },
  },
  picks: { delta: [0, 1 / 4, 1] },
  accepts: moves,
  complete: (draft) => runFrom(startWith(draft), draft),
  excludes: () => 'it needs a start whose imbalance is a multiple of I, which it makes itself',
};

export const flowStarts = balanced;

/** The same from starts whose imbalance is no multiple of I. */
export const unequalStarts: Design<Instance> = {
  ...balanced,
  size: { d1: [5, 5], d2: [2, 3], r: [2, 2], k: [1, 2] },
  complete: (draft) => runFrom(anyStart(draft), draft),
};

/** Balanced starts with noise of equal penalties lambda. */
export const noisyStarts = (lambdas: readonly number[]): Design<Instance> => ({
  ...balanced,
  picks: { delta: [0], lambda: lambdas },
});

/** Diagonal targets and factors: mode k has the singular value s and starts at x y. */
export interface Mode {
  readonly x: number;
  readonly y: number;
  readonly s: number;
}

/** A run whose first mode is the one under test, next to another one. */
export function modeRun(
  first: Mode,
  others: readonly Mode[],
  size: Draft['size'],
  rest: Omit<Instance, 'M' | 'X0' | 'Y0'>,
): Instance {
  const modes = [first, ...others].slice(0, Math.min(size.d1, size.d2));
  const diagonal = (rows: number, columns: number, entry: (mode: Mode) => number): Grid =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, k) => (i === k && k < modes.length ? entry(modes[k]!) : 0)),
    );
  const r = modes.length;
  return {
    M: diagonal(size.d1, size.d2, ({ s }) => s),
    X0: diagonal(size.d1, r, ({ x }) => x),
    Y0: diagonal(size.d2, r, ({ y }) => y),
    ...rest,
  };
}
