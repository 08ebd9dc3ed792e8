/** One step: without a residual, alternating, and outside the spaces of the target. */
import { decompose, rank } from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import type { Rows } from './algebra.ts';
import {
  asDrawn,
  oneStep,
  squared,
  USUAL_SHAPES,
  withK,
  withNoise,
  withTriples,
  type Identity,
  type Shape,
} from './identity.ts';
import { moved, noiseInputs, perturbed, problem, residual, scalesOf, stackedPair, stepFrom } from './problem.ts';
import type { Setting, Values } from './setting.ts';

/** R~Y~ = X~(Y~'Y~) - M Y~ and R~'X~ = Y~(X~'X~) - M'X~: the form of a step in the solver of src. */
export const withoutResidual: Identity = {
  claim: 'definition/step',
  part: 'that a step without the residual, as src computes it, is the step of the definition',
  shapes: USUAL_SHAPES,
  on: withNoise,
  seen: (instance) => ({ ...oneStep(instance), earlier: 0 }) as Instance,
  text(a, shape) {
    const [{ M, at }, eta, xi] = [problem(a, shape), a.number('eta'), noiseInputs(a, shape)];
    const there = perturbed(a, at, scalesOf(a), xi.X, xi.Y);
    const slope = {
      X: a.minus(a.times(there.X, a.gram(there.Y)), a.times(M, there.Y)),
      Y: a.minus(a.times(there.Y, a.gram(there.X)), a.transposedTimes(M, there.X)),
    };
    const ours = moved(a, at, a.product(-1, eta), slope);
    return [a.equation('(X; Y) after step 1', stackedPair(a, ours), stackedPair(a, stepFrom(a, M, at, there, eta)))];
  },
};

export const alternatingResidual: Identity = {
  claim: 'ward-kolda/residual',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  seen: oneStep,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const half = { X: stepFrom(a, M, at, at, eta).X, Y: at.Y };
    const after = { X: half.X, Y: stepFrom(a, M, half, half, eta).Y };
    const contraction = (A: Rows<typeof eta>) => a.minus(a.identity(A.length), a.scaled(eta, a.timesTransposed(A, A)));
    const want = a.times(contraction(after.X), residual(a, M, at), contraction(at.Y));
    return [a.equation("X Y' - M after step 1", residual(a, M, after), want)];
  },
};

/** M = U diag(s) V' with k singular values that are not 0, and the projectors beyond its column and row spaces. */
function targetOfRank<T>(a: Setting<T>, { d1, d2, k = 0 }: Shape) {
  const [U, V] = [a.orthogonal('U', d1), a.orthogonal('V', d2)];
  const [left, right] = [a.columns(U, k), a.columns(V, k)];
  const scaled = a.times(left, a.diagonal(a.numbers('s', k)));
  const beyond = (A: Rows<T>, n: number): Rows<T> => a.minus(a.identity(n), a.timesTransposed(A, A));
  return { M: a.timesTransposed(scaled, right), beyondU: beyond(left, d1), beyondV: beyond(right, d2) };
}

export const blocks: Identity = {
  claim: 'ye-du/blocks',
  shapes: withTriples(USUAL_SHAPES, 1, ({ d1, d2 }) => Math.min(d1, d2), 'every rank of M'),
  shapeOn: withK(({ M }) => rank(matrix(M))),
  on: ofFullBases,
  seen: oneStep,
  text(a, shape) {
    const [{ at }, eta] = [problem(a, shape), a.number('eta')];
    const { M, beyondU, beyondV } = targetOfRank(a, shape);
    const after = stepFrom(a, M, at, at, eta);
    const contracted = (A: Rows<typeof eta>, B: Rows<typeof eta>) => a.minus(A, a.scaled(eta, a.times(A, a.gram(B))));
    return [
      a.equation('U_perp C after step 1', a.times(beyondU, after.X), contracted(a.times(beyondU, at.X), at.Y)),
      a.equation('V_perp E after step 1', a.times(beyondV, after.Y), contracted(a.times(beyondV, at.Y), at.X)),
    ];
  },
};

/** The singular bases and values of the target. */
function ofFullBases(instance: Instance): Values | undefined {
  const { U, s, V } = decompose(matrix(instance.M));
  if (rank(matrix(instance.M)) === 0) return undefined;
  return { ...asDrawn(instance), U: squared(U.to2DArray()), s, V: squared(V.to2DArray()) };
}
