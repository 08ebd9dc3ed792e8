/** What the judge finds out about a claim, and what a whole run of instances amounts to. */
import type { Claim, PlainEvidence } from '../claim.ts';
import type { Draft } from '../design.ts';
import type { Instance } from '../instance.ts';
import type { Certificate } from '../refuting/certificates.ts';
import type { Course } from '../refuting/course.ts';
import type { Survey } from '../shrinking/survey.ts';
import { chanceOf, type Count, type Table } from '../oracles/exact-tests.ts';
import { EPSILON } from './chance.ts';
import { tooFew, type Label, type LabelCounts } from './labels.ts';
import type { SlackCounts } from './slacks.ts';

/** How a claim fares. */
export type Outcome =
  | 'holds'
  /** The solver is wrong, or its rounding is. */
  | 'refuted'
  /** The descent of the definition breaks the claim: no solver is accused. */
  | 'statement refuted'
  /** The solver broke the contract: it threw, or gave no iterate. */
  | 'fault'
  /** Of a form that is kept because it is false, and of a claim without one of its hypotheses. */
  | 'refuted as expected'
  | 'holds unexpectedly'
  /** Rounding at the precision that the solver declares may be as large as what is claimed. */
  | 'not decidable'
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
  /** Files of counterexamples to this solver that it passes now, where random numbers decide. */
  readonly outdated?: readonly string[];
  /** How many of the instances had each label. */
  readonly labels?: LabelCounts;
  /** Instances on which a trial failed and nobody was blamed, by index. */
  readonly missed?: readonly Miss[];
  /** The one of them on which the solver failed most often. */
  readonly worstMiss?: Refutation;
  /** Instances that decide nothing at the precision that the solver declares. */
  readonly undecidable?: Undecidable;
  /** What the solver did to break the contract. */
  readonly fault?: Fault;
  /** The counterexample, where there is one. */
  readonly refutation?: Refutation;
  /** How long it took. */
  readonly milliseconds: number;
}

/** An instance that was missed by chance: its first trial failed, and the trials after it blamed nobody. */
export interface Miss extends Table {
  readonly index: number;
  /** What the solver did in the first trial, where it gave no finite numbers. */
  readonly answer?: string;
}

/** Instances on which rounding, at the precision that the solver declares, may be as large as what is claimed. */
export interface Undecidable {
  /** How many. */
  readonly count: number;
  /** Index of the first. */
  readonly index: number;
  /** Why that one decides nothing. */
  readonly because: string;
}

/** The instance with the least slack. */
export interface Closest {
  /** What the claim was checked on. */
  readonly instance: Instance;
  /** Both sides on it. */
  readonly finding: PlainEvidence;
}

/** A breach of the contract, and the smallest input that was found to lead to it. */
export interface Fault {
  /** In a sentence. */
  readonly message: string;
  /** Where in the solver's files, innermost first. */
  readonly frames: readonly string[];
  /** Where it is found again, as of a refutation. */
  readonly replay: string;
  /** What the solver was given. */
  readonly instance: Instance;
}

/** Who is wrong. */
export type Blame = 'solver' | 'statement' | 'rounding';

/** A counterexample. */
export interface Refutation {
  /** Who is wrong; absent while nobody has found out. */
  readonly blame?: Blame;
  /** Trials that failed, of the solver and of the descent of the definition, where random numbers decide. */
  readonly trials?: Table;
  /** On how many instances these trials were made, where it was more than this one. */
  readonly pooled?: number;
  /** Where it is found again: the instance's index, then the path of its shrinks; of a kept one that path alone. */
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
  /** What others can check of it by themselves, where no random numbers decide and the solver is wrong. */
  readonly certificate?: Certificate;
  /** What the solver does instead of the steps of the theory, where that is known. */
  readonly diagnosis?: string;
  /** What becomes of a quantity along the run, by this solver and by a right one, where that shows the difference. */
  readonly course?: Course;
  /** Steps of shrinking that led to it. */
  readonly shrinks: number;
  /** Whether shrinking was cut short: a smaller counterexample may exist. */
  readonly stoppedEarly: boolean;
}

/** The outcome of a refuted claim. */
export const outcomeOf = ({ blame }: Pick<Refutation, 'blame'>): Outcome =>
  blame === 'statement' ? 'statement refuted' : 'refuted';

/** Whether a claim that should hold is refuted, whoever is wrong. */
export const isRefuted = ({ outcome }: { readonly outcome: Outcome }): boolean =>
  outcome === 'refuted' || outcome === 'statement refuted';

/** What a verdict means for a form that is kept because it is false. */
export function reversed(outcome: Outcome): Outcome {
  if (outcome === 'refuted' || outcome === 'statement refuted') return 'refuted as expected';
  return outcome === 'holds' ? 'holds unexpectedly' : outcome;
}

/** The refutation by all missed instances together, where they blame the solver. */
export function pooled({ missed = [], worstMiss }: Pick<Verdict, 'missed' | 'worstMiss'>): Refutation | undefined {
  if (worstMiss === undefined || chanceOf(missed) > EPSILON) return undefined;
  const sum = (of: 'solver' | 'reference', what: keyof Count): number =>
    missed.reduce((total, miss) => total + miss[of][what], 0);
  const count = (of: 'solver' | 'reference'): Count => ({ failed: sum(of, 'failed'), of: sum(of, 'of') });
  const trials = { solver: count('solver'), reference: count('reference') };
  return { ...worstMiss, blame: 'solver', trials, pooled: missed.length };
}

/**
 * Undecided where nothing was checked, or where the filter let less than half of the inputs pass; not decidable where more than
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
        reason: `only ${count} of ${done} instances were ${label}: at least ${percent(share)} are due, so change the arbitrary or the share`,
      };
    }
  }
  return { outcome: 'holds' };
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
