/**
 * The judge, judged: how often claims that random numbers decide go wrong, at the null (our solver) and at the violation
 * that they declare to detect; and the building blocks of their tolerances at chances that a simulation can see.
 */
import fc from 'fast-check';
import { perturbedGradientDescent } from '../../src/index.ts';
import { holds, type Claim } from '../claim.ts';
import { design, type InstanceArbitrary, type InstanceSource } from '../design.ts';
import { SUITE } from './errors.ts';
import { noiseOf } from '../instance.ts';
import { divergedShares, unstable } from '../instances/divergence.ts';
import { judge } from './judge.ts';
import { inspect } from './subject.ts';
import type { Verdict } from './verdict.ts';
import { deviation } from '../oracles/martingale.ts';
import { binomialCdf, highestRate } from '../oracles/quantiles.ts';
import { claimOf } from '../registry.ts';

/** Bounds on rates are wrong with this chance. */
export const DOUBT = 0.01;

/** How often something happened, and the chances of it that this leaves plausible. */
export interface Rate {
  readonly trials: number;
  readonly hits: number;
  readonly atLeast: number;
  readonly atMost: number;
}

export const rateOf = (hits: number, trials: number): Rate => ({
  trials,
  hits,
  atLeast: 1 - highestRate(trials - hits, trials, DOUBT),
  atMost: highestRate(hits, trials, DOUBT),
});

/** Whether a declared chance is ruled out by so many hits, but for a chance of 1e-6. */
export const contradicts = ({ hits, trials }: Pick<Rate, 'hits' | 'trials'>, declared: number): boolean =>
  hits > 0 && 1 - binomialCdf(hits - 1, trials, declared) < 1e-6;

/** The first instances of a run, each judged on its own, so that none ends the run. */
function* verdictsOn(claim: Claim, seed: number, instances: number): Generator<Verdict> {
  const subject = inspect(perturbedGradientDescent);
  for (let i = 0; i < instances; i++) {
    yield judge(claim, subject, { seed, instances: 1, only: String(i), shrink: false });
  }
}

/** Wrong verdicts on our solver. */
export function alarms(claim: Claim, seed: number, instances: number): Rate & { readonly leastSlack: number } {
  const right = claim.expected === undefined ? 'holds' : 'refuted as expected';
  const verdicts = [...verdictsOn(claim, seed, instances)];
  const leastSlack = Math.min(...verdicts.map((verdict) => verdict.leastSlack ?? NaN));
  return { ...rateOf(verdicts.filter(({ outcome }) => outcome !== right).length, instances), leastSlack };
}

/** The claim on the violation that it declares to detect; undefined where it declares none. */
export function violated(claim: Claim): Claim | undefined {
  const violation = claim.errors?.detects;
  if (violation === undefined) return undefined;
  return {
    ...claim,
    check: (solver, instance) =>
      'wrong' in violation ? claim.check(violation.wrong(solver), instance) : violation.check(solver, instance),
  };
}

/** Instances that miss the violation. */
export function misses(claim: Claim, seed: number, instances: number): Rate {
  const verdicts = [...verdictsOn(violated(claim)!, seed, instances)];
  return rateOf(verdicts.filter(({ outcome }) => outcome !== 'refuted').length, instances);
}

/** Chance that every instance of a run does: they are drawn independently. */
export const throughout = (chance: number): number => chance ** SUITE;

/** Building blocks are tried at this chance. */
export const VISIBLE = 0.05;

const sampleOf = <I extends object>(source: InstanceSource<I>, seed: number, instances: number): I[] =>
  fc.sample(source() as InstanceArbitrary<I>, { seed, numRuns: instances });

/** How often sums of increments are beyond what the self-normalised bound allows with the chance VISIBLE. */
export function crossings(seed: number, instances: number): Rate {
  const [claim, { solver }] = [claimOf('balance/martingale')!, inspect(perturbedGradientDescent)];
  const beyond = sampleOf(claim.instances, seed, instances).filter((instance) => {
    const { lhs, quantities } = claim.check(solver, instance);
    const [squares, variance, rho] = ['[m]', '<m>', 'rho'].map((name) => quantities[name] as number);
    return Math.abs(lhs as number) > deviation(squares! + variance!, rho!, VISIBLE);
  });
  return rateOf(beyond.length, instances);
}

/** How often counts of runs that diverge are outside of what is plausible with the chance VISIBLE. */
export function implausibleCounts(seed: number, instances: number): Rate {
  const { solver } = inspect(perturbedGradientDescent);
  const refuted = sampleOf(design(unstable), seed, instances).filter(
    (instance) => !holds(divergedShares(solver, instance, noiseOf(instance), VISIBLE)),
  );
  return rateOf(refuted.length, instances);
}
