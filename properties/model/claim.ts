/**
 * A claim is a statement of the theory as data, with a pure check. It knows nothing of test runners and seeds: the judge
 * draws its instances, runs its check and words its verdict.
 */
import { Matrix } from 'ml-matrix';
import type { Solver } from '../../src/index.ts';
import type { InstanceSource } from './draft.ts';
import type { Instance } from './instance.ts';
import type { LabelShares } from './labels.ts';

export type Kind = 'identity' | 'inequality' | 'deterministic trajectory' | 'stochastic trajectory' | 'statistical';

/**
 * The requirement of a claim on a solver.
 * - `theory`: nothing, it is about the formulas of src;
 * - `law`: the correct distribution of the iterates, from any random numbers;
 * - `coupling`: the injected noise; a solver with random numbers of its own is checked as plain gradient descent;
 * - `injected noise`: the injected noise, without which the claim says nothing.
 */
export type Needs = 'theory' | 'law' | 'coupling' | 'injected noise';

export interface Claim<I extends Instance = Instance> {
  /** Its address everywhere: `family/name`. */
  readonly id: string;
  /** One sentence in the terms of the field. */
  readonly statement: string;
  /** The statement in TeX. */
  readonly formula: string;
  readonly kind: Kind;
  readonly needs: Needs;
  /** The conditions on an instance, satisfied by construction. `[NONE]` if nothing is assumed. */
  readonly hypotheses: readonly Hypothesis<I>[];
  /** Whether the statement is an equality, a valid bound or a tight one. */
  readonly bound: Bound<I>;
  /** The source of the statement: "Liu et al. 2021" (its abstract), "our proof" (docs/theory), or another one. */
  readonly source: string;
  /** Anchor of the proof in docs/theory; `proofPath` has its chapter. */
  readonly proof: string;
  /** Numbers of the statements (properties/claims/statements.ts) that it states or follows from. */
  readonly items: readonly string[];
  /** Present for a random claim: of kind `stochastic trajectory` or `statistical`. */
  readonly random?: Randomness<I>;
  /** Marks a false form, a negative control: it must be refuted, and the run fails if it holds. */
  readonly expected?: 'refuted';
  /** Nothing in it is rounded: no declared precision excuses that it fails. */
  readonly unrounded?: true;
  /** Least shares of its instances that must have these labels; fewer, beyond chance, and it is undecided. */
  readonly covers?: LabelShares;
  /** The arbitrary of its instances, or the reason why it does not apply to a given target. */
  readonly instances: InstanceSource<I>;
  /** Both sides of the claim on one instance. Throws `SolverFault` if the solver breaks the contract. */
  check(solver: Solver, instance: I): Comparison;
}

/**
 * The use of random numbers by a claim. A *trial* is one check on one instance with noise of its own. The claim derives that a
 * trial of a correct solver fails with a chance of at most 1/20, on every instance that it draws (run/chance.ts).
 */
export interface Randomness<I extends Instance = Instance> {
  /** Whether that derivation is a bound, or holds to leading order in the step size or for nearly normal averages. */
  readonly basis: 'exact bound' | 'leading order';
  /** The error with which the claim's resolution is measured; absent for a false form. */
  readonly shift?: Shift<I>;
}

/** Errors of one kind and any size: the smallest that a run finds is the resolution of the claim. */
export interface Shift<I extends Instance = Instance> {
  /** The quantity that is off. */
  readonly text: string;
  /** A relative deviation that a run of 100 instances finds with a chance of at least 0.99; calibration measures it. */
  readonly finds: number;
  /** The reason why it is not finer, if it is coarser than 10 %. */
  readonly because?: string;
  /** The error by which the quantity is off by this share. */
  by(share: number): Violation<I>;
}

/** A faulty solver, made of a correct one; or, of a claim about the theory, a wrong check. */
export type Violation<I extends Instance = Instance> = { readonly text: string } & (
  { readonly wrong: (right: Solver) => Solver } | { check(solver: Solver, instance: I): Comparison }
);

/** The same claim with other instances, another check, or both. */
export interface Altered<I extends Instance = Instance> {
  readonly instances?: InstanceSource<I>;
  check?(solver: Solver, instance: I): Comparison;
}

/**
 * A hypothesis as text is assumed: whether the claim needs it is not shown. With an ablation that drops exactly it, the
 * claim must be refuted, which shows that it is needed.
 */
export type Hypothesis<I extends Instance = Instance> =
  string | { readonly text: string; readonly ablation: Altered<I> };

/** The claim assumes nothing beyond the shapes. */
export const NONE = 'none';

/** The fields of a claim that have a default. */
type Usual = 'source' | 'bound' | 'hypotheses';

/** A claim, by default an equality by our own proof that assumes nothing beyond the shapes. */
export const claim = <I extends Instance>(
  stated: Omit<Claim<I>, Usual> & Partial<Pick<Claim<I>, Usual>>,
): Claim<I> => ({ source: 'our proof', bound: 'equality', hypotheses: [NONE], ...stated });

/**
 * An equality is tight by itself. An inequality, or a bound on a trajectory, is only valid, or tight: attained on the
 * instances that the text names, on which the tightness check asserts equality.
 */
export type Bound<I extends Instance = Instance> =
  'equality' | 'valid' | { readonly tight: string; readonly on: Altered<I> };

/** A number or a matrix; matrices are compared in the Frobenius norm. */
export type Side = number | Matrix;
/** The relation of the left side to the right one. */
export type Relation = '=' | '<=' | '>=';

/** Both sides of a claim on one instance, as numbers and matrices of the kind S. */
export interface ComparisonOf<S> {
  /** The compared quantities, in the notation of the theory. */
  readonly what: string;
  /** The step after which it was compared, if the claim compares after each step. */
  readonly step?: number;
  /** The left side. */
  readonly lhs: S;
  /** How it should stand to the right one. */
  readonly relation: Relation;
  /** The right side. */
  readonly rhs: S;
  /** How large a violation rounding, or chance, may cause. */
  readonly tolerance: number;
  /** |lhs - rhs| for an equality, the excess for an inequality. */
  readonly violation: number;
  /** 1 - violation / tolerance; below 0, or NaN, the claim is refuted. */
  readonly slack: number;
  /** Further quantities for the reader. */
  readonly quantities: Readonly<Record<string, S>>;
}

/** Both sides of a claim on one instance. */
export interface Comparison extends ComparisonOf<Side> {
  /** The allowed rounding as a share of the effect that the comparison is to show, if stated (see `showing`). */
  readonly coarseness?: number;
}

/** Both sides of a claim on one instance; or a sentence about the solver's fault. */
export type Finding = Comparison | string;

/** A number, or a matrix row by row. */
export type PlainSide = number | number[][];

/** Comparison as plain JSON. */
export type PlainComparison = ComparisonOf<PlainSide>;

/** The same comparison as plain JSON. */
export function toPlain({ coarseness: _, ...comparison }: Comparison): PlainComparison {
  const plain = (side: Side): PlainSide => (typeof side === 'number' ? side : side.to2DArray());
  const quantities = Object.entries(comparison.quantities).map(([name, side]) => [name, plain(side)] as const);
  return {
    ...comparison,
    lhs: plain(comparison.lhs),
    rhs: plain(comparison.rhs),
    quantities: Object.fromEntries(quantities),
  };
}

/** Whether a finding refutes the claim: a solver that does not answer does. */
export const refutes = (finding: Finding): boolean => typeof finding === 'string' || !holds(finding);

type Quantities = Readonly<Record<string, Side>>;

/** lhs = rhs within the tolerance. */
export function equal(what: string, lhs: Side, rhs: Side, tolerance: number, quantities: Quantities = {}): Comparison {
  return compare(what, lhs, '=', rhs, distance(lhs, rhs), tolerance, quantities);
}

/** lhs <= rhs within the tolerance. */
export function atMost(
  what: string,
  lhs: number,
  rhs: number,
  tolerance: number,
  quantities: Quantities = {},
): Comparison {
  return compare(what, lhs, '<=', rhs, excess(lhs, rhs), tolerance, quantities);
}

/** lhs >= rhs within the tolerance. */
export function atLeast(
  what: string,
  lhs: number,
  rhs: number,
  tolerance: number,
  quantities: Quantities = {},
): Comparison {
  return compare(what, lhs, '>=', rhs, excess(rhs, lhs), tolerance, quantities);
}

/**
 * The comparison, which is to show something of this size: a step, a change, a side. A solver that declares a coarser precision
 * than that of doubles is allowed more rounding; from some share of the size on the comparison decides nothing. Sides that are
 * the same need no allowance.
 */
export function showing(size: number, comparison: Comparison, rounding = comparison.tolerance): Comparison {
  const isSame = comparison.relation === '=' && comparison.violation === 0;
  return { ...comparison, coarseness: rounding === 0 || isSame ? 0 : rounding / size };
}

/**
 * The comparison with the least slack, and the largest coarseness of all; NaN is less than anything. Throws if the list is
 * empty: that check would be vacuous.
 */
export function worst(all: Iterable<Comparison>): Comparison {
  let least: Comparison | undefined;
  let coarsest: number | undefined;
  for (const each of all) {
    if (least === undefined || !(each.slack >= least.slack)) least = each;
    if (each.coarseness !== undefined) coarsest = Math.max(coarsest ?? 0, each.coarseness);
    if (Number.isNaN(least.slack)) break;
  }
  if (least === undefined) throw new Error('a check compared nothing');
  return coarsest === undefined ? least : { ...least, coarseness: coarsest };
}

/**
 * Along a run: the first comparison that refutes, each with the number of its step; if none does, the one with the least
 * slack. Nothing is compared after the first refutation.
 */
export function firstRefuted(steps: Iterable<Comparison>): Comparison {
  function* untilRefuted(): Generator<Comparison> {
    for (const comparison of steps) {
      yield comparison;
      if (!holds(comparison)) return;
    }
  }
  return worst(untilRefuted());
}

/** The comparison as that of step t. */
export const atStep = (step: number, comparison: Comparison): Comparison => ({ ...comparison, step });

/** Whether the comparison satisfies the claim: NaN never does. */
export const holds = (comparison: Comparison): boolean => comparison.slack >= 0;

function compare(
  what: string,
  lhs: Side,
  relation: Relation,
  rhs: Side,
  violation: number,
  tolerance: number,
  quantities: Quantities,
): Comparison {
  return { what, lhs, relation, rhs, tolerance, violation, slack: slackOf(violation, tolerance), quantities };
}

function slackOf(violation: number, tolerance: number): number {
  if (!(violation < Infinity && tolerance >= 0 && tolerance < Infinity)) return NaN;
  if (tolerance === 0) return violation === 0 ? 1 : -Infinity;
  return 1 - violation / tolerance;
}

function distance(a: Side, b: Side): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : Math.abs(a - b);
  if (typeof a === 'number' || typeof b === 'number') throw new Error('a number was compared with a matrix');
  if (a.rows !== b.rows || a.columns !== b.columns) return NaN;
  let sum = 0;
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) sum += (a.get(i, j) - b.get(i, j)) ** 2;
  }
  return Math.sqrt(sum);
}

/** (a - b)+; NaN if either is NaN. */
const excess = (a: number, b: number): number => (a <= b ? 0 : a - b);
