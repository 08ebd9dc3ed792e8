/** The ledger of errors: what the claims that random numbers decide may cost a run in false alarms. */
import type { Claim } from './claim.ts';

/** Chance of a false alarm in a whole run of the suite, at most. */
export const BUDGET = 1e-6;

/** Instances of each claim in a run of the suite. */
export const SUITE = 100;

/** What one claim may spend on one instance: with it a hundred claims just keep the budget. */
export const ALLOWANCE = 1e-10;

/** Whether random numbers decide the claim. */
export const isRandom = ({ kind }: Pick<Claim, 'kind'>): boolean =>
  kind === 'statistical' || kind === 'stochastic trajectory';

/** Chance of a wrong verdict over so many instances, at most; a false form would even have to hold on all of them. */
export const chanceOfAlarm = ({ errors }: Pick<Claim, 'errors'>, instances: number): number =>
  (errors?.alpha ?? 0) * instances;

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

/** The closing line about the claims of a run, each with the instances that it was to be judged on. */
export function errorLine(judged: readonly (readonly [Claim, number])[]): string | undefined {
  const random = judged.filter(([claim]) => claim.errors !== undefined);
  if (random.length === 0) return undefined;
  const sum = random.reduce((total, [claim, instances]) => total + chanceOfAlarm(claim, instances), 0);
  const chance = `chance of a false alarm at most ${sum.toExponential(1)} in this run`;
  return sum <= BUDGET
    ? `errors: ${chance}, of ${random.length} claims that random numbers decide; the rest have none`
    : `errors: ${chance}, which is more than the ${BUDGET.toExponential()} that ${SUITE} instances keep to: repeat a refutation under another seed`;
}
