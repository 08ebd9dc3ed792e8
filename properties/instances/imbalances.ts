/** Shared by the claims about the imbalance D = X'X - Y'Y: its rounding, and the start whose first step moves it most. */
import { Matrix } from 'ml-matrix';
import { equal, type Altered } from '../model/claim.ts';
import { design } from '../generate/design.ts';
import { plainRuns, shortRun } from './designs.ts';
import { descendPlainly, iterate, matrix, type Instance } from '../model/instance.ts';
import { conversion, stepRounding, stepRoundingOf, u, type Stepping } from '../oracles/rounding.ts';
import { descentCurvature, squaredSize } from '../oracles/scales.ts';
import { transitions } from '../oracles/transitions.ts';
import { gradient, imbalance, norm, type Descent, type Factors } from '../../src/index.ts';

/** X'X - Y'Y is a difference of sums of at most d1 + d2 products; the iterates behind it carry the rounding of a step. */
export function imbalanceRounding(target: Matrix, before: Factors, after: Factors, step: Stepping): number {
  const sums = (target.rows + target.columns + 8) * u * (squaredSize(before) + squaredSize(after));
  return sums + 2 * Math.sqrt(squaredSize(after)) * stepRounding(target, before, before, step);
}

/** Rounding of any step of a run at rank one that descends: along it |X|^2 + |Y|^2 is bounded. */
export function descentRounding(target: Matrix, start: Factors, step: Stepping): { ofStep: number; bound: number } {
  const bound = descentCurvature(target, start);
  const half = Math.sqrt(bound / 2);
  const sizes = { X: half, Y: half, M: norm(target) };
  return { ofStep: stepRoundingOf(target, 1, Math.sqrt(bound), sizes, step), bound };
}

/** The bound on the change of the imbalance by all steps of such a run together. */
export function driftRounding(target: Matrix, start: Factors, run: Pick<Instance, 'eta' | 'u' | 'steps'>): number {
  const { ofStep, bound } = descentRounding(target, start, run);
  return run.steps * ((target.rows + target.columns + 8) * u * 2 * bound + 2 * Math.sqrt(bound) * ofStep);
}

/**
 * The effect of rounding on the imbalance along a run, step by step. Bounds for a coarse precision add up to more than
 * the effect; they are replaced by the actual deviation of each step from its formula, if it is smaller.
 */
export class RoundedDrift {
  readonly #target: Matrix;
  /** The rounding of our computation, and of a solver in doubles. */
  #ours = 0;
  #theirs: Matrix | undefined;

  constructor(target: Matrix) {
    this.#target = target;
  }

  add(before: Factors, after: Factors, step: Stepping): void {
    const { eta } = step;
    this.#ours += imbalanceRounding(this.#target, before, after, { eta });
    if (conversion(step) === 0) return;
    const change = imbalance(gradient(this.#target, before)).mul(eta ** 2);
    const beyond = imbalance(after).sub(imbalance(before)).sub(change);
    const most = imbalanceRounding(this.#target, before, after, step);
    const counted = beyond.mul(Math.min(1, most / norm(beyond) || 0));
    this.#theirs = this.#theirs === undefined ? counted : this.#theirs.add(counted);
  }

  get size(): number {
    return this.#ours + (this.#theirs === undefined ? 0 : norm(this.#theirs));
  }
}

/**
 * Advances a run at rank one that descends, and returns the effect of rounding on its imbalance, measured if the
 * precision is coarse.
 */
export function advanceRounded(run: Descent, target: Matrix, instance: Pick<Instance, 'eta' | 'u' | 'steps'>): number {
  const start = iterate(run);
  if (conversion(instance) === 0) {
    run.advance(instance.steps);
    return driftRounding(target, start, instance);
  }
  const drift = new RoundedDrift(target);
  for (const { before, after } of transitions(run, instance.steps)) drift.add(before, after, instance);
  return drift.size;
}

/**
 * The residual that rounding leaves at the end: each step moves it by at most (|X| + |Y|) times its rounding, and makes
 * it smaller by a factor of at least 1 - eta rate. The 2 covers the terms of second order.
 */
export const residualFloor = (target: Matrix, at: Factors, rate: number, step: Stepping): number =>
  (2 * (norm(at.X) + norm(at.Y)) * stepRounding(target, at, at, step)) / (step.eta * rate);

/** At X = 0 the gradient is (RY, 0), so if r = 1, a step drifts by all of eta^2 |grad F|^2. */
export const firstStepFromZero: Altered = {
  instances: design({
    ...plainRuns([1]),
    size: { r: [1, 1] },
    complete: (draft) => {
      const run = shortRun(draft);
      return { ...run, X0: run.X0.map(() => [0]) };
    },
  }),
  check(solver, instance) {
    const [target, descent] = [matrix(instance.M), descendPlainly(solver, instance)];
    const start = iterate(descent);
    descent.advance(1);
    const after = iterate(descent);
    const drifted = norm(imbalance(after).sub(imbalance(start)));
    const steps = instance.eta ** 2 * squaredSize(gradient(target, start));
    return equal('|D_1 - D_0|', drifted, steps, imbalanceRounding(target, start, after, instance));
  },
};
