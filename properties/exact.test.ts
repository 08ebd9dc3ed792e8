/** Exact arithmetic, and what the judge does with it. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { perturbedGradientDescent, type Solver } from '../src/index.ts';
import { add, exact, multiply, rounded, scale, subtract, transpose } from './oracles/exact.ts';
import { judge } from './judge.ts';
import { inspect } from './subject.ts';
import { shrinkBudget } from './shrink.ts';
import { claimOf } from './registry.ts';

describe('exact arithmetic', () => {
  const A = new Matrix([
    [0.1, -3, 1e-300],
    [5e-324, 2 ** 80, 1 / 3],
  ]);

  test('keeps every double, subnormal ones too', () => {
    expect(rounded(exact(A)).to2DArray()).toEqual(A.to2DArray());
  });

  test('loses nothing where doubles do', () => {
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
});

/** Our solver, with its X off by so many units in the last place of 1. */
const offBy =
  (units: number): Solver =>
  (options) => {
    const descent = perturbedGradientDescent(options);
    let taken = 0;
    return {
      get X() {
        return taken > 0 ? descent.X.add(units * Number.EPSILON) : descent.X;
      },
      get Y() {
        return descent.Y;
      },
      advance(steps) {
        taken += steps;
        descent.advance(steps);
      },
    };
  };

test('a violation within sight of the tolerance is computed again, and the refutation says what it is', () => {
  const options = { seed: 1, instances: 100, shrink: false, budget: shrinkBudget() };
  const near = judge(claimOf('definition/step')!, inspect(offBy(2000)), options);
  expect(near.outcome).toBe('refuted');
  expect(near.refutation!.arithmetic).toMatch(/it is the mathematics, not the rounding/);
  const far = judge(claimOf('definition/step')!, inspect(offBy(1e9)), options);
  expect(far.refutation!.arithmetic).toBeUndefined();
});
