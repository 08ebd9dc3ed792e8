/** One step of related descents: momentum, weight decay, two step sizes, a preconditioner; and large steps in a plane. */
import { Matrix } from 'ml-matrix';
import { gradient as gradientOf, norm } from '../../src/index.ts';
import { matrix, startOf, type Grid, type Instance } from '../model/instance.ts';
import { stacked } from '../oracles/formula.ts';
import { u } from '../oracles/rounding.ts';
import type { Rows } from './algebra.ts';
import { asDrawn, oneStep, USUAL_SHAPES, withNoise, type Identity } from './identity.ts';
import {
  gradient,
  imbalance,
  moved,
  noiseInputs,
  perturbed,
  problem,
  residual,
  scalesOf,
  stackedPair,
  stepFrom,
  type Pair,
} from './problem.ts';
import type { Setting, Values } from './setting.ts';

const shared = { shapes: USUAL_SHAPES, on: asDrawn } as const;

/** Z'N - N'Z */
const twist = <T>(a: Setting<T>, one: Pair<T>, other: Pair<T>): Rows<T> => {
  const [Z, N] = [stackedPair(a, one), stackedPair(a, other)];
  return a.minus(a.transposedTimes(Z, N), a.transposedTimes(N, Z));
};

/** From any two iterates, (P, Q) and (X, Y). */
export const heavyBall: Identity = {
  claim: 'momentum/decay',
  part: 'one step, from any two iterates',
  ...shared,
  on: (instance) => ({ ...asDrawn(instance), b: (instance as Instance & { momentum: number }).momentum }),
  seen: oneStep,
  text(a, shape) {
    const [{ M, at }, eta, b] = [problem(a, shape), a.number('eta'), a.number('b')];
    const before = { X: a.matrix('P', shape.d1, shape.r), Y: a.matrix('Q', shape.d2, shape.r) };
    const after = moved(a, stepFrom(a, M, at, at, eta), b, moved(a, at, -1, before));
    return [a.equation('A after step 1', twist(a, at, after), a.scaled(b, twist(a, before, at)))];
  },
};

export const noMomentum: Identity = {
  claim: 'momentum/none',
  part: 'one step, from any point and with any noise',
  ...shared,
  on: withNoise,
  seen: oneStep,
  text(a, shape) {
    const [{ M, at }, eta, xi] = [problem(a, shape), a.number('eta'), noiseInputs(a, shape)];
    const there = perturbed(a, at, scalesOf(a), xi.X, xi.Y);
    const turned = a.scaled(a.product(-1, eta), twist(a, at, gradient(a, M, there)));
    return [a.equation('A in step 1', twist(a, at, stepFrom(a, M, at, there, eta)), turned)];
  },
};

/** R+ = R - eta (R P_Y + P_X R) + eta^2 R Y (Y'Y)^-1 (X'X)^-1 X'R, P_A = A (A'A)^-1 A' */
export const scaledDescent: Identity = {
  claim: 'momentum/scaled-residual',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const slope = gradient(a, M, at);
    const [perX, perY] = [a.inverseOf(a.gram(at.X)), a.inverseOf(a.gram(at.Y))];
    const by = { X: a.times(slope.X, perY), Y: a.times(slope.Y, perX) };
    const after = residual(a, M, moved(a, at, a.product(-1, eta), by));
    const R = residual(a, M, at);
    const onto = (A: Rows<typeof eta>, per: Rows<typeof eta>) => a.times(A, per, a.transposed(A));
    const first = a.plus(a.times(R, onto(at.Y, perY)), a.times(onto(at.X, perX), R));
    const second = a.times(R, at.Y, perY, perX, a.transposed(at.X), R);
    return [a.equation("X Y' - M", after, a.plus(a.minus(R, a.scaled(eta, first)), a.scaled(a.square(eta), second)))];
  },
};

export const weightDecay: Identity = {
  claim: 'momentum/weight-decay',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, m] = [problem(a, shape), a.number('eta'), a.number('scale')];
    const slope = gradient(a, M, at);
    const after = moved(a, at, a.product(-1, eta), moved(a, slope, m, at));
    const factor = a.square(a.difference(a.one, a.product(eta, m)));
    const expected = a.plus(a.scaled(factor, imbalance(a, at)), a.scaled(a.square(eta), imbalance(a, slope)));
    return [a.equation('D', imbalance(a, after), expected)];
  },
};

export const twoStepSizes: Identity = {
  claim: 'momentum/two-step-sizes',
  part: 'the equation times eta1',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, scale] = [problem(a, shape), a.number('eta'), a.number('scale')];
    const slope = gradient(a, M, at);
    const [other, perScale] = [a.product(scale, eta), a.inverse(scale)];
    const weighted = (X: Rows<typeof eta>, Y: Rows<typeof eta>) => a.minus(a.gram(X), a.scaled(perScale, a.gram(Y)));
    const after = weighted(a.minus(at.X, a.scaled(eta, slope.X)), a.minus(at.Y, a.scaled(other, slope.Y)));
    const ofX = a.scaled(a.square(eta), a.gram(slope.X));
    const ofY = a.scaled(a.product(scale, eta, eta), a.gram(slope.Y));
    return [a.equation('D_w', after, a.plus(weighted(at.X, at.Y), a.minus(ofX, ofY)))];
  },
};

/**
 * W = ZZ' along the flow, with F = [[delta/2 I, M], [M', -delta/2 I]] and V = [X; -Y]: the last terms are 0 if the
 * imbalance D is delta I.
 */
export const closedFlow: Identity = {
  claim: 'paths/closed-form',
  part: "that W' = FW + WF - W^2 if D = delta I, which the closed form solves",
  ...shared,
  on: (instance) => ({ ...asDrawn(instance), delta: meanImbalance(instance) }),
  theirs(instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const [Z, slope] = [stacked(at), stacked(gradientOf(target, at))];
    const half = slope.mmul(Z.transpose()).mul(-1);
    const lhs = Matrix.add(half, half.transpose());
    const delta = Matrix.eye(target.rows).mul(meanImbalance(instance) / 2);
    const below = Matrix.eye(target.columns).mul(-meanImbalance(instance) / 2);
    const F = Matrix.zeros(Z.rows, Z.rows).setSubMatrix(delta, 0, 0).setSubMatrix(below, target.rows, target.rows);
    F.setSubMatrix(target, 0, target.rows).setSubMatrix(target.transpose(), target.rows, 0);
    const W = Z.mmul(Z.transpose());
    const rhs = F.mmul(W).add(W.mmul(F)).sub(W.mmul(W));
    // Sums of products of at most Z.rows + r terms, of this size; the start has D = delta I up to the same bound.
    const size = norm(W) * (norm(target) + norm(W) + norm(F));
    return { what: "W'", lhs, rhs, tolerance: 16 * (Z.rows + Z.columns) * u * size };
  },
  text(a, shape) {
    const [{ M, at }, delta, { d1, d2, r }] = [problem(a, shape), a.number('delta'), shape];
    const slope = stackedPair(a, gradient(a, M, at));
    const [Z, V] = [stackedPair(a, at), a.stacked(at.X, a.scaled(-1, at.Y))];
    const half = a.product(a.of(1, 2), delta);
    const F = a.make(d1 + d2, d1 + d2, (i, j) => {
      if (i === j) return i < d1 ? half : a.product(-1, half);
      if (i < d1) return j < d1 ? a.zero : M[i]![j - d1]!;
      return j < d1 ? M[j]![i - d1]! : a.zero;
    });
    const W = a.timesTransposed(Z, Z);
    const off = a.minus(imbalance(a, at), a.scaled(delta, a.identity(r)));
    const rest = a.scaled(a.of(1, 2), a.symmetrised(a.timesTransposed(a.times(V, off), Z)));
    const riccati = a.minus(a.symmetrised(a.times(F, W)), a.times(W, W));
    return [a.equation("W'", a.scaled(-1, a.symmetrised(a.timesTransposed(slope, Z))), a.plus(riccati, rest))];
  },
};

/** tr(D) / r */
const meanImbalance = (instance: Instance): number => {
  const { X, Y } = startOf(instance);
  return (norm(X) ** 2 - norm(Y) ** 2) / X.columns;
};

const SCALAR = { text: '1 x 1', all: [{ d1: 1, d2: 1, r: 1 }] } as const;

/** x, y and mu of an instance in the plane of two vectors. */
function inPlane(instance: Instance): Values {
  const { U, V } = instance as Instance & Record<'U' | 'V', Grid>;
  const [u, v, { X, Y }] = [matrix(U), matrix(V), startOf(instance)];
  const [x, y] = [u.dot(X) / norm(u), v.dot(Y) / norm(v)];
  const mu = u.transpose().mmul(matrix(instance.M)).mmul(v).get(0, 0) / (norm(u) * norm(v));
  return { eta: instance.eta, M: mu, X: x, Y: y, residual: x * y - mu };
}

const inThePlane = { shapes: SCALAR, shapeOn: () => SCALAR.all[0], on: inPlane, seen: oneStep } as const;

/** h = eta, mu = M, p = xy, r = p - mu, S = x^2 + y^2, c = h r, G = S - h mu r - 4 / h. */
function scalar<T>(a: Setting<T>) {
  const [h, mu, x, y] = [a.number('eta'), a.number('M'), a.number('X'), a.number('Y')];
  const four = a.product(4, a.inverse(h));
  const of = (u: T, v: T) => {
    const p = a.product(u, v);
    const r = a.difference(p, mu);
    const S = a.sum(a.square(u), a.square(v));
    return { p, r, S, c: a.product(h, r), G: a.difference(a.difference(S, a.product(h, mu, r)), four) };
  };
  const now = of(x, y);
  const next = of(a.difference(x, a.product(now.c, y)), a.difference(y, a.product(now.c, x)));
  return { h, now, next };
}

export const ellipse: Identity = {
  claim: 'large-step/invariant',
  ...inThePlane,
  text(a) {
    const { h, now, next } = scalar(a);
    const factor = a.sum(a.one, a.product(h, h, now.r, now.p));
    return [a.equality('G after step 1', next.G, a.product(factor, now.G))];
  },
};

export const residualMap: Identity = {
  claim: 'large-step/residual-map',
  ...inThePlane,
  text(a) {
    const { h, now, next } = scalar(a);
    const factor = a.sum(a.of(3), a.product(h, now.G));
    const expected = a.difference(a.power(now.c, 3), a.product(factor, now.c));
    return [a.equality('h r after step 1', next.c, expected)];
  },
};

/** On G = 0, where S = h mu r + 4 / h; r+ = r - h r S + h^2 r^2 p at every point. */
export const chebyshev: Identity = {
  claim: 'large-step/chebyshev',
  part: 'the map, not the chaos',
  ...inThePlane,
  text(a) {
    const [h, mu, r] = [a.number('eta'), a.number('M'), a.number('residual')];
    const [p, S] = [a.sum(r, mu), a.sum(a.product(h, mu, r), a.product(4, a.inverse(h)))];
    const next = a.sum(r, a.product(-1, h, r, S), a.product(h, h, r, r, p));
    const c = a.product(h, r);
    return [a.equality('h r after step 1', a.product(h, next), a.difference(a.power(c, 3), a.product(3, c)))];
  },
};
