/**
 * Error rates of the random claims, measured: the largest probability that a trial of a correct solver fails, the rate
 * at which the exact test blames a correct solver at probabilities that a simulation can measure, the rate at which a
 * run misses the declared error, and the smallest deviation that a run finds.
 */
import fc from 'fast-check';
import type { Claim, Finding } from '../model/claim.ts';
import type { Draft, InstanceArbitrary } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { chanceOf } from '../oracles/exact-tests.ts';
import { binomialCdf, highestRate } from '../oracles/quantiles.ts';
import { instanceSeed } from '../model/seeds.ts';
import { SUITE } from '../run/chance.ts';
import { Examiner } from '../run/examiner.ts';
import { judge } from '../explain/judge.ts';
import type { Subject } from '../run/subject.ts';

/** Bounds on rates are wrong with this chance. */
export const DOUBT = 0.01;

/** The count of an event, and a confidence interval for its probability. */
export interface Rate {
  readonly trials: number;
  readonly hits: number;
  readonly atLeast: number;
  readonly atMost: number;
}

export const rateOf = (hits: number, trials: number, doubt = DOUBT): Rate => ({
  trials,
  hits,
  atLeast: 1 - highestRate(trials - hits, trials, doubt),
  atMost: highestRate(hits, trials, doubt),
});

/** Whether these counts reject a declared chance, at the level 1e-6. */
export const contradicts = ({ hits, trials }: Pick<Rate, 'hits' | 'trials'>, declared: number): boolean =>
  hits > 0 && 1 - binomialCdf(hits - 1, trials, declared) < 1e-6;

const slackOf = (finding: Finding): number => (typeof finding === 'string' ? -Infinity : finding.slack);

/** An instance that was looked at, with the least slack of its trials. */
interface Tried<I> {
  readonly instance: I;
  readonly draft: Draft;
  readonly slack: number;
}

/** The cost limit of a search for the worst instance. */
export interface Effort {
  /** Instances that are drawn. */
  readonly instances: number;
  /** The worst of these that are tried again. */
  readonly worst: number;
  /** Trials of each of them, and of the worst that a climb reaches. */
  readonly again: number;
  /** Neighbours that a climb looks at. */
  readonly climb: number;
}

/** The largest chance of a trial to fail that was found, on fresh trials of the instance on which it was found. */
export interface Worst extends Rate {
  /** Instances that were drawn. */
  readonly drawn: number;
  /** Least slack of all trials. */
  readonly leastSlack: number;
}

/** Looks for the instance on which a trial of a correct solver fails most often. */
export function worstChance<I extends Instance>(
  claim: Claim<I>,
  correct: Subject,
  seed: number,
  effort: Effort,
): Worst {
  return new Search(claim, correct, seed, effort).run();
}

class Search<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #arbitrary: InstanceArbitrary<I>;
  readonly #examiner: Examiner<I>;
  readonly #seed: number;
  readonly #effort: Effort;
  #leastSlack = Infinity;
  #trials = 0;

  constructor(claim: Claim<I>, correct: Subject, seed: number, effort: Effort) {
    this.#claim = claim;
    this.#arbitrary = claim.instances() as InstanceArbitrary<I>;
    this.#examiner = new Examiner(claim, correct);
    this.#seed = seed;
    this.#effort = effort;
  }

  run(): Worst {
    const { instances, worst, again } = this.#effort;
    const drawn = Array.from({ length: instances }, (_, i) => this.#tried(this.#draw(i), 1));
    const candidates = drawn.sort((a, b) => a.slack - b.slack).slice(0, worst);
    const counted = candidates.map((each) => ({ ...each, failed: this.#failures(each.instance, again) }));
    const top = counted.reduce((most, each) => (each.failed > most.failed ? each : most));
    const found = this.#climbed(top);
    // Fresh trials, enough to distinguish a chance of 2 % from 1/20: those that led here were chosen for failing.
    const trials = 16 * again;
    const failed = Math.max(this.#failures(top.instance, trials), this.#failures(found.instance, trials));
    return { ...rateOf(failed, trials), drawn: instances, leastSlack: this.#leastSlack };
  }

  #draw(index: number): I {
    const seed = instanceSeed(this.#seed, this.#claim.id, index);
    return fc.sample(this.#arbitrary, { seed, numRuns: 1, unbiased: true })[0]!;
  }

  #slack(instance: I): number {
    const slack = slackOf(this.#examiner.examine(instance, ++this.#trials));
    this.#leastSlack = Math.min(this.#leastSlack, slack);
    return slack;
  }

  #tried(instance: I, trials: number): Tried<I> {
    const slack = Math.min(...Array.from({ length: trials }, () => this.#slack(instance)));
    return { instance, draft: this.#arbitrary.draftOf(instance), slack };
  }

  #failures(instance: I, trials: number): number {
    let failed = 0;
    for (let i = 0; i < trials; i++) if (!(this.#slack(instance) >= 0)) failed++;
    return failed;
  }

  /** Moves to neighbours with less slack in a few trials, while there are any. */
  #climbed(from: Tried<I>): Tried<I> {
    const few = 4;
    let at = this.#tried(from.instance, few);
    let left = this.#effort.climb;
    for (let next: Tried<I> | undefined = at; next !== undefined;) {
      next = undefined;
      for (const draft of this.#arbitrary.simpler(at.draft)) {
        if (left-- <= 0) return at;
        const instance = this.#arbitrary.derive(draft);
        const tried = instance === undefined ? undefined : this.#tried(instance, few);
        if (tried === undefined || tried.slack >= at.slack) continue;
        at = next = tried;
        break;
      }
    }
    return at;
  }
}

/** Trials of the solver and of the reference, as a confirmation makes them. */
const [SOLVER, REFERENCE] = [12, 64];

/** Chances at which the exact test is looked at. */
export const VISIBLE = [1 / 20, 1 / 100] as const;

/**
 * The rate at which the exact test blames a correct solver at each of the visible probabilities. Trials hardly ever fail, so
 * here a trial fails if its slack is among the least fifth of all trials of the instance: the share of the solver among
 * them is random all the same.
 */
export function blameRates<I extends Instance>(
  claim: Claim<I>,
  correct: Subject,
  seed: number,
  instances: number,
): Rate[] {
  const examiner = new Examiner(claim, correct);
  const drawn = fc.sample(claim.instances() as InstanceArbitrary<I>, { seed, numRuns: instances });
  const chances = drawn.map((instance) => chanceOf([tableOf(examiner, instance)]));
  return VISIBLE.map((epsilon) => rateOf(chances.filter((chance) => chance <= epsilon).length, instances));
}

function tableOf<I extends Instance>(examiner: Examiner<I>, instance: I): Parameters<typeof chanceOf>[0][number] {
  const solver = Array.from({ length: SOLVER }, (_, i) => slackOf(examiner.examine(instance, 1 + i)));
  const reference = Array.from({ length: REFERENCE }, (_, i) =>
    slackOf(examiner.examineReference(instance, 1 + SOLVER + i)),
  );
  const all = [...solver, ...reference].sort((a, b) => a - b);
  const least = all[Math.floor(all.length / 5)]!;
  const count = (slacks: readonly number[]): { failed: number; of: number } => ({
    failed: slacks.filter((slack) => slack < least).length,
    of: slacks.length,
  });
  return { solver: count(solver), reference: count(reference) };
}

/** The claim on a solver, or with a side, that is off by this share; undefined if the claim declares no such error. */
export function shifted(claim: Claim, share?: number): Claim | undefined {
  const { shift } = claim.random ?? {};
  if (shift === undefined) return undefined;
  const violation = shift.by(share ?? shift.finds);
  return {
    ...claim,
    // A claim about the theory alone is broken in its check.
    check: (solver, instance) =>
      'wrong' in violation ? claim.check(violation.wrong(solver), instance) : violation.check(solver, instance),
  };
}

/**
 * The share of instances that must find an error, for a run to miss it with probability 1/100; a run finds it if one of
 * its instances does.
 */
export const ENOUGH = 1 - 0.01 ** (1 / SUITE);

/**
 * The rate at which trials of a solver that is off by a share refute an instance, with any blame. It ends as soon as it
 * is known whether that is often enough: it tests after 8, 16, 32, ... instances, and each test takes its part of the
 * doubt.
 */
export function found(claim: Claim, correct: Subject, share: number, seed: number, instances: number): Rate {
  const wrong = wrongly(claim, correct, share);
  const looks = [...Array.from({ length: 20 }, (_, i) => 8 * 2 ** i).filter((n) => n < instances), instances];
  let [hits, done] = [0, 0];
  for (const look of looks) {
    for (; done < look; done++) if (wrong(seed, done)) hits++;
    const rate = rateOf(hits, done, DOUBT / looks.length);
    if (rate.atLeast >= ENOUGH || rate.atMost < ENOUGH) return rate;
  }
  return rateOf(hits, done, DOUBT / looks.length);
}

/** Whether one instance refutes the claim under the error: the solver's, or the check's own, on the correct solver. */
function wrongly(claim: Claim, correct: Subject, share: number): (seed: number, index: number) => boolean {
  const violation = claim.random!.shift!.by(share);
  const [judged, by] =
    'wrong' in violation
      ? [claim, { ...correct, solver: violation.wrong(correct.solver) }]
      : [shifted(claim, share)!, correct];
  return (seed, index) => {
    const { outcome } = judge(judged, by, { seed, instances: 1, only: String(index), shrink: false });
    return outcome === 'refuted' || outcome === 'statement refuted';
  };
}

/** A rate near the required one is decided by more instances than the others: by this number of times as many at most. */
export const FURTHER = 32;

/** Deviations that are tried, in shares of the quantity, from the coarsest on. */
const SHARES = [3, 2, 1, 0.7, 0.5, 0.35, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05, 0.035, 0.02, 0.01, 0.005, 0.002, 0.001];

/**
 * The smallest of the shares that a run finds with a chance of at least 0.99: finer and finer ones from the declared
 * one on, or coarser ones if that is not found. Undefined if none of them is found. `isDeclaredFound`: whether a run finds
 * the declared one.
 */
export function resolution(
  claim: Claim,
  correct: Subject,
  seed: number,
  instances: number,
  isDeclaredFound: boolean,
): number | undefined {
  const { finds } = claim.random!.shift!;
  const [sign, declared] = [Math.sign(finds), Math.abs(finds)];
  const isFound = (share: number): boolean =>
    found(claim, correct, sign * share, seed, FURTHER * instances).atLeast >= ENOUGH;
  if (isDeclaredFound) {
    const finer = SHARES.filter((share) => share < declared);
    const missed = finer.findIndex((share) => !isFound(share));
    return [declared, ...finer].at(missed);
  }
  return SHARES.filter((share) => share > declared && (sign > 0 || share < 1)).findLast(isFound);
}
