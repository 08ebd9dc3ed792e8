/** The effect of a step on the imbalance, and on the pull of the penalties on it. */
import { Matrix } from 'ml-matrix';
import { gradient as gradientOf, gram, norm, penalties, smoothedGradient as slopesOf } from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { u } from '../oracles/rounding.ts';
import type { Rows } from './algebra.ts';
import { BLOCKS_TO_FIVE, TOGETHER_TO_THREE } from './averages.ts';
import { asDrawn, oneStep, shapesUpTo, USUAL_SHAPES, withNoise, type Identity, type Shape } from './identity.ts';
import {
  blocksOf,
  gradient,
  imbalance,
  innerPair,
  moved,
  noiseInputs,
  perturbed,
  problem,
  scalesOf,
  smoothedBent,
  smoothedGradient,
  stepFrom,
  weightsOf,
  type Pair,
  type Problem,
  type Scales,
  type Weights,
} from './problem.ts';
import type { Setting } from './setting.ts';

export const gdStep: Identity = {
  claim: 'gd/imbalance-step',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  seen: oneStep,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const change = a.scaled(a.square(eta), imbalance(a, gradient(a, M, at)));
    return [a.equation('D after step 1', imbalance(a, stepFrom(a, M, at, at, eta)), a.plus(imbalance(a, at), change))];
  },
};

export const smoothedStep: Identity = {
  claim: 'balance/mean-step',
  shapes: USUAL_SHAPES,
  on: (instance) => ({ ...asDrawn(instance), lambda: penalties(matrix(instance.M), instance).lambda }),
  text(a, shape) {
    const [{ M, at }, eta, lambda] = [problem(a, shape), a.number('eta'), a.number('lambda')];
    const slope = smoothedGradient(a, M, at, { alpha: lambda, beta: lambda });
    const factor = a.difference(a.one, a.product(2, eta, lambda));
    const after = imbalance(a, moved(a, at, a.product(-1, eta), slope));
    const second = a.scaled(a.square(eta), imbalance(a, slope));
    return [a.equation('D after a step', after, a.plus(a.scaled(factor, imbalance(a, at)), second))];
  },
};

/** alpha X'X - beta Y'Y */
const weighted = <T>(a: Setting<T>, { X, Y }: Pair<T>, { alpha, beta }: Weights<T>): Rows<T> =>
  a.minus(a.scaled(alpha, a.gram(X)), a.scaled(beta, a.gram(Y)));

const BALANCE = "X'(grad_X F~) - (grad_Y F~)'Y";

export const stationary: Identity = {
  claim: 'balance/stationary',
  part: 'the equation that it follows from',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  theirs(instance) {
    const [target, { X, Y }] = [matrix(instance.M), startOf(instance)];
    const { alpha, beta } = penalties(target, instance);
    const slope = slopesOf(target, { X, Y }, instance);
    const lhs = X.transpose().mmul(slope.X).sub(slope.Y.transpose().mmul(Y));
    const rhs = gram(X).mul(alpha).sub(gram(Y).mul(beta));
    // As the claim has it (claims/balance/balance.ts).
    const terms = (norm(X) * norm(Y) + norm(target) + alpha + beta) * (norm(X) ** 2 + norm(Y) ** 2);
    return { what: BALANCE, lhs, rhs, tolerance: 2 * (target.rows + target.columns + X.columns + 4) * u * terms };
  },
  text(a, shape) {
    const [{ M, at }, weights] = [problem(a, shape), weightsOf(a, shape, scalesOf(a))];
    const slope = smoothedGradient(a, M, at, weights);
    const difference = a.minus(a.transposedTimes(at.X, slope.X), a.transposedTimes(slope.Y, at.Y));
    return [a.equation(BALANCE, difference, weighted(a, at, weights))];
  },
};

/** X'A + A'X - Y'B - B'Y, the derivative of D along (A, B). */
const turn = <T>(a: Setting<T>, at: Pair<T>, along: Pair<T>): Rows<T> =>
  a.symmetrised(a.minus(a.transposedTimes(at.X, along.X), a.transposedTimes(at.Y, along.Y)));

/** 2 eta (alpha X'X - beta Y'Y) */
const pull = <T>(a: Setting<T>, at: Pair<T>, weights: Weights<T>, eta: T): Rows<T> =>
  a.scaled(a.product(2, eta), weighted(a, at, weights));

/** A step with given noise: its change of (X, Y), and m, its change of D to first order without the pull. */
interface Step<T> extends Problem<T> {
  readonly scales: Scales<T>;
  readonly weights: Weights<T>;
  readonly eta: T;
}

const stepOf = <T>(a: Setting<T>, shape: Shape): Step<T> => {
  const scales = scalesOf(a);
  return { ...problem(a, shape), scales, weights: weightsOf(a, shape, scales), eta: a.number('eta') };
};

function change<T>(a: Setting<T>, { M, at, scales, eta }: Step<T>, xi1: Rows<T>, xi2: Rows<T>): Pair<T> {
  const slope = gradient(a, M, perturbed(a, at, scales, xi1, xi2));
  return { X: a.scaled(a.product(-1, eta), slope.X), Y: a.scaled(a.product(-1, eta), slope.Y) };
}

const increment = <T>(a: Setting<T>, step: Step<T>, xi1: Rows<T>, xi2: Rows<T>): Rows<T> =>
  a.plus(turn(a, step.at, change(a, step, xi1, xi2)), pull(a, step.at, step.weights, step.eta));

/** The increment of the first step, from the start. */
const fromStart = (instance: Instance): Instance => ({ ...instance, steps: 0 });

export const martingaleMean: Identity = {
  claim: 'balance/martingale-mean',
  average: 'the increment is linear in the step, which has degree 3 in the noise',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  seen: fromStart,
  text(a, shape) {
    const step = stepOf(a, shape);
    const mean = a.mean(TOGETHER_TO_THREE, blocksOf(shape), (xi1, xi2) => increment(a, step, xi1, xi2));
    return [a.equation('mean of m in step 1, given the past', mean, a.zeros(shape.r, shape.r))];
  },
};

/** Few enough numbers of the noise for products of two rules of degree five. */
const FEW = shapesUpTo(3, 2, { text: 'd1 d2 r^2 <= 16', holds: ({ d1, d2, r }) => d1 * d2 * r * r <= 16 });

export const martingaleVariance: Identity = {
  claim: 'balance/martingale-variance',
  average: 'the square of the trace has degree 4 in each block of the noise',
  shapes: FEW,
  on: asDrawn,
  text(a, shape) {
    const step = stepOf(a, shape);
    const square = a.mean(BLOCKS_TO_FIVE, blocksOf(shape), (xi1, xi2) => [
      [a.square(a.trace(increment(a, step, xi1, xi2)))],
    ]);
    return [a.equation('E (tr m)^2', square, [[traceVariance(a, shape, step)]])];
  },
};

function traceVariance<T>(a: Setting<T>, { d1, d2, r }: Shape, { M, at, scales, weights, eta }: Step<T>): T {
  const slope = gradient(a, M, at);
  const [v1, v2] = [a.square(scales.sigma1), a.square(scales.sigma2)];
  const mixed = a.sum(a.product(v1, weights.alpha), a.product(v2, weights.beta));
  const terms = a.sum(
    a.product(v2, a.squaredNorm(slope.Y)),
    a.product(v1, a.squaredNorm(slope.X)),
    a.product(2 * d2, v2, v2, a.squaredNorm(a.gram(at.X))),
    a.product(2 * d1, v1, v1, a.squaredNorm(a.gram(at.Y))),
    a.product(d2 * (d2 + r + 1), v1, v2, v2, a.squaredNorm(at.X)),
    a.product(d1 * (d1 + r + 1), v2, v1, v1, a.squaredNorm(at.Y)),
    a.product(-2, mixed, a.inner(slope.X, at.X)),
  );
  return a.product(4, eta, eta, terms);
}

export const pathwise: Identity = {
  claim: 'balance/pathwise',
  part: 'one step, from any point; along a path the steps add up',
  shapes: USUAL_SHAPES,
  on: withNoise,
  seen: oneStep,
  text(a, shape) {
    const [step, xi] = [stepOf(a, shape), noiseInputs(a, shape)];
    const noisy = perturbed(a, step.at, step.scales, xi.X, xi.Y);
    const moves = change(a, step, xi.X, xi.Y);
    const drift = a.minus(imbalance(a, moved(a, step.at, 1, moves)), imbalance(a, step.at));
    const ofNoise = fromNoise(a, step, noisy);
    const second = imbalance(a, moves);
    const pulled = pull(a, step.at, step.weights, step.eta);
    return [a.equation('D_T - D_0', drift, a.plus(a.minus(ofNoise, pulled), second))];
  },
};

/** m = -eta (H + H') + 2 eta (alpha X'X - beta Y'Y), H = X~'R~ xi2 - xi1'R~ Y~, with the noise that is added. */
function fromNoise<T>(a: Setting<T>, { M, at, weights, eta }: Step<T>, noisy: Pair<T>): Rows<T> {
  const slope = gradient(a, M, noisy);
  const [xi1, xi2] = [a.minus(noisy.X, at.X), a.minus(noisy.Y, at.Y)];
  const H = a.minus(a.transposedTimes(slope.Y, xi2), a.transposedTimes(xi1, slope.X));
  return a.plus(a.scaled(a.product(-1, eta), a.symmetrised(H)), pull(a, at, weights, eta));
}

export const covariance: Identity = {
  claim: 'law/step-covariance',
  average: 'the square of a component has degree 4 in each block of the noise',
  shapes: FEW,
  on: asDrawn,
  text(a, shape) {
    const step = stepOf(a, shape);
    const direction = { X: a.matrix('P', shape.d1, shape.r), Y: a.matrix('Q', shape.d2, shape.r) };
    const mean = a.product(
      a.product(-1, step.eta),
      innerPair(a, direction, smoothedGradient(a, step.M, step.at, step.weights)),
    );
    const variance = a.mean(BLOCKS_TO_FIVE, blocksOf(shape), (xi1, xi2) => [
      [a.square(a.difference(innerPair(a, direction, change(a, step, xi1, xi2)), mean))],
    ]);
    return [a.equation('variance of <P, X+> + <Q, Y+>', variance, [[componentVariance(a, shape, step, direction)]])];
  },
};

/** eta^2 <H Sigma H> and eta^2 c_4, the terms of higher order (docs/theory/noise.md#step-covariance). */
function componentVariance<T>(a: Setting<T>, { d1, d2, r }: Shape, step: Step<T>, direction: Pair<T>): T {
  const { M, at, scales, weights, eta } = step;
  const [A, B] = [direction.X, direction.Y];
  const [v1, v2] = [a.square(scales.sigma1), a.square(scales.sigma2)];
  const H = smoothedBent(a, M, at, weights, direction);
  const along = a.plus(a.timesTransposed(A, at.Y), a.timesTransposed(at.X, B));
  const [ofA, ofB] = [a.squaredNorm(A), a.squaredNorm(B)];
  const half = (C: Rows<T>): T => a.product(a.of(1, 4), a.squaredNorm(a.symmetrised(C)));
  const sizes = a.sum(
    a.product(ofA, a.squaredNorm(at.Y)),
    a.product(2, a.inner(A, at.X), a.inner(B, at.Y)),
    a.product(ofB, a.squaredNorm(at.X)),
  );
  const terms = a.sum(
    a.product(v1, a.squaredNorm(H.X)),
    a.product(v2, a.squaredNorm(H.Y)),
    a.product(2 * d2, v2, v2, half(a.transposedTimes(at.X, A))),
    a.product(2 * d1, v1, v1, half(a.transposedTimes(at.Y, B))),
    a.product(r + 1, v1, v2, a.sum(a.product(d2, v2, ofA), a.product(d1, v1, ofB))),
    a.product(v1, v2, a.sum(a.product(r + 2, a.squaredNorm(along)), sizes)),
  );
  return a.product(a.square(eta), terms);
}

export const flow: Identity = {
  claim: 'du/flow',
  part: 'that the derivative of D along the flow is 0',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  theirs(instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const slope = gradientOf(target, at);
    const half = at.X.transpose().mmul(slope.X).sub(at.Y.transpose().mmul(slope.Y));
    const lhs = half.clone().add(half.transpose());
    // Sums of products of d1, d2 and r terms of this size.
    const size = (norm(at.X) * norm(at.Y) + norm(target)) * norm(at.X) * norm(at.Y);
    const tolerance = 4 * (target.rows + target.columns + at.X.columns) * u * size;
    return { what: 'dD/dt', lhs, rhs: Matrix.zeros(lhs.rows, lhs.rows), tolerance };
  },
  text(a, { d1, d2, r }) {
    const { M, at } = problem(a, { d1, d2, r });
    return [a.equation('dD/dt', turn(a, at, gradient(a, M, at)), a.zeros(r, r))];
  },
};
