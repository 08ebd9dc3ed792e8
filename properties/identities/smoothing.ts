/** Averages over the noise: the smoothed objective and the mean step. */
import { Matrix } from 'ml-matrix';
import { loss as lossOf, penalties, smoothedLoss, squaredNorm } from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { objectiveRounding } from '../oracles/rounding.ts';
import { ALL_SIGNS, BLOCKS_TO_FIVE, BLOCKS_TO_THREE, TOGETHER_TO_THREE, type Rule } from './averages.ts';
import { asDrawn, shapesUpTo, USUAL_SHAPES, type Identity, type Shape } from './identity.ts';
import {
  blocksOf,
  innerPair,
  loss,
  moved,
  penalised,
  perturbed,
  problem,
  scalesOf,
  smoothedBent,
  smoothedGradient,
  stackedPair,
  stepFrom,
  weightsOf,
  type Pair,
  type Scales,
} from './problem.ts';
import type { Rows } from './algebra.ts';
import type { Setting } from './setting.ts';

/** r d1 d2 sigma1^2 sigma2^2 / 2 */
const constant = <T>(a: Setting<T>, { d1, d2, r }: Shape, { sigma1, sigma2 }: Scales<T>): T =>
  a.product(a.of(r * d1 * d2, 2), a.square(sigma1), a.square(sigma2));

export const objective: Identity = {
  claim: 'smoothing/objective',
  average: 'F has degree 2 in each block of the noise',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text(a, shape) {
    const [{ M, at }, scales] = [problem(a, shape), scalesOf(a)];
    const mean = a.mean(BLOCKS_TO_THREE, blocksOf(shape), (xi1, xi2) => [
      [loss(a, M, perturbed(a, at, scales, xi1, xi2))],
    ]);
    const smoothed = a.sum(penalised(a, M, at, weightsOf(a, shape, scales)), constant(a, shape, scales));
    return [a.equation('E F~', mean, [[smoothed]])];
  },
};

/** The mean of (X; Y) after a step. */
function meanStep<T>(a: Setting<T>, shape: Shape, scales: Scales<T>, rule: Rule = TOGETHER_TO_THREE): Rows<T> {
  const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
  return a.mean(rule, blocksOf(shape), (xi1, xi2) =>
    stackedPair(a, stepFrom(a, M, at, perturbed(a, at, scales, xi1, xi2), eta)),
  );
}

/** (X; Y) after a step on the loss with a share of the penalties of these scales. */
function smoothedStep<T>(a: Setting<T>, shape: Shape, scales: Scales<T>, share: T = a.one): Rows<T> {
  const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
  const { alpha, beta } = weightsOf(a, shape, scales);
  const weights = { alpha: a.product(share, alpha), beta: a.product(share, beta) };
  return stackedPair(a, moved(a, at, a.product(-1, eta), smoothedGradient(a, M, at, weights)));
}

const MEAN = 'mean of (X; Y) after a step';
const CUBIC = 'a step has degree 3 in the noise';

export const meanStepIdentity: Identity = {
  claim: 'smoothing/mean-step',
  average: CUBIC,
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text: (a, shape) => [a.equation(MEAN, meanStep(a, shape, scalesOf(a)), smoothedStep(a, shape, scalesOf(a)))],
};

export const anyLaw: Identity = {
  claim: 'smoothing/any-law',
  average:
    'a step has degree at most 2 in each entry of the noise, so signs have the average of every distribution with the same means and variances',
  shapes: shapesUpTo(4, 3, { text: '(d1 + d2) r <= 6', holds: ({ d1, d2, r }) => (d1 + d2) * r <= 6 }),
  on: asDrawn,
  text: (a, shape) => [
    a.equation(MEAN, meanStep(a, shape, scalesOf(a), ALL_SIGNS), smoothedStep(a, shape, scalesOf(a))),
  ],
};

/** With sigma1 = tau sqrt 2 no root occurs in the noise (z^2 - 1) / sqrt 2 on x. */
export const dependentNoise: Identity = {
  claim: 'smoothing/dependent-noise',
  average: 'the step has degree 4 in z',
  shapes: { text: '1 x 1', all: [{ d1: 1, d2: 1, r: 1 }] },
  on: (instance) => ({ ...asDrawn(instance), tau: instance.sigma1 * Math.SQRT1_2 }),
  text(a, shape) {
    const [{ M, at }, eta, tau, sigma2] = [problem(a, shape), a.number('eta'), a.number('tau'), a.number('sigma2')];
    const step = (onX: Rows<typeof tau>, onY: Rows<typeof tau>): Rows<typeof tau> =>
      stackedPair(a, stepFrom(a, M, at, perturbed(a, at, { sigma1: tau, sigma2 }, onX, onY), eta));
    const mean = a.mean(BLOCKS_TO_FIVE, [[1, 1]], (z) => step([[a.difference(a.square(z[0]![0]!), a.one)]], z));
    const slope = smoothedGradient(a, M, at, { alpha: a.square(sigma2), beta: a.product(2, a.square(tau)) });
    const shift = { X: [[a.product(2, tau, a.square(sigma2))]], Y: [[a.zero]] };
    const expected = moved(a, at, a.product(-1, eta), moved(a, slope, 1, shift));
    return [a.equation('mean of (x; y) after a step', mean, stackedPair(a, expected))];
  },
};

export const derivatives: Identity = {
  claim: 'smoothing/derivatives',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text(a, shape) {
    const [{ M, at }, { d1, d2, r }] = [problem(a, shape), shape];
    const [d, weights] = [{ X: a.matrix('dX', d1, r), Y: a.matrix('dY', d2, r) }, weightsOf(a, shape, scalesOf(a))];
    const along = (t: number) => penalised(a, M, moved(a, at, t, d), weights);
    // Along a line F~ has degree 4, for which these five-point formulas have no truncation error.
    const [f2, f1, f0, g1, g2] = [along(2), along(1), along(0), along(-1), along(-2)];
    const [near, far] = [a.sum(f1, g1), a.sum(f2, g2)];
    const odd = a.difference(a.product(8, a.difference(f1, g1)), a.difference(f2, g2));
    const even = a.difference(a.difference(a.product(16, near), a.product(30, f0)), far);
    return [
      a.equality('slope', innerPair(a, d, smoothedGradient(a, M, at, weights)), a.product(a.of(1, 12), odd)),
      a.equality('curvature', innerPair(a, d, smoothedBent(a, M, at, weights, d)), a.product(a.of(1, 12), even)),
    ];
  },
};

const silent = <T>(a: Setting<T>, side: keyof Scales<T>): Scales<T> => ({ ...scalesOf(a), [side]: a.zero });

export const oneFactorMean: Identity = {
  claim: 'orvieto/mean',
  average: CUBIC,
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text(a, shape) {
    const [onX, onY] = [silent(a, 'sigma2'), silent(a, 'sigma1')];
    const [ofX, ofY] = [meanStep(a, shape, onX), meanStep(a, shape, onY)];
    return [
      a.equation('mean of (X; Y) with noise on X', ofX, smoothedStep(a, shape, onX)),
      a.equation('mean of (X; Y) with noise on Y', ofY, smoothedStep(a, shape, onY)),
      a.equation(
        'average of the two',
        a.scaled(a.of(1, 2), a.plus(ofX, ofY)),
        smoothedStep(a, shape, scalesOf(a), a.of(1, 2)),
      ),
    ];
  },
};

export const oneFactorObjective: Identity = {
  claim: 'orvieto/objective',
  average: 'F has degree 2 in the noise on one factor',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  text(a, shape) {
    const { M, at } = problem(a, shape);
    const meanLoss = <T>(b: Setting<T>, scales: Scales<T>, M: Rows<T>, at: Pair<T>): T =>
      b.mean(TOGETHER_TO_THREE, blocksOf(shape), (xi1, xi2) => [
        [loss(b, M, perturbed(b, at, scales, xi1, xi2))],
      ])[0]![0]!;
    const mean = a.product(
      a.of(1, 2),
      a.sum(meanLoss(a, silent(a, 'sigma2'), M, at), meanLoss(a, silent(a, 'sigma1'), M, at)),
    );
    const { alpha, beta } = weightsOf(a, shape, scalesOf(a));
    const half = { alpha: a.product(a.of(1, 2), alpha), beta: a.product(a.of(1, 2), beta) };
    return [a.equality('mean of F', mean, penalised(a, M, at, half))];
  },
};

/** With noise on X alone, and on Y alone: the factor of the noise grows by 1 / e and the other one shrinks by e. */
export const oneSided: Identity = {
  claim: 'limit/one-sided',
  part: 'the equation, not the limit',
  shapes: USUAL_SHAPES,
  on: (instance) => ({ ...asDrawn(instance), e: 1 / 2 }),
  theirs(instance) {
    const [target, { X, Y }] = [matrix(instance.M), startOf(instance)];
    const { side } = instance as Instance & { side: number };
    const [x, y] = side === 0 ? [2, 1 / 2] : [1 / 2, 2];
    const stretched = { X: Matrix.mul(X, x), Y: Matrix.mul(Y, y) };
    const { alpha, beta } = penalties(target, instance);
    const left = (side === 0 ? beta * squaredNorm(Y) : alpha * squaredNorm(X)) / 8;
    const [lhs, rhs] = [smoothedLoss(target, stretched, instance), lossOf(target, { X, Y }) + left];
    const tolerance = objectiveRounding(target, stretched, instance) + objectiveRounding(target, { X, Y }, instance);
    return { what: SIDES[side]!, lhs, rhs, tolerance };
  },
  text(a, shape) {
    const [{ M, at }, e] = [problem(a, shape), a.number('e')];
    const perE = a.inverse(e);
    const half = a.product(a.of(1, 2), a.square(e));
    const { alpha, beta } = weightsOf(a, shape, scalesOf(a));
    const onX = { X: a.scaled(perE, at.X), Y: a.scaled(e, at.Y) };
    const onY = { X: a.scaled(e, at.X), Y: a.scaled(perE, at.Y) };
    const plain = loss(a, M, at);
    return [
      a.equality(
        SIDES[0],
        penalised(a, M, onX, { alpha: a.zero, beta }),
        a.sum(plain, a.product(half, beta, a.squaredNorm(at.Y))),
      ),
      a.equality(
        SIDES[1],
        penalised(a, M, onY, { alpha, beta: a.zero }),
        a.sum(plain, a.product(half, alpha, a.squaredNorm(at.X))),
      ),
    ];
  },
};

const SIDES = ['F~ at (X / e, e Y) with noise on X', 'F~ at (e X, Y / e) with noise on Y'] as const;
