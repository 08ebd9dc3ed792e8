/** The hypotheses of a claim that are needed: without one of them the claim is refuted. */
import type { Claim, Hypothesis } from '../model/claim.ts';
import type { Design } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { design } from './design.ts';

type Check<I extends Instance> = Claim<I>['check'];

/** A hypothesis, and its ablation: other instances, another check, or both. */
export function dropping<I extends Instance>(
  text: string,
  ...changes: [Design<I>] | [Check<I>] | [Design<I>, Check<I>]
): Hypothesis<I> {
  const [first, check] = changes;
  if (typeof first === 'function') return { text, ablation: { check: first } };
  return { text, ablation: { instances: design(first), ...(check && { check }) } };
}
