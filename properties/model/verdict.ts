/** The verdict on a claim, and its parts. */
import type { PlainComparison } from './claim.ts';
import type { Draft } from './draft.ts';
import type { Instance } from './instance.ts';
import type { Certificate } from './certificate.ts';
import type { LabelCounts } from './labels.ts';
import type { SlackCounts } from './slacks.ts';

/** The outcome for a claim. */
export type Outcome =
  | 'holds'
  /** The solver is wrong, or its rounding is. */
  | 'refuted'
  /** The descent of the definition breaks the claim: no solver is blamed. */
  | 'statement refuted'
  /** The solver broke the contract: it threw, or gave no iterate. */
  | 'fault'
  /** The outcome of a refuted false form, and of a refuted ablation. */
  | 'refuted as expected'
  | 'holds unexpectedly'
  /** Rounding at the precision that the solver declares may be as large as the claimed effect. */
  | 'not decidable'
  | 'undecided'
  | 'not applicable'
  | 'not run';

/** The verdict on one claim. properties/cli/schema.ts describes it for readers of the evidence. */
export interface Verdict {
  /** The id of the claim. */
  readonly id: string;
  /** The outcome. */
  readonly outcome: Outcome;
  /** The reason, if the outcome is neither `holds` nor a refutation by an instance. */
  readonly reason?: string;
  /** Instances that were checked. */
  readonly instances: number;
  /** Least slack over the instances, or of the refuted one: 1 is far from the tolerance, 0 at it, below 0 refuted. */
  readonly leastSlack?: number;
  /** Index of the instance with that slack. */
  readonly tightest?: number;
  /** That instance and both sides on it, if the claim was not refuted. */
  readonly closest?: Closest;
  /** The distribution of the slacks of the instances, if the claim was not refuted. */
  readonly slacks?: SlackCounts;
  /** Inputs drawn, and those that satisfied the hypotheses, if a filter was unavoidable. */
  readonly filter?: {
    /** All inputs. */
    readonly drawn: number;
    /** Those that are instances. */
    readonly accepted: number;
  };
  /** A sentence for each saved counterexample whose instance the claim does not draw any more. */
  readonly stale?: readonly string[];
  /** Files of counterexamples to this solver that it passes now, for a random claim. */
  readonly outdated?: readonly string[];
  /** The number of instances with each label. */
  readonly labels?: LabelCounts;
  /** Instances with a failed trial but without blame, by index. */
  readonly missed?: readonly Miss[];
  /** The one of them on which the solver failed most often. */
  readonly worstMiss?: Refutation;
  /** Instances that decide nothing at the precision that the solver declares. */
  readonly undecidable?: Undecidable;
  /** The breach of the contract by the solver. */
  readonly fault?: Fault;
  /** The counterexample, if there is one. */
  readonly refutation?: Refutation;
  /** The duration. */
  readonly milliseconds: number;
}

/** An instance whose first trial failed, by chance: the trials after it gave no blame. */
export interface Miss extends Table {
  /** Index of the instance. */
  readonly index: number;
  /** The answer of the solver in the first trial, if it was not finite numbers. */
  readonly answer?: string;
}

/** Instances on which rounding, at the precision that the solver declares, may be as large as the claimed effect. */
export interface Undecidable {
  /** The number of these instances. */
  readonly count: number;
  /** Index of the first. */
  readonly index: number;
  /** Why that one decides nothing. */
  readonly because: string;
}

/** The instance with the least slack. */
export interface Closest {
  /** The input of the check. */
  readonly instance: Instance;
  /** Both sides on it. */
  readonly finding: PlainComparison;
}

/** A breach of the contract, and the smallest input found to cause it. */
export interface Fault {
  /** In a sentence. */
  readonly message: string;
  /** Places in the solver's files, innermost first. */
  readonly frames: readonly string[];
  /** The path that replays it, as for a refutation. */
  readonly replay: string;
  /** The input of the solver. */
  readonly instance: Instance;
}

/** A refuted instance before shrinking. */
export interface Failure {
  /** The index of the instance in its run. */
  readonly index: number;
  /** The compared quantity, or a sentence if the solver gave no answer. */
  readonly what: string;
  /** As in the evidence; Infinity if the solver gave no numbers. */
  readonly violation: number;
  /** The allowed violation. */
  readonly tolerance: number;
}

/** The refuted instance before shrinking, and those after it. */
export interface Survey {
  /** Index of the last one that was looked at. */
  readonly through: number;
  /** Those on which the claim fails, by index. */
  readonly failing: readonly Failure[];
}

/** A quantity along two runs, of the refuted solver and of a correct one. */
export interface Course {
  /** The quantity, in the notation of the theory. */
  readonly quantity: string;
  /** Numbers of steps, and the quantity after them. */
  readonly steps: readonly number[];
  /** By the refuted solver. */
  readonly solver: readonly number[];
  /** By a correct one. */
  readonly right: readonly number[];
}

/** Failed trials of one instance: those of the solver under judgement, and those of the reference descent. */
export interface Table {
  /** Trials of the solver under judgement. */
  readonly solver: Count;
  /** Trials of the reference descent. */
  readonly reference: Count;
}

/** The number of failed trials. */
export interface Count {
  /** Trials that failed. */
  readonly failed: number;
  /** All trials. */
  readonly of: number;
}

/** Who is wrong. */
export type Blame = 'solver' | 'statement' | 'rounding';

/** A counterexample. */
export interface Refutation {
  /** Who is wrong; absent until that is known. */
  readonly blame?: Blame;
  /** Trials that failed, of the solver and of the descent of the definition, for a random claim. */
  readonly trials?: Table;
  /** The number of instances of these trials, if it was more than this one. */
  readonly pooled?: number;
  /** The path that replays it: the instance's index, then the path of its shrinks; for a saved one that path alone. */
  readonly replay: string;
  /** The file of the saved counterexample that it is. */
  readonly saved?: string;
  /** The instance on which the claim fails. */
  readonly instance: Instance;
  /** The draft from which the instance is derived. */
  readonly draft: Draft;
  /** Both sides; or a sentence about the solver's fault. */
  readonly finding: PlainComparison | string;
  /** The claim's outcome on the same instance unshrunk, and on the next ones; absent if they were not tried. */
  readonly survey?: Survey;
  /** Inputs that were varied, one at a time, while the check still failed; absent if this was not tried. */
  readonly irrelevant?: readonly string[];
  /** The result of exact arithmetic for a violation near the tolerance. */
  readonly arithmetic?: string;
  /** A certificate that others can check, if the claim is deterministic and the solver is wrong. */
  readonly certificate?: Certificate;
  /** The behaviour of the solver instead of the steps of the theory, if it is known. */
  readonly diagnosis?: string;
  /** The course of a quantity along the run, by this solver and by a correct one, if it shows the difference. */
  readonly course?: Course;
  /** Steps of shrinking that led to it. */
  readonly shrinks: number;
  /** Whether shrinking was cut short: a smaller counterexample may exist. */
  readonly stoppedEarly: boolean;
}

/** The outcome of a refuted claim. */
export const outcomeOf = ({ blame }: Pick<Refutation, 'blame'>): Outcome =>
  blame === 'statement' ? 'statement refuted' : 'refuted';

/** Whether a claim that should hold is refuted, with any blame. */
export const isRefuted = ({ outcome }: { readonly outcome: Outcome }): boolean =>
  outcome === 'refuted' || outcome === 'statement refuted';

/** The outcome for a false form. */
export function reversed(outcome: Outcome): Outcome {
  if (outcome === 'refuted' || outcome === 'statement refuted') return 'refuted as expected';
  return outcome === 'holds' ? 'holds unexpectedly' : outcome;
}
