/**
 * The measured part of the factors of a large target: their part in the span of a few columns. X X' has d1^2 entries;
 * those outside the span of the first singular vectors of M and the start's columns are noise about 0 for every correct
 * solver.
 */
import { Matrix } from 'ml-matrix';
import { decompose, norm, type Factors } from '../../../src/index.ts';
import { times, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';

/** Orthonormal columns for each factor of a large target; undefined for a factor that is compared in full. */
export type Frame = Partial<Factors>;

/** Factors with at most this many rows are seen whole. */
const WHOLE = 32;

/** The span of the first 2 r singular vectors of M, of the start, and of further starts. */
export function frameOf({ M, X0, Y0 }: Pick<Instance, 'M' | 'X0' | 'Y0'>, ...others: readonly [Grid, Grid][]): Frame {
  const [d1, d2, r] = [X0.length, Y0.length, X0[0]!.length];
  if (Math.max(d1, d2) <= WHOLE) return {};
  const { U, V } = decompose(matrix(M));
  const most = Math.min(2 * r, d1, d2);
  const starts = [[X0, Y0] as const, ...others];
  const spanned = (d: number, vectors: Matrix, i: 0 | 1): Matrix | undefined =>
    d <= WHOLE || 2 * (most + starts.length * r) > d
      ? undefined
      : orthonormal([vectors.subMatrix(0, d - 1, 0, most - 1), ...starts.map((start) => matrix(start[i]))]);
  const [X, Y] = [spanned(d1, U, 0), spanned(d2, V, 1)];
  return { ...(X && { X }), ...(Y && { Y }) };
}

/** The factors' coordinates in the frame. */
export const within = (frame: Frame, { X, Y }: Factors): Factors => ({
  X: frame.X === undefined ? X : transposedTimes(frame.X, X),
  Y: frame.Y === undefined ? Y : transposedTimes(frame.Y, Y),
});

/** The words of a message for the compared part of X X', X Y' or Y Y'. */
export const seenIn = (frame: Frame): string =>
  frame.X === undefined && frame.Y === undefined ? '' : ', in the span of the first singular vectors and the start';

/** A basis of the span of the columns; those that hardly add to the ones before are left out. */
function orthonormal(blocks: readonly Matrix[]): Matrix {
  const basis: Matrix[] = [];
  for (const block of blocks) {
    for (let j = 0; j < block.columns; j++) {
      const column = block.getColumnVector(j);
      const size = norm(column);
      // Twice, so that the remainder is orthogonal to rounding.
      for (let round = 0; round < 2; round++) {
        for (const each of basis) column.sub(times(each, transposedTimes(each, column)));
      }
      const left = norm(column);
      if (left > 2 ** -20 * size) basis.push(column.mul(1 / left));
    }
  }
  const Q = new Matrix(basis[0]!.rows, basis.length);
  basis.forEach((column, j) => Q.setColumn(j, column));
  return Q;
}
