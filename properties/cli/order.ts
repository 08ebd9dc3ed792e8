/** The order in which claims are tried. It shows in no verdict: only a refutation is known sooner. */

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
