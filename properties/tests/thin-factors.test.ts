/** Targets of small rank, and a step with their factors or without. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { gaussianNoise, perturbedGradientDescent, scriptedNoise } from 'flat-minima';
import { thinFactors } from '../../src/linear-algebra/thin-factors.ts';
import { matrix } from '../model/instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { stepRounding, u } from '../oracles/rounding.ts';
import { gaussian } from './gaussian.ts';
import { norm } from '../../src/index.ts';

describe('thin factors', () => {
  const ofRank = (d1: number, d2: number, k: number, seed = 'target'): Matrix =>
    gaussian(d1, k, `${seed} U`).mmul(gaussian(d2, k, `${seed} V`).transpose());

  test.each([
    [3, 3, 1],
    [4, 6, 1],
    [10, 8, 3],
    [8, 10, 3],
    [40, 40, 7],
    [300, 20, 5],
  ])('%i x %i of rank %i: they are exact up to rounding, orthonormal, and k of them', (d1, d2, k) => {
    const M = ofRank(d1, d2, k);
    const { L, V } = thinFactors(M)!;
    expect([L.length, V.length]).toEqual([k, k]);
    const [left, right] = [new Matrix(L).transpose(), new Matrix(V).transpose()];
    // The product itself is off by k u times the sum of its terms' sizes, which is at most sqrt(k) |M|.
    const allowed = (Math.min(d1, d2) + 4) / 2 + k ** 1.5;
    expect(norm(left.mmul(right.transpose()).sub(M))).toBeLessThanOrEqual(allowed * u * norm(M));
    expect(norm(right.transpose().mmul(right).sub(Matrix.eye(k)))).toBeLessThanOrEqual((d2 + k) * u);
    // The columns of L are orthogonal up to rounding of the size of M.
    const gram = left.transpose().mmul(left);
    expect(norm(gram.sub(Matrix.diag(gram.diagonal())))).toBeLessThanOrEqual(16 * (d1 + d2) * u * norm(M) ** 2);
  });

  test.each([
    ['too small to gain', 2, 2, 1],
    ['a rank too large to gain', 8, 8, 4],
    ['a rank too large for its rounding', 40, 40, 8],
    ['the same, where only one side is short', 40, 8, 4],
    ['full rank', 6, 5, 5],
  ])('none: %s', (_, d1, d2, k) => {
    expect(thinFactors(ofRank(d1, d2, k))).toBeUndefined();
  });

  test('none: the remainder is more than rounding', () => {
    const withSecond = (size: number): Matrix => {
      const M = Matrix.zeros(5, 5);
      M.set(1, 2, 3);
      M.set(4, 4, 3 * size);
      return M;
    };
    // (min(d1, d2) + 4) / 2 = 4.5 units may be left.
    expect(thinFactors(withSecond(4 * u))).toBeDefined();
    expect(thinFactors(withSecond(5 * u))).toBeUndefined();
  });

  test('the remainder is within its bound, if factors are given', () => {
    // Targets of rank 3 and 5 or 6 units of something else; (min(d1, d2) + 4) / 2 = 6 are allowed.
    const refused = Array.from({ length: 60 }, (_, n) => {
      const [M, other] = [ofRank(8, 8, 3, `${n}`), gaussian(8, 8, `${n} N`)];
      M.add(Matrix.mul(other, ((5 + (n % 2)) * u * norm(M)) / norm(other)));
      const factors = thinFactors(M);
      const rest = M.clone();
      factors?.L.forEach((l, k) => rest.sub(Matrix.columnVector(l).mmul(Matrix.rowVector(factors.V[k]!))));
      if (factors !== undefined) expect(norm(rest)).toBeLessThanOrEqual(6 * u * norm(M) * (1 + 1e-12));
      return factors === undefined;
    });
    expect(new Set(refused)).toEqual(new Set([true, false]));
  });

  test('none: numbers whose squares underflow or overflow, and zeros', () => {
    for (const scale of [2 ** -460, 0, 2 ** 600]) expect(thinFactors(Matrix.ones(5, 5).mul(scale))).toBeUndefined();
    for (const scale of [2 ** -440, 2 ** 500]) expect(thinFactors(Matrix.ones(5, 5).mul(scale))).toBeDefined();
  });

  test('singular values of very different size', () => {
    const [A, B] = [ofRank(12, 10, 1, 'large'), ofRank(12, 10, 1, 'small')];
    const M = Matrix.add(A, B.mul(2 ** -40));
    const { L, V } = thinFactors(M)!;
    expect(Math.hypot(...L[1]!) / Math.hypot(...L[0]!)).toBeLessThan(2 ** -36);
    expect(Math.abs(V[0]!.reduce((sum, x, j) => sum + x * V[1]![j]!, 0))).toBeLessThan(12 * u);
  });
});

describe('a step in either form is correct up to rounding', () => {
  const cases: [string, number, number, number, Matrix][] = [
    ['thin', 5, 5, 1, Matrix.mul(gaussian(5, 1, 'u').mmul(gaussian(5, 1, 'v').transpose()), 4)],
    ['thin', 10, 8, 3, gaussian(10, 3, 'u').mmul(gaussian(8, 3, 'v').transpose())],
    ['thin', 9, 30, 2, gaussian(9, 2, 'u').mmul(gaussian(30, 2, 'v').transpose())],
    ['dense', 5, 5, 1, gaussian(5, 5, 'M')],
    ['dense', 7, 3, 2, gaussian(7, 3, 'M')],
    ['dense', 6, 6, 4, gaussian(6, 6, 'M')],
    ['dense', 6, 6, 1, Matrix.add(Matrix.ones(6, 6), gaussian(6, 6, 'M').mul(2 ** -45))],
    ['dense', 4, 4, 1, Matrix.zeros(4, 4)],
  ];
  test.each(cases)('%s, %i x %i, r = %i', (form, d1, d2, r, M) => {
    expect(thinFactors(M) === undefined ? 'dense' : 'thin').toBe(form);
    const at = { X: gaussian(d1, r, 'X'), Y: gaussian(d2, r, 'Y') };
    const [eta, sigma1, sigma2, block] = [1 / 8, 1 / 2, 1 / 4, new Float64Array((d1 + d2) * r)];
    gaussianNoise('xi').fill(block);
    const descent = perturbedGradientDescent({
      target: M,
      start: at,
      stepSize: eta,
      noise: { sigma1, sigma2, source: scriptedNoise(block) },
    });
    descent.advance(1);
    const want = exactStep(M, at, { eta, sigma1, sigma2 }, block);
    // Half of the allowed distance of two computations.
    const allowed = stepRounding(M, at, perturb(at, { sigma1, sigma2 }, block), { eta }) / 2;
    expect(norm(Matrix.sub(stacked(descent), stacked(want)))).toBeLessThanOrEqual(allowed);
  });

  test('scaled by powers of 2 it is the same to the last bit', () => {
    const run = (c: number): number[] => {
      const descent = perturbedGradientDescent({
        target: matrix([
          [1, 2, 3, 4],
          [2, 4, 6, 8],
          [3, 6, 9, 12],
          [0.3, 0.6, 0.9, 1.2],
        ]).mul(c ** 2),
        start: { X: gaussian(4, 2, 'X').mul(c), Y: gaussian(4, 2, 'Y').mul(c) },
        stepSize: 2 ** -7 / c ** 2,
        noise: { sigma1: c / 4, sigma2: c / 8, source: gaussianNoise('xi') },
      });
      descent.advance(20);
      return stacked(descent)
        .mul(1 / c)
        .to1DArray();
    };
    expect(run(2)).toEqual(run(1));
    expect(run(2 ** -9)).toEqual(run(1));
  });
});
