/** The outcomes around the instance that refuted a claim: the smallest counterexample often fails by a hair. */
import type { Finding, PlainComparison } from '../model/claim.ts';
import type { Instance } from '../model/instance.ts';
import type { Failure, Refutation, Survey } from '../model/verdict.ts';

/**
 * The number of instances that are tried after the first refuted one; fewer for a random claim, whose runs are long, and none
 * from the first long run on for another one.
 */
export const FURTHER = { exact: 10, random: 3 } as const;

/** Whether the run of an instance, with the steps before those that are looked at, takes much longer than most. */
export const isLong = ({ steps, earlier = 0 }: Instance & { earlier?: number }): boolean => steps + earlier >= 10_000;

export function failureAt(index: number, finding: Finding | PlainComparison): Failure {
  if (typeof finding === 'string') return { index, what: finding, violation: Infinity, tolerance: 0 };
  const { what, violation, tolerance } = finding;
  return { index, what, violation: Number.isNaN(violation) ? Infinity : violation, tolerance };
}

/** The violation in units of the tolerance. */
export const excess = ({ violation, tolerance }: Failure): number => violation / tolerance;

/** Whether a fails by more than b: relative to the tolerance, and absolutely if it is 0. */
const isWorse = (a: Failure, b: Failure): boolean =>
  excess(a) > excess(b) || (excess(a) === excess(b) && a.violation > b.violation);

/** The instance on which the claim fails by most; undefined if that is the counterexample itself. */
export function worstOf({ survey, finding }: Pick<Refutation, 'survey' | 'finding'>): Failure | undefined {
  const own = failureAt(NaN, finding);
  const most = (survey?.failing ?? []).reduce((worst, each) => (isWorse(each, worst) ? each : worst), own);
  return most === own ? undefined : most;
}

/** The survey of a run that was split, from those of its parts: the whole starts at its first refuted instance. */
export function mergeSurveys(parts: readonly Survey[], first: number): Survey {
  const through = Math.min(...parts.map((part) => part.through));
  const all = new Map(parts.flatMap((part) => part.failing).map((each) => [each.index, each]));
  const failing = [...all.values()].filter(({ index }) => index >= first && index <= through);
  return { through, failing: failing.sort((a, b) => a.index - b.index) };
}
