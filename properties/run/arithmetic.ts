/**
 * Is it the mathematics or the rounding? If rounding in doubles could explain a deterministic violation, every step of
 * the solver in the check is compared with the formula in exact arithmetic, and the check is repeated with steps
 * without rounding. Together they locate the cause for every claim.
 */
import type { Descent, DescentOptions, Factors, NoiseSource, Solver } from '../../src/index.ts';
import { holds, type Claim, type Comparison, type PlainComparison, type PlainSide, type Side } from '../model/claim.ts';
import { guarded, noWatch, SolverFault } from './guard.ts';
import { advancing, iterate, type Instance } from '../model/instance.ts';
import { number } from '../model/numbers.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { exactSolver, exactStep, TooLong } from '../oracles/exact-descent.ts';
import { pairDistance, perturb, stepFrom } from '../oracles/formula.ts';
import { conversion, stepRounding, u, type Stepping } from '../oracles/rounding.ts';
import { referenceAt } from '../oracles/rounded-descent.ts';
import type { Subject } from './subject.ts';
import type { Blame } from '../model/verdict.ts';

/** A violation of at most this many tolerances, or units of rounding of the compared sides, may be one of rounding. */
const BORDERLINE = 1000;

/** Steps that are taken in exact arithmetic at most; each costs some tenths of a millisecond. */
const STEPS = 4096;

const size = (side: Side | PlainSide): number => {
  if (typeof side === 'number') return Math.abs(side);
  return Math.hypot(...(Array.isArray(side) ? side.flat() : side.to1DArray()));
};

export const isBorderline = ({ violation, tolerance, lhs, rhs }: Comparison | PlainComparison): boolean =>
  violation < Infinity && violation <= BORDERLINE * Math.max(tolerance, u * (size(lhs) + size(rhs)));

/** Who is wrong, and the sentence that says how that is known. */
export interface Attribution {
  readonly blame: Blame;
  readonly arithmetic?: string;
}

/**
 * Who is wrong for a deterministic claim: the check is repeated for the descent of the definition. If the claim holds
 * for that one, the solver is wrong, or its rounding; if not, the statement is.
 */
export function attribution<I extends Instance>(
  claim: Pick<Claim<I>, 'check' | 'needs' | 'expected'>,
  subject: Subject,
  instance: I,
  finding: PlainComparison | string,
): Attribution {
  if (claim.expected !== undefined) return { blame: 'statement' };
  if (claim.needs === 'theory') return { blame: 'statement', arithmetic: OF_THEORY };
  const near = typeof finding !== 'string' && isBorderline(finding);
  if (near) return audited(claim, subject, instance);
  return holdsFor(claim, guarded(referenceDescent, noWatch), instance)
    ? { blame: 'solver' }
    : { blame: 'statement', arithmetic: OF_DEFINITION };
}

const OF_THEORY =
  'This claim does not run your solver: it compares formulas of the theory. So the claim is wrong, or the code of flat-minima is.';
const OF_DEFINITION =
  'The descent of the definition breaks the claim on this instance too: the claim is wrong, not the solver.';

/** Whether the claim holds for a solver; numbers that are not finite never satisfy it. */
function holdsFor<I extends Instance>({ check }: Pick<Claim<I>, 'check'>, solver: Solver, instance: I): boolean {
  try {
    return holds(check(solver, instance));
  } catch (error) {
    if (error instanceof SolverFault) return false;
    throw error;
  }
}

function audited<I extends Instance>(
  claim: Pick<Claim<I>, 'check'>,
  { solver, ownNoise }: Subject,
  instance: I,
): Attribution {
  const audit = new Audit(ownNoise, instance);
  const stepByStep = holdsFor(claim, audit.watched(solver), instance);
  if (audit.unknown !== undefined) {
    const right = holdsFor(claim, guarded(referenceDescent, noWatch), instance);
    return { blame: right ? 'solver' : 'statement', arithmetic: audit.unknown };
  }
  return verdict(
    audit,
    stepByStep,
    () => holds(claim.check(exactSolver(STEPS), instance)),
    () => holdsFor(claim, guarded(referenceDescent, noWatch), instance),
  );
}

/**
 * Whether rounding at the precision that the solver declares explains a violation: each of its steps is correct to within that
 * rounding. Of a solver with noise of its own that is not known; then the descent of the definition, rounded alike, has to break
 * the claim as well.
 */
export function roundingExplains<I extends Instance>(
  claim: Pick<Claim<I>, 'check'>,
  { solver, ownNoise }: Subject,
  instance: I,
): boolean {
  const audit = new Audit(ownNoise, instance);
  const stepByStep = holdsFor(claim, audit.watched(solver), instance);
  if (audit.unknown !== undefined) return !holdsFor(claim, guarded(referenceAt(instance.u), noWatch), instance);
  return audit.taken > 0 && !audit.isOff && !stepByStep;
}

const MATHEMATICS = 'Not a rounding error';
const MORE = 'More than rounding at the precision that the solver declares';

function verdict(
  audit: Audit,
  stepByStep: boolean,
  withoutRounding: () => boolean,
  byReference: () => boolean,
): Attribution {
  const { worst, taken } = audit;
  if (taken === 0)
    return byReference()
      ? { blame: 'solver', arithmetic: `${MATHEMATICS}: no step was taken.` }
      : { blame: 'statement' };
  if (worst !== undefined && audit.isOff)
    return { blame: 'solver', arithmetic: `${audit.isCoarse ? MORE : MATHEMATICS}: ${worst.text}.` };
  const steps = `each of ${taken > STEPS ? `the first ${STEPS}` : taken} steps is correct to within rounding in exact arithmetic`;
  if (stepByStep)
    return {
      blame: 'solver',
      arithmetic: `${MATHEMATICS}: single steps are correct, but advance(n) differs from n single steps.`,
    };
  const exactly = unlessTooLong(withoutRounding);
  const right = exactly ?? byReference();
  const how = exactly === undefined ? 'for the descent of the definition in doubles' : 'for steps without rounding';
  return right
    ? {
        blame: 'rounding',
        arithmetic: `It is the rounding, not the mathematics: ${steps}, and the claim holds ${how}. Please report it.`,
      }
    : {
        blame: 'statement',
        arithmetic: `It is the claim, not the solver: ${steps}, but the claim is violated ${how} too. Please report it.`,
      };
}

function unlessTooLong(check: () => boolean): boolean | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof TooLong) return undefined;
    throw error;
  }
}

interface Deviation {
  /** In units of the allowed rounding of one step. */
  readonly excess: number;
  readonly text: string;
}

/** Watches a solver's descents step by step. */
class Audit {
  readonly #ownNoise: boolean;
  /** Unit roundoff of the solver, if it is not that of doubles. */
  readonly #own: Pick<Stepping, 'u'>;
  /** Why nothing is known. */
  unknown: string | undefined;
  taken = 0;
  worst: Deviation | undefined;

  constructor(ownNoise: boolean, own: Pick<Stepping, 'u'>) {
    this.#ownNoise = ownNoise;
    this.#own = own;
  }

  /** Whether the solver declares a coarser precision than that of doubles. */
  get isCoarse(): boolean {
    return conversion(this.#own) > 0;
  }

  /** Whether a step was off by more than its rounding. */
  get isOff(): boolean {
    return this.worst !== undefined && !(this.worst.excess <= 1);
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
    const { isCoarse } = this;
    if ((this.taken++ >= STEPS && !isCoarse) || this.unknown !== undefined) return;
    // Whether rounding explains a violation is settled by one step that is off.
    if (isCoarse && this.isOff) return;
    const { target, stepSize: eta, noise } = problem;
    const { sigma1, sigma2 } = noise ?? { sigma1: 0, sigma2: 0 };
    const step = { eta, ...this.#own };
    const noisy = sigma1 > 0 || sigma2 > 0;
    if (noisy && this.#ownNoise) {
      this.unknown = 'It was not computed again in higher precision: the solver draws random numbers of its own.';
      return;
    }
    const due = at.X.rows * at.X.columns + at.Y.rows * at.Y.columns;
    if (noisy && block.length !== due) {
      this.#note({
        excess: Infinity,
        text: `step ${t} of a descent drew ${block.length} random numbers instead of ${due}`,
      });
      return;
    }
    const numbers = noisy ? block : new Float64Array(due);
    const perturbed = perturb(at, { sigma1, sigma2 }, numbers);
    // Doubles are exact enough for coarser steps, and all of them can be looked at.
    const right = isCoarse
      ? stepFrom(target, at, perturbed, eta)
      : exactStep(target, at, { sigma1, sigma2, eta }, numbers);
    const off = pairDistance(to, right);
    const excess = off / stepRounding(target, at, perturbed, step);
    const how = isCoarse ? 'in doubles' : 'in exact arithmetic';
    this.#note({
      excess,
      text: `step ${t} of a descent is off by ${number(off)} ${how}, ${number(excess)} times the bound on the rounding`,
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

/** The same source, which also records its numbers. */
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
