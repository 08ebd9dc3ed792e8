/**
 * The bounds on wrong verdicts by chance. No small probability is asserted: a claim derives that a trial of a correct
 * solver fails with a chance of at most `ALLOWED`, which can be measured, and every blame is by an exact test at
 * `EPSILON` (docs/theory/verdicts.md#verdicts).
 */
import type { Claim } from '../model/claim.ts';

/** Chance that a trial of a correct solver fails, at most, on every instance that a claim draws. */
export const ALLOWED = 1 / 20;

/** Chance of one exact test that it blames wrongly, at most. */
export const EPSILON = 1e-10;

/**
 * The probability that claims with an exact bound allow a trial: about four standard deviations of a normal number, well below
 * `ALLOWED`.
 */
export const PER_TRIAL = 1e-4;

/** A claim whose declared deviation is larger says why. */
const FINE = 0.1;

const percentOf = (share: number): string => `${Math.round(100 * Math.abs(share))} %`;

/** Instances of each claim in a run of the suite. */
export const SUITE = 100;

/** Whether the claim is random. */
export const isRandom = ({ kind }: Pick<Claim, 'kind'>): boolean =>
  kind === 'statistical' || kind === 'stochastic trajectory';

/** The defects of the declarations about chance, one sentence each. */
export function misdeclared(claim: Claim): string[] {
  const { id, random, expected } = claim;
  if (!isRandom(claim)) return random === undefined ? [] : [`${id} declares \`random\`, but nothing in it is random`];
  if (random === undefined) return [`${id} is decided by random numbers and does not declare \`random\``];
  if (expected !== undefined) return [];
  const { shift } = random;
  if (shift === undefined) return [`${id} does not say which deviation it finds: declare \`random.shift\``];
  return Math.abs(shift.finds) > FINE && shift.because === undefined
    ? [
        `${id} finds deviations from ${percentOf(shift.finds)} on only: say in \`random.shift.because\` why it is not finer`,
      ]
    : [];
}

/** Claims of a run, each with the instances that it was to be judged on. */
export type Judged = readonly (readonly [Pick<Claim, 'random' | 'needs'>, number])[];

/** Bounds on the chance that a run is wrong about a correct solver or a true claim. */
export interface ChanceBounds {
  /** Chance that a correct solver is blamed, at most. */
  readonly solver: number;
  /** Chance that a true statement is blamed, at most. */
  readonly statement: number;
  /** Random claims. */
  readonly random: number;
}

/**
 * An instance is tested only after a trial that failed, and its trials are independent of that one: a solver is blamed
 * with a probability of at most EPSILON on it, EPSILON on a shorter one that is tested before it, and EPSILON per claim
 * for the pooled test. A statement whose trials fail with a chance of at most ALLOWED is blamed with a probability of
 * at most EPSILON per instance.
 */
export function boundsOn(judged: Judged): ChanceBounds {
  const random = judged.filter(([claim]) => claim.random !== undefined);
  const ofSolver = random.filter(([claim]) => claim.needs !== 'theory');
  const instances = (of: Judged): number => of.reduce((sum, [, count]) => sum + count, 0);
  return {
    solver: EPSILON * (2 * instances(ofSolver) + ofSolver.length),
    statement: EPSILON * instances(random),
    random: random.length,
  };
}
