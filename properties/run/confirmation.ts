/**
 * After a failed trial of a random claim: further trials, of the solver under judgement and of the descent of the
 * definition, and an exact test that says who is wrong (docs/theory/verdicts.md#verdicts). Nothing is assumed of tails:
 * trials of a correct solver and of the reference have the same distribution, so the assignment of failures to them is
 * random.
 */
import { refutes, type Finding } from '../model/claim.ts';
import type { Instance } from '../model/instance.ts';
import { chanceOf, chanceOfFailures } from '../oracles/exact-tests.ts';
import type { Count, Table } from '../model/verdict.ts';
import { ALLOWED, EPSILON } from './chance.ts';
import type { Examiner } from './examiner.ts';

/** Trials of the solver, and of the reference, at most. */
const SOLVER = 12;
const REFERENCE = 64;

/** Trials that are always made of both: their tables have fixed margins, so that those of many instances can be pooled. */
export const FIRST = { solver: 4, reference: 12 } as const;

/** Numbers of trials of the reference after which the solver is tested, and the share of EPSILON that each test spends. */
const LOOKS = [
  [36, 0.2],
  [REFERENCE, 0.8],
] as const;

/** Numbers of trials of the reference after which the statement is tested, with half of EPSILON each. */
const STATEMENT_LOOKS = [FIRST.reference, REFERENCE] as const;

/** Consecutive trials that have to fail if a claim is meant to fail: (1/20)^5 = 3e-7. */
const EXPECTED = 5;

/**
 * The number of first trials of the reference that have to fail: if each fails with probability 1/20, 10 of 12 fail
 * with probability 6e-12.
 */
const DUE = 10;

/** Findings agree if they differ by no more than this share of the tolerance. */
const AGREES = 1e-3;

/** Who is to blame, and the counts that say so. */
export interface Blamed extends Table {
  readonly blame: 'solver' | 'statement';
}

/** No blame: the table of the first trials. */
export interface Missed extends Table {
  readonly blame: 'chance';
}

/** Decides who is to blame for a failed trial of the solver on the instance. */
export function confirm<I extends Instance>(examiner: Examiner<I>, instance: I, finding: Finding): Blamed | Missed {
  const { claim, subject } = examiner;
  const trials = new Trials(examiner, instance);
  if (claim.expected !== undefined) return trials.ofStatement(EXPECTED, EXPECTED);
  if (claim.needs === 'theory' || trials.isCoupled(finding)) return trials.ofStatement(FIRST.reference, DUE);
  return subject.repeats === true ? trials.ofOne() : trials.ofBoth();
}

/** The trials of one instance, and their counts. */
class Trials<I extends Instance> {
  readonly #examiner: Examiner<I>;
  readonly #instance: I;
  readonly #solver = { failed: 0, of: 0 };
  readonly #reference = { failed: 0, of: 0 };

  constructor(examiner: Examiner<I>, instance: I) {
    this.#examiner = examiner;
    this.#instance = instance;
  }

  /** Whether the reference finds the same under the noise of the failed trial: then it is not the solver that is wrong. */
  isCoupled(finding: Finding): boolean {
    if (this.#examiner.subject.ownNoise || typeof finding === 'string') return false;
    const same = this.#examiner.examineReference(this.#instance, 0);
    if (typeof same === 'string' || !refutes(same)) return false;
    return same.what === finding.what && Math.abs(same.violation - finding.violation) <= AGREES * finding.tolerance;
  }

  /** Only the statement is in question: it is blamed if at least `due` trials of the reference fail. */
  ofStatement(trials: number, due: number): Blamed | Missed {
    const passed = (): number => this.#reference.of - this.#reference.failed;
    while (this.#reference.of < trials && passed() <= trials - due) this.#tryReference();
    return { blame: this.#reference.failed >= due ? 'statement' : 'chance', ...this.#table };
  }

  /**
   * A solver whose runs are the same to the last bit, noise or not, has one trial on an instance: the failed one. Runs
   * of a correct solver differ, with a chance below 1e-10 that they do not; it is blamed if no run of the reference
   * fails.
   */
  ofOne(): Blamed | Missed {
    Object.assign(this.#solver, { failed: 1, of: 1 });
    while (this.#reference.of < FIRST.reference) this.#tryReference();
    return { blame: this.#reference.failed === 0 ? 'solver' : 'chance', ...this.#table };
  }

  ofBoth(): Blamed | Missed {
    this.#tryBoth(FIRST);
    const first = this.#table;
    while (this.#solver.of < SOLVER && this.#solverCanBeBlamed(REFERENCE)) this.#trySolver();
    if (this.#solver.of === SOLVER) {
      for (const [of, share] of LOOKS) {
        while (this.#reference.of < of && this.#solverCanBeBlamed(REFERENCE)) this.#tryReference();
        if (this.#reference.of < of) break;
        if (chanceOf([this.#table]) <= share * EPSILON) return { blame: 'solver', ...this.#table };
      }
    }
    if (this.#statementIsFalse(first.reference)) return { blame: 'statement', ...this.#table };
    return { blame: 'chance', ...first };
  }

  get #table(): Table {
    return { solver: { ...this.#solver }, reference: { ...this.#reference } };
  }

  /** Whether the solver is blamed if all of its trials that are left fail, and no further one of the reference. */
  #solverCanBeBlamed(reference: number): boolean {
    const failed = this.#solver.failed + SOLVER - this.#solver.of;
    const best = { solver: { failed, of: SOLVER }, reference: { failed: this.#reference.failed, of: reference } };
    return chanceOf([best]) <= EPSILON;
  }

  #statementIsFalse(first: Count): boolean {
    const looks = [first, ...(this.#reference.of === REFERENCE ? [this.#reference] : [])];
    return looks.some((count) => chanceOfFailures(count, ALLOWED) <= EPSILON / STATEMENT_LOOKS.length);
  }

  #tryBoth({ solver, reference }: typeof FIRST): void {
    while (this.#solver.of < solver) this.#trySolver();
    while (this.#reference.of < reference) this.#tryReference();
  }

  #trySolver(): void {
    const finding = this.#examiner.examine(this.#instance, 1 + this.#solver.of++);
    if (refutes(finding)) this.#solver.failed++;
  }

  /** Its trials have numbers after those of the solver: no two share noise. */
  #tryReference(): void {
    const finding = this.#examiner.examineReference(this.#instance, 1 + SOLVER + this.#reference.of++);
    if (refutes(finding)) this.#reference.failed++;
  }
}
