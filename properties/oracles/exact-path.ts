/** The distance of a run from the definition, in exact arithmetic, and the bound on its rounding. */
import { Matrix } from 'ml-matrix';
import { norm, type Factors, type NoiseScales } from '../../src/index.ts';
import { exact, rounded, subtract, type Exact } from './exact.ts';
import { exactly, noiseOf, shortened, stepOf, type ExactFactors, type ExactStep } from './exact-descent.ts';
import { stacked } from './formula.ts';
import { CONVERSIONS, u } from './rounding.ts';

/** Steps of the definition from a known iterate under known noise. */
export interface Steps extends NoiseScales {
  readonly target: Matrix;
  readonly eta: number;
  /** Unit roundoff of the solver, if it declares one that is coarser than that of doubles. */
  readonly u?: number;
  readonly before: Factors;
  /** The standard normals of each step in the contract's order; without meaning if both scales are 0. */
  readonly blocks: readonly Float64Array[];
}

export interface Departure {
  /** The distance of a run from the iterate of the definition; infinite if the run left the finite numbers. */
  readonly distance: number;
  /** More than the rounding of any faithful computation comes to (docs/theory/setting.md#certificates). */
  readonly bound: number;
}

/** Covers the rounding of the bound's own computation, which a checker may do in another order. */
const UP = 1 + 2 ** -30;

/** Allowed in each step for underflow, and for a checker that stores 256 binary places of exact numbers. */
const UNDERFLOW = 1e-70;

/** The distance of `after` from the exact end of the steps, and the bound on it from rounding. */
export function departure(steps: Steps, after: Factors): Departure {
  const { target, eta, before, blocks, sigma1, sigma2 } = steps;
  const [M, isNoisy] = [exact(target), sigma1 > 0 || sigma2 > 0];
  let [at, bound] = [exactly(before), 0];
  for (const block of blocks) {
    const step = stepOf(M, at, eta, isNoisy ? noiseOf(before, steps, block) : undefined);
    bound = widened(bound, steps, at, step);
    at = shortened(step.next);
  }
  const isFinite = stacked(after).to1DArray().every(Number.isFinite);
  return { distance: isFinite ? distanceTo(after, at) : Infinity, bound: bound * UP };
}

/**
 * The bound after a step from the one before it: a run within `bound` of the exact one is stretched by at most the largest
 * |1 - eta mu|, mu an eigenvalue of the Hessian between the two, and is rounded once more.
 */
function widened(
  bound: number,
  { target, eta, u: own = u }: Steps,
  at: ExactFactors,
  { perturbed, residual }: ExactStep,
): number {
  const [x, y, R, M] = [size(perturbed.X) + bound, size(perturbed.Y) + bound, size(residual), norm(target)];
  const largestResidual = R + bound * (x + y);
  const stretch = Math.max(1 + eta * largestResidual, eta * (x * x + y * y + largestResidual) - 1);
  const moved = Math.hypot(size(at.X), size(at.Y)) + Math.hypot(size(perturbed.X), size(perturbed.Y)) + 2 * bound;
  const conversions = own > u ? CONVERSIONS : 0;
  const terms = target.rows + target.columns + at.X.entries[0]!.length + 8 + conversions;
  if (terms * own > 1 / 2) return Infinity;
  return stretch * bound + 2 * terms * own * moved * (1 + eta * (x * x + y * y + x * y + M)) + UNDERFLOW;
}

function distanceTo(after: Factors, at: ExactFactors): number {
  const { X, Y } = exactly(after);
  return Math.hypot(size(subtract(X, at.X)), size(subtract(Y, at.Y)));
}

const size = (A: Exact): number => norm(rounded(A));
