/**
 * Stationary points of the smoothed objective in singular bases, and its Hessian there. Roots are parametrised away: gamma is
 * g^2, a kept singular value is lambda + a_i^2, and the singular vectors are columns of orthogonal matrices.
 */
import { Matrix } from 'ml-matrix';
import { decompose, penalties, product, singularValues, smoothedMinimiser, squaredNorm } from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import type { Spectral } from '../instances/chosen-spectra.ts';
import type { Stationary } from '../claims/landscape/stationary.ts';
import type { Rows } from './algebra.ts';
import { CHARACTERISTIC, fromRoots, SAMPLE, SMALL } from './characteristic.ts';
import {
  asDrawn,
  shapesUpTo,
  squared,
  USUAL_SHAPES,
  withK,
  withTriples,
  type Identity,
  type Shape,
} from './identity.ts';
import {
  gradient,
  innerPair,
  matrixOf,
  moved,
  penalised,
  smoothedBent,
  smoothedGradient,
  stackedPair,
  type Pair,
  type Weights,
} from './problem.ts';
import type { Setting, Values } from './setting.ts';

const KEPT = 'every number of triples kept';
const mostKept = ({ d1, d2, r }: Shape): number => Math.min(d1, d2, r);
const SHAPES = withTriples(USUAL_SHAPES, 0, mostKept, KEPT);

/** Some triple is left out. */
const LEAVING = withTriples(
  USUAL_SHAPES,
  0,
  ({ d1, d2, r }) => Math.min(r, Math.min(d1, d2) - 1),
  'every number of triples kept that leaves one',
);

/** The point that keeps the first k triples, turned by Q. */
interface Point<T> {
  readonly M: Rows<T>;
  readonly U: Rows<T>;
  readonly V: Rows<T>;
  readonly Q: Rows<T>;
  /** All p of them, those that are kept first. */
  readonly s: readonly T[];
  readonly lambda: T;
  readonly gamma: T;
  /** sqrt(gamma), and its inverse. */
  readonly g: T;
  readonly perG: T;
  readonly weights: Weights<T>;
  readonly at: Pair<T>;
}

function point<T>(a: Setting<T>, { d1, d2, r, k = 0 }: Shape): Point<T> {
  const [U, V, Q] = [a.orthogonal('U', d1), a.orthogonal('V', d2), a.orthogonal('Q', r)];
  const [lambda, g, roots] = [a.number('lambda'), a.number('g'), a.numbers('a', k)];
  const others = a.numbers('s', Math.min(d1, d2) - k);
  const s = [...roots.map((root) => a.sum(lambda, a.square(root))), ...others];
  const [gamma, perG] = [a.square(g), a.inverse(g)];
  const turned = (B: Rows<T>): Rows<T> => a.times(a.columns(B, k), a.diagonal(roots), Q.slice(0, k));
  const at =
    k === 0 ? { X: a.zeros(d1, r), Y: a.zeros(d2, r) } : { X: a.scaled(g, turned(U)), Y: a.scaled(perG, turned(V)) };
  return {
    M: a.timesTransposed(a.times(U, a.diagonal(s, d1, d2)), V),
    ...{ U, V, Q, s, lambda, gamma, g, perG, at },
    weights: { alpha: a.product(lambda, a.square(perG)), beta: a.product(lambda, gamma) },
  };
}

/** The inputs of `point` where the triples with these numbers are kept. */
function inputs(instance: Instance, kept: readonly number[], Q: readonly number[][]): Values {
  const target = matrix(instance.M);
  const { lambda, gamma } = penalties(target, instance);
  const { U, s, V } = decompose(target);
  const order = [...kept, ...s.map((_, i) => i).filter((i) => !kept.includes(i))];
  const ordered = (B: Matrix) =>
    squared(order.map((i) => B.getColumn(i))[0]!.map((_, row) => order.map((i) => B.get(row, i))));
  return {
    ...asDrawn(instance),
    ...{ U: ordered(U), V: ordered(V), Q, lambda, g: Math.sqrt(gamma) },
    a: kept.map((i) => Math.sqrt(s[i]! - lambda)),
    s: order.slice(kept.length).map((i) => s[i]!),
  };
}

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

/** The start keeps one triple, the second of the target, in the shares t and 1 / t, in one column. */
function onSaddle(instance: Instance): Values | undefined {
  const { X, Y } = startOf(instance);
  const kept = Matrix.mul(X, 1).norm() * Y.norm();
  const { U, s, V } = decompose(matrix(instance.M));
  if (!(Math.abs(s[1]! - kept) <= 1e-9 * s[0]!) || instance.X0.length !== instance.Y0.length) return undefined;
  const order = [1, 0, ...s.map((_, i) => i).slice(2)];
  const ordered = (B: Matrix) => squared(B.to2DArray().map((row) => order.map((i) => row[i]!)));
  // The row space of X is that of one direction q, which is up to sign a column of the basis.
  const column = X.to2DArray()[0]!.length;
  const at = Array.from({ length: column }, (_, c) => c).find((c) => X.getColumnVector(c).norm() > 0)!;
  const [x, y, u, v] = [X.getColumnVector(at), Y.getColumnVector(at), U.getColumnVector(1), V.getColumnVector(1)];
  const signs = [Math.sign(x.dot(u)), Math.sign(y.dot(v))];
  if (signs[0] !== signs[1]) return undefined;
  const turn = Array.from({ length: column }, (_, i) =>
    Array.from({ length: column }, (_, j) => Number(j === (i + at) % column)),
  );
  const Q = turn.map((row) => row.map((entry) => entry * signs[0]!));
  return {
    ...asDrawn(instance),
    ...{ U: ordered(U), V: ordered(V), Q, t: x.norm() / Math.sqrt(s[1]!) },
    a: [Math.sqrt(s[1]!)],
    s: [s[0]!, ...s.slice(2)],
  };
}

/** The minimiser: of the first r triples those above lambda are kept. */
const aboveLambda = (instance: Instance): number => {
  const target = matrix(instance.M);
  const { lambda } = penalties(target, instance);
  return singularValues(target).filter((s, i) => i < instance.X0[0]!.length && s > lambda).length;
};

const firstOnes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Undefined without noise on both factors. */
const onMinimiser = (instance: Instance): Values | undefined => {
  const r = instance.X0[0]!.length;
  if (instance.sigma1 * instance.sigma2 === 0) return undefined;
  return inputs(instance, firstOnes(aboveLambda(instance)), Matrix.eye(r).to2DArray());
};

export const distance: Identity = {
  claim: 'limit/distance',
  part: 'the formula, with k of the first r singular values above lambda',
  shapes: SHAPES,
  shapeOn: withK(aboveLambda),
  on: onMinimiser,
  text(a, shape) {
    const { M, at, s, lambda } = point(a, shape);
    const missing = [a.product(shape.k!, a.square(lambda)), ...s.slice(shape.k).map((value) => a.square(value))];
    const off = a.minus(a.timesTransposed(at.X, at.Y), M);
    return [a.equality("|X Y' - M|^2", a.squaredNorm(off), a.sum(...missing))];
  },
};

export const certificate: Identity = {
  claim: 'limit/dual-certificate',
  part: 'the equation, not the bound on the operator norm',
  shapes: SHAPES,
  shapeOn: withK(aboveLambda),
  on: onMinimiser,
  theirs(instance) {
    const [target, { X, Y }] = [
      matrix(instance.M),
      smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance),
    ];
    const { lambda, gamma } = penalties(target, instance);
    const Z = X.mmul(Y.transpose());
    const lhs = Matrix.mul(Matrix.sub(target, Z), Z).sum();
    const rhs = (lambda / 2) * (X.norm() ** 2 / gamma + gamma * Y.norm() ** 2);
    // As the claim has it (claims/limit/convex.ts).
    const tolerance = 64 * (target.rows + target.columns) * 2 ** -53 * target.norm() * (target.norm() + lambda);
    return { what: '<M - Z, Z>', lhs, rhs, tolerance };
  },
  text(a, shape) {
    const { M, at, lambda, gamma, perG } = point(a, shape);
    const Z = a.timesTransposed(at.X, at.Y);
    const sizes = a.sum(a.product(a.square(perG), a.squaredNorm(at.X)), a.product(gamma, a.squaredNorm(at.Y)));
    return [a.equality('<M - Z, Z>', a.inner(a.minus(M, Z), Z), a.product(a.of(1, 2), lambda, sizes))];
  },
};

/** F~ without its constant, at the minimisers. */
export const leastValue: Identity = {
  claim: 'limit/minimum-value',
  part: 'that the minimisers attain the bound',
  shapes: SHAPES,
  shapeOn: withK(aboveLambda),
  on: onMinimiser,
  seen: (instance) => ({ ...instance, off: 0 }) as Instance,
  text(a, shape) {
    const { M, at, s, lambda, weights } = point(a, shape);
    const squares = s.map((value, i) =>
      a.difference(a.square(value), i < shape.k! ? a.square(a.difference(value, lambda)) : a.zero),
    );
    const least = a.product(a.of(1, 2), a.sum(...squares));
    return [a.equality('F~ without its constant', penalised(a, M, at, weights), least)];
  },
};

/** The three distances squared, of a target of rank k that the minimiser keeps all of. */
export const smallNoise: Identity = {
  claim: 'limit/small-noise',
  part: 'the distances, squared',
  shapes: withTriples(USUAL_SHAPES, 1, mostKept, 'every rank of M up to r'),
  shapeOn: withK((instance) => (instance as Spectral).s.length),
  on: onMinimiser,
  theirs(instance) {
    const target = matrix(instance.M);
    const { lambda } = penalties(target, instance);
    const off = product(smoothedMinimiser(target, instance.X0[0]!.length, instance)).sub(target);
    const rounding = 256 * (target.rows + target.columns) * 2 ** -53 * target.norm() ** 2;
    const k = (instance as Spectral).s.length;
    return { what: "|X Y' - M|^2", lhs: squaredNorm(off), rhs: k * lambda ** 2, tolerance: rounding };
  },
  text(a, shape) {
    const given = point(a, { ...shape, k: shape.k! });
    const { U, V, at, lambda, gamma, perG, s } = given;
    const kept = s.slice(0, shape.k);
    const of = (left: Rows<typeof lambda>, right: Rows<typeof lambda>) =>
      a.timesTransposed(a.times(a.columns(left, shape.k!), a.diagonal(kept)), a.columns(right, shape.k!));
    const [M, outer] = [of(U, V), (A: Rows<typeof lambda>) => a.timesTransposed(A, A)];
    const distances = [
      ["|X Y' - M|^2", a.minus(a.timesTransposed(at.X, at.Y), M)],
      ["|X X'/gamma - U S U'|^2", a.minus(a.scaled(a.square(perG), outer(at.X)), of(U, U))],
      ["|gamma Y Y' - V S V'|^2", a.minus(a.scaled(gamma, outer(at.Y)), of(V, V))],
    ] as const;
    const expected = a.product(shape.k!, a.square(lambda));
    return distances.map(([what, off]) => a.equality(what, a.squaredNorm(off), expected));
  },
};

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
  shapes: withTriples(shapesUpTo(4, 1), 1, () => 1, 'one triple kept'),
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
  shapes: withTriples(SMALL, 0, ({ r }) => r - 1, 'every number of triples kept below r'),
  shapeOn: withK(aboveLambda),
  on: eigenvaluesOf,
  theirs: (_, check) => fromRoots(check()),
  text(a, shape) {
    // In the basis of the columns, where the free ones are 0.
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
