/**
 * Is it the mathematics or the rounding? A deterministic violation that doubles could have made is looked at again. Every step
 * that the solver takes in the check is held against the formula in exact arithmetic, and the check is repeated with steps
 * that are not rounded at all. Whatever the claim compares, the two together say where the violation comes from.
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Factors, NoiseSource, Solver } from '../../src/index.ts';
import { holds, type Claim, type Evidence, type PlainEvidence, type PlainSide, type Side } from '../claim.ts';
import { SolverFault } from './guard.ts';
import { advancing, iterate, type Instance } from '../instance.ts';
import { number } from '../numbers.ts';
import { exactSolver, exactStep, TooLong } from '../oracles/exact-descent.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { stepRounding, u } from '../oracles/rounding.ts';
import type { Subject } from './subject.ts';

/** A violation of at most this many tolerances, or units of rounding of what is compared, may be one of rounding. */
const BORDERLINE = 1000;

/** Steps that are taken in exact arithmetic at most; each costs some tenths of a millisecond. */
const STEPS = 4096;

const size = (side: Side | PlainSide): number => {
  if (typeof side === 'number') return Math.abs(side);
  return Math.hypot(...(Array.isArray(side) ? side.flat() : side.to1DArray()));
};

export const isBorderline = ({ violation, tolerance, lhs, rhs }: Evidence | PlainEvidence): boolean =>
  violation <= BORDERLINE * Math.max(tolerance, u * (size(lhs) + size(rhs)));

/** What is known of a refutation's arithmetic, in a sentence; undefined where rounding is out of the question. */
export function arithmetic<I extends Instance>(
  claim: Pick<Claim<I>, 'check' | 'needs' | 'errors' | 'expected'>,
  { solver, ownNoise }: Subject,
  instance: I,
  finding: Evidence | PlainEvidence,
): string | undefined {
  if (claim.expected !== undefined || !isBorderline(finding)) return undefined;
  if (claim.errors !== undefined)
    return `Random numbers decide this claim, not rounding: on an instance it refutes a right solver with a chance of at most ${number(claim.errors.alpha)}.`;
  if (claim.needs === 'theory')
    return 'It was not computed again in higher precision: the claim compares formulas of the theory, not the steps of a solver.';
  try {
    const audit = new Audit(ownNoise);
    const again = claim.check(audit.watched(solver), instance);
    return audit.unknown ?? verdict(audit, again, () => claim.check(exactSolver(STEPS), instance));
  } catch (error) {
    if (error instanceof SolverFault) return undefined;
    throw error;
  }
}

const MATHEMATICS = 'It is the mathematics, not the rounding';

function verdict(audit: Audit, stepByStep: Evidence, withoutRounding: () => Evidence): string {
  const { worst, taken } = audit;
  if (worst !== undefined && !(worst.excess <= 1)) return `${MATHEMATICS}: ${worst.text}.`;
  const steps = `each of ${taken > STEPS ? `the first ${STEPS}` : taken} steps is right to within rounding in exact arithmetic`;
  if (taken === 0) return `${MATHEMATICS}: no step was taken.`;
  if (holds(stepByStep))
    return `${MATHEMATICS}: taken one at a time ${steps} and the claim holds, but several at a time they are not.`;
  const exactly = unlessTooLong(withoutRounding);
  if (exactly === undefined)
    return `It seems to be the rounding: ${steps}. The runs are too long to be repeated without rounding.`;
  return holds(exactly)
    ? `It is the rounding, not the mathematics: ${steps}, and the claim holds for steps without rounding. Please report it.`
    : `It is the claim, not the solver: ${steps}, but the claim is violated by steps without any rounding too. Please report it.`;
}

function unlessTooLong(check: () => Evidence): Evidence | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

interface Deviation {
  /** In units of what rounding allows for one step. */
  readonly excess: number;
  readonly text: string;
}

/** Watches a solver's descents step by step. */
class Audit {
  readonly #ownNoise: boolean;
  /** Why nothing is known. */
  unknown: string | undefined;
  taken = 0;
  worst: Deviation | undefined;

  constructor(ownNoise: boolean) {
    this.#ownNoise = ownNoise;
  }

  /** The same solver, taking its steps one at a time. */
  watched(solver: Solver): Solver {
    return (options) => {
      const tape: number[] = [];
      const heard = {
        ...options,
        ...(options.noise && { noise: { ...options.noise, source: taped(options.noise.source, tape) } }),
      };
      const problem = copyOf(options);
      const descent = solver(heard);
      let at = problem.start;
      return stepping(descent, (t) => {
        tape.length = 0;
        descent.advance(1);
        const to = iterate(descent);
        this.#look(problem, at, to, Float64Array.from(tape), t);
        at = to;
      });
    };
  }

  #look(problem: DescentOptions, at: Factors, to: Factors, block: Float64Array, t: number): void {
    if (this.taken++ >= STEPS || this.unknown !== undefined) return;
    const { target, stepSize: eta, noise } = problem;
    const { sigma1, sigma2 } = noise ?? { sigma1: 0, sigma2: 0 };
    const noisy = sigma1 > 0 || sigma2 > 0;
    if (noisy && this.#ownNoise) {
      this.unknown = 'It was not computed again in higher precision: the solver draws random numbers of its own.';
      return;
    }
    const due = at.X.rows * at.X.columns + at.Y.rows * at.Y.columns;
    if (noisy && block.length !== due) {
      this.#note({
        excess: Infinity,
        text: `step ${t} of a descent drew ${block.length} random numbers where ${due} were due`,
      });
      return;
    }
    const numbers = noisy ? block : new Float64Array(due);
    const right = stacked(exactStep(target, at, { sigma1, sigma2, eta }, numbers));
    const off = Matrix.sub(stacked(to), right).norm();
    const excess = off / stepRounding(target, at, perturb(at, { sigma1, sigma2 }, numbers), eta);
    this.#note({
      excess,
      text: `step ${t} of a descent is off by ${number(off)} in exact arithmetic, ${number(excess)} times what rounding allows`,
    });
  }

  #note(deviation: Deviation): void {
    if (this.worst === undefined || !(deviation.excess <= this.worst.excess)) this.worst = deviation;
  }
}

const copyOf = ({ target, start, ...options }: DescentOptions): DescentOptions => ({
  ...options,
  target: target.clone(),
  start: { X: start.X.clone(), Y: start.Y.clone() },
});

/** The same source, which also writes down what it gave. */
const taped = (source: NoiseSource, tape: number[]): NoiseSource => ({
  fill(out) {
    source.fill(out);
    for (const value of out) tape.push(value);
  },
});

/** The same descent, whose steps, numbered from 1, are taken as said. */
function stepping(descent: Descent, take: (t: number) => void): Descent {
  let t = 0;
  return advancing(descent, (steps) => {
    for (let i = 0; i < steps; i++) take(++t);
  });
}
