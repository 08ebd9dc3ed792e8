/** The conclusion from a whole run of instances. */
import type { Claim } from '../model/claim.ts';
import type { Label, LabelCounts } from '../model/labels.ts';
import type { Count, Refutation, Verdict } from '../model/verdict.ts';
import { chanceOf } from '../oracles/exact-tests.ts';
import { binomialCdf } from '../oracles/quantiles.ts';
import { ALLOWED, EPSILON } from './chance.ts';
import { tooFew } from './labels.ts';

/** The refutation by all missed instances together, if they blame the solver. */
export function pooled({ missed = [], worstMiss }: Pick<Verdict, 'missed' | 'worstMiss'>): Refutation | undefined {
  if (worstMiss === undefined || chanceOf(missed) > EPSILON) return undefined;
  const sum = (of: 'solver' | 'reference', what: keyof Count): number =>
    missed.reduce((total, miss) => total + miss[of][what], 0);
  const count = (of: 'solver' | 'reference'): Count => ({ failed: sum(of, 'failed'), of: sum(of, 'of') });
  const trials = { solver: count('solver'), reference: count('reference') };
  return { ...worstMiss, blame: 'solver', trials, pooled: missed.length };
}

/**
 * Undecided if nothing was checked, or if the filter let less than half of the inputs pass; not decidable if more than
 * half of the instances are not.
 */
export function conclusion(
  done: number,
  filter: Verdict['filter'],
  covers: Claim['covers'] = {},
  labels: LabelCounts = {},
  found: Pick<Verdict, 'missed' | 'worstMiss' | 'undecidable'> = {},
): Pick<Verdict, 'outcome' | 'reason' | 'refutation'> {
  const refutation = pooled(found);
  if (refutation !== undefined) return { outcome: 'refuted', refutation };
  if (done === 0) return { outcome: 'undecided', reason: 'no instance was checked: ask for more instances' };
  const missed = found.missed?.length ?? 0;
  if (tooManyMissed(missed, done)) {
    return {
      outcome: 'undecided',
      reason: `${missed} of ${done} instances failed at first and not when they were repeated, while chance allows for 1 in ${1 / ALLOWED}: if the runs of your solver share no state, please report it`,
    };
  }
  const { count = 0, index, because } = found.undecidable ?? {};
  if (count > done / 2) {
    const reason = `not decidable at this precision on ${count} of ${done} instances; on instance ${index} ${because}`;
    return { outcome: 'not decidable', reason };
  }
  const { drawn, accepted } = filter ?? { drawn: done, accepted: done };
  // With few draws the rate is too uncertain to judge the filter by.
  if (drawn >= 50 && accepted < drawn / 2) {
    return {
      outcome: 'undecided',
      reason: `only ${percent(accepted / drawn)} of the drawn inputs satisfied the hypotheses: give another target, or make the instances so that they do`,
    };
  }
  for (const [label, share] of Object.entries(covers) as [Label, number][]) {
    const count = labels[label] ?? 0;
    if (tooFew(count, done, share)) {
      return {
        outcome: 'undecided',
        reason: `coverage too low: ${count} of ${done} instances have the label "${label}", at least ${percent(share)} are required: change the generator or the share`,
      };
    }
  }
  return { outcome: 'holds' };
}

/** Whether the first trials of a correct solver would fail on this number of instances with a chance of at most EPSILON. */
const tooManyMissed = (missed: number, done: number): boolean =>
  missed > 0 && binomialCdf(done - missed, done, 1 - ALLOWED) <= EPSILON;

const percent = (share: number): string => `${Math.round(100 * share)} %`;
