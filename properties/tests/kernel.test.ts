/** The loops of a step against plain ones, on whole numbers, which they add without rounding; and targets of small rank. */
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { gaussianNoise, perturbedGradientDescent, scriptedNoise } from 'flat-minima';
import { crossProducts, panelSize, place, subtractProduct } from '../../src/products.ts';
import { thinFactors } from '../../src/thin-factors.ts';
import { matrix } from '../instance.ts';
import { exactStep } from '../oracles/exact-descent.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { stepRounding, u } from '../oracles/rounding.ts';

/** rows x columns, standard normal. */
function gaussian(rows: number, columns: number, seed: string): Matrix {
  const entries = new Float64Array(rows * columns);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, columns, entries);
}

describe('products of a panel', () => {
  const whole = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
    fc
      .array(fc.integer({ min: -99, max: 99 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((entries) => Matrix.from1DArray(rows, columns, entries));
  const shapes = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    rank: fc.integer({ min: 1, max: 5 }),
    extra: fc.nat(6),
  });
  const panelOf = (A: Matrix): Float64Array => {
    const panel = new Float64Array(panelSize(A.rows, A.columns));
    for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) panel[place(i, j, A.columns)] = A.get(i, j);
    return panel;
  };

  test('A has a place for every entry, and zeros for the rest', () => {
    const A = Matrix.from1DArray(5, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...panelOf(A)]).toEqual([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0]);
  });

  test("A'B is right in every entry, and nothing else is written", () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({
        A: whole(rows, rank + extra),
        columns: fc.integer({ min: rank, max: rank + extra }),
        rank: fc.constant(rank),
      }),
    );
    fc.assert(
      fc.property(cases, ({ A, columns, rank }) => {
        const out = new Float64Array(columns * rank + 1).fill(NaN);
        crossProducts(panelOf(A), A.columns, columns, rank, out);
        const part = (until: number): Matrix => A.subMatrix(0, A.rows - 1, 0, until - 1);
        expect([...out]).toEqual([
          ...part(columns)
            .transpose()
            .mmul(part(rank))
            .to1DArray()
            .map((x) => x + 0),
          NaN,
        ]);
      }),
      { seed: 1 },
    );
  });

  test('at - eta A C is right in every entry, and they are found to be finite', () => {
    const cases = shapes.chain(({ rows, rank, extra }) =>
      fc.record({ A: whole(rows, rank + extra), C: whole(rank + extra, rank), at: whole(rows, rank) }),
    );
    fc.assert(
      fc.property(cases, ({ A, C, at }) => {
        const moved = new Float64Array(panelSize(at.rows, at.columns));
        moved.set(at.to1DArray());
        const isFinite = subtractProduct(
          moved,
          panelOf(A),
          A.columns,
          new Float64Array(C.to1DArray()),
          C.columns,
          1 / 2,
        );
        const want = Matrix.sub(at, A.mmul(C).mul(1 / 2));
        expect(moved.subarray(0, at.rows * at.columns)).toEqual(new Float64Array(want.to1DArray()));
        expect(moved.subarray(at.rows * at.columns).every((x) => x === 0)).toBe(true);
        expect(isFinite).toBe(true);
        // One number that is none, wherever it stands, shows.
        moved[at.rows * at.columns - 1] = NaN;
        expect(subtractProduct(moved, panelOf(A), A.columns, new Float64Array(C.to1DArray()), C.columns, 1 / 2)).toBe(
          false,
        );
      }),
      { seed: 1 },
    );
  });
});

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
  ])('%i x %i of rank %i: they are exact up to rounding, orthonormal, and as many', (d1, d2, k) => {
    const M = ofRank(d1, d2, k);
    const { L, V } = thinFactors(M)!;
    expect([L.length, V.length]).toEqual([k, k]);
    const [left, right] = [new Matrix(L).transpose(), new Matrix(V).transpose()];
    // The product itself is off by k u times the sum of its terms' sizes, which is at most sqrt(k) |M|.
    const allowed = (Math.min(d1, d2) + 4) / 2 + k ** 1.5;
    expect(left.mmul(right.transpose()).sub(M).norm()).toBeLessThanOrEqual(allowed * u * M.norm());
    expect(right.transpose().mmul(right).sub(Matrix.eye(k)).norm()).toBeLessThanOrEqual((d2 + k) * u);
    // The columns of L are orthogonal up to rounding of the size of M.
    const gram = left.transpose().mmul(left);
    expect(gram.sub(Matrix.diag(gram.diagonal())).norm()).toBeLessThanOrEqual(16 * (d1 + d2) * u * M.norm() ** 2);
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

  test('none: what is left is more than rounding', () => {
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

  test('what is left is at most what is allowed, where factors are given at all', () => {
    // Targets of rank 3 and 5 or 6 units of something else, where (min(d1, d2) + 4) / 2 = 6 are allowed.
    const refused = Array.from({ length: 60 }, (_, n) => {
      const [M, other] = [ofRank(8, 8, 3, `${n}`), gaussian(8, 8, `${n} N`)];
      M.add(Matrix.mul(other, ((5 + (n % 2)) * u * M.norm()) / other.norm()));
      const factors = thinFactors(M);
      const rest = M.clone();
      factors?.L.forEach((l, k) => rest.sub(Matrix.columnVector(l).mmul(Matrix.rowVector(factors.V[k]!))));
      if (factors !== undefined) expect(rest.norm()).toBeLessThanOrEqual(6 * u * M.norm() * (1 + 1e-12));
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

describe('a step by whichever form is right to rounding', () => {
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
    // Half of what two computations may be apart.
    const allowed = stepRounding(M, at, perturb(at, { sigma1, sigma2 }, block), eta) / 2;
    expect(Matrix.sub(stacked(descent), stacked(want)).norm()).toBeLessThanOrEqual(allowed);
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
