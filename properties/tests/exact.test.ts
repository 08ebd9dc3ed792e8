/** Exact arithmetic, and descents in it. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { iterate, noiseOf, optionsOf } from '../model/instance.ts';
import { add, exact, multiply, rounded, scale, subtract, transpose, truncated } from '../oracles/exact.ts';
import { exactSolver, TooLong } from '../oracles/exact-descent.ts';
import { stacked } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { norm } from '../../src/index.ts';

describe('exact arithmetic', () => {
  const A = new Matrix([
    [0.1, -3, 1e-300],
    [5e-324, 2 ** 80, 1 / 3],
  ]);

  test('keeps every double, subnormal ones too', () => {
    expect(rounded(exact(A)).to2DArray()).toEqual(A.to2DArray());
  });

  test('is exact although doubles round', () => {
    const [one, tiny] = [exact(new Matrix([[1]])), exact(new Matrix([[2 ** -70]]))];
    expect(rounded(subtract(add(one, tiny), one)).get(0, 0)).toBe(2 ** -70);
    expect(rounded(scale(2 ** 70, multiply(tiny, one))).get(0, 0)).toBe(1);
    // (1 + h)(1 - h) - 1 = -h^2.
    const [up, down] = [exact(new Matrix([[1 + 2 ** -50]])), exact(new Matrix([[1 - 2 ** -50]]))];
    expect(rounded(subtract(multiply(up, down), one)).get(0, 0)).toBe(-(2 ** -100));
  });

  test('transposes', () => {
    expect(rounded(transpose(exact(A))).to2DArray()).toEqual(A.transpose().to2DArray());
  });

  test('keeps this number of places of the largest entry', () => {
    const long = multiply(exact(A), exact(A.transpose()));
    const length = (places: number): number =>
      Math.max(
        ...truncated(long, places)
          .entries.flat()
          .map((entry) => entry.toString(2).length),
      );
    expect(length(1e6)).toBeGreaterThan(1000);
    expect(length(300)).toBeLessThanOrEqual(300);
    expect(rounded(truncated(long, 300)).to2DArray()).toEqual(rounded(long).to2DArray());
  });
});

describe('a descent in exact arithmetic', () => {
  const instance = {
    M: [[1, 2]],
    X0: [[0.5]],
    Y0: [[1], [-0.3]],
    ...{ eta: 1 / 32, sigma1: 1 / 2, sigma2: 1 / 4, steps: 100, seed: 3 },
  };

  test('has the iterates of ours, to rounding', () => {
    const [one, other] = [exactSolver(100), referenceDescent].map((solver) => {
      const descent = solver(optionsOf(instance, noiseOf(instance)));
      descent.advance(instance.steps);
      return stacked(iterate(descent));
    });
    expect(norm(Matrix.sub(one!, other!))).toBeLessThan(1e-14);
  });

  test('is not longer than asked for', () => {
    const descent = exactSolver(99)(optionsOf(instance, noiseOf(instance)));
    expect(() => descent.advance(100)).toThrow(TooLong);
  });
});
