/** Steps of a run along one pair of singular vectors, with bounds on their rounding. */
import { type Comparison } from '../../model/claim.ts';
import { descendPlainly, matrix, descend, type Instance } from '../../model/instance.ts';
import { planeOf, type Plane, type PlaneRun } from './ellipse.ts';
import { conversion, stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { transitions } from '../../oracles/transitions.ts';
import { type Solver } from '../../../src/index.ts';

/** The source of most claims. */
export const OURS = 'our proof';
/** Who else has it. */
export const NEAR = `${OURS}; Liang and Montufar 2025 and Moon 2026 (abstracts read: the critical step size, and a balanced regime of period 2 beyond it)`;

/**
 * Before and after a step: both points in the plane, and bounds on the rounding of x, of y and of the part off the
 * plane.
 */
export interface PlaneStep {
  readonly before: Plane;
  readonly after: Plane;
  readonly t: number;
  readonly error: number;
}

export function* planeSteps(solver: Solver, run: PlaneRun, plainly = true): Generator<PlaneStep> {
  const target = matrix(run.M);
  const descent = plainly ? descendPlainly(solver, run) : descend(solver, run);
  for (const { before, after, t } of transitions(descent, run.steps)) {
    // The part off the plane after earlier steps is of the size of their rounding too; each is at most the last one's.
    const error =
      4 * stepRounding(target, before, before, run) + 4 * u * Math.sqrt(squaredSize(after) + squaredSize(before));
    yield { before: planeOf(run, before), after: planeOf(run, after), t, error };
  }
}

/** Rounding of S and of h mu r after the step, and of the products of the formula. */
export function roundingOf({ before, after, error }: PlaneStep, h: number, factor: number): number {
  const reach = Math.sqrt(after.S) + h * Math.abs(after.mu) * Math.sqrt(after.S);
  const sizes = (z: Plane): number => z.S + h * Math.abs(z.mu * z.r) + h * z.mu * z.mu + 4 / h;
  return 4 * reach * error + 32 * u * (sizes(after) + Math.abs(factor) * sizes(before) + sizes(before));
}

/** A comparison at the end of thousands of large steps, which rounding may decide from a unit roundoff of 2^-8 on. */
export const ending = (run: Instance, comparison: Comparison): Comparison => ({
  ...comparison,
  coarseness: 256 * conversion(run),
});
