/** Minimisers of the smoothed objective: values and distances. */
import { Matrix } from 'ml-matrix';
import { norm, penalties, product, smoothedMinimiser, squaredNorm } from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import type { Spectral } from '../instances/chosen-spectra.ts';
import type { Rows } from './algebra.ts';
import { USUAL_SHAPES, withK, withTriples, type Identity } from './identity.ts';
import { aboveLambda, mostKept, onMinimiser, point, SHAPES } from './kept-triples.ts';
import { penalised } from './problem.ts';

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
    const rhs = (lambda / 2) * (norm(X) ** 2 / gamma + gamma * norm(Y) ** 2);
    // As the claim has it (claims/limit/convex.ts).
    const tolerance = 64 * (target.rows + target.columns) * 2 ** -53 * norm(target) * (norm(target) + lambda);
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

/** The three distances squared, for a target of rank k all of whose triples the minimiser retains. */
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
    const rounding = 256 * (target.rows + target.columns) * 2 ** -53 * norm(target) ** 2;
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
