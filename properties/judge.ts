/** The judge: draws a claim's instances, checks each, shrinks the first refuted one. `npm test` and `verify` both call it. */
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Solver } from '../src/index.ts';
import { holds, toPlain, type Claim, type Evidence, type PlainEvidence } from './claim.ts';
import { NoInstance, type Draft, type Given, type InstanceArbitrary } from './design.ts';
import { guarded, noWatch, SolverFault, type Watch } from './guard.ts';
import type { Instance } from './instance.ts';
import { countLabels, inOrder, tooFew, type Label, type LabelCounts } from './labels.ts';
import { instanceSeed } from './seeds.ts';

export type Outcome =
  | 'holds'
  | 'refuted'
  /** Of a form that is kept because it is false, and of a claim without one of its hypotheses. */
  | 'refuted as expected'
  | 'holds unexpectedly'
  | 'undecided'
  | 'not applicable'
  | 'not run';

export interface Verdict {
  readonly id: string;
  readonly outcome: Outcome;
  /** Why, where the outcome is neither `holds` nor a refutation by an instance. */
  readonly reason?: string;
  readonly instances: number;
  /** Least slack over the instances: 1 is far from the tolerance, 0 at it, below 0 refuted. */
  readonly leastSlack?: number;
  /** Index of the instance with the least slack. */
  readonly tightest?: number;
  /** Inputs drawn, and those that satisfied the hypotheses, where a filter was unavoidable. */
  readonly filter?: { readonly drawn: number; readonly accepted: number };
  /** Files of kept counterexamples whose instance the claim does not draw any more; they were checked as they stand. */
  readonly stale?: readonly string[];
  /** How many of the instances had each label. */
  readonly labels?: LabelCounts;
  readonly refutation?: Refutation;
  readonly milliseconds: number;
}

export interface Refutation {
  /** Where it is found again: the instance's index, then the path of its shrinks; empty where it was kept. */
  readonly replay: string;
  /** The file of the kept counterexample that it is. */
  readonly kept?: string;
  readonly instance: Instance;
  /** What the instance is derived from. */
  readonly draft: Draft;
  /** Both sides; or what the solver did instead of answering. */
  readonly finding: PlainEvidence | string;
  /** What exact arithmetic says of a violation that is within sight of the tolerance. */
  readonly arithmetic?: string;
  readonly shrinks: number;
  /** Whether the time for shrinking ran out. */
  readonly stoppedEarly: boolean;
}

/** Milliseconds that are left for shrinking, shared by the claims of a run. */
export interface ShrinkBudget {
  left(): number;
  spend(milliseconds: number): void;
}

/** One part of a run that is split over processes or machines. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** A counterexample that was kept. */
interface Kept {
  readonly draft: Draft;
  readonly instance: Instance;
  readonly file: string;
}

export interface JudgeOptions {
  readonly seed: number;
  readonly instances: number;
  readonly given?: Given | undefined;
  /** Judge only the instances whose index is congruent to `index` modulo `of`. */
  readonly shard?: Shard | undefined;
  /** `index` or `index:path`: judge that one instance only. */
  readonly only?: string | undefined;
  /** Counterexamples of the claim from earlier runs, to be tried first. */
  readonly kept?: readonly Kept[] | undefined;
  /** Whether a refuted instance is shrunk; it is if not said. */
  readonly shrink?: boolean;
  readonly budget: ShrinkBudget;
  readonly watch?: Watch;
  readonly onInstance?: () => void;
}

/** All shrinking of a run together gets this long. */
export const SHRINK_MILLISECONDS = 20_000;

export function shrinkBudget(milliseconds = SHRINK_MILLISECONDS): ShrinkBudget {
  let left = milliseconds;
  return {
    left: () => left,
    spend: (spent) => {
      left = Math.max(0, left - spent);
    },
  };
}

/** A solver under judgement. */
export interface Subject {
  readonly solver: Solver;
  /** It never asks the source for noise: it has random numbers of its own, or none. */
  readonly ownNoise: boolean;
  /** Injected noise reaches it for so many steps of a descent only; Infinity if not said. */
  readonly tapedSteps?: number;
}

/** Runs two steps of a small descent to see whether the solver draws from the source that it is given. */
export function inspect(solver: Solver, watch: Watch = noWatch): Subject {
  let asked = false;
  const normals = gaussianNoise('inspection');
  const source = {
    fill(out: Float64Array) {
      asked = true;
      normals.fill(out);
    },
  };
  const start = { X: Matrix.ones(2, 1), Y: Matrix.ones(2, 1) };
  const subject = guarded(solver, watch);
  try {
    subject({
      target: Matrix.eye(2),
      start,
      stepSize: 1 / 16,
      noise: { sigma1: 1 / 4, sigma2: 1 / 4, source },
    }).advance(2);
  } catch (error) {
    if (!(error instanceof SolverFault)) throw error;
    asked = true; // It is the claims that say what is wrong.
  }
  return { solver: subject, ownNoise: !asked };
}

export const NEEDS_SOURCE = 'the solver never draws from the noise source that it is given';

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

/** What a verdict means for a form that is kept because it is false. */
export function reversed(outcome: Outcome): Outcome {
  if (outcome === 'refuted') return 'refuted as expected';
  return outcome === 'holds' ? 'holds unexpectedly' : outcome;
}

/** A violation of at most this many tolerances may be one of rounding. */
const BORDERLINE = 1000;

/** An expected refutation is looked for at least this often, however few instances were asked for. */
const TRIES = 100;

class Trial<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #subject: Subject;
  readonly #options: JudgeOptions;
  readonly #arbitrary: InstanceArbitrary<I>;
  #leastSlack = Infinity;
  #tightest = -1;
  #done = 0;
  readonly #labels: LabelCounts = {};
  readonly #stale: string[] = [];

  constructor(claim: Claim<I>, subject: Subject, options: JudgeOptions, arbitrary: InstanceArbitrary<I>) {
    this.#claim = claim;
    this.#subject = subject;
    this.#options = options;
    this.#arbitrary = arbitrary;
  }

  run(): Omit<Verdict, 'id' | 'milliseconds'> {
    const { only } = this.#options;
    const [single, path] = only === undefined ? [] : splitReplay(only);
    const known = this.#tryKept();
    if (known !== undefined) return { outcome: 'refuted', refutation: known, ...this.#tally() };
    try {
      for (const index of single === undefined ? this.#indices() : [single]) {
        const refutation = this.#tryInstance(index, path);
        this.#done++;
        this.#options.onInstance?.();
        if (refutation !== undefined) return { outcome: 'refuted', refutation, ...this.#tally() };
      }
    } catch (error) {
      if (!(error instanceof NoInstance)) throw error;
      return { outcome: 'undecided', reason: error.message, ...this.#summary() };
    }
    return { ...this.#conclusion(), ...this.#summary() };
  }

  #indices(): number[] {
    const { instances, shard = { index: 0, of: 1 } } = this.#options;
    const all = Array.from(
      { length: Math.max(instances, this.#claim.expected === undefined ? 0 : TRIES) },
      (_, i) => i,
    );
    return all.filter((i) => i % shard.of === shard.index % shard.of);
  }

  #conclusion(): { outcome: Outcome; reason?: string } {
    const { drawn, accepted } = this.#arbitrary;
    return conclusion(
      this.#done,
      { drawn, accepted },
      this.#options.given === undefined ? this.#claim.covers : {},
      this.#labels,
    );
  }

  #tally(): Pick<Verdict, 'instances' | 'leastSlack' | 'tightest' | 'stale'> {
    return {
      instances: this.#done,
      ...(this.#stale.length === 0 ? {} : { stale: this.#stale }),
      ...(this.#tightest < 0 ? {} : { leastSlack: this.#leastSlack, tightest: this.#tightest }),
    };
  }

  /** With filter and labels, which say something only of a claim whose instances were all drawn. */
  #summary(): Pick<Verdict, 'instances' | 'leastSlack' | 'tightest' | 'stale' | 'filter' | 'labels'> {
    const { drawn, accepted } = this.#arbitrary;
    const filter = accepted === drawn ? {} : { filter: { drawn, accepted } };
    return { ...this.#tally(), ...filter, labels: inOrder(this.#labels) };
  }

  #tryInstance(index: number, path: string | undefined): Refutation | undefined {
    const seed = instanceSeed(this.#options.seed, this.#claim.id, index);
    const at = path === undefined ? {} : { path: `0${path}` };
    const first = this.#check({ seed, numRuns: 1, endOnFailure: true, ...at }, (finding, instance) => {
      this.#note(finding, index);
      countLabels(this.#labels, instance);
    });
    if (!first.failed) return undefined;
    const shrunk = path === undefined && this.#options.shrink !== false ? this.#shrink(seed) : first;
    // Where there was no time to shrink at all, the instance stands as it was drawn.
    const { counterexample, counterexamplePath, numShrinks } = shrunk.counterexample === null ? first : shrunk;
    const drawn = counterexample![0];
    return {
      replay: `${index}${counterexamplePath!.slice(1)}`,
      ...this.#refutation(drawn, this.#arbitrary.draftOf(drawn)),
      shrinks: numShrinks,
      stoppedEarly: shrunk !== first && shrunk.interrupted,
    };
  }

  #refutation(drawn: I, draft: Draft): Pick<Refutation, 'instance' | 'draft' | 'finding' | 'arithmetic'> {
    const instance = this.#effective(drawn);
    const finding = this.#examine(instance);
    const plain = typeof finding === 'string' ? finding : toPlain(finding);
    return { instance, draft, finding: plain, ...this.#inExactArithmetic(instance, finding) };
  }

  /** The first of the counterexamples kept from earlier runs that still is one. */
  #tryKept(): Refutation | undefined {
    const { kept = [], only, given } = this.#options;
    // A random claim may be replayed only where the replay is exact: otherwise it would spend of the error budget.
    const inexact = this.#claim.errors !== undefined && this.#subject.ownNoise;
    if (only !== undefined || given !== undefined || inexact) return undefined;
    for (const { file, draft, instance: value } of kept) {
      const revived = this.#arbitrary.revive(draft);
      const fits = revived !== undefined && JSON.stringify(revived) === JSON.stringify(value);
      if (!fits) this.#stale.push(file);
      const instance = fits ? revived : (value as I);
      const finding = this.#examine(instance);
      if (typeof finding !== 'string' && holds(finding)) continue;
      return { replay: '', kept: file, ...this.#refutation(instance, draft), shrinks: 0, stoppedEarly: false };
    }
    return undefined;
  }

  /** Computes a borderline violation again without the rounding of the formula's side. */
  #inExactArithmetic(instance: I, finding: Evidence | string): Pick<Refutation, 'arithmetic'> {
    if (
      this.#claim.exactly === undefined ||
      typeof finding === 'string' ||
      !(finding.violation <= BORDERLINE * finding.tolerance)
    )
      return {};
    const { violation, tolerance } = this.#claim.exactly(this.#subject.solver, instance);
    const verdict =
      violation <= tolerance
        ? 'in exact arithmetic the claim holds: it is the rounding of the formula, please report it'
        : 'it is the mathematics, not the rounding';
    return {
      arithmetic: `Against the formula in exact arithmetic the solver is off by ${violation / tolerance} tolerances: ${verdict}.`,
    };
  }

  /** Draws the instance once more and lets fast-check shrink it, within what is left of the run's budget. */
  #shrink(seed: number): fc.RunDetails<[I]> {
    const { budget } = this.#options;
    const began = performance.now();
    const details = this.#check({
      seed,
      numRuns: 1,
      plugins: [fc.interruptAfterTimeLimit(Math.max(1, budget.left())) as fc.Plugin<[I]>],
    });
    budget.spend(performance.now() - began);
    return details;
  }

  #check(parameters: fc.Parameters<[I]>, see?: (finding: Evidence | string, instance: I) => void): fc.RunDetails<[I]> {
    let bug: unknown;
    const property = fc.property(this.#arbitrary, (instance) => {
      try {
        const finding = this.#examine(instance);
        see?.(finding, instance);
        return typeof finding !== 'string' && holds(finding);
      } catch (error) {
        bug ??= error;
        return true;
      }
    });
    const details = fc.check(property, { unbiased: true, ...parameters });
    if (bug !== undefined) throw bug as Error;
    return details;
  }

  #note(finding: Evidence | string, index: number): void {
    const slack = typeof finding === 'string' ? NaN : finding.slack;
    if (slack >= this.#leastSlack || Number.isNaN(this.#leastSlack)) return;
    this.#leastSlack = slack;
    this.#tightest = index;
  }

  /** Without the injected noise two runs cannot be coupled, but plain gradient descent can; nor beyond the noise that travels. */
  #effective(instance: I): I {
    const { needs } = this.#claim;
    const { ownNoise, tapedSteps = Infinity } = this.#subject;
    if (needs !== 'coupling' && needs !== 'injected noise') return instance;
    const steps = Math.min(instance.steps, tapedSteps);
    return ownNoise && needs === 'coupling' ? { ...instance, steps, sigma1: 0, sigma2: 0 } : { ...instance, steps };
  }

  /** Both sides on one instance, or the sentence that says what the solver did instead. */
  #examine(drawn: I): Evidence | string {
    try {
      return this.#claim.check(this.#subject.solver, this.#effective(drawn));
    } catch (error) {
      if (error instanceof SolverFault) return error.message;
      throw error;
    }
  }
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

function splitReplay(only: string): [number, string | undefined] {
  const [index, ...path] = only.split(':');
  return [Number(index), path.length === 0 ? undefined : `:${path.join(':')}`];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
