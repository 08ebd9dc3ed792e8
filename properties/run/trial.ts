/** One claim on trial: its instances are drawn and checked one after the other, and the first refuted one is shrunk. */
import fc from 'fast-check';
import { refutes, toPlain, type Claim, type Comparison, type Finding } from '../model/claim.ts';
import { NoInstance } from '../generate/design.ts';
import type { Draft, InstanceArbitrary } from '../model/draft.ts';
import { Examiner } from './examiner.ts';
import { Exceptions } from './exceptions.ts';
import { SolverFault } from './guard.ts';
import { entriesOf, type Instance } from '../model/instance.ts';
import { Investigation, INVESTIGATION, type Failing } from './investigation.ts';
import { countLabels, inOrder } from './labels.ts';
import type { LabelCounts } from '../model/labels.ts';
import { instanceSeed } from '../model/seeds.ts';
import { countSlack, noSlacks } from '../model/slacks.ts';
import type { JudgeOptions } from './judge-options.ts';
import type { Part } from './stopwatch.ts';
import { failureAt, FURTHER, isLong } from './survey.ts';
import { type Failure, outcomeOf, type Closest, type Refutation, type Verdict } from '../model/verdict.ts';
import type { Subject } from './subject.ts';
import { conclusion } from './conclusion.ts';

const GONE =
  'the claim no longer draws this instance. It may violate the hypotheses and was not tried: look at it with npm run replay, or delete it';
const OTHER = 'the generator has changed and derives a different instance from it, which was tried';

/** An expected refutation is looked for at least this often, however few instances were asked for. */
const TRIES = 100;

/**
 * The instance with the least slack is saved if its target has at most this number of entries: evidence has one for
 * each claim.
 */
const SHOWN = 10_000;

/** The instance of a replay: `index`, or `index:path`, the end of a path of shrinks, which is shrunk no further. */
interface Selection {
  readonly index: number;
  readonly path: readonly number[];
  readonly isExact: boolean;
}

function selectionIn(only: string): Selection {
  const [index, ...path] = only.split(':').flatMap((part) => (part === '' ? [] : [Number(part)]));
  return { index: index!, path, isExact: only.includes(':') };
}

/** The path of the shrinks alone. */
const pathOf = ({ replay }: Refutation): string => replay.split(':').slice(1).join(':');

/** The instance of a claim with an index, in a run with a seed. */
function drawn<I extends Instance>(instances: InstanceArbitrary<I>, id: string, seed: number, index: number): I {
  return fc.sample(instances, { seed: instanceSeed(seed, id, index), numRuns: 1, unbiased: true })[0]!;
}

/** The instance at the end of a path of shrinks from a drawn one. */
function along<I extends Instance>(instances: InstanceArbitrary<I>, from: I, path: readonly number[]): I {
  let draft = instances.draftOf(from);
  for (const step of path) draft = instances.simpler(draft)[step] ?? draft;
  return path.length === 0 ? from : (instances.derive(draft) ?? from);
}

/** The instance of `--instance`: an index, or the index:path of a refutation. */
export function selected<I extends Instance>(
  instances: InstanceArbitrary<I>,
  id: string,
  seed: number,
  only: string,
): I {
  const { index, path } = selectionIn(only);
  return along(instances, drawn(instances, id, seed, index), path);
}

export class Trial<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #options: JudgeOptions;
  readonly #only: Selection | undefined;
  readonly #arbitrary: InstanceArbitrary<I>;
  readonly #examiner: Examiner<I>;
  readonly #investigation: Investigation<I>;
  #leastSlack = Infinity;
  #tightest = -1;
  #closest: Closest | undefined;
  readonly #slacks = noSlacks();
  #done = 0;
  /** Saved counterexamples that were checked. They count as instances if one of them is refuted: then no other is checked. */
  #retried = 0;
  #underWay: { readonly index: number; readonly instance: I } | undefined;
  readonly #exceptions = new Exceptions();
  readonly #labels: LabelCounts = {};
  readonly #stale: string[] = [];
  readonly #outdated: string[] = [];

  constructor(claim: Claim<I>, subject: Subject, options: JudgeOptions, arbitrary: InstanceArbitrary<I>) {
    this.#claim = claim;
    this.#options = options;
    this.#only = options.only === undefined ? undefined : selectionIn(options.only);
    this.#arbitrary = arbitrary;
    this.#examiner = new Examiner(claim, subject);
    this.#investigation = new Investigation(this.#examiner, arbitrary, options.work ?? INVESTIGATION, options.time);
  }

  run(): Omit<Verdict, 'id' | 'milliseconds'> {
    try {
      const only = this.#only;
      const refutation = only === undefined ? (this.#trySaved() ?? this.#tryAll()) : this.#tryOne(only);
      if (refutation !== undefined) return { outcome: outcomeOf(refutation), refutation, ...this.#tally(refutation) };
    } catch (error) {
      if (error instanceof SolverFault) return { outcome: 'fault', ...this.#fault(error), ...this.#tally() };
      if (!(error instanceof NoInstance)) throw this.#located(error);
      // The progress of earlier parts of a run depends on its split.
      const outcome = this.#options.given === undefined ? 'undecided' : 'not applicable';
      return { outcome, reason: error.message, instances: 0 };
    }
    return { ...this.#conclusion(), ...this.#summary() };
  }

  /** An error of ours, with the instance that causes it. */
  #located(error: unknown): Error {
    const what = error instanceof Error ? error.message : String(error);
    const where = `${this.#claim.id} --seed ${this.#options.seed} --instance ${this.#underWay?.index ?? 0}`;
    return new Error(`${what} (found by: npm run verify -- --claim ${where})`, { cause: error });
  }

  /** All instances, until one is refuted. */
  #tryAll(): Refutation | undefined {
    const began = performance.now();
    for (const index of this.#indices()) {
      if (this.#done > 0 && this.#wouldEndAfter(began)) break;
      const instance = this.#timed('drawing', () => this.#draw(index));
      const failing = this.#try(index, instance);
      if (failing === undefined) continue;
      return this.#options.shrink === false
        ? this.#investigation.refutation(failing, index)
        : this.#timed('investigating', () => ({
            ...this.#shrunk(failing, index),
            ...this.#survey(index, [failureAt(index, failing.finding)]),
          }));
    }
    return undefined;
  }

  /** Whether one more instance, which takes as long as those before on average, would end too late. */
  #wouldEndAfter(began: number): boolean {
    const { seconds = Infinity } = this.#options;
    return (performance.now() - began) * (1 + 1 / this.#done) > 1000 * seconds;
  }

  #tryOne({ index, path, isExact }: Selection): Refutation | undefined {
    const failing = this.#try(index, along(this.#arbitrary, this.#draw(index), path), path);
    if (failing === undefined) return undefined;
    if (this.#options.shrink === false) return this.#investigation.refutation(failing, index);
    return isExact
      ? { ...this.#investigation.refutation(failing, index), ...this.#investigation.irrelevant(failing) }
      : this.#shrunk(failing, index);
  }

  #timed<T>(part: Part, action: () => T): T {
    const { stopwatch } = this.#options;
    return stopwatch === undefined ? action() : stopwatch.time(part, action);
  }

  #draw(index: number): I {
    return drawn(this.#arbitrary, this.#claim.id, this.#options.seed, index);
  }

  /** The breach of the contract on the present instance, and the smallest input that causes the same. */
  #fault(error: SolverFault): Pick<Verdict, 'reason' | 'fault'> {
    if (this.#underWay === undefined) return { reason: error.message };
    const { index, instance } = this.#underWay;
    const found =
      this.#options.shrink === false || this.#only?.isExact === true
        ? { error, instance: this.#examiner.effective(instance), path: [] }
        : this.#investigation.fault(error, instance);
    const replay = [index, ...(this.#only?.path ?? []), ...found.path].join(':');
    const { message, frames } = found.error;
    return { fault: { message, frames, replay, instance: found.instance } };
  }

  /** Undefined if the claim holds on the instance; `path` is the path of shrinks from the one that was drawn. */
  #try(index: number, instance: I, path?: readonly number[]): Failing<I> | undefined {
    this.#underWay = { index, instance };
    this.#options.onBegin?.(index);
    const before = this.#examiner.work;
    const finding = this.#timed('checking', () => this.#examiner.examine(instance));
    const because = this.#timed('confirming', () => this.#examiner.undecided(instance, finding));
    if (because === undefined) this.#note(finding, instance, index);
    countLabels(this.#labels, instance);
    this.#done++;
    this.#options.onInstance?.();
    if (because === undefined && !refutes(finding)) return undefined;
    const work = this.#examiner.work - before;
    const failing = { instance, draft: this.#arbitrary.draftOf(instance), finding, path: path ?? [] };
    const found = because ?? this.#timed('confirming', () => this.#confirmed(index, failing, work));
    if (typeof found === 'string') this.#exceptions.decidesNothing(index, found);
    else if (found !== undefined) [this.#leastSlack, this.#tightest] = [slackOf(finding), index];
    return typeof found === 'string' ? undefined : found;
  }

  /** The failing instance with its blame; undefined if it failed by chance; or the reason why it is not decisive. */
  #confirmed(index: number, failing: Failing<I>, work: number): Failing<I> | string | undefined {
    const shorter = this.#byShorter(failing, work);
    if (shorter !== undefined) return shorter;
    const found = this.#investigation.confirmed(failing, (miss) =>
      this.#exceptions.miss(index, miss, failing.finding, this.#investigation.refutation(failing, index)),
    );
    return (found && this.#examiner.roundingFails(found.instance, found.confirmed)) ?? found;
  }

  /** An instance with shorter trials that blames the solver, if one is found; else the failing one decides. */
  #byShorter(failing: Failing<I>, work: number): Failing<I> | undefined {
    const { claim, subject } = this.#examiner;
    // Other claims blame only the statement, or one trial decides; and the instance of a path of shrinks is judged itself.
    if (claim.needs === 'theory' || claim.expected !== undefined || subject.repeats === true) return undefined;
    if (this.#only?.isExact === true) return undefined;
    const shorter = this.#investigation.shorter(failing, work);
    const found = shorter === failing ? undefined : this.#investigation.confirmed(shorter);
    const isDecided =
      found !== undefined && this.#examiner.roundingFails(found.instance, found.confirmed) === undefined;
    return isDecided && found.confirmed?.blame === 'solver' ? found : undefined;
  }

  #shrunk(failing: Failing<I>, index: number, as = (refutation: Refutation) => refutation): Refutation {
    const report = (refutation: Refutation): void => this.#options.onRefuted?.(as(refutation));
    report({ ...this.#investigation.refutation(failing, index), stoppedEarly: true });
    const { found, refutation } = this.#investigation.shrunk(failing, index, report);
    return { ...as(refutation), ...this.#investigation.irrelevant(found) };
  }

  /** The survey of the few instances after the first refuted one. */
  #survey(first: number, seen: readonly Failure[]): Pick<Refutation, 'survey'> {
    try {
      const last = this.#examiner.random ? Math.min(first + FURTHER.random, this.#due - 1) : this.#beforeLong(first);
      const next = this.#indices().filter((index) => index > first && index <= last);
      return { survey: this.#investigation.survey(next, last, (index) => this.#draw(index), seen) };
    } catch (error) {
      if (error instanceof NoInstance) return {};
      throw error;
    }
  }

  /** The last instance of a survey: the next one has a long run. It is drawn from all, so that the parts of a run agree. */
  #beforeLong(first: number): number {
    let last = first;
    while (last < Math.min(first + FURTHER.exact, this.#due - 1) && !isLong(this.#draw(last + 1))) last++;
    return last;
  }

  /** The number of instances of the whole run. */
  get #due(): number {
    return Math.max(this.#options.instances, this.#claim.expected === undefined ? 0 : TRIES);
  }

  #indices(): number[] {
    const { index, of } = this.#options.shard ?? { index: 0, of: 1 };
    return Array.from({ length: this.#due }, (_, i) => i).filter((i) => i % of === index % of);
  }

  #conclusion(): Pick<Verdict, 'outcome' | 'reason' | 'refutation'> {
    const { drawn, accepted } = this.#arbitrary;
    const isGiven = this.#options.given !== undefined;
    return conclusion(
      this.#done,
      // The share that a given target lets pass does not depend on the design.
      isGiven ? undefined : { drawn, accepted },
      isGiven ? {} : this.#claim.covers,
      this.#labels,
      this.#exceptions.all,
    );
  }

  #tally(refutation?: Refutation): Pick<Verdict, 'instances' | 'leastSlack' | 'tightest' | 'stale' | 'outdated'> {
    const isSaved = refutation?.saved !== undefined;
    return {
      instances: isSaved ? this.#retried : this.#done,
      ...(this.#stale.length === 0 ? {} : { stale: this.#stale }),
      ...(this.#outdated.length === 0 ? {} : { outdated: this.#outdated }),
      ...(isSaved ? { leastSlack: slackOf(refutation.finding) } : {}),
      ...(this.#tightest < 0 ? {} : { leastSlack: this.#leastSlack, tightest: this.#tightest }),
    };
  }

  /** With filter, labels and slacks, which say something only of a claim whose instances were all drawn. */
  #summary(): Omit<Verdict, 'id' | 'outcome' | 'milliseconds'> {
    const { drawn, accepted } = this.#arbitrary;
    const filter = accepted === drawn ? {} : { filter: { drawn, accepted } };
    const closest = this.#closest === undefined ? {} : { closest: this.#closest };
    return {
      ...this.#tally(),
      ...closest,
      ...this.#exceptions.all,
      slacks: this.#slacks,
      ...filter,
      labels: inOrder(this.#labels),
    };
  }

  /** The first of the counterexamples saved from earlier runs that still is one. */
  #trySaved(): Refutation | undefined {
    const { saved = [], given, shrink } = this.#options;
    if (given !== undefined) return undefined;
    for (const { file, draft, instance: value, solver } of saved) {
      // A saved draft satisfies the hypotheses if it still derives the same instance.
      const instance = this.#arbitrary.revive(draft);
      if (JSON.stringify(instance) !== JSON.stringify(value))
        this.#stale.push(`${file} is outdated: ${instance === undefined ? GONE : OTHER}`);
      const failing = instance === undefined ? undefined : this.#again(instance, draft);
      if (failing === undefined) {
        if (instance !== undefined && this.#examiner.random && solver === this.#options.name) this.#outdated.push(file);
        continue;
      }
      if (shrink === false) return { ...this.#investigation.refutation(failing, 0), replay: '', saved: file };
      return { ...this.#ofSaved(failing, file, solver), ...this.#survey(-1, []) };
    }
    return undefined;
  }

  /** A saved instance, shrunk further unless this is the solver that it was shrunk for. */
  #ofSaved(failing: Failing<I>, saved: string, solver: string | undefined): Refutation {
    if (solver === this.#options.name) {
      const refutation = this.#investigation.refutation(failing, 0);
      return { ...refutation, replay: '', saved, ...this.#investigation.irrelevant(failing) };
    }
    return this.#shrunk(failing, 0, (smaller) => ({ ...smaller, replay: pathOf(smaller), saved }));
  }

  /** A saved instance that fails again, confirmed like a drawn one. */
  #again(instance: I, draft: Draft): Failing<I> | undefined {
    this.#underWay = { index: 0, instance };
    this.#retried++;
    const finding = this.#examiner.examine(instance);
    if (!refutes(finding) || this.#examiner.undecided(instance, finding) !== undefined) return undefined;
    const found = this.#investigation.confirmed({ instance, draft, finding, path: [] });
    return this.#examiner.roundingFails(instance, found?.confirmed) === undefined ? found : undefined;
  }

  #note(finding: Finding, drawn: I, index: number): void {
    const slack = slackOf(finding);
    countSlack(this.#slacks, slack);
    if (slack >= this.#leastSlack || Number.isNaN(this.#leastSlack)) return;
    this.#leastSlack = slack;
    this.#tightest = index;
    if (typeof finding !== 'string' && entriesOf(drawn.M) <= SHOWN)
      this.#closest = { instance: this.#examiner.effective(drawn), finding: toPlain(finding) };
  }
}

const slackOf = (finding: string | Pick<Comparison, 'slack'>): number =>
  typeof finding === 'string' ? NaN : finding.slack;
