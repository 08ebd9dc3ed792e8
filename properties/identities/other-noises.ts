/** One step under other perturbations: Anti-PGD, label noise, gradient noise, sampled entries, and any shift of the point. */
import type { Rows } from './algebra.ts';
import { TOGETHER_TO_THREE } from './averages.ts';
import { asDrawn, USUAL_SHAPES, type Identity, type Shape } from './identity.ts';
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
import type { Setting } from './setting.ts';

const shared = { shapes: USUAL_SHAPES, on: asDrawn } as const;

/** w = z + xi moves by -eta grad F(w) + xi+ - xi; so z = w - xi is perturbed descent. */
export const antiStep: Identity = {
  claim: 'anti-pgd/identity',
  part: 'for one step, from any point and with any noise',
  ...shared,
  text(a, shape) {
    const [{ M, at }, scales, eta, xi] = [problem(a, shape), scalesOf(a), a.number('eta'), noiseInputs(a, shape)];
    const next = { X: a.matrix('next1', shape.d1, shape.r), Y: a.matrix('next2', shape.d2, shape.r) };
    const none = { X: a.scaled(0, at.X), Y: a.scaled(0, at.Y) };
    const shift = (noise: Pair<typeof eta>) => perturbed(a, none, scales, noise.X, noise.Y);
    const w = moved(a, at, 1, shift(xi));
    const after = moved(a, moved(a, stepFrom(a, M, w, w, eta), 1, shift(next)), -1, shift(xi));
    return [
      a.equation(
        '(X; Y) after step 1, less the noise',
        stackedPair(a, moved(a, after, -1, shift(next))),
        stackedPair(a, stepFrom(a, M, at, w, eta)),
      ),
    ];
  },
};

/** E (X + xi1)'(X + xi1) = X'X + d1 sigma1^2 I, and likewise for Y. */
export const antiGram: Identity = {
  claim: 'anti-pgd/gram',
  average: 'a Gram matrix has degree 2 in the noise',
  ...shared,
  text(a, shape) {
    const [{ at }, scales, { d1, d2, r }] = [problem(a, shape), scalesOf(a), shape];
    const grams = a.mean(TOGETHER_TO_THREE, blocksOf(shape), (xi1, xi2) => {
      const { X, Y } = perturbed(a, at, scales, xi1, xi2);
      return a.stacked(a.gram(X), a.gram(Y));
    });
    const more = (count: number, sigma: typeof a.one) => a.scaled(a.product(count, a.square(sigma)), a.identity(r));
    const ofX = a.plus(a.gram(at.X), more(d1, scales.sigma1));
    const ofY = a.plus(a.gram(at.Y), more(d2, scales.sigma2));
    return [a.equation("mean of X'X and Y'Y", grams, a.stacked(ofX, ofY))];
  },
};

/** Y'R'RY - X'RR'X */
const ofGradient = <T>(a: Setting<T>, M: Rows<T>, at: Pair<T>): Rows<T> => imbalance(a, gradient(a, M, at));

export const labelStep: Identity = {
  claim: 'noise/label-step',
  average: 'the imbalance after a step has degree 2 in the noise',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, s, { d1, d2 }] = [problem(a, shape), a.number('eta'), a.number('s'), shape];
    const mean = a.mean(TOGETHER_TO_THREE, [[d1, d2]], (E) =>
      imbalance(a, stepFrom(a, a.plus(M, a.scaled(s, E)), at, at, eta)),
    );
    const pulled = a.minus(a.scaled(d2, a.gram(at.X)), a.scaled(d1, a.gram(at.Y)));
    const change = a.minus(ofGradient(a, M, at), a.scaled(a.square(s), pulled));
    return [a.equation('mean of D', mean, a.plus(imbalance(a, at), a.scaled(a.square(eta), change)))];
  },
};

export const gradientStep: Identity = {
  claim: 'noise/gradient-step',
  average: 'the imbalance after a step has degree 2 in the noise',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta, tau, { d1, d2, r }] = [problem(a, shape), a.number('eta'), a.number('tau'), shape];
    const mean = a.mean(TOGETHER_TO_THREE, blocksOf(shape), (N1, N2) =>
      imbalance(a, moved(a, stepFrom(a, M, at, at, eta), tau, { X: N1, Y: N2 })),
    );
    const drift = a.scaled(a.product(d1 - d2, a.square(tau)), a.identity(r));
    const change = a.plus(a.scaled(a.square(eta), ofGradient(a, M, at)), drift);
    return [a.equation('mean of D', mean, a.plus(imbalance(a, at), change))];
  },
};

/** The gradient of the loss of one entry, N times, for each of the N entries in turn. */
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

/** The point (X + A, Y + B) where the gradient is taken, for any A and B. */
function shifted<T>(a: Setting<T>, { d1, d2, r }: Shape, at: Pair<T>): { by: Pair<T>; to: Pair<T> } {
  const by = { X: a.matrix('A', d1, r), Y: a.matrix('B', d2, r) };
  return { by, to: moved(a, at, 1, by) };
}

/** P = X'R~B - A'R~Y */
export const anyPerturbation: Identity = {
  claim: 'noise/any-perturbation',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const { by, to } = shifted(a, shape, at);
    const R = residual(a, M, to);
    const P = a.minus(a.times(a.transposed(at.X), R, by.Y), a.times(a.transposed(by.X), R, at.Y));
    const change = a.minus(a.scaled(a.square(eta), ofGradient(a, M, to)), a.scaled(eta, a.symmetrised(P)));
    return [a.equation('D after step 1', imbalance(a, stepFrom(a, M, at, to, eta)), a.plus(imbalance(a, at), change))];
  },
};

/** B = (|X|^2 - |Y|^2) / 2, for any perturbation, so for that of SAM too. */
export const sharpnessAware: Identity = {
  claim: 'noise/sam-step',
  ...shared,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const { by, to } = shifted(a, shape, at);
    const slope = gradient(a, M, to);
    const halfImbalance = ({ X, Y }: Pair<typeof eta>) =>
      a.product(a.of(1, 2), a.difference(a.squaredNorm(X), a.squaredNorm(Y)));
    const first = a.difference(a.inner(by.X, slope.X), a.inner(by.Y, slope.Y));
    const change = a.sum(a.product(eta, first), a.product(eta, eta, halfImbalance(slope)));
    const after = halfImbalance(stepFrom(a, M, at, to, eta));
    return [a.equality('B after step 1', after, a.sum(halfImbalance(at), change))];
  },
};
