/** What the judge finds out about a claim, and what a whole run of instances amounts to. */
import type { Claim, PlainEvidence } from '../claim.ts';
import type { Draft } from '../design.ts';
import type { Instance } from '../instance.ts';
import type { Course } from '../refuting/course.ts';
import type { Survey } from '../shrinking/survey.ts';
import { tooFew, type Label, type LabelCounts } from './labels.ts';
import type { SlackCounts } from './slacks.ts';

/** How a claim fares. */
export type Outcome =
  | 'holds'
  | 'refuted'
  /** Of a form that is kept because it is false, and of a claim without one of its hypotheses. */
  | 'refuted as expected'
  | 'holds unexpectedly'
  | 'undecided'
  | 'not applicable'
  | 'not run';

/** How one claim fares. properties/verify/schema.ts describes it for readers of the evidence. */
export interface Verdict {
  /** Of the claim. */
  readonly id: string;
  /** How it fares. */
  readonly outcome: Outcome;
  /** Why, where the outcome is neither `holds` nor a refutation by an instance. */
  readonly reason?: string;
  /** Instances that were checked. */
  readonly instances: number;
  /** Least slack over the instances: 1 is far from the tolerance, 0 at it, below 0 refuted. */
  readonly leastSlack?: number;
  /** Index of the instance with the least slack. */
  readonly tightest?: number;
  /** That instance and both sides on it, where the claim was not refuted. */
  readonly closest?: Closest;
  /** How the slacks of the instances are distributed, where the claim was not refuted. */
  readonly slacks?: SlackCounts;
  /** Inputs drawn, and those that satisfied the hypotheses, where a filter was unavoidable. */
  readonly filter?: {
    /** All inputs. */
    readonly drawn: number;
    /** Those that are instances. */
    readonly accepted: number;
  };
  /** A sentence for each kept counterexample whose instance the claim does not draw any more. */
  readonly stale?: readonly string[];
  /** How many of the instances had each label. */
  readonly labels?: LabelCounts;
  /** The counterexample, where there is one. */
  readonly refutation?: Refutation;
  /** How long it took. */
  readonly milliseconds: number;
}

/** The instance with the least slack. */
export interface Closest {
  /** What the claim was checked on. */
  readonly instance: Instance;
  /** Both sides on it. */
  readonly finding: PlainEvidence;
}

/** A counterexample. */
export interface Refutation {
  /** Where it is found again: the instance's index, then the path of its shrinks; empty where it was kept. */
  readonly replay: string;
  /** The file of the kept counterexample that it is. */
  readonly kept?: string;
  /** What the claim fails on. */
  readonly instance: Instance;
  /** What the instance is derived from. */
  readonly draft: Draft;
  /** Both sides; or what the solver did instead of answering. */
  readonly finding: PlainEvidence | string;
  /** How the claim fares on the same instance as it was drawn, and on the next ones; absent where nobody looked. */
  readonly survey?: Survey;
  /** Inputs that were varied, one at a time, without an end of the failure; absent where nobody looked. */
  readonly irrelevant?: readonly string[];
  /** What exact arithmetic says of a violation that is within sight of the tolerance. */
  readonly arithmetic?: string;
  /** What the solver does instead of the steps of the theory, where that is known. */
  readonly diagnosis?: string;
  /** What becomes of a quantity along the run, by this solver and by a right one, where that shows the difference. */
  readonly course?: Course;
  /** Steps of shrinking that led to it. */
  readonly shrinks: number;
  /** Whether shrinking was cut short: a smaller counterexample may exist. */
  readonly stoppedEarly: boolean;
}

/** What a verdict means for a form that is kept because it is false. */
export function reversed(outcome: Outcome): Outcome {
  if (outcome === 'refuted') return 'refuted as expected';
  return outcome === 'holds' ? 'holds unexpectedly' : outcome;
}

/** Undecided where nothing was checked, or where the filter let less than half of the inputs pass. */
export function conclusion(
  done: number,
  filter: Verdict['filter'],
  covers: Claim['covers'] = {},
  labels: LabelCounts = {},
): { outcome: 'holds' | 'undecided'; reason?: string } {
  if (done === 0) return { outcome: 'undecided', reason: 'no instance was checked: ask for more instances' };
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
        reason: `only ${count} of ${done} instances were ${label}: at least ${percent(share)} are due, so change the arbitrary or the share`,
      };
    }
  }
  return { outcome: 'holds' };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
