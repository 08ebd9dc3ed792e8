/** The exit codes of the commands. */
import { inspect } from 'node:util';
import type { Verdict } from '../model/verdict.ts';
import { BadUsage } from './usage.ts';
import { CannotLoad } from './run.ts';

export const EXIT = {
  holds: 0,
  refuted: 1,
  badUsage: 2,
  undecided: 3,
  fault: 4,
  statement: 5,
  ourError: 70,
  interrupted: 130,
};

/** The exit code of the verdicts. */
export function exitCodeFor(verdicts: readonly Pick<Verdict, 'outcome'>[]): number {
  const bad = verdicts.filter(isBad);
  const has = (...outcomes: Verdict['outcome'][]): boolean => bad.some(({ outcome }) => outcomes.includes(outcome));
  if (has('refuted')) return EXIT.refuted;
  if (has('fault')) return EXIT.fault;
  if (has('statement refuted', 'holds unexpectedly')) return EXIT.statement;
  return bad.length > 0 ? EXIT.undecided : EXIT.holds;
}

const BAD: readonly Verdict['outcome'][] = [
  'refuted',
  'statement refuted',
  'fault',
  'holds unexpectedly',
  'undecided',
  'not run',
];

/** Whether a run with the verdict does not bear the claims out. */
export const isBad = ({ outcome }: Pick<Verdict, 'outcome'>): boolean => BAD.includes(outcome);

/** The exit code of a command; an error is one sentence if the user can mend it, and has its stack if we must. */
export const settled = (command: Promise<number>): Promise<number> => command.catch(reported);

function reported(error: unknown): number {
  if (error instanceof BadUsage || error instanceof CannotLoad) {
    process.stderr.write(`flat-minima: ${error.message}\n`);
    return EXIT.badUsage;
  }
  // With its causes: the first error shows the place of the fault.
  process.stderr.write(`flat-minima: internal error, please report it: ${inspect(error)}\n`);
  return EXIT.ourError;
}
