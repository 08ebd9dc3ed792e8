/** Every identity that is proved, by the id of its claim. */
import type { Identity } from './identity.ts';
import * as descents from './descents.ts';
import * as hessian from './hessian.ts';
import * as imbalance from './imbalance.ts';
import * as otherNoises from './other-noises.ts';
import * as otherSteps from './other-steps.ts';
import * as reduced from './reduced.ts';
import * as smoothing from './smoothing.ts';
import * as stationary from './stationary.ts';
import * as symmetry from './symmetry.ts';

const ofFamilies = (families: readonly object[]): Identity[] =>
  families.flatMap((family) => Object.values(family) as Identity[]);

/** Of claims in the registry. */
export const identities: readonly Identity[] = ofFamilies([
  smoothing,
  imbalance,
  hessian,
  stationary,
  symmetry,
  descents,
  reduced,
]);

/** Of claims that the registry does not have yet. */
export const awaited: readonly Identity[] = ofFamilies([otherNoises, otherSteps]);

/** The identity of a claim. */
export const identityOf = (claim: string): Identity | undefined =>
  [...identities, ...awaited].find((each) => each.claim === claim);
