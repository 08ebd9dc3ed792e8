/** The spectrum of the Hessian, by its characteristic polynomial. */
import { Matrix } from 'ml-matrix';
import {
  decompose,
  hessian,
  minimumSpectrum,
  norm,
  penalties,
  singularValues,
  smoothedHessian,
  squaredNorm,
} from '../../src/index.ts';
import { matrix, startOf } from '../model/instance.ts';
import { curvatureAt, spectrumAtOrigin, spectrumOf } from '../oracles/hessians.ts';
import { CHARACTERISTIC, fromRoots, SAMPLE, SMALL } from './characteristic.ts';
import { asDrawn, shapeOf, shapesUpTo, squared, USUAL_SHAPES, type Identity } from './identity.ts';
import { bent, innerPair, matrixOf, problem, scalesOf, smoothedBent, unitDirection, weightsOf } from './problem.ts';
import type { Rows } from './algebra.ts';
import type { Setting } from './setting.ts';

export const trace: Identity = {
  claim: 'flatness/trace',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text(a, shape) {
    const [{ M, at }, { d1, d2, r }] = [problem(a, shape), shape];
    const entries = Array.from({ length: (d1 + d2) * r }, (_, n) => unitDirection(a, shape, n));
    const sum = a.sum(...entries.map((e) => innerPair(a, e, bent(a, M, at, e))));
    const expected = a.sum(a.product(d2, a.squaredNorm(at.X)), a.product(d1, a.squaredNorm(at.Y)));
    return [a.equality('trace', sum, expected)];
  },
};

/** A Kronecker B */
const kronecker = <T>(a: Setting<T>, A: Rows<T>, B: Rows<T>): Rows<T> =>
  A.flatMap((rowA) => B.map((rowB) => rowA.flatMap((x) => rowB.map((y) => a.product(x, y)))));

/** Both sides have the same roots t with the same multiplicities, except for 0. */
export const spectrum: Identity = {
  claim: 'flatness/spectrum',
  part: "det(t - H) t^(d1 d2) = det(t - K) t^((d1 + d2) r), K = XX' x I + I x YY'",
  shapes: SMALL,
  on: (instance) => ({ ...asDrawn(instance), t: SAMPLE }),
  theirs(instance) {
    const { values, rounding, at } = curvatureAt(instance);
    const nonzero = minimumSpectrum(at);
    const { d1, d2, r } = shapeOf(instance);
    const zeros = (count: number): number[] => Array<number>(count).fill(0);
    const [ofH, ofK] = [
      [...values, ...zeros(d1 * d2)],
      [...nonzero, ...zeros(d1 * d2 + (d1 + d2) * r - nonzero.length)],
    ];
    return fromRoots({ lhs: Matrix.columnVector(ofH), rhs: Matrix.columnVector(ofK), tolerance: rounding });
  },
  text(a, shape) {
    const [{ at }, { d1, d2, r }, t] = [problem(a, shape), shape, a.number('t')];
    const M = a.timesTransposed(at.X, at.Y);
    const H = matrixOf(a, shape, (direction) => bent(a, M, at, direction));
    const outer = (A: Rows<typeof t>) => a.timesTransposed(A, A);
    const K = a.plus(kronecker(a, outer(at.X), a.identity(d2)), kronecker(a, a.identity(d1), outer(at.Y)));
    const lhs = a.product(a.determinantAt(t, H), a.power(t, d1 * d2));
    return [a.equality(CHARACTERISTIC, lhs, a.product(a.determinantAt(t, K), a.power(t, (d1 + d2) * r)))];
  },
};

/** det(t - H) at the origin, of M = U diag(s) V': the roots are those of (t - alpha)(t - beta) = s_i^2, and alpha and beta. */
export const origin: Identity = {
  claim: 'landscape/origin',
  part: 'that the characteristic polynomial has these roots',
  shapes: SMALL,
  on(instance) {
    const { U, s, V } = decompose(matrix(instance.M));
    return { ...asDrawn(instance), t: SAMPLE, U: squared(U.to2DArray()), s, V: squared(V.to2DArray()) };
  },
  theirs(instance) {
    const [target, at, r] = [matrix(instance.M), startOf(instance), instance.X0[0]!.length];
    const { values, rounding } = spectrumOf(smoothedHessian(target, at, instance));
    const closed = spectrumAtOrigin(target, r, penalties(target, instance));
    return fromRoots({ lhs: Matrix.columnVector(values), rhs: Matrix.columnVector(closed), tolerance: rounding });
  },
  text(a, shape) {
    const { d1, d2, r } = shape;
    const [p, t, weights] = [Math.min(d1, d2), a.number('t'), weightsOf(a, shape, scalesOf(a))];
    const s = a.numbers('s', p);
    const M = a.timesTransposed(a.times(a.orthogonal('U', d1), a.diagonal(s, d1, d2)), a.orthogonal('V', d2));
    const at = { X: a.zeros(d1, r), Y: a.zeros(d2, r) };
    const H = matrixOf(a, shape, (direction) => smoothedBent(a, M, at, weights, direction));
    const [ofAlpha, ofBeta] = [a.difference(t, weights.alpha), a.difference(t, weights.beta)];
    const pairs = s.map((value) => a.difference(a.product(ofAlpha, ofBeta), a.square(value)));
    const once = a.product(...pairs, a.power(ofAlpha, d1 - p), a.power(ofBeta, d2 - p));
    return [a.equality(CHARACTERISTIC, a.determinantAt(t, H), a.power(once, r))];
  },
};

/** Saddles (0, y) of the loss with M y = 0: M = N (I - y y' / y'y). */
export const unsmoothedSaddles: Identity = {
  claim: 'landscape/unsmoothed-saddles',
  part: 'that the characteristic polynomial has these roots, with all singular values of M',
  shapes: shapesUpTo(4, 1),
  on: ({ M, Y0 }) => ({ M, Y: Y0, t: SAMPLE }),
  theirs(instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const { values, rounding } = spectrumOf(hessian(target, at));
    const [square, { d1, d2 }] = [squaredNorm(at.Y), shapeOf(instance)];
    const s = [...singularValues(target), ...Array<number>(d2).fill(0)].slice(0, d2);
    const pairs = s.flatMap((value) => [1, -1].map((sign) => (square + sign * Math.hypot(square, 2 * value)) / 2));
    const [ofH, ofM] = [
      [...values, ...Array<number>(d2).fill(square)],
      [...pairs, ...Array<number>(d1).fill(square)],
    ];
    return fromRoots({ lhs: Matrix.columnVector(ofH), rhs: Matrix.columnVector(ofM), tolerance: rounding });
  },
  text(a, shape) {
    const { d1, d2 } = shape;
    const [N, y, t] = [a.matrix('M', d1, d2), a.matrix('Y', d2, 1), a.number('t')];
    const square = a.squaredNorm(y);
    const M = a.minus(N, a.scaled(a.inverse(square), a.times(N, a.timesTransposed(y, y))));
    const at = { X: a.zeros(d1, 1), Y: y };
    const H = matrixOf(a, shape, (direction) => bent(a, M, at, direction));
    const beyond = a.difference(t, square);
    const ofM = a.determinantAt(a.product(t, beyond), a.gram(M));
    const lhs = a.product(a.determinantAt(t, H), a.power(beyond, d2));
    return [a.equality(CHARACTERISTIC, lhs, a.product(a.power(beyond, d1), ofM))];
  },
};

/** At (a u_1, b v_1) with a b = s_1, so that a^2 + b^2 = (|x| - |y|)^2 + 2 s_1. */
export const topCurvature: Identity = {
  claim: 'gd/top-curvature',
  part: 'that it is an eigenvalue, by the characteristic polynomial; that it is the largest is proved in words',
  shapes: shapesUpTo(4, 1),
  on(instance) {
    const { U, s, V } = decompose(matrix(instance.M));
    const [x, y] = [norm(startOf(instance).X), norm(startOf(instance).Y)];
    return { U: squared(U.to2DArray()), V: squared(V.to2DArray()), a: x, b: y, s: s.slice(1), t: SAMPLE };
  },
  theirs(instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const { values, rounding } = spectrumOf(hessian(target, at));
    const [x, y, s] = [squaredNorm(at.X), squaredNorm(at.Y), singularValues(target)];
    const top = (Math.sqrt(x) - Math.sqrt(y)) ** 2 + 2 * s[0]!;
    const pairs = s
      .slice(1)
      .flatMap((value) => [1, -1].map((sign) => (x + y + sign * Math.hypot(x - y, 2 * value)) / 2));
    const [d1, d2] = [target.rows - s.length, target.columns - s.length];
    const rest = [...Array<number>(d1).fill(y), ...Array<number>(d2).fill(x)];
    const closed = Matrix.columnVector([top, 0, ...pairs, ...rest]);
    return fromRoots({ lhs: Matrix.columnVector(values), rhs: closed, tolerance: rounding });
  },
  text(a, shape) {
    const { d1, d2 } = shape;
    const [U, V, x, y, t] = [a.orthogonal('U', d1), a.orthogonal('V', d2), a.number('a'), a.number('b'), a.number('t')];
    const [p, product] = [Math.min(d1, d2), a.product(x, y)];
    const s = a.numbers('s', p - 1);
    const M = a.timesTransposed(a.times(U, a.diagonal([product, ...s], d1, d2)), V);
    const at = { X: a.scaled(x, a.column(U, 0)), Y: a.scaled(y, a.column(V, 0)) };
    const H = matrixOf(a, shape, (direction) => bent(a, M, at, direction));
    const apart = a.square(a.difference(x, y));
    const top = a.difference(t, a.sum(apart, a.product(2, product)));
    const [ofX, ofY] = [a.difference(t, a.square(y)), a.difference(t, a.square(x))];
    const pairs = s.map((value) => a.difference(a.product(ofX, ofY), a.square(value)));
    const all = a.product(t, top, ...pairs, a.power(ofX, d1 - p), a.power(ofY, d2 - p));
    return [a.equality(CHARACTERISTIC, a.determinantAt(t, H), all)];
  },
};
