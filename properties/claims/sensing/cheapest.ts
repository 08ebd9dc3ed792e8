/** Factors of a matrix with the least penalty of the noise in matrix sensing (docs/theory/other-problems.md#sensing). */
import type { Matrix } from 'ml-matrix';
import { powerOf } from './convex.ts';
import { u } from '../../oracles/rounding.ts';
import { decompose, sensingGrams, type Factors } from '../../../src/index.ts';
import { times } from '../../../src/linear-algebra/matrices.ts';
import { matricesOf, type Sensing } from './problems.ts';

/** Factors of Z: X = sqrt(g) H^-1 U S^(1/2), Y = K^-1 V S^(1/2) / sqrt(g), where H Z K = U S V' and g = sigma1 / sigma2. */
export function cheapest(instance: Sensing, Z: Matrix): Factors {
  const { P, Q } = sensingGrams({ matrices: matricesOf(instance) });
  const W = times(times(powerOf(Q, 1 / 2), Z), powerOf(P, 1 / 2));
  const { U, s, V } = decompose(W);
  const roots = s.map((value) => Math.sqrt(Math.max(value, 0)));
  const g = Math.sqrt(instance.sigma1 / instance.sigma2);
  return {
    X: times(powerOf(Q, -1 / 2), U.clone().mulRowVector(roots)).mul(g),
    Y: times(powerOf(P, -1 / 2), V.clone().mulRowVector(roots)).mul(1 / g),
  };
}

/** Inverse roots multiply rounding errors by the condition numbers of P and of Q. */
export const stretchOf = (P: Matrix, Q: Matrix): number => 1e4 * u * Math.sqrt(conditionOf(P) * conditionOf(Q));

function conditionOf(A: Matrix): number {
  const { s } = decompose(A);
  return s[0]! / s.at(-1)!;
}
