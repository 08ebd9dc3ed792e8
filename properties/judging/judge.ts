/** The judge: whether a claim applies to a subject, and how it fares on trial. `npm test` and `verify` both call it. */
import { arithmetic } from './arithmetic.ts';
import { refutes, toPlain, type Claim } from '../claim.ts';
import type { Kept } from '../refuting/counterexamples.ts';
import { courseOf } from '../refuting/course.ts';
import { diagnose } from '../refuting/diagnosis.ts';
import { Examiner } from './examiner.ts';
import type { Instance } from '../instance.ts';
import type { Subject } from './subject.ts';
import { Trial, type JudgeOptions } from './trial.ts';
import { reversed, type Refutation, type Verdict } from './verdict.ts';

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
  if (claim.expected !== undefined) return finish({ ...verdict, outcome: reversed(verdict.outcome) });
  const { refutation } = verdict;
  // Nobody reads about what is not shrunk.
  if (refutation === undefined || options.shrink === false) return finish(verdict);
  return finish({ ...verdict, refutation: { ...refutation, ...causeOf(claim, subject, refutation) } });
}

/** What the claim finds on the instance of a kept counterexample, in full detail whether it still is one or not. */
export function rejudge(claim: Claim, subject: Subject, { instance, draft, file }: Kept & { file: string }): Verdict {
  const began = performance.now();
  const examiner = new Examiner(claim, subject);
  const found = examiner.examine(instance);
  const finding = typeof found === 'string' ? found : toPlain(found);
  const effective = examiner.effective(instance);
  const verdict = { id: claim.id, instances: 1, milliseconds: Math.round(performance.now() - began) };
  if (typeof finding !== 'string' && !refutes(found))
    return { ...verdict, outcome: 'holds', leastSlack: finding.slack, closest: { instance: effective, finding } };
  const refutation = { replay: '', kept: file, instance: effective, draft, finding, shrinks: 0, stoppedEarly: false };
  return { ...verdict, outcome: 'refuted', refutation: { ...refutation, ...causeOf(claim, subject, refutation) } };
}

/** Whether it may be the rounding, what is wrong with the solver, and what becomes of its runs, where that is known. */
function causeOf<I extends Instance>(
  claim: Claim<I>,
  subject: Subject,
  { instance, finding }: Refutation,
): Pick<Refutation, 'arithmetic' | 'diagnosis' | 'course'> {
  const rounding = typeof finding === 'string' ? undefined : arithmetic(claim, subject, instance as I, finding);
  const ofSolver = claim.needs !== 'theory';
  const diagnosis = ofSolver ? diagnose(subject, instance) : undefined;
  const course = ofSolver ? courseOf(claim, subject.solver, instance) : undefined;
  return {
    ...(rounding === undefined ? {} : { arithmetic: rounding }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
    ...(course === undefined ? {} : { course }),
  };
}
