/** One step under other perturbations: Anti-PGD, label noise, gradient noise, sampled entries, and any shift of the point. */
import { Matrix } from 'ml-matrix';
import { gradient as gradientOf, norm } from '../../src/index.ts';
import { matrix, startOf, zeros, type Grid, type Instance } from '../model/instance.ts';
import type { Rows } from './algebra.ts';
import { TOGETHER_TO_THREE } from './averages.ts';
import { asDrawn, oneStep, shapesUpTo, USUAL_SHAPES, withNoise, type Identity, type Shape } from './identity.ts';
import {
  blocksOf,
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
import type { Equation, Setting, Values } from './setting.ts';

const QUADRATIC = 'the imbalance after a step has degree 2 in the noise';

const shared = { shapes: USUAL_SHAPES, on: asDrawn } as const;

/** w = z + xi moves by -eta grad F(w) + xi+ - xi; so z = w - xi is perturbed descent. The claim's run begins with xi = 0. */
export const antiPath: Identity = {
  claim: 'anti-pgd/path',
  part: 'one step, from any point and with any noise',
  ...shared,
  seen: oneStep,
  on(instance) {
    const { xi1, xi2, X, Y, ...rest } = withNoise(instance) as Record<string, Grid>;
    return { ...rest, X: X!, Y: Y!, xi1: zeros(X!), xi2: zeros(Y!), next1: xi1!, next2: xi2! };
  },
  text(a, shape) {
    const [{ M, at }, scales, eta, xi] = [problem(a, shape), scalesOf(a), a.number('eta'), noiseInputs(a, shape)];
    const next = { X: a.matrix('next1', shape.d1, shape.r), Y: a.matrix('next2', shape.d2, shape.r) };
    const none = { X: a.scaled(0, at.X), Y: a.scaled(0, at.Y) };
    const shift = (noise: Pair<typeof eta>) => perturbed(a, none, scales, noise.X, noise.Y);
    const w = moved(a, at, 1, shift(xi));
    const after = moved(a, moved(a, stepFrom(a, M, w, w, eta), 1, shift(next)), -1, shift(xi));
    return [
      a.equation(
        'W - xi after step 1',
        stackedPair(a, moved(a, after, -1, shift(next))),
        stackedPair(a, stepFrom(a, M, at, w, eta)),
      ),
    ];
  },
};

/** E X_W'X_W = X_Z'X_Z + d1 sigma1^2 I for the noise of this step, which is independent of X_Z; similarly for Y. */
export const antiGram: Identity = {
  claim: 'anti-pgd/gram',
  average: 'a Gram matrix has degree 2 in the noise',
  ...shared,
  text(a, shape) {
    const [{ M, at }, scales, { d1, d2, r }] = [problem(a, shape), scalesOf(a), shape];
    const after = stepFrom(a, M, at, at, a.number('eta'));
    const grams = a.mean(TOGETHER_TO_THREE, blocksOf(shape), (xi1, xi2) => {
      const { X, Y } = perturbed(a, after, scales, xi1, xi2);
      return a.stacked(a.gram(X), a.gram(Y));
    });
    const more = (A: Rows<typeof a.one>, count: number, sigma: typeof a.one) =>
      a.plus(a.gram(A), a.scaled(a.product(count, a.square(sigma)), a.identity(r)));
    return [
      a.equation("mean of X'X", grams.slice(0, r), more(after.X, d1, scales.sigma1)),
      a.equation("mean of Y'Y", grams.slice(r), more(after.Y, d2, scales.sigma2)),
    ];
  },
};

/** Y'R'RY - X'RR'X */
const ofGradient = <T>(a: Setting<T>, M: Rows<T>, at: Pair<T>): Rows<T> => imbalance(a, gradient(a, M, at));

export const labelStep: Identity = {
  claim: 'noise/label-step',
  average: QUADRATIC,
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, s, { d1, d2 }] = [problem(a, shape), a.number('eta'), a.number('scale'), shape];
    const mean = a.mean(TOGETHER_TO_THREE, [[d1, d2]], (E) =>
      imbalance(a, stepFrom(a, a.plus(M, a.scaled(s, E)), at, at, eta)),
    );
    const pulled = a.minus(a.scaled(d2, a.gram(at.X)), a.scaled(d1, a.gram(at.Y)));
    const change = a.minus(ofGradient(a, M, at), a.scaled(a.square(s), pulled));
    return [a.equation('mean of D', mean, a.plus(imbalance(a, at), a.scaled(a.square(eta), change)))];
  },
};

/** E[X+ Y+'] = X Y' - eta (XX'R + RYY') + eta^2 (RYX'R + s^2 X Y') */
export const labelProduct: Identity = {
  claim: 'noise/label-product',
  average: 'the product after a step has degree 2 in the noise',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, s, { d1, d2 }] = [problem(a, shape), a.number('eta'), a.number('scale'), shape];
    const [R, XY] = [residual(a, M, at), a.timesTransposed(at.X, at.Y)];
    const mean = a.mean(TOGETHER_TO_THREE, [[d1, d2]], (E) => {
      const { X, Y } = stepFrom(a, a.plus(M, a.scaled(s, E)), at, at, eta);
      return a.timesTransposed(X, Y);
    });
    const first = a.plus(a.times(a.timesTransposed(at.X, at.X), R), a.times(R, a.timesTransposed(at.Y, at.Y)));
    const second = a.plus(a.times(R, a.timesTransposed(at.Y, at.X), R), a.scaled(a.square(s), XY));
    const expected = a.plus(a.minus(XY, a.scaled(eta, first)), a.scaled(a.square(eta), second));
    return [a.equation("mean of X Y'", mean, expected)];
  },
};

/** E D+ with noise on the gradient of scale tau. */
function gradientNoise<T>(a: Setting<T>, shape: Shape): { mean: Rows<T>; plain: Rows<T>; drift: Rows<T> } {
  const [{ M, at }, eta, tau, { d1, d2, r }] = [problem(a, shape), a.number('eta'), a.number('scale'), shape];
  const mean = a.mean(TOGETHER_TO_THREE, blocksOf(shape), (N1, N2) =>
    imbalance(a, moved(a, stepFrom(a, M, at, at, eta), tau, { X: N1, Y: N2 })),
  );
  const plain = a.plus(imbalance(a, at), a.scaled(a.square(eta), ofGradient(a, M, at)));
  return { mean, plain, drift: a.scaled(a.product(d1 - d2, a.square(tau)), a.identity(r)) };
}

export const gradientStep: Identity = {
  claim: 'noise/gradient-step',
  average: QUADRATIC,
  ...shared,
  text(a, shape) {
    const { mean, plain, drift } = gradientNoise(a, shape);
    return [a.equation('mean of D', mean, a.plus(plain, drift))];
  },
};

export const gradientSquare: Identity = {
  claim: 'noise/gradient-square',
  average: QUADRATIC,
  ...shared,
  shapes: shapesUpTo(4, 3, { text: 'd1 = d2', holds: ({ d1, d2 }) => d1 === d2 }),
  text(a, shape) {
    const { mean, plain } = gradientNoise(a, shape);
    return [a.equation('mean of D', mean, plain)];
  },
};

/** N times the gradient of the loss of one entry, for each of the N entries. */
export const entryStep: Identity = {
  claim: 'noise/entry-step',
  average: 'a sum over all entries',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, { d1, d2 }] = [problem(a, shape), a.number('eta'), shape];
    const [R, N] = [residual(a, M, at), d1 * d2];
    const only = (i: number, j: number) =>
      a.make(d1, d2, (k, l) => (k === i && l === j ? a.product(N, R[i]![j]!) : a.zero));
    const steps = R.flatMap((row, i) =>
      row.map((_, j) => {
        const S = only(i, j);
        const slope = { X: a.times(S, at.Y), Y: a.transposedTimes(S, at.X) };
        return imbalance(a, moved(a, at, a.product(-1, eta), slope));
      }),
    );
    const mean = a.scaled(a.of(1, N), a.plus(steps[0]!, ...steps.slice(1)));
    const squares = (A: Rows<typeof eta>) => a.diagonal(A.map((row) => a.sum(...row.map((entry) => a.square(entry)))));
    const ofY = a.times(a.transposed(at.Y), squares(a.transposed(R)), at.Y);
    const ofX = a.times(a.transposed(at.X), squares(R), at.X);
    const change = a.scaled(a.product(N, a.square(eta)), a.minus(ofY, ofX));
    return [a.equation('mean of D', mean, a.plus(imbalance(a, at), change))];
  },
};

/** With the gradient at (X + A, Y + B), and P = X'R~B - A'R~Y. */
function withGradientAt<T>(a: Setting<T>, shape: Shape, by: Pair<T>): Equation<T> {
  const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
  const to = moved(a, at, 1, by);
  const R = residual(a, M, to);
  const P = a.minus(a.times(a.transposed(at.X), R, by.Y), a.times(a.transposed(by.X), R, at.Y));
  const change = a.minus(a.scaled(a.square(eta), ofGradient(a, M, to)), a.scaled(eta, a.symmetrised(P)));
  return a.equation('D after step 1', imbalance(a, stepFrom(a, M, at, to, eta)), a.plus(imbalance(a, at), change));
}

/** For any A and B: the claim's are c grad F, with c = rho / |grad F| or eta rho. */
export const anyPerturbation: Identity = {
  claim: 'noise/sharpness-step',
  part: 'the equation for every perturbation, not only that of sharpness-aware minimisation',
  ...shared,
  seen: oneStep,
  on: withPerturbations,
  text: (a, shape) =>
    ['', ' unnormalised'].map((form) =>
      withGradientAt(a, shape, {
        X: a.matrix(`A${form}`, shape.d1, shape.r),
        Y: a.matrix(`B${form}`, shape.d2, shape.r),
      }),
    ),
};

function withPerturbations(instance: Instance): Values {
  const slope = gradientOf(matrix(instance.M), startOf(instance));
  const { scale } = instance as Instance & { scale: number };
  const times = (A: Matrix, factor: number): Grid => Matrix.mul(A, factor).to2DArray();
  const share = scale / (Math.hypot(norm(slope.X), norm(slope.Y)) || 1);
  return {
    ...asDrawn(instance),
    ...{ A: times(slope.X, share), B: times(slope.Y, share) },
    'A unnormalised': times(slope.X, scale * instance.eta),
    'B unnormalised': times(slope.Y, scale * instance.eta),
  };
}
