/** The martingale that perturbed descent moves the imbalance by, with its exact moments (docs/theory/limits.md#martingale). */
import { Matrix } from 'ml-matrix';
import { perturb } from './formula.ts';
import { matrix, optionsOf, type Instance } from '../model/instance.ts';
import { stepRounding, u, type Stepping } from './rounding.ts';
import type { Cubature } from './cubature.ts';
import {
  gram,
  gradient,
  penalties,
  residual,
  scriptedNoise,
  type Factors,
  type NoiseScales,
  type Penalties,
  type Solver,
} from '../../src/index.ts';
import { inner, norm, plus, squaredNorm, transposedTimes } from '../../src/linear-algebra/matrices.ts';

/** The terms of an increment other than the first and last iterate of the step. */
export type Terms = Pick<Penalties, 'alpha' | 'beta'> & Readonly<Stepping>;

export const termsOf = (instance: Instance): Terms => ({
  ...penalties(matrix(instance.M), instance),
  eta: instance.eta,
  ...(instance.u === undefined ? {} : { u: instance.u }),
});

/** A + A'. */
export function symmetrised(A: Matrix): Matrix {
  const S = new Matrix(A.rows, A.rows);
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.rows; j++) S.set(i, j, A.get(i, j) + A.get(j, i));
  return S;
}

/** 2 eta (alpha X'X - beta Y'Y): the decrease of the imbalance in the mean step, to first order. */
export const pull = ({ X, Y }: Factors, { alpha, beta, eta }: Terms): Matrix =>
  gram(X)
    .mul(alpha)
    .sub(gram(Y).mul(beta))
    .mul(2 * eta);

/** 2 eta (alpha |X'X| + beta |Y'Y|), the size of the pull; without noise the size of the step, 2 eta |R| |X| |Y|. */
export function sizeOfPull(instance: Instance, { X, Y }: Factors): number {
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  const pulled = alpha * norm(gram(X)) + beta * norm(gram(Y));
  return 2 * instance.eta * (pulled > 0 ? pulled : norm(residual(target, { X, Y })) * norm(X) * norm(Y));
}

/** m = X'dX + dX'X - Y'dY - dY'Y + 2 eta (alpha X'X - beta Y'Y), from a solver's step. */
export function increment(before: Factors, after: Factors, terms: Terms): Matrix {
  const ofX = transposedTimes(before.X, plus(after.X, before.X, -1));
  const ofY = transposedTimes(before.Y, plus(after.Y, before.Y, -1));
  return symmetrised(ofX.sub(ofY)).add(pull(before, terms));
}

/** Its trace, without the matrices. */
export function traceIncrement(before: Factors, after: Factors, { alpha, beta, eta }: Terms): number {
  const ofX = inner(before.X, after.X) - (1 - eta * alpha) * squaredNorm(before.X);
  const ofY = inner(before.Y, after.Y) - (1 - eta * beta) * squaredNorm(before.Y);
  return 2 * (ofX - ofY);
}

/** Rounding of an increment: that of the step, in a product with the factors, and that of the products themselves. */
export function incrementRounding(target: Matrix, at: Factors, perturbed: Factors, step: Stepping): number {
  const size = norm(at.X) + norm(at.Y);
  const moved =
    size + step.eta * (norm(perturbed.X) * norm(perturbed.Y) + norm(target)) * (norm(perturbed.X) + norm(perturbed.Y));
  const products = 4 * (target.rows + target.columns + 8) * u * size * (size + moved);
  return 2 * size * stepRounding(target, at, perturbed, step) + products;
}

/** Conditional variance of tr m for Gaussian noise. */
export function traceVariance(
  target: Matrix,
  at: Factors,
  { sigma1, sigma2, eta }: NoiseScales & { eta: number },
): number {
  const [d1, d2, r] = [target.rows, target.columns, at.X.columns];
  const { alpha, beta } = penalties(target, { sigma1, sigma2 });
  const slope = gradient(target, at);
  const [v1, v2] = [sigma1 ** 2, sigma2 ** 2];
  const linear = v2 * squaredNorm(slope.Y) + v1 * squaredNorm(slope.X);
  const quadratic = 2 * d2 * v2 ** 2 * squaredNorm(gram(at.X)) + 2 * d1 * v1 ** 2 * squaredNorm(gram(at.Y));
  const ofX = v1 * v2 ** 2 * d2 * (d2 + r + 1) * squaredNorm(at.X);
  const ofY = v2 * v1 ** 2 * d1 * (d1 + r + 1) * squaredNorm(at.Y);
  const mixed = 2 * (v1 * alpha + v2 * beta) * inner(slope.X, at.X);
  return 4 * eta ** 2 * (linear + quadratic + ofX + ofY - mixed);
}

/** A step of the solver from the point, with a point of a rule for its noise. */
export interface Drawn {
  readonly after: Factors;
  readonly weight: number;
  readonly point: Float64Array;
  /** Rounding of the increment. */
  readonly rounding: number;
}

/** Points whose steps are under way side by side: a program takes them together. */
const TOGETHER = 256;

/** Drives every point of a rule through the solver. */
export function* stepsOver(solver: Solver, instance: Instance, at: Factors, rule: Cubature): Generator<Drawn> {
  const target = matrix(instance.M);
  const options = optionsOf(instance, scriptedNoise([]));
  let group: Drawn[] = [];
  for (const [point, weight] of rule) {
    const source = scriptedNoise(point);
    const after = solver({ ...options, start: at, ...(options.noise && { noise: { ...options.noise, source } }) });
    after.advance(1);
    const rounding = incrementRounding(target, at, perturb(at, instance, point), instance);
    group.push({ after, weight, point, rounding });
    if (group.length < TOGETHER) continue;
    yield* group;
    group = [];
  }
  yield* group;
}

/**
 * The distance from 0, given V = [m] + <m>, that a martingale exceeds with at most this probability, for every V. `rho`
 * must be fixed in advance; the bound is best if V is about thirty times as large.
 */
export const deviation = (V: number, rho: number, chance: number): number =>
  Math.sqrt((V + rho) * (2 * Math.log(1 / chance) + Math.log(1 + V / rho)));

/** m as the noise makes it: -eta (H + H') and the pull back, H = X~'R~ xi2 - xi1'R~ Y~, from grad F at the perturbed point. */
export function noiseIncrement(slope: Factors, at: Factors, perturbed: Factors, terms: Terms): Matrix {
  const [xi1, xi2] = [plus(perturbed.X, at.X, -1), plus(perturbed.Y, at.Y, -1)];
  const [ofX, ofY] = [transposedTimes(slope.Y, xi2), transposedTimes(xi1, slope.X)];
  return symmetrised(ofX.sub(ofY)).mul(-terms.eta).add(pull(at, terms));
}

/** Rounding of one step in the sum that gives the imbalance along a path. */
export function pathRounding(target: Matrix, at: Factors, perturbed: Factors, after: Factors, terms: Terms): number {
  const sizes = [at, perturbed, after].map(({ X, Y }) => norm(X) + norm(Y));
  const size = sizes.reduce((sum, each) => sum + each, 0);
  // Each product has a step's terms, or one of its results, on one side and a factor on the other.
  return 2 * size * stepRounding(target, at, perturbed, terms) + 4 * (target.rows + target.columns + 8) * u * size ** 2;
}
