/** The judge: whether a claim applies to a subject, and how it fares on trial. `npm test` and `verify` both call it. */
import type { Claim } from './claim.ts';
import type { Instance } from './instance.ts';
import type { Subject } from './subject.ts';
import { Trial, type JudgeOptions } from './trial.ts';
import { reversed, type Verdict } from './verdict.ts';

const NEEDS_SOURCE = 'the solver never draws from the noise source that it is given';

/** Judges one claim. A claim stops at its first refutation. */
export function judge<I extends Instance>(claim: Claim<I>, subject: Subject, options: JudgeOptions): Verdict {
  const began = performance.now();
  const finish = (verdict: Omit<Verdict, 'id' | 'milliseconds'>): Verdict => ({
    id: claim.id,
    ...verdict,
    milliseconds: Math.round(performance.now() - began),
  });
  const arbitrary = claim.instances(options.given);
  if (typeof arbitrary === 'string') return finish({ outcome: 'not applicable', reason: arbitrary, instances: 0 });
  if (claim.needs === 'injected noise' && subject.ownNoise) {
    return finish({ outcome: 'not applicable', reason: NEEDS_SOURCE, instances: 0 });
  }
  const verdict = new Trial(claim, subject, options, arbitrary).run();
  return finish({ ...verdict, outcome: claim.expected === undefined ? verdict.outcome : reversed(verdict.outcome) });
}
