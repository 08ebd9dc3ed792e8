/** Large targets: their decomposition, and computations without another matrix of their size. */
import { Matrix, MatrixTransposeView } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { decompose, gradient, rank, residual, singularValues } from 'flat-minima';
import { decomposeTall } from '../../src/linear-algebra/pivoted-qr.ts';
import { copied, transposedTimes } from '../../src/linear-algebra/matrices.ts';
import { frameOf, seenIn, within } from '../claims/limit/frames.ts';
import { residualNorm, u } from '../oracles/rounding.ts';
import { gaussian } from './gaussian.ts';
import { norm } from '../../src/index.ts';

const ofRank = (d1: number, d2: number, k: number): Matrix =>
  gaussian(d1, k, 'left').mmul(gaussian(d2, k, 'right').transpose());

/** The distance of the columns from orthonormal ones. */
const slant = (Q: Matrix): number => norm(Matrix.sub(Q.transpose().mmul(Q), Matrix.eye(Q.columns)));

describe('the decomposition by pivoted QR', () => {
  test.each([
    [60, 40, 5],
    [60, 40, 40],
    [40, 40, 1],
    [300, 20, 20],
  ])('of %i x %i of rank %i is one, with the singular values of the plain decomposition', (d1, d2, k) => {
    const A = ofRank(d1, d2, k);
    const { U, s, V } = decomposeTall(A);
    // Householder's reflections and the decomposition of R are each exact for a matrix within 16 d1 u |A| of theirs.
    const allowed = 32 * d1 * u;
    expect(norm(Matrix.sub(U.mmul(Matrix.diag(s)).mmul(V.transpose()), A))).toBeLessThan(allowed * norm(A));
    expect([U.rows, U.columns, V.rows, V.columns, s.length]).toEqual([d1, d2, d2, d2, d2]);
    expect(Math.max(slant(U), slant(V))).toBeLessThan(allowed * d2);
    const plain = decompose(A).s;
    expect(Math.max(...s.map((value, i) => Math.abs(value - plain[i]!)))).toBeLessThan(2 * allowed * norm(A));
    expect(s.filter((value) => value === 0).length).toBeGreaterThanOrEqual(d2 - k);
  });

  test('takes entries whose squares overflow or vanish, and a matrix of zeros', () => {
    const A = ofRank(30, 20, 3);
    for (const scale of [2 ** 600, 2 ** -600]) {
      const { s } = decomposeTall(Matrix.mul(A, scale));
      expect(s).toEqual(decomposeTall(A).s.map((value) => value * scale));
    }
    const { U, s, V } = decomposeTall(Matrix.zeros(5, 3));
    expect([slant(U), slant(V), ...s]).toEqual([0, 0, 0, 0, 0]);
  });

  test('serves matrices of any shape from a size on, from memory if they have not changed, and computed if they have', () => {
    const A = ofRank(150, 400, 2);
    const first = decompose(A);
    expect(decompose(copied(A))).toBe(first);
    expect([first.U.rows, first.V.rows, rank(A)]).toEqual([150, 400, 2]);
    expect(singularValues(A.transpose())[0]).toBeCloseTo(first.s[0]!, 8);
    A.set(149, 399, 1e6);
    expect(decompose(A).s[0]).toBeGreaterThan(9e5);
    expect(rank(A)).toBe(3);
  });
});

test('products take matrices that have no rows of their own, and add to one that is given', () => {
  const [A, B] = [gaussian(3, 5, 'A'), gaussian(5, 2, 'B')];
  const view = new MatrixTransposeView(A) as unknown as Matrix;
  expect(transposedTimes(view, B)).toEqual(transposedTimes(A.transpose(), B));
  const C = Matrix.ones(3, 2);
  expect(transposedTimes(A.transpose(), B, C)).toBe(C);
  expect(C.get(0, 0)).toBeCloseTo(1 + A.mmul(B).get(0, 0), 12);
});

describe('a target with many entries', () => {
  const [d1, d2, r] = [300, 260, 3];
  const at = { X: gaussian(d1, r, 'X'), Y: gaussian(d2, r, 'Y') };

  test.each([
    ['of small rank', ofRank(d1, d2, 4)],
    ['of full rank', gaussian(d1, d2, 'target')],
  ])('%s: its gradient is that of the residual', (_, M) => {
    const R = residual(M, at);
    const { X, Y } = gradient(M, at);
    // Inner products of at most d1 + d2 + r terms, ours and those of the residual (docs/theory/setting.md#residual-free).
    const size = (norm(at.X) * norm(at.Y) + norm(M)) * (norm(at.X) + norm(at.Y));
    const allowed = 2 * (d1 + d2 + r + 8) * u * size;
    expect(norm(X.sub(R.mmul(at.Y)))).toBeLessThan(allowed);
    expect(norm(Y.sub(R.transpose().mmul(at.X)))).toBeLessThan(allowed);
  });

  test('the norm of its residual is bounded from above, and closely', () => {
    const M = ofRank(d1, d2, 4);
    for (const [target, point] of [
      [M, at],
      [at.X.mmul(at.Y.transpose()), at],
    ] as const) {
      const [bound, exact] = [residualNorm(target, point), norm(residual(target, point))];
      expect(bound).toBeGreaterThanOrEqual(exact);
      // The square root of the rounding of its sums.
      expect(bound - exact).toBeLessThan(1e-4 * norm(target));
    }
  });

  test('is seen between its first singular vectors and the starts; a small one is seen whole', () => {
    const [M, grid] = [ofRank(d1, d2, 4), (A: Matrix): number[][] => A.to2DArray()];
    const other = [grid(gaussian(d1, r, 'X1')), grid(gaussian(d2, r, 'Y1'))] as [number[][], number[][]];
    const frame = frameOf({ M: grid(M), X0: grid(at.X), Y0: grid(at.Y) }, other);
    expect([frame.X!.columns, frame.Y!.columns]).toEqual([4 * r, 4 * r]);
    expect(slant(frame.X!)).toBeLessThan(1e-12);
    // The norm of columns in the frame does not change.
    expect(norm(within(frame, at).X)).toBeCloseTo(norm(at.X), 9);
    const { U } = decompose(M);
    const first = U.subMatrix(0, d1 - 1, 0, 2);
    expect(norm(within(frame, { X: first, Y: at.Y }).X)).toBeCloseTo(Math.sqrt(3), 9);
    expect(seenIn(frame)).toMatch(/first singular vectors/);
    const small = { M: [[1, 0]], X0: [[1]], Y0: [[1], [2]] };
    expect([frameOf(small), seenIn(frameOf(small))]).toEqual([{}, '']);
  });
});
