/** The problem of docs/theory/setting.md#setting over any arithmetic: the loss, its gradient and Hessian, and one step of the descents. */
import type { Algebra, Rows } from './algebra.ts';
import type { Shape } from './identity.ts';
import type { Block, Setting } from './setting.ts';

/** Both factors, or other matrices of their shapes: noise, a gradient, a direction. */
export interface Pair<T> {
  readonly X: Rows<T>;
  readonly Y: Rows<T>;
}

/** M, X and Y as inputs. */
export interface Problem<T> {
  readonly M: Rows<T>;
  readonly at: Pair<T>;
}

export const problem = <T>(a: Setting<T>, { d1, d2, r }: Shape): Problem<T> => ({
  M: a.matrix('M', d1, d2),
  at: { X: a.matrix('X', d1, r), Y: a.matrix('Y', d2, r) },
});

/** The blocks of noise of one step. */
export const blocksOf = ({ d1, d2, r }: Shape): [Block, Block] => [
  [d1, r],
  [d2, r],
];

/** One step's standard normals as inputs. */
export const noiseInputs = <T>(a: Setting<T>, { d1, d2, r }: Shape): Pair<T> => ({
  X: a.matrix('xi1', d1, r),
  Y: a.matrix('xi2', d2, r),
});

/** (X, Y) + c (A, B) */
export const moved = <T>(a: Algebra<T>, at: Pair<T>, c: T | number, by: Pair<T>): Pair<T> => ({
  X: a.plus(at.X, a.scaled(c, by.X)),
  Y: a.plus(at.Y, a.scaled(c, by.Y)),
});

export const stackedPair = <T>(a: Algebra<T>, { X, Y }: Pair<T>): Rows<T> => a.stacked(X, Y);

/** R = X Y' - M */
export const residual = <T>(a: Algebra<T>, M: Rows<T>, { X, Y }: Pair<T>): Rows<T> =>
  a.minus(a.timesTransposed(X, Y), M);

/** F = |R|^2 / 2 */
export const loss = <T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>): T =>
  a.product(a.of(1, 2), a.squaredNorm(residual(a, M, at)));

/** (R Y, R'X) */
export function gradient<T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>): Pair<T> {
  const R = residual(a, M, at);
  return { X: a.times(R, at.Y), Y: a.transposedTimes(R, at.X) };
}

/** The Hessian applied to a direction: (S Y + R dY, S'X + R'dX), S = dX Y' + X dY'. */
export function bent<T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>, d: Pair<T>): Pair<T> {
  const R = residual(a, M, at);
  const S = a.plus(a.timesTransposed(d.X, at.Y), a.timesTransposed(at.X, d.Y));
  return {
    X: a.plus(a.times(S, at.Y), a.times(R, d.Y)),
    Y: a.plus(a.transposedTimes(S, at.X), a.transposedTimes(R, d.X)),
  };
}

/** The weights of the penalties. */
export interface Weights<T> {
  readonly alpha: T;
  readonly beta: T;
}

/** alpha = d2 sigma2^2, beta = d1 sigma1^2 */
export const weightsOf = <T>(a: Algebra<T>, { d1, d2 }: Shape, { sigma1, sigma2 }: Scales<T>): Weights<T> => ({
  alpha: a.product(d2, a.square(sigma2)),
  beta: a.product(d1, a.square(sigma1)),
});

export interface Scales<T> {
  readonly sigma1: T;
  readonly sigma2: T;
}

export const scalesOf = <T>(a: Setting<T>): Scales<T> => ({ sigma1: a.number('sigma1'), sigma2: a.number('sigma2') });

/** (alpha X, beta Y) */
export const penalty = <T>(a: Algebra<T>, { alpha, beta }: Weights<T>, { X, Y }: Pair<T>): Pair<T> => ({
  X: a.scaled(alpha, X),
  Y: a.scaled(beta, Y),
});

/** grad F~ = (R Y + alpha X, R'X + beta Y) */
export const smoothedGradient = <T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>, weights: Weights<T>): Pair<T> =>
  moved(a, gradient(a, M, at), 1, penalty(a, weights, at));

/** F~ without its constant: F + alpha |X|^2 / 2 + beta |Y|^2 / 2 */
export const penalised = <T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>, { alpha, beta }: Weights<T>): T =>
  a.sum(
    loss(a, M, at),
    a.product(a.of(1, 2), alpha, a.squaredNorm(at.X)),
    a.product(a.of(1, 2), beta, a.squaredNorm(at.Y)),
  );

/** The Hessian of F~ applied to a direction. */
export const smoothedBent = <T>(
  a: Algebra<T>,
  M: Rows<T>,
  at: Pair<T>,
  weights: Weights<T>,
  direction: Pair<T>,
): Pair<T> => moved(a, bent(a, M, at, direction), 1, penalty(a, weights, direction));

/** (X + sigma1 xi1, Y + sigma2 xi2) */
export const perturbed = <T>(
  a: Algebra<T>,
  { X, Y }: Pair<T>,
  { sigma1, sigma2 }: Scales<T>,
  xi1: Rows<T>,
  xi2: Rows<T>,
): Pair<T> => ({ X: a.plus(X, a.scaled(sigma1, xi1)), Y: a.plus(Y, a.scaled(sigma2, xi2)) });

/** (X, Y) - eta times the gradient at another point. */
export const stepFrom = <T>(a: Algebra<T>, M: Rows<T>, at: Pair<T>, gradientAt: Pair<T>, eta: T): Pair<T> =>
  moved(a, at, a.product(-1, eta), gradient(a, M, gradientAt));

/** D = X'X - Y'Y */
export const imbalance = <T>(a: Algebra<T>, { X, Y }: Pair<T>): Rows<T> => a.minus(a.gram(X), a.gram(Y));

/** <A, X> + <B, Y> */
export const innerPair = <T>(a: Algebra<T>, one: Pair<T>, other: Pair<T>): T =>
  a.sum(a.inner(one.X, other.X), a.inner(one.Y, other.Y));

/** A direction with one entry 1, the n-th of (X; Y) row by row. */
export function unitDirection<T>(a: Algebra<T>, { d1, d2, r }: Shape, n: number): Pair<T> {
  const entry = (at: number): T => (at === n ? a.one : a.zero);
  return {
    X: a.make(d1, r, (i, k) => entry(i * r + k)),
    Y: a.make(d2, r, (j, k) => entry((d1 + j) * r + k)),
  };
}

/** The matrix of a linear map of directions, in the layout of `unitDirection`. */
export function matrixOf<T>(a: Algebra<T>, shape: Shape, map: (direction: Pair<T>) => Pair<T>): Rows<T> {
  const n = (shape.d1 + shape.d2) * shape.r;
  const columns = Array.from({ length: n }, (_, i) => {
    const { X, Y } = map(unitDirection(a, shape, i));
    return [...X.flat(), ...Y.flat()];
  });
  return a.transposed(columns);
}
