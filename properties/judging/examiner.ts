/** A claim and a subject: what its check finds on an instance. */
import { refutes, type Claim, type Finding } from '../claim.ts';
import type { Solver } from '../../src/index.ts';
import { SolverFault } from './guard.ts';
import { advancing, type Instance } from '../instance.ts';
import type { Subject } from './subject.ts';

/** What an examination costs beside the steps of the solver, in steps. */
const EXAMINATION = 500;

export class Examiner<I extends Instance> {
  readonly #claim: Claim<I>;
  readonly #subject: Subject;
  readonly #solver: Solver;
  /** What all examinations have cost so far, in steps of a solver on a small problem: counted, since times are not repeatable. */
  work = 0;

  constructor(claim: Claim<I>, subject: Subject) {
    this.#claim = claim;
    this.#subject = subject;
    this.#solver = metered(subject.solver, (steps) => (this.work += steps));
  }

  /** Whether random numbers decide the claim. */
  get statistical(): boolean {
    return this.#claim.errors !== undefined;
  }

  /** Whether they are the solver's own, so that the same instance may be found otherwise the next time. */
  get random(): boolean {
    return this.statistical && this.#subject.ownNoise;
  }

  /** Without the injected noise two runs cannot be coupled, but plain gradient descent can; nor beyond the noise that travels. */
  effective(instance: I): I {
    const { needs } = this.#claim;
    const { ownNoise, tapedSteps = Infinity } = this.#subject;
    if (needs !== 'coupling' && needs !== 'injected noise') return instance;
    const steps = Math.min(instance.steps, tapedSteps);
    return ownNoise && needs === 'coupling' ? { ...instance, steps, sigma1: 0, sigma2: 0 } : { ...instance, steps };
  }

  /** Both sides on one instance, or the sentence that says what the solver did instead. */
  examine(drawn: I): Finding {
    this.work += EXAMINATION;
    try {
      return this.#claim.check(this.#solver, this.effective(drawn));
    } catch (error) {
      if (error instanceof SolverFault) return error.message;
      throw error;
    }
  }

  /** The finding, if it refutes; twice in a row where another time it might not, so that what is told fails again. */
  failure(drawn: I): Finding | undefined {
    const finding = this.examine(drawn);
    return refutes(finding) && (!this.random || refutes(this.examine(drawn))) ? finding : undefined;
  }
}

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
