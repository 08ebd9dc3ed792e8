/** Instances of a linear network of three layers, X C Y' = M: C is square, and has noise of scale sigmaC. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { u } from '../../oracles/rounding.ts';
import { deepProduct, norm, type DeepOptions } from '../../../src/index.ts';

export const SOURCE = 'our proof';

export type Deep = Instance & { C0: Grid; sigmaC: number };

/** The layers of the start, X, C and Y'. */
export const layersOf = ({ X0, C0, Y0 }: Pick<Deep, 'X0' | 'C0' | 'Y0'>): Matrix[] => [
  matrix(X0),
  matrix(C0),
  matrix(Y0).transpose(),
];

export const sigmasOf = ({ sigma1, sigmaC, sigma2 }: Deep): number[] => [sigma1, sigmaC, sigma2];

const entry = { unit: 1 / 4, max: 1 } as const;
export const layerGrids = {
  X0: { shape: ['d1', 'r'], ...entry },
  C0: { shape: ['r', 'r'], ...entry },
  Y0: { shape: ['d2', 'r'], ...entry },
} as const;

/** Any start, with a stable step and without noise; `factor` changes the step. */
export const networks: Design<Deep> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 3] },
  grids: { ...targetGrids, ...layerGrids },
  picks: { ...targetPicks, steps: [1, 4] },
  complete: (draft) => network(draft, [0, 0, 0]),
};

const some = [1 / 2, 1 / 4, 1] as const;
/** One step with noise on every layer; so small that averages over products of rules can be taken. */
export const noisyNetworks: Design<Deep> = {
  ...networks,
  size: { d1: [1, 3], d2: [1, 3], r: [1, 2], k: [1, 2] },
  picks: { ...targetPicks, steps: [1], sigma1: some, sigmaC: some, sigma2: some },
  complete: (draft) =>
    network(
      draft,
      ['sigma1', 'sigmaC', 'sigma2'].map((name) => draft.picks[name]!),
    ),
  excludes: ({ target, rank }) =>
    target.length * target[0]!.length * rank ** 4 > 144
      ? 'it averages over (2 d1 r)(2 r^2)(2 d2 r) points: it needs d1 d2 r^4 <= 144'
      : undefined,
};

function network(draft: Draft, [sigma1, sigmaC, sigma2]: readonly number[]): Deep {
  const { grids, picks, seed } = draft;
  const [X0, C0, Y0] = [grids['X0']!, grids['C0']!, grids['Y0']!];
  const M = targetOf(draft);
  const eta = powerOfTwoAtMost(1 / (8 * curvature(matrix(M), layersOf({ X0, C0, Y0 }))));
  return { M, X0, C0, Y0, eta, sigma1: sigma1!, sigmaC: sigmaC!, sigma2: sigma2!, steps: picks['steps']!, seed };
}

/** The sum of squared norms of the other two layers' products, and of |R| with one layer: the curvature is of that size. */
function curvature(target: Matrix, layers: readonly Matrix[]): number {
  const size = Math.max(1, ...layers.map((L) => norm(L)));
  return size * (3 * size ** 3 + norm(target));
}

/** The same as the start, at a minimum: M is the product of the layers. */
export const atMinimum = (instance: Deep): Deep => ({
  ...instance,
  M: deepProduct(layersOf(instance)).to2DArray(),
});

/** Rounding of a step of a layer: chains of three inner products, of at most d1 + d2 + 2 r terms in all. */
export function layerRounding(target: Matrix, at: readonly Matrix[], eta: number): number {
  const [x, c, y] = at.map((L) => norm(L)) as [number, number, number];
  const terms = target.rows + target.columns + 2 * at[0]!.columns + 8;
  return 4 * terms * u * (x + c + y + eta * (x * c * y + norm(target)) * (c * y + x * y + x * c));
}

/** Every layer, first to last. */
export type Layers = readonly Matrix[];

export const largest = (layers: Layers): number => Math.max(...layers.map((L) => norm(L)));

/** No matrix of the draft is 0. */
export const away = (draft: Draft): boolean =>
  Object.values(draft.grids).every((grid) => grid.some((row) => row.some((entry) => entry !== 0)));

/** The options of a run from these layers, without noise. */
export const start = (instance: Deep, at: Layers): DeepOptions => ({
  ...{ target: matrix(instance.M), start: at, stepSize: instance.eta },
});
