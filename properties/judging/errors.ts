/** The ledger of errors: what the claims that random numbers decide may cost a run in false alarms. */
import type { Claim } from '../claim.ts';
import { UNLUCKY } from './labels.ts';

/** Chance of a false alarm in a whole run of the suite, at most. */
export const BUDGET = 1e-6;

/** Instances of each claim in a run of the suite. */
export const SUITE = 100;

/** What one claim may spend on one instance: with it a hundred claims just keep the budget. */
export const ALLOWANCE = 1e-10;

/** Whether random numbers decide the claim. */
export const isRandom = ({ kind }: Pick<Claim, 'kind'>): boolean =>
  kind === 'statistical' || kind === 'stochastic trajectory';

/**
 * Chance of a wrong verdict over so many instances, at most: the claim's own (a false form would even have to hold on all of
 * them), and that of each share of labels that it asks for.
 */
export const chanceOfAlarm = ({ errors, covers = {} }: Pick<Claim, 'errors' | 'covers'>, instances: number): number =>
  (errors?.alpha ?? 0) * instances + UNLUCKY * Object.keys(covers).length;

/** What is wrong with the declared error rates, a sentence each. */
export function overspent(all: readonly Claim[]): string[] {
  const sum = all.reduce((total, claim) => total + chanceOfAlarm(claim, SUITE), 0);
  return [
    ...all.flatMap(declared),
    ...(sum <= BUDGET
      ? []
      : [
          `a run of ${SUITE} instances has a chance of ${sum.toExponential(1)} of a false alarm: ${BUDGET.toExponential()} is allowed`,
        ]),
  ];
}

function declared(claim: Claim): string[] {
  const { id, errors, expected } = claim;
  if (!isRandom(claim)) return errors === undefined ? [] : [`${id} declares error rates, but nothing in it is random`];
  if (errors === undefined) return [`${id} is decided by random numbers and declares no error rates`];
  const { alpha, detects, beta = NaN } = errors;
  return [
    ...(alpha > 0 && alpha <= ALLOWANCE ? [] : [`${id} spends ${alpha} on an instance: ${ALLOWANCE} is allowed`]),
    ...(expected !== undefined || (detects !== undefined && beta > 0 && beta < 1)
      ? []
      : [`${id} does not say which violation it detects, and how often it misses it`]),
  ];
}

/** Claims of a run, each with the instances that it was to be judged on. */
export type Judged = readonly (readonly [Claim, number])[];

/** The chance of a false alarm among them, at most; and how many of them random numbers decide. */
export function spentOn(judged: Judged): { chance: number; budget: number; random: number } {
  const random = judged.filter(([claim]) => claim.errors !== undefined).length;
  const chance = judged.reduce((total, [claim, instances]) => total + chanceOfAlarm(claim, instances), 0);
  return { chance, budget: BUDGET, random };
}

/** The closing line about the claims of a run. */
export function errorLine(judged: Judged): string | undefined {
  const { chance: sum, random } = spentOn(judged);
  if (sum === 0) return undefined;
  const chance = `errors: chance of a false alarm at most ${sum.toExponential(1)} in this run`;
  return sum <= BUDGET
    ? `${chance}, from ${random} claims that random numbers decide and from the shares of labels`
    : `${chance}, more than the ${BUDGET.toExponential()} of ${SUITE} instances: repeat a refutation under another seed`;
}
