/** What there is to see around a counterexample: what does not matter for it, and where the claim fails by most. */
import { number } from '../model/numbers.ts';
import { excess, worstOf } from '../run/survey.ts';
import type { Failure, Refutation } from '../model/verdict.ts';

/** In a sentence each. */
export function around(refutation: Refutation): string[] {
  const { irrelevant = [] } = refutation;
  const worst = worstOf(refutation);
  return [
    ...(irrelevant.length === 0
      ? []
      : [`These do not matter, varied it fails all the same: ${irrelevant.join(', ')}.`]),
    ...instancesText(refutation, worst === undefined ? '; none fails by more than this one' : ''),
    ...(worst === undefined ? [] : [worstText(worst)]),
  ];
}

function instancesText({ kept, replay, survey }: Refutation, more: string): string[] {
  const first = kept === undefined ? Number(replay.split(':')[0]) : 0;
  if (survey === undefined || survey.through <= first) return [];
  const failing = survey.failing.length;
  return [
    `Of the ${survey.through - first + 1} instances ${first} to ${survey.through} as drawn, ${failing} fail${failing === 1 ? 's' : ''}${more}.`,
  ];
}

function worstText(worst: Failure): string {
  const { index, what, violation, tolerance } = worst;
  const where = `The worst is instance ${index} as it was drawn (--instance ${index}:)`;
  if (violation === Infinity) return `${where}: ${what}.`;
  return `${where}, off by ${tolerance > 0 ? `${number(excess(worst))} times the tolerance` : number(violation)}.`;
}
