/** The exit codes of `verify`. */
import type { Verdict } from '../verdict.ts';

export const EXIT = { holds: 0, refuted: 1, badUsage: 2, undecided: 3, ourError: 70, interrupted: 130 };

/** What the verdicts deserve. */
export function exitCodeFor(verdicts: readonly Pick<Verdict, 'outcome'>[]): number {
  const some = (outcome: Verdict['outcome']): boolean => verdicts.some((verdict) => verdict.outcome === outcome);
  if (some('refuted') || some('holds unexpectedly')) return EXIT.refuted;
  return some('undecided') || some('not run') ? EXIT.undecided : EXIT.holds;
}
