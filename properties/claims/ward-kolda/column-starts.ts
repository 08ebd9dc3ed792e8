/** Starts in the column space of the target, X_0 = M W (docs/theory/related-papers.md#ward-kolda). */
import { Matrix } from 'ml-matrix';
import { operatorNorm } from '../../oracles/column-space.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { plainRuns, shortRun, startGrids, targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { gaussians } from '../../instances/gaussians.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { decompose, norm, rank, residual, singularValues, type Factors } from '../../../src/index.ts';

/** X0 = M W. */
export type ColumnStart = Instance & { W: Grid };

/** Any start of Y, W on a lattice. */
export const columnStarts: Design<ColumnStart> = {
  ...plainRuns([1, 8, 64]),
  grids: { ...targetGrids, Y0: startGrids.Y0, W: { shape: ['d2', 'r'], unit: 1 / 4, max: 1 } },
  complete(draft) {
    const W = draft.grids['W']!;
    const X0 = matrix(targetOf(draft)).mmul(matrix(W)).to2DArray();
    return { ...shortRun({ ...draft, grids: { ...draft.grids, X0 } }), W };
  },
};

/** W = c Phi_1 and Y_0 a multiple of Phi_2, both Gaussian, with c so large that the factors stay near the start. */
export const largeStarts: Design<Instance> = {
  size: { d1: [1, 6], d2: [1, 6] },
  grids: targetGrids,
  picks: { ...targetPicks, steps: [1, 16, 256], slow: [1, 1 / 4] },
  accepts: (draft) => nonzero(ofRankAtMostR(draft)),
  complete: largeStart,
  excludes({ target, rank: r }) {
    const k = rank(matrix(target));
    return k === 0 || k > r ? `its target has rank ${k}: it needs one from 1 to the factors' ${r}` : undefined;
  },
};

/** The same draft with no more columns in A and B than the factors have. */
function ofRankAtMostR(draft: Draft): Draft {
  const columns = Math.min(draft.size.k, draft.size.r);
  const cut = (name: string): Grid => draft.grids[name]!.map((row) => row.slice(0, columns));
  return { ...draft, grids: { A: cut('A'), B: cut('B') } };
}

function largeStart(draft: Draft): Instance {
  const target = matrix(targetOf(ofRankAtMostR(draft)));
  const [W, Phi] = gaussians(draft, [target.columns, target.columns]);
  let c = 2 ** -8;
  let start = startFrom(target, Matrix.mul(W!, c), Phi!);
  while (reachOf(target, start) === undefined) {
    c *= 2;
    start = startFrom(target, Matrix.mul(W!, c), Phi!);
  }
  const { X, Y } = reachOf(target, start)!;
  return {
    M: target.to2DArray(),
    X0: start.X.to2DArray(),
    Y0: start.Y.to2DArray(),
    eta: draft.picks['slow']! * powerOfTwoAtMost(1 / Math.max(X, Y) ** 2),
    sigma1: 0,
    sigma2: 0,
    steps: draft.picks['steps']!,
    seed: draft.seed,
  };
}

/** X_0 = M W, and Y_0 so small that |X_0 Y_0'| is at most a quarter of |M|. */
function startFrom(target: Matrix, W: Matrix, Phi: Matrix): Factors {
  const X = target.mmul(W);
  return { X, Y: Matrix.mul(Phi, norm(target) / (4 * norm(X) * norm(Phi))) };
}

/**
 * Bounds on |X_t| and |Y_t| (operator norms) along all of alternating descent at a small enough step size, if the start is
 * so large that they exist with sigma_k(X_t) >= sigma_k(X_0) / sqrt 2 (docs/theory/related-papers.md#ward-kolda).
 */
function reachOf(target: Matrix, { X, Y }: Factors): { X: number; Y: number } | undefined {
  const sigma = singularValues(X)[rank(target) - 1]!;
  const room = (1 - Math.SQRT1_2) * sigma;
  const travel = (2 * norm(residual(target, { X, Y }))) / sigma ** 2;
  const reach = { X: operatorNorm(X) + room, Y: 0 };
  reach.Y = operatorNorm(Y) + travel * reach.X;
  return travel * reach.Y <= room ? reach : undefined;
}

/** The same with a Gaussian X_0 of the same norm, which has its columns anywhere. */
export function anywhere(draft: Draft): Instance {
  const instance = largeStart(draft);
  const [X] = gaussians(draft, [instance.M.length]);
  return { ...instance, X0: X!.mul(norm(matrix(instance.X0)) / norm(X!)).to2DArray() };
}

/** M = s u v', X_0 = sqrt(s) u and Y_0 = y v on the stable set of the saddle at 0: the factors shrink, for some 64 steps. */
export const towardsSaddle: Design<Instance> = {
  size: { d1: [1, 6], d2: [1, 6], r: [1, 1], k: [1, 1] },
  grids: targetGrids,
  picks: { steps: [64, 32] },
  accepts: nonzero,
  complete(draft) {
    const M = targetOf(draft);
    const { U, s, V } = decompose(matrix(M));
    const eta = powerOfTwoAtMost(1 / (2 * s[0]!));
    const along = (B: Matrix, size: number): Grid => B.getColumn(0).map((entry) => [size * entry]);
    const [X0, Y0] = [along(U, Math.sqrt(s[0]!)), along(V, onStableSet(s[0]!, eta))];
    return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps: draft.picks['steps']!, seed: draft.seed };
  },
};

/** By bisection the y from which alternating descent, started at x = sqrt(s), ends with neither sign of x. */
function onStableSet(s: number, eta: number): number {
  let [low, high] = [-Math.sqrt(2 * s), 0];
  for (let bit = 0; bit < 60; bit++) {
    const middle = (low + high) / 2;
    if (endsPositive(s, eta, middle)) high = middle;
    else low = middle;
  }
  return high;
}

function endsPositive(s: number, eta: number, start: number): boolean {
  let [x, y] = [Math.sqrt(s), start];
  for (let t = 0; t < 512; t++) {
    x -= eta * (x * y - s) * y;
    y -= eta * (x * y - s) * x;
  }
  return x > 0;
}
