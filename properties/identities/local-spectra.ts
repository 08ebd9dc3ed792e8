/** The Hessian of the smoothed objective at its minimisers, by its characteristic polynomial. */
import type { Instance } from '../model/instance.ts';
import type { Rows } from './algebra.ts';
import { CHARACTERISTIC, fromRoots, SAMPLE, SMALL } from './characteristic.ts';
import { shapesUpTo, withK, withTriples, type Identity, type Shape } from './identity.ts';
import { matrixOf, smoothedBent } from './problem.ts';
import type { Setting, Values } from './setting.ts';
import { aboveLambda, onMinimiser, point, type Point } from './kept-triples.ts';

/** det(t - H~) at the point, with the first columns only. */
function characteristic<T>(a: Setting<T>, shape: Shape, { M, at, weights }: Point<T>, columns: number, t: T): T {
  const first = { X: a.columns(at.X, columns), Y: a.columns(at.Y, columns) };
  const H = matrixOf(a, { ...shape, r: columns }, (d) => smoothedBent(a, M, first, weights, d));
  return a.determinantAt(t, H);
}

/** t^2 - b t + c for each c, times (t - x)^(d1 - p) (t - y)^(d2 - p), x + y = b. */
function pairsAndRest<T>(a: Setting<T>, { d1, d2 }: Shape, t: T, constants: readonly T[], [x, y]: [T, T]): T {
  const p = Math.min(d1, d2);
  const free = a.product(t, a.difference(t, a.sum(x, y)));
  return a.product(
    ...constants.map((c) => a.sum(free, c)),
    a.power(a.difference(t, x), d1 - p),
    a.power(a.difference(t, y), d2 - p),
  );
}

const eigenvaluesOf = (instance: Instance): Values => ({ ...onMinimiser(instance)!, t: SAMPLE });

export const localRates: Identity = {
  claim: 'balance/local-rates',
  part: 'that the characteristic polynomial has these roots',
  shapes: withTriples(shapesUpTo(4, 1), 1, () => 1, 'one retained triple'),
  shapeOn: withK(() => 1),
  on: eigenvaluesOf,
  theirs: (_, check) => fromRoots(check()),
  text(a, shape) {
    const [given, t] = [point(a, shape), a.number('t')];
    const { s, lambda, gamma, perG } = given;
    const top = s[0]!;
    const kept = a.difference(top, a.product(2, lambda));
    const constants = [kept, ...s.slice(1)].map((value) => a.difference(a.square(top), a.square(value)));
    const rest: [typeof t, typeof t] = [a.product(top, a.square(perG)), a.product(top, gamma)];
    return [
      a.equality(CHARACTERISTIC, characteristic(a, shape, given, 1, t), pairsAndRest(a, shape, t, constants, rest)),
    ];
  },
};

export const freeColumns: Identity = {
  claim: 'balance/free-columns',
  part: 'that the characteristic polynomial has these roots',
  shapes: withTriples(SMALL, 0, ({ r }) => r - 1, 'every number of retained triples below r'),
  shapeOn: withK(aboveLambda),
  on: eigenvaluesOf,
  theirs: (_, check) => fromRoots(check()),
  text(a, shape) {
    // In the basis of the columns, in which the free ones are 0.
    const [given, t, k] = [inBasis(a, shape), a.number('t'), shape.k!];
    const { s, lambda, weights } = given;
    const square = a.square(lambda);
    const constants = s.map((value, i) => a.difference(square, i < k ? square : a.square(value)));
    const added = pairsAndRest(a, shape, t, constants, [weights.alpha, weights.beta]);
    const tight = k === 0 ? a.one : characteristic(a, shape, given, k, t);
    const all = characteristic(a, shape, given, shape.r, t);
    return [a.equality(CHARACTERISTIC, all, a.product(tight, a.power(added, shape.r - k)))];
  },
};

/** The point before it is turned by Q: H~ of the turned one has the same spectrum. */
function inBasis<T>(a: Setting<T>, shape: Shape): Point<T> {
  const given = point(a, shape);
  const back = (A: Rows<T>): Rows<T> => a.timesTransposed(A, given.Q);
  return { ...given, at: { X: back(given.at.X), Y: back(given.at.Y) } };
}
