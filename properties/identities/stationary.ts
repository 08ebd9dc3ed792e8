/** Stationary points of the smoothed objective, and its Hessian at saddles. */
import { Matrix } from 'ml-matrix';
import { decompose, norm } from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import type { Stationary } from '../claims/landscape/stationary.ts';
import type { Rows } from './algebra.ts';
import { asDrawn, squared, USUAL_SHAPES, withK, withTriples, type Identity, type Shape } from './identity.ts';
import { gradient, innerPair, moved, smoothedBent, smoothedGradient, stackedPair, type Pair } from './problem.ts';
import type { Setting, Values } from './setting.ts';
import { KEPT, mostKept, SHAPES, type Point, point, inputs } from './kept-triples.ts';

/** Some triple is left out. */
const LEAVING = withTriples(
  USUAL_SHAPES,
  0,
  ({ d1, d2, r }) => Math.min(r, Math.min(d1, d2) - 1),
  'every number of retained triples that leaves one',
);

const onStationary = (instance: Instance): Values => {
  const { kept, Q } = instance as Stationary;
  return inputs(instance, kept, Q);
};
const keptBy = (instance: Instance): number => (instance as Stationary).kept.length;

export const catalogue: Identity = {
  claim: 'landscape/catalogue',
  shapes: SHAPES,
  shapeOn: withK(keptBy),
  on: onStationary,
  text(a, shape) {
    const { M, at, weights } = point(a, shape);
    const slope = stackedPair(a, smoothedGradient(a, M, at, weights));
    return [a.equation('grad F~', slope, a.zeros(slope.length, shape.r))];
  },
};

/** Every triple that is left out with every column c of the factors: its plane, and the level mu of the column. */
function planes<T>(a: Setting<T>, { r, k = 0 }: Shape, { U, V, Q, s, lambda }: Point<T>) {
  return s.slice(k).flatMap((value, i) =>
    Array.from({ length: r }, (_, c) => {
      const q = [Q[c]!];
      const [left, right] = [a.times(a.column(U, k + i), q), a.times(a.column(V, k + i), q)];
      return { s: value, mu: c < k ? s[c]! : lambda, left, right };
    }),
  );
}

/** As one column. */
const asColumn = <T>({ X, Y }: Pair<T>): Rows<T> => [...X.flat(), ...Y.flat()].map((entry) => [entry]);

export const invariantPlane: Identity = {
  claim: 'landscape/invariant-plane',
  shapes: LEAVING,
  shapeOn: withK(keptBy),
  on: onStationary,
  text(a, shape) {
    const given = point(a, shape);
    const { gamma, perG, M, at, weights } = given;
    return planes(a, shape, given).map(({ s, mu, left, right }) => {
      const [none, nil] = [a.scaled(0, left), a.scaled(0, right)];
      const bentTo = (d: Pair<typeof s>) => asColumn(smoothedBent(a, M, at, weights, d));
      const expected = (ofLeft: typeof s, ofRight: typeof s) =>
        asColumn({ X: a.scaled(ofLeft, left), Y: a.scaled(ofRight, right) });
      const beside = (A: Rows<typeof s>, B: Rows<typeof s>) => A.map((row, i) => [...row, ...B[i]!]);
      return a.equation(
        'H on the plane of triple',
        beside(bentTo({ X: left, Y: nil }), bentTo({ X: none, Y: right })),
        beside(
          expected(a.product(mu, a.square(perG)), a.product(-1, s)),
          expected(a.product(-1, s), a.product(mu, gamma)),
        ),
      );
    });
  },
};

export const strictSaddles: Identity = {
  claim: 'landscape/strict-saddles',
  part: 'the formula of the curvature, whose sign is that of mu - s_i',
  shapes: LEAVING,
  shapeOn: withK(keptBy),
  on: onStationary,
  text(a, shape) {
    const given = point(a, shape);
    const { g, perG, gamma, M, at, weights } = given;
    const perSum = a.inverse(a.sum(gamma, a.square(perG)));
    return planes(a, shape, given).map(({ s, mu, left, right }) => {
      const d = { X: a.scaled(g, left), Y: a.scaled(perG, right) };
      const curvature = a.product(innerPair(a, d, smoothedBent(a, M, at, weights, d)), a.inverse(innerPair(a, d, d)));
      return a.equality('the curvature along d', curvature, a.product(-2, a.difference(s, mu), perSum));
    });
  },
};

export const saddleStays: Identity = {
  claim: 'escape/gd-stays-at-saddle',
  shapes: withTriples(USUAL_SHAPES, 0, mostKept, KEPT),
  shapeOn: withK(() => 1),
  on: onSaddle,
  text(a, shape) {
    const { d1, d2, r, k = 0 } = shape;
    const [U, V, Q] = [a.orthogonal('U', d1), a.orthogonal('V', d2), a.orthogonal('Q', r)];
    const [t, roots, others] = [a.number('t'), a.numbers('a', k), a.numbers('s', Math.min(d1, d2) - k)];
    const s = [...roots.map((root) => a.square(root)), ...others];
    const M = a.timesTransposed(a.times(U, a.diagonal(s, d1, d2)), V);
    const turned = (B: Rows<typeof t>) => a.times(a.columns(B, k), a.diagonal(roots), Q.slice(0, k));
    const at =
      k === 0
        ? { X: a.zeros(d1, r), Y: a.zeros(d2, r) }
        : { X: a.scaled(t, turned(U)), Y: a.scaled(a.inverse(t), turned(V)) };
    const after = moved(a, at, a.product(-1, a.number('eta')), gradient(a, M, at));
    return [a.equation('(X; Y)', stackedPair(a, after), stackedPair(a, at))];
  },
};

/** The start retains one triple, the second of the target, in the shares t and 1 / t, in one column. */
function onSaddle(instance: Instance): Values | undefined {
  const { X, Y } = startOf(instance);
  const kept = norm(Matrix.mul(X, 1)) * norm(Y);
  const { U, s, V } = decompose(matrix(instance.M));
  if (!(Math.abs(s[1]! - kept) <= 1e-9 * s[0]!) || instance.X0.length !== instance.Y0.length) return undefined;
  const order = [1, 0, ...s.map((_, i) => i).slice(2)];
  const ordered = (B: Matrix) => squared(B.to2DArray().map((row) => order.map((i) => row[i]!)));
  // The row space of X is that of one direction q, which is up to sign a column of the basis.
  const column = X.to2DArray()[0]!.length;
  const at = Array.from({ length: column }, (_, c) => c).find((c) => norm(X.getColumnVector(c)) > 0)!;
  const [x, y, u, v] = [X.getColumnVector(at), Y.getColumnVector(at), U.getColumnVector(1), V.getColumnVector(1)];
  const signs = [Math.sign(x.dot(u)), Math.sign(y.dot(v))];
  if (signs[0] !== signs[1]) return undefined;
  const turn = Array.from({ length: column }, (_, i) =>
    Array.from({ length: column }, (_, j) => Number(j === (i + at) % column)),
  );
  const Q = turn.map((row) => row.map((entry) => entry * signs[0]!));
  return {
    ...asDrawn(instance),
    ...{ U: ordered(U), V: ordered(V), Q, t: norm(x) / Math.sqrt(s[1]!) },
    a: [Math.sqrt(s[1]!)],
    s: [s[0]!, ...s.slice(2)],
  };
}
