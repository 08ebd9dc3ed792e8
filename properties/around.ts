/** What there is to see around a counterexample: what does not matter for it, and where the claim fails by most. */
import { number } from './numbers.ts';
import { excess, worstOf, type Failure } from './survey.ts';
import type { Refutation } from './verdict.ts';

/** In a sentence each. */
export function around(refutation: Refutation): string[] {
  const { irrelevant = [], survey } = refutation;
  const [failing, worst] = [survey?.failing.length ?? 0, worstOf(refutation)];
  const most = worst === undefined ? 'none of them by more' : worstText(worst);
  return [
    ...(irrelevant.length === 0
      ? []
      : [`These do not matter, varied it fails all the same: ${irrelevant.join(', ')}.`]),
    ...(failing === 0 ? [] : [`As drawn, ${failing} of the instances up to number ${survey!.through} fail, ${most}.`]),
  ];
}

function worstText(worst: Failure): string {
  const { index, what, violation, tolerance } = worst;
  const where = `number ${index} by most (--instance ${index}:)`;
  if (violation === Infinity) return `${where}: ${what}`;
  return `${where}, by ${tolerance > 0 ? `${number(excess(worst))} times the tolerance` : number(violation)}`;
}
