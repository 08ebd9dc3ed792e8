/** One step from a fixed start under noise on one factor alone: linear in the noise, so its law is exactly Gaussian. */
import { inverse, Matrix } from 'ml-matrix';
import type { Design } from '../design.ts';
import { shortRun, targetGrids, targetPicks } from './designs.ts';
import { matrix, startOf, optionsOf, type Grid, type Instance } from '../instance.ts';
import { gram, type NoiseSource, type Solver } from '../../src/index.ts';
import { plus, times } from '../../src/matrices.ts';

export type Repeated = Instance & { runs: number };

/** `factor`: which one the noise is on. The start's other factor has full rank, far from losing it. */
export const loneNoise: Design<Repeated> = {
  size: { d1: [1, 6], d2: [1, 6] },
  grids: {
    ...targetGrids,
    X0: { shape: ['d1', 'r'], unit: 1 / 8, max: 1 / 4 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 8, max: 1 / 4 },
  },
  picks: { ...targetPicks, factor: [1, 2], sigma: [1 / 4, 1 / 8, 1 / 2] },
  excludes: ({ target, rank }) =>
    rank > 4 || Math.max(target.length, target[0]!.length) * rank > 64
      ? 'it compares all pairs of entries: it needs r <= 4 and d1 r, d2 r <= 64'
      : undefined,
  complete(draft) {
    const { factor, sigma } = draft.picks as { factor: number; sigma: number };
    const picks = { ...draft.picks, sigma1: factor === 1 ? sigma : 0, sigma2: factor === 2 ? sigma : 0 };
    const grids = { ...draft.grids, X0: raised(draft.grids['X0']!), Y0: raised(draft.grids['Y0']!) };
    return { ...shortRun({ ...draft, grids, picks }), runs: RUNS };
  },
};

const RUNS = 768;

/** 2 on the diagonal: with r <= 4 numbers of at most 1/4 in a row or column the least singular value is 1 at least. */
const raised = (grid: Grid): Grid => grid.map((row, i) => row.map((entry, j) => entry + (i === j ? 2 : 0)));

/**
 * The standard normals that the solver must have drawn: a row for each run. X+ = E X+ - eta xi1 Y'Y, and the same with the
 * factors exchanged.
 */
export function drawnNormals(solver: Solver, instance: Repeated, source: NoiseSource): Matrix {
  const [target, { X, Y }] = [matrix(instance.M), startOf(instance)];
  const onX = instance.sigma1 > 0;
  const [own, other, M] = onX ? [X, Y, target] : [Y, X, target.transpose()];
  const options = optionsOf(instance, source);
  const slope = times(own, gram(other)).sub(times(M, other));
  const mean = Matrix.sub(own, slope.mul(instance.eta));
  const unmix = inverse(gram(other)).mul(-1 / (instance.eta * Math.max(instance.sigma1, instance.sigma2)));
  return new Matrix(
    Array.from({ length: instance.runs }, () => {
      const descent = solver(options);
      descent.advance(1);
      const after = onX ? descent.X : descent.Y;
      return times(plus(after, mean, -1), unmix).to1DArray();
    }),
  );
}
