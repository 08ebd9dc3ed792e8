/** Every identity that is proved, by the id of its claim. */
import type { Identity } from './identity.ts';
import * as descents from './descents.ts';
import * as hessian from './hessian.ts';
import * as imbalance from './imbalance.ts';
import * as localSpectra from './local-spectra.ts';
import * as minimisers from './minimisers.ts';
import * as otherNoises from './other-noises.ts';
import * as otherSteps from './other-steps.ts';
import * as reduced from './reduced.ts';
import * as smoothing from './smoothing.ts';
import * as stationary from './stationary.ts';
import * as symmetry from './symmetry.ts';

const ofFamilies = (families: readonly object[]): Identity[] =>
  families.flatMap((family) => Object.values(family) as Identity[]);

export const identities: readonly Identity[] = ofFamilies([
  smoothing,
  imbalance,
  hessian,
  stationary,
  minimisers,
  localSpectra,
  symmetry,
  descents,
  reduced,
  otherNoises,
  otherSteps,
]);

/** The identity of a claim. */
export const identityOf = (claim: string): Identity | undefined => identities.find((each) => each.claim === claim);
