/** The cost of a claim in steps of the solver: counted, so that it is the same on every machine. */
import fc from 'fast-check';
import type { Claim } from '../model/claim.ts';
import { instanceSeed } from '../model/seeds.ts';
import { Examiner, EXAMINATION } from './examiner.ts';
import type { Subject } from './subject.ts';

/** Instances that are counted: of a few claims, one in ten takes most of the steps. */
const FEW = 40;

/** Steps for one instance, on average over a few. */
export function stepsOf(claim: Claim, subject: Subject): number {
  const arbitrary = claim.instances();
  if (typeof arbitrary === 'string') return 0;
  const examiner = new Examiner(claim, subject);
  for (let index = 0; index < FEW; index++) {
    const seed = instanceSeed(1, claim.id, index);
    examiner.examine(fc.sample(arbitrary, { seed, numRuns: 1, unbiased: true })[0]!);
  }
  return examiner.work / FEW - EXAMINATION;
}
