/** Every identity that is proved, by the id of its claim. */
import type { Identity } from './identity.ts';
import * as descents from './descents.ts';
import * as hessian from './hessian.ts';
import * as imbalance from './imbalance.ts';
import * as smoothing from './smoothing.ts';
import * as stationary from './stationary.ts';
import * as symmetry from './symmetry.ts';

const families: readonly object[] = [smoothing, imbalance, hessian, stationary, symmetry, descents];

export const identities: readonly Identity[] = families.flatMap((family) => Object.values(family).filter(isIdentity));

export const identityOf = (claim: string): Identity | undefined => identities.find((each) => each.claim === claim);

/** A family exports its identities, and what tests compare them by. */
function isIdentity(exported: unknown): exported is Identity {
  return typeof exported === 'object' && exported !== null && 'text' in exported && 'claim' in exported;
}
