/** Runs the check of a claim on a subject and an instance. */
import { refutes, type Claim, type Finding } from '../model/claim.ts';
import type { Table } from '../model/verdict.ts';
import { referenceAt } from '../oracles/rounded-descent.ts';
import { Diverged, type Solver } from '../../src/index.ts';
import { guarded, noWatch, SolverFault } from './guard.ts';
import { advancing, type Instance } from '../model/instance.ts';
import { explained, undecidedBecause } from './decidable.ts';
import { atPrecision, type Subject } from './subject.ts';

/** The cost of an examination without the steps of the solver, in steps. */
export const EXAMINATION = 500;

export class Examiner<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #subject: Subject;
  readonly #solver: Solver;
  readonly #reference: Solver;
  /** The cost of all examinations so far, in steps of a solver on a small problem: counted, since times are not repeatable. */
  work = 0;

  constructor(claim: Claim<I>, subject: Subject) {
    this.#claim = claim;
    this.#subject = subject;
    const count = (steps: number): number => (this.work += steps);
    this.#solver = metered(subject.solver, count);
    this.#reference = metered(guarded(referenceAt(subject.u), noWatch), count);
  }

  get claim(): Claim<I> {
    return this.#claim;
  }

  get subject(): Subject {
    return this.#subject;
  }

  /** Whether the claim is random. */
  get random(): boolean {
    return this.#claim.random !== undefined;
  }

  /** Without the injected noise two runs cannot be coupled, but plain gradient descent can. */
  effective(instance: I): I {
    return this.#subject.ownNoise && this.#claim.needs === 'coupling'
      ? { ...instance, sigma1: 0, sigma2: 0 }
      : instance;
  }

  /**
   * Both sides on one instance, or a sentence that names the number that is not finite. A trial other than the first
   * has noise of its own. Throws `SolverFault` if the solver breaks the contract otherwise.
   */
  examine(drawn: I, trial = 0): Finding {
    return this.#check(this.#solver, drawn, trial);
  }

  /** The breach of the contract on an instance, if there is one. */
  faultOn(drawn: I): SolverFault | undefined {
    try {
      this.examine(drawn);
      return undefined;
    } catch (error) {
      if (error instanceof SolverFault) return error;
      throw error;
    }
  }

  /**
   * The reason why the finding on an instance is not decisive at the precision that the solver declares; undefined if
   * it is.
   */
  undecided(drawn: I, finding: Finding): string | undefined {
    return undecidedBecause(this.#claim, this.#subject, this.#checked(drawn), finding);
  }

  /**
   * The reason why trials are not decisive at a precision that the solver declares, with any blame: with this rounding
   * the descent of the definition violates the claim too, which no statement excludes; or the solver was given its
   * noise, and each of its steps is correct to within that rounding.
   */
  roundingFails(drawn: I, blamed: (Table & { readonly blame: string }) | undefined): string | undefined {
    if (this.#subject.u === undefined || blamed === undefined) return undefined;
    const { failed, of } = blamed.reference;
    if (blamed.blame === 'statement')
      return `the descent of the definition, rounded as the solver declares, fails in ${failed} of ${of} runs`;
    return this.#subject.ownNoise ? undefined : explained(this.#claim, this.#subject, this.#checked(drawn));
  }

  /** The same for the descent of the definition. */
  examineReference(drawn: I, trial: number): Finding {
    return this.#check(this.#reference, drawn, trial);
  }

  #check(solver: Solver, drawn: I, trial: number): Finding {
    this.work += EXAMINATION;
    const instance = this.#checked(drawn);
    try {
      return this.#claim.check(solver, trial === 0 ? instance : { ...instance, trial });
    } catch (error) {
      // A solver of src that the check also runs may diverge, if it is wrong.
      if ((error instanceof SolverFault && error.wrongAnswer) || error instanceof Diverged) return error.message;
      throw error;
    }
  }

  /** The solver that the check is given. A claim that runs no solver ignores the precision. */
  #checked(drawn: I): I {
    const instance = this.effective(drawn);
    return this.#claim.needs === 'theory' ? instance : atPrecision(this.#subject, instance);
  }

  /**
   * The finding, if it refutes; for a random claim, if it refutes twice, with other noise, so that chance hardly
   * misleads a search.
   */
  failure(drawn: I): Finding | undefined {
    const finding = this.examine(drawn);
    if (!refutes(finding) || (this.random && !this.failsAgain(drawn))) return undefined;
    return this.undecided(drawn, finding) === undefined ? finding : undefined;
  }

  /** Whether it fails with other noise too. */
  failsAgain(drawn: I): boolean {
    return refutes(this.examine(drawn, LOOKED_AGAIN));
  }
}

/** The trial of a search's second check; no confirmation uses it. */
const LOOKED_AGAIN = 1000;

/** The same solver, whose steps are counted; on a large problem a step counts for several. */
function metered(solver: Solver, count: (steps: number) => void): Solver {
  return (options) => {
    const descent = solver(options);
    const { rows, columns } = options.target;
    const worth = Math.max(1, (rows * columns * options.start.X.columns) / 64);
    return advancing(descent, (steps) => {
      count(steps * worth);
      descent.advance(steps);
    });
  };
}
