/** The surroundings of a counterexample: its irrelevant inputs, and the instance on which the claim fails by most. */
import { number } from '../model/numbers.ts';
import { excess, worstOf } from '../run/survey.ts';
import type { Failure, Refutation } from '../model/verdict.ts';

/** One sentence each. */
export function around(refutation: Refutation): string[] {
  const { irrelevant = [] } = refutation;
  const worst = worstOf(refutation);
  return [
    ...(irrelevant.length === 0
      ? []
      : [`Irrelevant inputs (it fails for other values too): ${irrelevant.join(', ')}.`]),
    ...instancesText(refutation, worst === undefined ? '; none fails by more than this one' : ''),
    ...(worst === undefined ? [] : [worstText(worst)]),
  ];
}

function instancesText({ saved, replay, survey }: Refutation, more: string): string[] {
  const first = saved === undefined ? Number(replay.split(':')[0]) : 0;
  if (survey === undefined || survey.through <= first) return [];
  const failing = survey.failing.length;
  const tried = `the ${survey.through - first + 1} instances ${first} to ${survey.through}`;
  // Only possible for a saved counterexample.
  if (failing === 0) return [`It fails on none of ${tried} of this run.`];
  return [`Before shrinking, ${failing} of ${tried} fail${failing === 1 ? 's' : ''}${more}.`];
}

function worstText(worst: Failure): string {
  const { index, what, violation, tolerance } = worst;
  const where = `The worst is instance ${index} before shrinking (--instance ${index}:)`;
  if (violation === Infinity) return `${where}: ${what}.`;
  return `${where}, off by ${tolerance > 0 ? `${number(excess(worst))} times the tolerance` : number(violation)}.`;
}
