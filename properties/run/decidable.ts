/** The claims that are not decidable at a coarser precision: rounding may be as large as the claimed effect. */
import { refutes, type Claim, type Finding } from '../model/claim.ts';
import type { Instance } from '../model/instance.ts';
import { number } from '../model/numbers.ts';
import { CLEAR, drowned } from '../oracles/dither.ts';
import { roundingExplains } from './arithmetic.ts';
import type { Subject } from './subject.ts';

/** If the allowed rounding is more than this share of the effect that a comparison is to show, it shows nothing. */
const MOST = 1 / 4;

/**
 * The reason why a finding on an instance is not decisive at the precision that the instance names; undefined if it is.
 */
export function undecidedBecause<I extends Instance>(
  claim: Claim<I>,
  subject: Subject,
  instance: I,
  finding: Finding,
): string | undefined {
  if (instance.u === undefined || claim.unrounded === true) return undefined;
  if (claim.random !== undefined) return drownedBecause(instance) ?? tooCoarse(finding);
  if (refutes(finding)) return explained(claim, subject, instance);
  return tooCoarse(finding);
}

/** Why a violation decides nothing: each step of the solver is correct to within the rounding that it declares. */
export const explained = <I extends Instance>(claim: Claim<I>, subject: Subject, instance: I): string | undefined =>
  roundingExplains(claim, subject, instance) ? EXPLAINED : undefined;

function tooCoarse(finding: Finding): string | undefined {
  const coarseness = typeof finding === 'string' ? 0 : (finding.coarseness ?? 0);
  if (coarseness <= MOST) return undefined;
  return coarseness < Infinity
    ? `rounding may be ${number(coarseness)} times as large as the effect`
    : 'the effect is not larger than rounding';
}

const EXPLAINED = 'every step is correct up to rounding, but the accumulated rounding may violate the claim';

function drownedBecause(instance: Instance): string | undefined {
  const found = drowned(instance);
  if (found === undefined) return undefined;
  const { noise, rounding } = found;
  return `a step's noise, of size ${number(noise)}, is less than ${CLEAR} times its rounding, ${number(rounding)}`;
}
