/**
 * The defining formula of a step, as the paper writes it: with the residual, by ml-matrix. The solvers are compared
 * with it.
 */
import { Matrix } from 'ml-matrix';
import { gradient, type Factors } from '../../src/index.ts';
import type { Instance } from '../model/instance.ts';

/** (X + sigma1 xi1, Y + sigma2 xi2) with the standard normals of one step in the contract's order. */
export function perturb(
  at: Factors,
  { sigma1, sigma2 }: Pick<Instance, 'sigma1' | 'sigma2'>,
  block: Float64Array,
): Factors {
  const ofX = at.X.rows * at.X.columns;
  return { X: shifted(at.X, sigma1, block.subarray(0, ofX)), Y: shifted(at.Y, sigma2, block.subarray(ofX)) };
}

function shifted(A: Matrix, sigma: number, normals: Float64Array): Matrix {
  const B = new Matrix(A.rows, A.columns);
  for (let i = 0, n = 0; i < B.rows; i++) {
    for (let j = 0; j < B.columns; j++, n++) B.set(i, j, A.get(i, j) + sigma * normals[n]!);
  }
  return B;
}

/** (X, Y) - eta grad F(perturbed). */
export function stepFrom(target: Matrix, at: Factors, perturbed: Factors, eta: number): Factors {
  const slope = gradient(target, perturbed);
  return { X: slope.X.mul(-eta).add(at.X), Y: slope.Y.mul(-eta).add(at.Y) };
}

/** Distance of two pairs of factors of the same shapes (Frobenius). */
export function pairDistance(a: Factors, b: Factors): number {
  let sum = 0;
  for (const [A, B] of [
    [a.X, b.X],
    [a.Y, b.Y],
  ] as const) {
    for (let i = 0; i < A.rows; i++) for (let k = 0; k < A.columns; k++) sum += (A.get(i, k) - B.get(i, k)) ** 2;
  }
  return Math.sqrt(sum);
}

/** X over Y, (d1 + d2) x r: both factors as one matrix. */
export function stacked({ X, Y }: Factors): Matrix {
  const Z = new Matrix(X.rows + Y.rows, X.columns);
  for (let k = 0; k < Z.columns; k++) {
    for (let i = 0; i < X.rows; i++) Z.set(i, k, X.get(i, k));
    for (let j = 0; j < Y.rows; j++) Z.set(X.rows + j, k, Y.get(j, k));
  }
  return Z;
}
