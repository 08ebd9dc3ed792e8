/** Which claims rest on which, by the statements of the theory that they belong to. */
import type { Claim } from '../model/claim.ts';
import { counted } from '../model/numbers.ts';
import { claims, familyOf } from '../claims/registry.ts';
import { basesOf } from '../claims/statements.ts';

/**
 * Whether a claim follows from another one. Claims about the formulas alone do not follow from claims about a solver.
 */
export function restsOn(claim: Claim, other: Claim): boolean {
  if (claim.needs === 'theory' && other.needs !== 'theory') return false;
  const bases = basesOf(claim.items);
  return claim.expected === undefined && other.items.some((item) => bases.has(item) && !claim.items.includes(item));
}

/** The claims that rest on a claim, in a line; empty without any. */
export function restingText(claim: Claim, refuted: readonly string[]): string[] {
  const resting = claims.filter((other) => restsOn(other, claim));
  if (resting.length === 0) return [];
  const families = [...new Set(resting.map(familyOf))].join(', ');
  const too = resting.filter(({ id }) => refuted.includes(id)).length;
  // Claims that were not judged are not counted.
  const also = too === 0 ? '' : `; of these ${too} ${too === 1 ? 'is' : 'are'} refuted too`;
  return [
    `${counted(resting.length, 'other claim')} follow${resting.length === 1 ? 's' : ''} from this one (${families})${also}.`,
  ];
}
