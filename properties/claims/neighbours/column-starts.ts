/** Starts in the column space of the target, X_0 = M W (docs/theory.md#ward-kolda). */
import { Matrix } from 'ml-matrix';
import { operatorNorm } from '../../oracles/column-space.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { plainRuns, shortRun, startGrids, targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { gaussians } from './gaussians.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { rank, residual, singularValues, type Factors } from '../../../src/index.ts';

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
  return { X, Y: Matrix.mul(Phi, target.norm() / (4 * X.norm() * Phi.norm())) };
}

/**
 * Bounds on |X_t| and |Y_t| (operator norms) along all of alternating descent at a small enough step size, if the start is
 * so large that they exist with sigma_k(X_t) >= sigma_k(X_0) / sqrt 2 (docs/theory.md#ward-kolda).
 */
function reachOf(target: Matrix, { X, Y }: Factors): { X: number; Y: number } | undefined {
  const sigma = singularValues(X)[rank(target) - 1]!;
  const room = (1 - Math.SQRT1_2) * sigma;
  const travel = (2 * residual(target, { X, Y }).norm()) / sigma ** 2;
  const reach = { X: operatorNorm(X) + room, Y: 0 };
  reach.Y = operatorNorm(Y) + travel * reach.X;
  return travel * reach.Y <= room ? reach : undefined;
}

/** The same with a Gaussian X_0 of the same norm, which has its columns anywhere. */
export function anywhere(draft: Draft): Instance {
  const instance = largeStart(draft);
  const [X] = gaussians(draft, [instance.M.length]);
  return { ...instance, X0: X!.mul(matrix(instance.X0).norm() / X!.norm()).to2DArray() };
}
