/** The investigation of a refuted instance: it is shrunk, its inputs are varied, and the next instances are tried. */
import { refutes, toPlain, type Finding } from '../model/claim.ts';
import type { Draft, InstanceArbitrary } from '../model/draft.ts';
import { confirm, type Blamed, type Missed } from './confirmation.ts';
import type { Examiner } from './examiner.ts';
import type { SolverFault } from './guard.ts';
import type { Instance } from '../model/instance.ts';
import { irrelevantInputs, LEAST, otherInputs, otherSeeds } from './irrelevant.ts';
import { shrink, type ShrinkTime } from './shrink.ts';
import { failureAt } from './survey.ts';
import type { Failure, Survey, Refutation } from '../model/verdict.ts';

/** An instance on which the claim fails. */
export interface Failing<I extends Instance> {
  readonly instance: I;
  /** The draft from which it is derived. */
  readonly draft: Draft;
  readonly finding: Finding;
  /** The simplifications from the draft that was drawn to this one. */
  readonly path: readonly number[];
  /** Who is to blame, for a random claim. */
  readonly confirmed?: Blamed;
}

/** Steps from which on a trial is long: a confirmation takes up to 76 of them. */
const LONG = 10_000;

/** The number of trials that the search for a shorter one may take, and the share of the length that ends it. */
const [SEARCH, SHORTER] = [16, 1 / 16] as const;

/**
 * Work that the investigation of one refuted claim may take, in steps of a solver: about a second of ours. It is
 * counted, not timed, and each claim has its own, so that the results do not depend on the machine or the number of
 * workers.
 */
export const INVESTIGATION = 1_000_000;

export class Investigation<I extends Instance> {
  readonly #examiner: Examiner<I>;
  readonly #arbitrary: InstanceArbitrary<I>;
  /** Work that is left. */
  #left: number;
  readonly #time: ShrinkTime | undefined;

  constructor(examiner: Examiner<I>, arbitrary: InstanceArbitrary<I>, work: number, time?: ShrinkTime) {
    this.#examiner = examiner;
    this.#arbitrary = arbitrary;
    this.#left = work;
    this.#time = time;
  }

  /** Examines something; undefined if no work or no time is left for it. */
  #spending<T>(examination: () => T): T | undefined {
    if (this.#left <= 0 || (this.#time?.left() ?? 1) <= 0) return undefined;
    const [before, began] = [this.#examiner.work, performance.now()];
    const found = examination();
    this.#left -= this.#examiner.work - before;
    this.#time?.spend(performance.now() - began);
    return found;
  }

  /** The refutation by one instance, found again at `index` and the path of its shrinks. */
  refutation({ instance, draft, finding, path, confirmed }: Failing<I>, index: number): Refutation {
    return {
      replay: [index, ...path].join(':'),
      instance: this.#examiner.effective(instance),
      draft,
      finding: typeof finding === 'string' ? finding : toPlain(finding),
      shrinks: path.length,
      stoppedEarly: false,
      ...(confirmed && {
        blame: confirmed.blame,
        trials: { solver: confirmed.solver, reference: confirmed.reference },
      }),
    };
  }

  /** The failing instance with its blame, for a random claim; undefined if it failed by chance. */
  confirmed(failing: Failing<I>, missed?: (miss: Missed) => void): Failing<I> | undefined {
    if (!this.#examiner.random) return failing;
    const found = confirm(this.#examiner, failing.instance, failing.finding);
    if (found.blame !== 'chance') return { ...failing, confirmed: found };
    missed?.(found);
    return undefined;
  }

  /**
   * An instance that fails too and whose trials are much shorter, or the same one: confirmation takes dozens of trials,
   * and a short run often fails like a long one. A failure that does not repeat is hardly worth a search.
   */
  shorter(first: Failing<I>, work: number): Failing<I> {
    if (!this.#examiner.random || work < LONG || !this.#examiner.failsAgain(first.instance)) return first;
    let [left, length] = [SEARCH * work, work];
    const attempt = (draft: Draft, path: readonly number[]): Failing<I> | null | undefined => {
      if (left <= 0 || length <= SHORTER * work) return undefined;
      const before = this.#examiner.work;
      const found = this.#failing(draft, path);
      const spent = this.#examiner.work - before;
      left -= spent;
      // A failing instance was looked at twice.
      if (found !== null) length = spent / 2;
      return found;
    };
    const { found } = shrink(first, {
      simpler: (draft) => this.#arbitrary.simpler(draft),
      attempt,
      smaller: () => undefined,
    });
    return length <= SHORTER * work ? found : first;
  }

  /**
   * The smallest refutation that simplifications find. A simpler draft has to fail the same check at the same
   * tolerance, on its own. The verdict rests on the instance that was drawn, and this is its illustration; for a random
   * claim, it is confirmed as that one was.
   */
  shrunk(
    first: Failing<I>,
    index: number,
    smaller: (refutation: Refutation) => void,
  ): { found: Failing<I>; refutation: Refutation } {
    const walked = [first];
    const { stoppedEarly } = shrink(first, {
      simpler: (draft) => this.#arbitrary.simpler(draft),
      attempt: (draft, path) => this.#spending(() => this.#failing(draft, path)),
      smaller: (found) => {
        walked.push(found);
        smaller({ ...this.refutation(found, index), stoppedEarly: true });
      },
    });
    const found = this.#lastConfirmed(walked);
    return {
      found,
      refutation: {
        ...this.refutation(found, index),
        stoppedEarly: stoppedEarly || found.draft !== walked.at(-1)!.draft,
      },
    };
  }

  /** The last instance of a walk that is confirmed: back by one step, by two more, by four more, and so on to the first. */
  #lastConfirmed(walked: readonly Failing<I>[]): Failing<I> {
    const first = walked[0]!;
    for (let steps = walked.length - 1, back = 1; steps > 0; steps -= back, back *= 2) {
      const found = this.confirmed(walked[steps]!);
      if (found?.confirmed?.blame === first.confirmed?.blame) return found!;
    }
    return first;
  }

  /** `null` if the draft does not fail. */
  #failing(draft: Draft, path: readonly number[]): Failing<I> | null {
    const instance = this.#arbitrary.derive(draft);
    const finding = instance === undefined ? undefined : this.#examiner.failure(instance);
    return finding === undefined ? null : { instance: instance!, draft, finding, path };
  }

  /** The smallest input that simplifications find on which the solver breaks the contract in the same way. */
  fault(error: SolverFault, instance: I): { error: SolverFault; instance: I; path: readonly number[] } {
    const path: readonly number[] = [];
    const first = { instance, draft: this.#arbitrary.draftOf(instance), error, path };
    const { found } = shrink(first, {
      simpler: (draft) => this.#arbitrary.simpler(draft),
      attempt: (draft, path) =>
        this.#spending(() => {
          const simpler = this.#arbitrary.derive(draft);
          const again = simpler === undefined ? undefined : this.#examiner.faultOn(simpler);
          return again !== undefined && kindOf(again) === kindOf(error)
            ? { instance: simpler!, draft, error: again, path }
            : null;
        }),
      smaller: () => undefined,
    });
    return { error: found.error, instance: this.#examiner.effective(found.instance), path: found.path };
  }

  /** Inputs that do not matter. For a random claim, a run is long, and its seed alone is varied. */
  irrelevant(found: Failing<I>): Pick<Refutation, 'irrelevant'> {
    const { draft } = found;
    const drafts = this.#examiner.random
      ? otherSeeds(draft, LEAST)
      : [...otherSeeds(draft), ...otherInputs(draft, this.#arbitrary)];
    const irrelevant = irrelevantInputs(found, this.#arbitrary, drafts, (instance) =>
      this.#spending(() => this.#examiner.failure(instance) !== undefined),
    );
    return irrelevant === undefined ? {} : { irrelevant };
  }

  /** The outcome on the next instances, up to the one at `last`; `seen` are the earlier findings. */
  survey(next: readonly number[], last: number, draw: (index: number) => I, seen: readonly Failure[]): Survey {
    const failing = [...seen];
    for (const index of next) {
      const finding = this.#spending(() => this.#examiner.examine(draw(index)));
      if (finding === undefined) return { through: index - 1, failing };
      if (refutes(finding)) failing.push(failureAt(index, finding));
    }
    return { through: last, failing };
  }
}

/** The same breach on another input differs in numbers only. */
const kindOf = ({ message }: SolverFault): string => message.replace(/[-\d.e+]+/g, '#');
