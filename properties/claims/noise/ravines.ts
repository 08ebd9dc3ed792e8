/**
 * Starts close to an unbalanced minimum of a target of rank one: only noise that does not vanish at minima can balance
 * them.
 */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { matrix, problemOf, type Grid, type Instance } from '../../model/instance.ts';
import { norm, sharpnessAwareDescent, type Descent } from '../../../src/index.ts';

/** `scale` is rho or s; burnIn steps to become stationary across the ravine. */
export type Ravine = Instance & { scale: number; burnIn: number };

/** At (c a, mu b / c), off by a 64th, with |X|^2 + |Y|^2 = S. */
export interface AtMinimum {
  readonly M: Grid;
  readonly X0: Grid;
  readonly Y0: Grid;
  readonly mu: number;
  readonly S: number;
}

/** The target mu e_1 e_1' and a start on the axes, on which rounding leaves it. */
export function besideMinimum({ size: { d1, d2 }, picks }: Draft): AtMinimum {
  const { mu, ratio } = picks as { mu: number; ratio: number };
  const [x, y] = [ratio * Math.sqrt(mu), (1 + 1 / 64) * (Math.sqrt(mu) / ratio)];
  const M = Matrix.zeros(d1, d2);
  M.set(0, 0, mu);
  const first = (length: number, value: number): Grid => Array.from({ length }, (_, i) => [i === 0 ? value : 0]);
  return { M: M.to2DArray(), X0: first(d1, x), Y0: first(d2, y), mu, S: x * x + y * y };
}

const ravinePicks = { mu: [1, 4, 1 / 4], ratio: [2, 1 / 2, 3 / 2, 3] };
const ownTarget = (): string => 'it starts at a minimum that it makes itself';

/** A quarter of a time constant of SAM, at a radius of rho^2 <= S / 128, an even number of steps. */
export const samRavines: Design<Ravine> = {
  size: { d1: [1, 3], d2: [1, 3], r: [1, 1] },
  grids: {},
  picks: { ...ravinePicks, radius: [1 / 8, 1 / 16], pace: [1 / 8, 1 / 4, 1 / 2] },
  complete(draft) {
    const { M, X0, Y0, mu, S } = besideMinimum(draft);
    const scale = draft.picks['radius']! * Math.sqrt(mu);
    const eta = draft.picks['pace']! / S;
    const steps = 2 * Math.ceil(1 / (16 * eta * scale ** 2));
    const burnIn = 2 * Math.ceil(16 / draft.picks['pace']!);
    return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps, seed: draft.seed, scale, burnIn };
  },
  excludes: ownTarget,
};

/**
 * A quarter of a time constant of label noise, on targets with the same number of rows and columns or not: later the imbalance
 * moves less, but fluctuates as much.
 */
export const labelRavines: Design<Ravine> = {
  size: { d1: [2, 4], d2: [2, 4], r: [1, 1] },
  grids: {},
  picks: { ...ravinePicks, ratio: [2, 1 / 2, 3 / 2], share: [1 / 4, 3 / 16] },
  complete(draft) {
    const { M, X0, Y0, mu, S } = besideMinimum(draft);
    const [eta, scale] = [1 / (4 * S), draft.picks['share']! * mu];
    const steps = Math.ceil(1 / (2 * (eta * scale) ** 2 * (M.length + M[0]!.length)));
    return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps, seed: draft.seed, scale, burnIn: 0 };
  },
  excludes: ownTarget,
};

/** Sharpness-aware minimisation from the start, with the scale as its radius. */
export const sharpnessAware = (instance: Instance & { scale: number }, normalised = true): Descent =>
  sharpnessAwareDescent({ ...problemOf(instance), radius: instance.scale, normalised });

/** |X|^2 - |Y|^2. */
export const lead = ({ X, Y }: { X: Matrix; Y: Matrix }): number => norm(X) ** 2 - norm(Y) ** 2;

/** mu, of a target that has it in its corner. */
export const cornerOf = ({ M }: Pick<Instance, 'M'>): number => matrix(M).get(0, 0);
