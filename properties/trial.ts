/** One claim on trial: its instances are drawn and checked in turn, and the first refuted one is shrunk. */
import fc from 'fast-check';
import { holds, toPlain, type Claim, type Evidence } from './claim.ts';
import { NoInstance, type Draft, type Given, type InstanceArbitrary } from './design.ts';
import { SolverFault, type Watch } from './guard.ts';
import type { Instance } from './instance.ts';
import { countLabels, inOrder, type LabelCounts } from './labels.ts';
import { instanceSeed } from './seeds.ts';
import { countSlack, noSlacks } from './slacks.ts';
import type { Subject } from './subject.ts';
import { conclusion, type Closest, type Outcome, type Refutation, type Verdict } from './verdict.ts';

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

/** A violation of at most this many tolerances may be one of rounding. */
const BORDERLINE = 1000;

/** An expected refutation is looked for at least this often, however few instances were asked for. */
const TRIES = 100;

export class Trial<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #subject: Subject;
  readonly #options: JudgeOptions;
  readonly #arbitrary: InstanceArbitrary<I>;
  #leastSlack = Infinity;
  #tightest = -1;
  #closest: Closest | undefined;
  readonly #slacks = noSlacks();
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

  /** With filter, labels and slacks, which say something only of a claim whose instances were all drawn. */
  #summary(): Omit<Verdict, 'id' | 'outcome' | 'milliseconds'> {
    const { drawn, accepted } = this.#arbitrary;
    const filter = accepted === drawn ? {} : { filter: { drawn, accepted } };
    const closest = this.#closest === undefined ? {} : { closest: this.#closest };
    return { ...this.#tally(), ...closest, slacks: this.#slacks, ...filter, labels: inOrder(this.#labels) };
  }

  #tryInstance(index: number, path: string | undefined): Refutation | undefined {
    const seed = instanceSeed(this.#options.seed, this.#claim.id, index);
    const at = path === undefined ? {} : { path: `0${path}` };
    const first = this.#check({ seed, numRuns: 1, endOnFailure: true, ...at }, (finding, instance) => {
      this.#note(finding, instance, index);
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

  #note(finding: Evidence | string, drawn: I, index: number): void {
    const slack = typeof finding === 'string' ? NaN : finding.slack;
    countSlack(this.#slacks, slack);
    if (slack >= this.#leastSlack || Number.isNaN(this.#leastSlack)) return;
    this.#leastSlack = slack;
    this.#tightest = index;
    if (typeof finding !== 'string') this.#closest = { instance: this.#effective(drawn), finding: toPlain(finding) };
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

function splitReplay(only: string): [number, string | undefined] {
  const [index, ...path] = only.split(':');
  return [Number(index), path.length === 0 ? undefined : `:${path.join(':')}`];
}
