/** Every claim, in the order of the theory. A family is what comes before the slash of an id. */
import type { Claim } from './claim.ts';
import * as balance from './claims/balance.ts';
import * as contract from './claims/contract.ts';
import * as definition from './claims/definition.ts';
import * as escape from './claims/escape.ts';
import * as flatness from './claims/flatness.ts';
import * as gd from './claims/gd.ts';
import * as limit from './claims/limit.ts';
import * as smoothing from './claims/smoothing.ts';
import * as symmetry from './claims/symmetry.ts';

const families = [balance, limit, gd, definition, contract, smoothing, escape, symmetry, flatness];

// A claim's check takes the instances of its own arbitrary only; the judge never crosses them.
export const claims: readonly Claim[] = families.flatMap((family) => Object.values(family) as unknown as Claim[]);

export const familyOf = ({ id }: Pick<Claim, 'id'>): string => id.split('/')[0]!;

/** The claims with the given ids or of the given families, in the registry's order; all where none is given. */
export function select(names: readonly string[]): readonly Claim[] | { unknown: string } {
  const unknown = names.find((name) => !claims.some((claim) => claim.id === name || familyOf(claim) === name));
  if (unknown !== undefined) return { unknown };
  return names.length === 0
    ? claims
    : claims.filter((claim) => names.includes(claim.id) || names.includes(familyOf(claim)));
}
