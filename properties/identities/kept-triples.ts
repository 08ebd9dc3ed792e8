/**
 * Points that retain some singular triples of the target, in singular bases. The parameters avoid roots: gamma is g^2,
 * a retained singular value is lambda + a_i^2, and the singular vectors are columns of orthogonal matrices.
 */
import { Matrix } from 'ml-matrix';
import { decompose, penalties, singularValues } from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import type { Rows } from './algebra.ts';
import { asDrawn, squared, USUAL_SHAPES, withTriples, type Shape } from './identity.ts';
import type { Pair, Weights } from './problem.ts';
import type { Setting, Values } from './setting.ts';

export const KEPT = 'every number of retained triples';
export const mostKept = ({ d1, d2, r }: Shape): number => Math.min(d1, d2, r);
export const SHAPES = withTriples(USUAL_SHAPES, 0, mostKept, KEPT);

/** The point that retains the first k triples, rotated by Q. */
export interface Point<T> {
  readonly M: Rows<T>;
  readonly U: Rows<T>;
  readonly V: Rows<T>;
  readonly Q: Rows<T>;
  /** All p of them, the retained ones first. */
  readonly s: readonly T[];
  readonly lambda: T;
  readonly gamma: T;
  /** sqrt(gamma), and its inverse. */
  readonly g: T;
  readonly perG: T;
  readonly weights: Weights<T>;
  readonly at: Pair<T>;
}

export function point<T>(a: Setting<T>, { d1, d2, r, k = 0 }: Shape): Point<T> {
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

/** The inputs of `point` that retains the triples with these numbers. */
export function inputs(instance: Instance, kept: readonly number[], Q: readonly number[][]): Values {
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

/** The minimiser: of the first r triples those above lambda are retained. */
export const aboveLambda = (instance: Instance): number => {
  const target = matrix(instance.M);
  const { lambda } = penalties(target, instance);
  return singularValues(target).filter((s, i) => i < instance.X0[0]!.length && s > lambda).length;
};

const firstOnes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Undefined without noise on both factors. */
export const onMinimiser = (instance: Instance): Values | undefined => {
  const r = instance.X0[0]!.length;
  if (instance.sigma1 * instance.sigma2 === 0) return undefined;
  return inputs(instance, firstOnes(aboveLambda(instance)), Matrix.eye(r).to2DArray());
};
