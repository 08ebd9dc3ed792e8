/** Smoothed descent until it stops, at a minimiser or another stationary point. */
import { smoothedGradient, type Factors } from '../../../src/index.ts';
import type { Design } from '../../model/draft.ts';
import { finite } from '../../run/guard.ts';
import { descendSmoothed, matrix, type Instance } from '../../model/instance.ts';
import { squaredSize } from '../../oracles/scales.ts';
import {
  gapped,
  OWN_SPECTRUM,
  spectral,
  spectralGrids,
  spectralPicks,
  type Spectral,
} from '../../instances/chosen-spectra.ts';

/** Runs that stand still long before this; one that closes in at no linear rate does not. */
const MOST_STEPS = 2 ** 15;

export const settlingRuns: Design<Spectral> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2], k: [1, 2] },
  grids: spectralGrids,
  picks: spectralPicks,
  accepts: gapped,
  complete: (draft) => ({ ...spectral(draft), steps: MOST_STEPS }),
  excludes: () => OWN_SPECTRUM,
};

/** Equal singular values on both sides of the r-th, above lambda. */
export const tiedRuns: Design<Spectral> = {
  ...settlingRuns,
  size: { d1: [2, 4], d2: [2, 4], r: [1, 1], k: [2, 2] },
  picks: { ...spectralPicks, fall: [1], share: [3 / 8, 1 / 8] },
  accepts: () => true,
};

/** The gradient's size at rest: s_1 = 1, so this is about as small as rounding lets it reliably become. */
const REST = 2 ** -40;

/**
 * Distance from the minimiser at rest: at most REST over the smallest curvature across the orbit of minimisers, which is
 * above 1/32 for these spectra (docs/theory/minimisers.md#saddles lists the curvatures); with a margin of 32.
 */
export const AT_REST = 2 ** -30;

/** The limit of smoothed descent from the start, or its iterate after `steps` steps. */
export function settled(instance: Instance): Factors {
  const [target, { steps }] = [matrix(instance.M), instance];
  const descent = descendSmoothed(instance);
  const stride = 32;
  for (let taken = 0; taken < steps; taken += stride) {
    finite(() => descent.advance(stride));
    if (Math.sqrt(squaredSize(smoothedGradient(target, descent, instance))) <= REST) break;
  }
  return { X: descent.X, Y: descent.Y };
}
