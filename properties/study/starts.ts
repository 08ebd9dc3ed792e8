/** The starts of the runs of a study, all from one random key. */
import { Matrix } from 'ml-matrix';
import seedrandom from 'seedrandom';
import { decompose, gaussianNoise, type Factors } from '../../src/index.ts';
import type { Problem } from './problems.ts';

/** A matrix of independent standard normals. */
export function normals(rows: number, columns: number, key: string): Matrix {
  const out = new Float64Array(rows * columns);
  gaussianNoise(key).fill(out);
  return Matrix.from1DArray(rows, columns, out);
}

/** Uniform between the two. */
export const uniform = (least: number, most: number, key: string): number => least + (most - least) * seedrandom(key)();

/** A random rotation of R^r. */
function rotation(r: number, key: string): Matrix {
  const { U, V } = decompose(normals(r, r, key));
  return U.mmul(V.transpose());
}

/**
 * The minimum e^lean U S^(1/2) Q, e^-lean V S^(1/2) Q, with the same imbalance ratio for all singular values. Q is
 * random.
 */
export function minimum({ svd, values, rank }: Problem, lean: number, key: string): Factors {
  const Q = rotation(rank, `${key}/rotation`);
  const half = Matrix.diag(values.map(Math.sqrt), rank, rank);
  const side = (of: Matrix, by: number): Matrix =>
    of
      .subMatrix(0, of.rows - 1, 0, rank - 1)
      .mmul(half)
      .mmul(Q)
      .mul(Math.exp(by));
  return { X: side(svd.U, lean), Y: side(svd.V, -lean) };
}

/** The factors with a normal of this standard deviation added to each entry. */
export function near({ X, Y }: Factors, deviation: number, key: string): Factors {
  const moved = (A: Matrix, name: string): Matrix =>
    Matrix.add(A, normals(A.rows, A.columns, `${key}/${name}`).mul(deviation));
  return { X: moved(X, 'X'), Y: moved(Y, 'Y') };
}

/** Anywhere: normal entries, of a size near that of the minima, one factor up to four times as large as the other. */
export function anywhere({ target, rank, values }: Problem, key: string): Factors {
  const lean = uniform(-Math.LN2, Math.LN2, `${key}/lean`);
  const side = (d: number, by: number, name: string): Matrix =>
    normals(d, rank, `${key}/${name}`).mul(Math.exp(by) * Math.sqrt(values[0]! / d));
  return { X: side(target.rows, lean, 'X'), Y: side(target.columns, -lean, 'Y') };
}

/** Both factors 0: the saddle at the origin. */
export const origin = ({ target, rank }: Problem): Factors => ({
  X: Matrix.zeros(target.rows, rank),
  Y: Matrix.zeros(target.columns, rank),
});
