/** The order in which claims are tried. It shows in no verdict: only a refutation is known sooner. */
import { cheapFirst } from '../run/plan.ts';

/** The claims that refute faulty solvers soonest. */
export const SOON = [
  'definition/step',
  'contract/no-shared-state',
  'contract/input-untouched',
  'balance/martingale',
  'law/step-variance',
] as const;

/** The same claims, those first that refute faulty solvers soonest. */
export function soonestFirst(ids: readonly string[]): string[] {
  const soon = SOON.filter((id) => ids.includes(id));
  return [...soon, ...ids.filter((id) => !soon.some((each) => each === id))];
}

/** The definition of a step and the contract: they are always judged. */
const FIRST = /^(definition|contract)\//;

/**
 * On a target, because the time may end before all were tried: the most informative ones first, then the cheap ones.
 */
export function onTarget(ids: readonly string[], costs: Readonly<Record<string, number>>): string[] {
  const sorted = cheapFirst(ids, costs);
  return [...sorted.filter((id) => FIRST.test(id)), ...sorted.filter((id) => !FIRST.test(id))];
}
