/** Rounds of a proximal step on the convex problem and descent steps on its factors. */
import type { Matrix } from 'ml-matrix';
import { atStep, firstRefuted, type Comparison } from '../../model/claim.ts';
import { startOf } from '../../model/instance.ts';
import { decompose, norm, product, squaredNorm, type Factors } from '../../../src/index.ts';
import { plus, times, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { u } from '../../oracles/rounding.ts';
import { balancedFactors, lowered, problemOf, type Lee, type Problem } from './problems.ts';

/** A step of either kind. */
type Step = (problem: Problem, at: Factors) => Factors;

/** The steps that a round is made of. */
export interface Round {
  readonly proximal: Step;
  readonly descent: Step;
}

/** Balanced factors of prox(Z - t grad f(Z)) for Z = X Y': the surplus columns are 0, and descent leaves them so. */
export function proximalStep(problem: Problem, at: Factors): Factors {
  const found = decompose(proximalArgument(problem, product(at)));
  return balancedFactors(found, lowered(found.s, problem.t * problem.lambda));
}

/** Z - t grad f(Z). */
export const proximalArgument = (problem: Problem, Z: Matrix): Matrix => plus(Z, problem.slope(Z), -problem.t);

/**
 * A step on X and then one on Y for G(X, Y) = f(X Y') + lambda/2 (|X|^2 + |Y|^2), which is quadratic in X with a curvature of at
 * most L |Y|^2 + lambda, and similarly in Y: with its inverse as step size G does not rise.
 */
export const descentStep =
  (stretch: number): Step =>
  (problem, { X, Y }) => {
    const { lambda, L } = problem;
    const by = (other: Matrix): number => -stretch / (L * squaredNorm(other) + lambda);
    const moved = plus(X, plus(times(problem.slope(product({ X, Y })), Y), X, lambda), by(Y));
    const slope = problem.slope(product({ X: moved, Y }));
    return { X: moved, Y: plus(Y, plus(transposedTimes(slope, moved), Y, lambda), by(moved)) };
  };

export const ROUND: Round = { proximal: proximalStep, descent: descentStep(1) };

/** Descent on the factors alone. */
export const WITHOUT_PROXIMAL: Round = { ...ROUND, proximal: (_, at) => at };

/** The factors before a round, after its proximal step, and after its descent steps. */
export interface Passed {
  readonly before: Factors;
  readonly between: Factors;
  readonly after: Factors;
  /** A bound on the rounding of a comparison of the values of Phi before and after the round. */
  readonly rounding: number;
}

/** The rounds of an instance, one after the other. */
export function* rounds(
  instance: Lee,
  problem: Problem,
  count: number,
  { proximal, descent }: Round,
): Generator<Passed> {
  let before = startOf(instance);
  for (let j = 0; j < count; j++) {
    const between = proximal(problem, before);
    let after = between;
    for (let i = 0; i < instance.descents; i++) after = descent(problem, after);
    const size = Math.max(...[before, between, after].map((at) => sizeOf(problem, at)));
    yield { before, between, after, rounding: roundingOf(problem, instance.descents) * size };
    before = after;
  }
}

/** A bound on the terms of Phi and G, and on t |S|^2 for every subgradient S of either, up to a constant. */
function sizeOf({ lambda, L, b }: Problem, { X, Y }: Factors): number {
  const thresholds = (Math.min(b.rows, b.columns) * lambda ** 2) / L;
  const penalties = lambda * (squaredNorm(X) + squaredNorm(Y));
  return (Math.sqrt(L) * norm(X) * norm(Y) + norm(b)) ** 2 + penalties + thresholds;
}

/**
 * Relative to the size. A value of Phi is a sum of d1 d2 squares of inner products of 2 d1 d2 + r terms, and of p singular values,
 * each exact for a matrix within 16 (d1 + d2) u: 6 d1 d2 + 8 p (d1 + d2) with terms of lower order. A step of either kind is off by
 * (4 d1 d2 + 32 (d1 + d2)) u of its size at most, which changes Phi by that times the subgradient: 8 times as much, relative to the
 * size. The solution is off by 64 (d1 + d2) u, for weights within a factor of 4 of each other.
 */
function roundingOf({ b: { rows, columns } }: Problem, descents: number): number {
  return 128 * (descents + 4) * (rows * columns + Math.min(rows, columns) * (rows + columns) + 8) * u;
}

/** The same comparison after each round. */
export function eachRound(
  instance: Lee,
  round: Round,
  compared: (problem: Problem, passed: Passed) => Comparison,
): Comparison {
  const problem = problemOf(instance);
  function* all(): Generator<Comparison> {
    let j = 0;
    for (const passed of rounds(instance, problem, instance.steps, round)) yield atStep(++j, compared(problem, passed));
  }
  return firstRefuted(all());
}
