/** Gradient descent with steps so large that some minima repel it (docs/theory/large-steps.md#large-step). */
import type { Matrix } from 'ml-matrix';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { targetGrids, targetOf } from '../../instances/designs.ts';
import { perturb } from '../../oracles/formula.ts';
import { SolverFault } from '../../run/guard.ts';
import { tooDense } from '../../oracles/hessians.ts';
import { descendPlainly, iterate, matrix, noiseTape, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { flowLimit } from '../../instances/rank-one.ts';
import { stepRounding } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { nonzero } from '../../instances/trajectories.ts';
import {
  decompose,
  gradient,
  minimumSpectrum,
  product,
  singularValues,
  type Factors,
  type Solver,
} from '../../../src/index.ts';

/** A run with a kick half-way: every entry moves by this times its own standard normal. 0 stands for no kick. */
export type KickedRun = Instance & { kick: number };

/** Steps before the kick, and again after it. */
const STEPS = 600;
const KICK = 2 ** -20;

/**
 * Steps at a multiple `share` of 2/h, where h is the curvature at the limit of gradient flow from the same start: above
 * 1 the descent has to end elsewhere, if it ends.
 */
function kickedRun(draft: Draft): KickedRun {
  const { grids, picks, seed } = draft;
  const M = targetOf(draft);
  const { X0, Y0 } = grids as { X0: Grid; Y0: Grid };
  const { h } = flowLimit(matrix(M), startOf({ X0, Y0 }));
  return { M, X0, Y0, eta: (2 * picks['share']!) / h, sigma1: 0, sigma2: 0, steps: STEPS, kick: KICK, seed };
}

export const kickedRuns: Design<KickedRun> = {
  size: { d1: [1, 3], d2: [1, 3], r: [1, 2], k: [1, 2] },
  grids: {
    ...targetGrids,
    X0: { shape: ['d1', 'r'], unit: 1 / 4, max: 2 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 4, max: 2 },
  },
  picks: { share: [7 / 8, 3 / 4, 9 / 8, 5 / 4] },
  accepts: nonzero,
  complete: kickedRun,
  excludes: tooDense,
};

/** A gradient this small, in units of h^(3/2) for a curvature of about h, counts as 0. */
const STATIONARY = 1e-11;

/**
 * The same at the solver's precision. A component of curvature mu stops moving when eta mu times it equals the rounding
 * of a step. The gradient then is this rounding over eta; twice this amount is allowed.
 */
export function stationary(target: Matrix, at: Factors, instance: Instance): number {
  const scale = (2 / instance.eta) ** 1.5;
  return Math.max(STATIONARY, (2 * stepRounding(target, at, at, instance)) / (instance.eta * scale));
}

/**
 * The limit of the descent, found again after a kick; undefined if the descent does not settle, before or after it. A
 * kick along a direction of curvature mu grows |1 - eta mu|^steps times, so that no limit with eta mu > 2 is found
 * again: the kick itself, in units of h^(1/2), is larger than the threshold that counts as 0.
 */
export function stableLimit(solver: Solver, instance: KickedRun): StableLimit | undefined {
  const target = matrix(instance.M);
  try {
    const settled = run(solver, instance, startOf(instance));
    const least = 2 * stationary(target, settled, instance) * Math.sqrt(2 / instance.eta);
    const kick = instance.kick === 0 ? 0 : Math.max(instance.kick, least);
    const end = run(solver, instance, kicked(settled, { ...instance, kick }));
    const rest = stationary(target, end, instance);
    const slope = Math.sqrt(squaredSize(gradient(target, end)));
    return slope <= rest * (2 / instance.eta) ** 1.5 ? { ...end, rest } : undefined;
  } catch (error) {
    // With such steps a descent may well leave the finite numbers: then it has no limit.
    if (error instanceof SolverFault && error.diverged) return undefined;
    throw error;
  }
}

/** A limit, and the gradient that counted as 0 there, in units of h^(3/2). */
export interface StableLimit extends Factors {
  readonly rest: number;
}

function run(solver: Solver, instance: KickedRun, { X, Y }: Factors): Factors {
  const descent = descendPlainly(solver, { ...instance, X0: X.to2DArray(), Y0: Y.to2DArray() });
  descent.advance(instance.steps);
  return iterate(descent);
}

const kicked = (at: Factors, instance: KickedRun): Factors =>
  perturb(at, { sigma1: instance.kick, sigma2: instance.kick }, noiseTape(instance, 1, 'kick'));

const aboutRankOne = (given: Given): string | undefined =>
  tooDense(given) ?? (given.rank === 1 ? undefined : 'it is about factors of rank one');

/** The same at rank one with X four times as large for its Y: the flow's limit is far from balanced. */
export const leaningRuns: Design<KickedRun> = {
  ...kickedRuns,
  size: { d1: [1, 3], d2: [1, 3], r: [1, 1], k: [1, 2] },
  picks: { share: [9 / 8, 5 / 4, 7 / 8] },
  excludes: aboutRankOne,
  complete: (draft) => {
    const scaled = (name: string, factor: number): Grid => matrix(draft.grids[name]!).mul(factor).to2DArray();
    return kickedRun({ ...draft, grids: { ...draft.grids, X0: scaled('X0', 2), Y0: scaled('Y0', 1 / 2) } });
  },
};

/** Starts at a minimum of the given curvature, in units of 2 / eta; halves multiply without rounding. */
const standing = (curvature: number, kick: number, steps: number): Design<KickedRun> => ({
  size: { d1: [1, 3], d2: [1, 3], r: [1, 2] },
  grids: { X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 2 }, Y0: { shape: ['d2', 'r'], unit: 1 / 2, max: 2 } },
  accepts: (draft) => squaredSize(startOf(draft.grids as Record<'X0' | 'Y0', Grid>)) > 0,
  complete({ grids, seed }) {
    const { X0, Y0 } = grids as Record<'X0' | 'Y0', Grid>;
    const start = startOf({ X0, Y0 });
    const [largest] = minimumSpectrum(start) as [number];
    const eta = (2 * curvature) / largest;
    return { M: product(start).to2DArray(), X0, Y0, eta, sigma1: 0, sigma2: 0, steps, kick, seed };
  },
  excludes: () => 'it starts at a minimum that it makes itself',
});

/** At an unstable minimum, and nothing kicks it. */
export const atSharpMinimum = standing(5 / 4, 0, 8);

/**
 * At a minimum that is hardly stable, kicked. At rank one its other curvatures are large enough for convergence in this
 * time.
 */
export const attracting: Design<KickedRun> = {
  ...standing(0.99, KICK, 2048),
  size: { d1: [1, 3], d2: [1, 3], r: [1, 1] },
};

/**
 * Stationary points (a u_i, b v_i), ab = s_i, that retain the triple of the given index, of targets with s_1 > s_2 > 0.
 */
export const topMinima = (index: 0 | 1): Design<Instance> => ({
  size: { d1: [1 + index, 5], d2: [1 + index, 5], r: [1, 1], k: [1 + index, 3] },
  grids: targetGrids,
  picks: { ratio: [1, 2, 1 / 2, 4, 1 / 8] },
  accepts: (draft) => {
    const s = singularValues(matrix(targetOf(draft)));
    return s[index]! >= s[0]! / 16 && s[0]! > 0 && (index === 0 || s[1]! <= (7 / 8) * s[0]!);
  },
  complete(draft) {
    const M = targetOf(draft);
    const { U, s, V } = decompose(matrix(M));
    const ratio = draft.picks['ratio']!;
    const X0 = U.getColumnVector(index).mul(Math.sqrt(s[index]!) * ratio);
    const Y0 = V.getColumnVector(index).mul(Math.sqrt(s[index]!) / ratio);
    const [x, y] = [X0.to2DArray(), Y0.to2DArray()];
    return { M, X0: x, Y0: y, eta: 1, sigma1: 0, sigma2: 0, steps: 0, seed: draft.seed };
  },
  excludes: aboutRankOne,
});
