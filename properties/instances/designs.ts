/** The designs that most claims share: a target A B', a start, noise on the lattice, and a step size that is stable. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft, GridDesign } from '../model/draft.ts';
import { entriesOf, matrix, startOf, zeros, type Grid, type Instance } from '../model/instance.ts';
import { descentCurvature, powerOfTwoAtMost } from '../oracles/scales.ts';

/** M = A B' of rank at most k, on the lattice of eighths: A in halves (its last column in eighths when tilted), B whole. */
export const targetGrids: Record<'A' | 'B', GridDesign> = {
  A: { shape: ['d1', 'k'], unit: 1 / 2, max: 2 },
  B: { shape: ['d2', 'k'], unit: 1, max: 2 },
};

export const startGrids: Record<'X0' | 'Y0', GridDesign> = {
  X0: { shape: ['d1', 'r'], unit: 1 / 8, max: 2 },
  Y0: { shape: ['d2', 'r'], unit: 1 / 8, max: 2 },
};

/** `tilt` makes the target ill-conditioned; the noise has three sizes on each factor, or is 0, the simplest. */
export const targetPicks = { tilt: [1, 1 / 4] } as const;
export const someNoise = { sigma1: [1 / 2, 1 / 4, 1 / 8], sigma2: [1 / 2, 1 / 4, 1 / 8] } as const;
export const noisePicks = { sigma1: [0, ...someNoise.sigma1], sigma2: [0, ...someNoise.sigma2] } as const;
/** Fractions of the largest provably stable step size. */
export const stepPicks = { slow: [1, 1 / 2, 1 / 8] } as const;

export function targetOf({ grids, picks, target }: Draft): Grid {
  if (target !== undefined) return target;
  const A = matrix(grids['A']!);
  const last = A.columns - 1;
  A.mulColumn(last, picks['tilt'] ?? 1);
  return A.mmul(matrix(grids['B']!).transpose()).to2DArray();
}

/** The instance of a draft with these grids and picks, with a step size that is stable under its noise. */
export function shortRun(draft: Draft): Instance {
  const { grids, picks, seed } = draft;
  const [X0, Y0, M] = [grids['X0']!, grids['Y0']!, targetOf(draft)];
  const [sigma1, sigma2] = [picks['sigma1'] ?? 0, picks['sigma2'] ?? 0];
  const eta = (picks['slow'] ?? 1) * noisyStep(matrix(M), { X0, Y0 }, sigma1, sigma2);
  return { M, X0, Y0, eta, sigma1, sigma2, steps: stepsWithin(picks['steps'] ?? 1, M, X0), seed };
}

/** Multiplications of M's entries with factors, at most: a run on a large target has fewer steps than were chosen. */
const PRODUCTS = 2 ** 28;

/** The number of steps, or the largest number that the size of the target allows. */
export const stepsWithin = (steps: number, M: Grid, X0: Grid): number =>
  Math.min(steps, Math.ceil(PRODUCTS / (entriesOf(M) * X0[0]!.length)));

/**
 * A step size for perturbed descent: an eighth of the inverse of the curvature bound from the iterate plus four times
 * the mean square of the noise, so that no perturbation that occurs in thousands of steps comes near instability.
 */
function noisyStep(target: Matrix, { X0, Y0 }: Pick<Instance, 'X0' | 'Y0'>, sigma1: number, sigma2: number): number {
  const start = startOf({ X0, Y0 });
  const noise = start.X.columns * (target.rows * sigma1 ** 2 + target.columns * sigma2 ** 2);
  const curvature = descentCurvature(target, start);
  return powerOfTwoAtMost(1 / (noise === 0 ? 2 * curvature : 8 * (curvature + 4 * noise)));
}

/** The instance with noise of this scale on both factors. */
export const withNoise =
  (sigma: number) =>
  <I extends Instance>(instance: I): I => ({ ...instance, sigma1: sigma, sigma2: sigma });

/** The instance with the step size multiplied by this factor. */
export const faster =
  (factor: number) =>
  <I extends Instance>(instance: I): I => ({ ...instance, eta: factor * instance.eta });

/** The instance started at the origin. */
export const fromZero = <I extends Instance>(instance: I): I => ({
  ...instance,
  X0: zeros(instance.X0),
  Y0: zeros(instance.Y0),
});

/** Runs of a chosen number of steps from any start, with any noise. */
export function shortRuns(steps: readonly number[]): Design<Instance> {
  return {
    grids: { ...targetGrids, ...startGrids },
    picks: { ...targetPicks, steps, ...noisePicks, ...stepPicks },
    between: ['steps'],
    complete: shortRun,
  };
}

/** The same with noise on both factors. */
export function noisyRuns(steps: readonly number[]): Design<Instance> {
  const runs = shortRuns(steps);
  return { ...runs, picks: { ...runs.picks, sigma1: [1 / 2, 1 / 4], sigma2: [1 / 2, 1 / 4] } };
}

/** The same without noise. */
export function plainRuns(steps: readonly number[]): Design<Instance> {
  return {
    grids: { ...targetGrids, ...startGrids },
    picks: { ...targetPicks, steps, ...stepPicks },
    between: ['steps'],
    complete: shortRun,
  };
}
