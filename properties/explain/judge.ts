/** The judge: whether a claim applies to a subject, and its verdict. `npm test` and `verify` both call it. */
import { attribution, type Attribution } from '../run/arithmetic.ts';
import { confirm, type Blamed, type Missed } from '../run/confirmation.ts';
import { refutes, toPlain, type Claim } from '../model/claim.ts';
import { certificateOf } from './certificates.ts';
import type { Saved } from '../model/saved.ts';
import { courseOf } from './course.ts';
import { explain } from './explain.ts';
import { Examiner } from '../run/examiner.ts';
import { guarded, noWatch } from '../run/guard.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import type { Instance } from '../model/instance.ts';
import { rescaled } from '../run/rescaled.ts';
import { atPrecision, type Subject } from '../run/subject.ts';
import type { JudgeOptions } from '../run/judge-options.ts';
import { Trial } from '../run/trial.ts';
import { outcomeOf, reversed, type Refutation, type Verdict } from '../model/verdict.ts';

const NEEDS_SOURCE = 'the solver never draws from the noise source that it is given';

const FALSE_IN_GENERAL = 'it is false in general, which says nothing about a given target';

/** A target is normalised when it is read: claims use the normalised one, the solver gets the given one. */
const inUnitsOf = (given: JudgeOptions['given'], subject: Subject): Subject =>
  given !== undefined && 'scale' in given ? { ...subject, solver: rescaled(subject.solver, given.scale) } : subject;

/** The descent of the definition: a false form says nothing about a solver, so that it is judged on this one. */
const definition = (): Subject => ({ solver: guarded(referenceDescent, noWatch), ownNoise: false });

/** The reason why the claim does not apply to the user's target or dimension; undefined if it applies. */
export function inapplicable(claim: Claim, given: JudgeOptions['given']): string | undefined {
  if (given !== undefined && claim.expected !== undefined) return FALSE_IN_GENERAL;
  const arbitrary = claim.instances(given);
  return typeof arbitrary === 'string' ? arbitrary : undefined;
}

/** Judges one claim. A claim stops at its first refutation. */
export function judge<I extends Instance>(claim: Claim<I>, judged: Subject, options: JudgeOptions): Verdict {
  const { given } = options;
  const subject = claim.expected === undefined ? inUnitsOf(given, judged) : definition();
  const began = performance.now();
  const finish = (verdict: Omit<Verdict, 'id' | 'milliseconds'>): Verdict => ({
    id: claim.id,
    ...verdict,
    milliseconds: Math.round(performance.now() - began),
  });
  if (given !== undefined && claim.expected !== undefined)
    return finish({ outcome: 'not applicable', reason: FALSE_IN_GENERAL, instances: 0 });
  const arbitrary = claim.instances(given);
  if (typeof arbitrary === 'string') return finish({ outcome: 'not applicable', reason: arbitrary, instances: 0 });
  if (claim.needs === 'injected noise' && subject.ownNoise) {
    return finish({ outcome: 'not applicable', reason: NEEDS_SOURCE, instances: 0 });
  }
  const verdict = new Trial(claim, subject, options, arbitrary).run();
  const { refutation } = verdict;
  if (refutation === undefined) return finish(expectedly(claim, verdict));
  const blamed = { ...refutation, ...(refutation.blame === undefined ? blameOn(claim, subject, refutation) : {}) };
  const outcome = outcomeOf(blamed);
  // The cause is not shown without shrinking.
  const cause =
    claim.expected !== undefined || options.shrink === false || outcome !== 'refuted'
      ? {}
      : causeOf(claim, subject, blamed);
  return finish(expectedly(claim, { ...verdict, outcome, refutation: { ...blamed, ...cause } }));
}

/** A form that is saved because it is false has to be refuted. */
const expectedly = <V extends Pick<Verdict, 'outcome'>>({ expected }: Pick<Claim, 'expected'>, verdict: V): V =>
  expected === undefined ? verdict : { ...verdict, outcome: reversed(verdict.outcome) };

/** The claim's finding on the instance of a saved counterexample, in full detail even if it no longer is one. */
export function rejudge(claim: Claim, subject: Subject, { instance, draft, file }: Saved & { file: string }): Verdict {
  const began = performance.now();
  const examiner = new Examiner(claim, subject);
  const found = examiner.examine(instance);
  const finding = typeof found === 'string' ? found : toPlain(found);
  const effective = examiner.effective(instance);
  const verdict = { id: claim.id, instances: 1, milliseconds: Math.round(performance.now() - began) };
  const because = examiner.undecided(instance, found);
  if (because !== undefined) return { ...verdict, outcome: 'not decidable', reason: because };
  const confirmed = refutes(found) && examiner.random ? confirm(examiner, instance, found) : undefined;
  if (typeof finding !== 'string' && !refutes(found))
    return { ...verdict, outcome: 'holds', leastSlack: finding.slack, closest: { instance: effective, finding } };
  if (typeof finding !== 'string' && confirmed?.blame === 'chance') {
    const miss = { index: 0, solver: confirmed.solver, reference: confirmed.reference };
    return { ...verdict, outcome: 'holds', missed: [miss], closest: { instance: effective, finding } };
  }
  const refutation = { replay: '', saved: file, instance: effective, draft, finding, shrinks: 0, stoppedEarly: false };
  const blamed = {
    ...refutation,
    ...(confirmed === undefined ? blameOn(claim, subject, refutation) : trialsOf(confirmed)),
  };
  return { ...verdict, outcome: outcomeOf(blamed), refutation: { ...blamed, ...causeOf(claim, subject, blamed) } };
}

/** A number that is not finite is no matter of chance. */
const trialsOf = ({ blame, solver, reference }: Blamed | Missed): Pick<Refutation, 'blame' | 'trials'> => ({
  blame: blame === 'chance' ? 'solver' : blame,
  trials: { solver, reference },
});

function blameOn<I extends Instance>(
  claim: Claim<I>,
  subject: Subject,
  { instance, finding }: Refutation,
): Attribution {
  return attribution(claim, subject, atPrecision(subject, instance) as I, finding);
}

/** The mistake of the solver, a quantity along its runs, and a certificate, as far as they are known. */
function causeOf<I extends Instance>(
  claim: Claim<I>,
  subject: Subject,
  { instance, blame, finding }: Refutation,
): Pick<Refutation, 'certificate' | 'diagnosis' | 'course'> {
  if (claim.needs === 'theory') return {};
  const isCertain = claim.random === undefined && blame === 'solver';
  const certificate = isCertain
    ? certificateOf(claim, subject, atPrecision(subject, instance) as I, finding)
    : undefined;
  const diagnosis = explain(claim, subject, atPrecision(subject, instance) as I, finding);
  const course = courseOf(claim, subject.solver, instance);
  return {
    ...(certificate === undefined ? {} : { certificate }),
    ...(diagnosis === undefined ? {} : { diagnosis }),
    ...(course === undefined ? {} : { course }),
  };
}
