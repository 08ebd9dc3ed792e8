/** One step of related descents: alternating, and outside the spaces of the target. */
import { decompose, rank } from '../../src/index.ts';
import { matrix, type Instance } from '../instance.ts';
import type { Rows } from './algebra.ts';
import { asDrawn, oneStep, USUAL_SHAPES, type Identity } from './identity.ts';
import { problem, residual, stepFrom } from './problem.ts';
import type { Equation, Setting } from './setting.ts';

export const alternatingResidual: Identity = {
  claim: 'neighbours/alternating-residual',
  shapes: USUAL_SHAPES,
  on: asDrawn,
  seen: oneStep,
  text(a, shape) {
    const [{ M, at }, eta] = [problem(a, shape), a.number('eta')];
    const half = { X: stepFrom(a, M, at, at, eta).X, Y: at.Y };
    const after = { X: half.X, Y: stepFrom(a, M, half, half, eta).Y };
    const contraction = (A: Rows<typeof eta>) =>
      a.minus(a.identity(A.length), a.scaled(eta, a.timesTransposed(A, A)));
    const want = a.times(contraction(after.X), residual(a, M, at), contraction(at.Y));
    return [a.equation("X Y' - M after step 1", residual(a, M, after), want)];
  },
};

/** M = U diag(s) V' with k singular values that are not 0, and the projectors beyond its column and row spaces. */
function targetOfRank<T>(a: Setting<T>, d1: number, d2: number, k: number) {
  const [U, V] = [a.orthogonal('U', d1), a.orthogonal('V', d2)];
  const [left, right] = [a.columns(U, k), a.columns(V, k)];
  const scaled = a.times(left, a.diagonal(a.numbers('s', Math.min(d1, d2)).slice(0, k)));
  const beyond = (A: Rows<T>, n: number): Rows<T> => a.minus(a.identity(n), a.timesTransposed(A, A));
  return { M: a.timesTransposed(scaled, right), beyondU: beyond(left, d1), beyondV: beyond(right, d2) };
}

export const blocks: Identity = {
  claim: 'neighbours/ye-du-blocks',
  shapes: USUAL_SHAPES,
  on: ofFullBases,
  seen: oneStep,
  text(a, shape) {
    const { d1, d2 } = shape;
    const [{ at }, eta, ranks] = [problem(a, shape), a.number('eta'), Array.from({ length: Math.min(d1, d2) }, (_, i) => i + 1)];
    return ranks.flatMap((k): Equation<typeof eta>[] => {
      const { M, beyondU, beyondV } = targetOfRank(a, d1, d2, k);
      const after = stepFrom(a, M, at, at, eta);
      const contracted = (A: Rows<typeof eta>, B: Rows<typeof eta>) =>
        a.minus(A, a.scaled(eta, a.times(A, a.gram(B))));
      return [
        a.equation('U_perp C after step 1', a.times(beyondU, after.X), contracted(a.times(beyondU, at.X), at.Y)),
        a.equation('V_perp E after step 1', a.times(beyondV, after.Y), contracted(a.times(beyondV, at.Y), at.X)),
      ];
    });
  },
};

/** All of U and V, and the singular values. */
function ofFullBases(instance: Instance) {
  const target = matrix(instance.M);
  if (rank(target) === 0) return undefined;
  const { U, s, V } = decompose(target);
  return { ...asDrawn(instance), U: completed(U.to2DArray()), s, V: completed(V.to2DArray()) };
}

/** Columns that are missing are 0: they are not used. */
const completed = (columns: number[][]): number[][] =>
  columns.map((row) => [...row, ...Array<number>(columns.length - row.length).fill(0)]);

