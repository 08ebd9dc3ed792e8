/** The largest step size that converges, if it is known, and a safe one otherwise. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { criticalStep, InvalidInput, norm, stepSizeNote, type Factors } from '../../src/index.ts';

const target = new Matrix([
  [2, 0],
  [0, 1],
  [0, 0],
]);
const start = { X: new Matrix([[1], [0], [1]]), Y: new Matrix([[1], [-1]]) };

/** The 1 x 1 problem. */
const scalar = (x: number, y: number, mu: number): [target: Matrix, start: Factors] => [
  new Matrix([[mu]]),
  { X: new Matrix([[x]]), Y: new Matrix([[y]]) },
];

describe('the critical step', () => {
  const at = (x: number, y: number, mu: number): ReturnType<typeof criticalStep> => criticalStep(...scalar(x, y, mu));

  test('at 1 x 1 is the smaller of 1/mu and the ellipse', () => {
    expect(at(1, 1, 1)).toEqual({ stepSize: 1, exact: true });
    // S = 5, r = 1: 8 / (5 + 3).
    expect(at(2, 1, 1)).toEqual({ stepSize: 1, exact: true });
    // S = 25, r = 12: 8 / 50 at mu = 0.
    expect(at(3, 4, 0)).toEqual({ stepSize: 8 / 50, exact: true });
    // S = 25, r = 11: the root of 625 - 176.
    expect(at(3, 4, 1).stepSize).toBeCloseTo(8 / (25 + Math.sqrt(449)), 15);
    // Signs: the same by symmetry, and r = -13 if they differ.
    expect(at(-3, -4, 1)).toEqual(at(3, 4, 1));
    expect(at(3, -4, 1).stepSize).toBeCloseTo(8 / (25 + Math.sqrt(833)), 15);
    expect(at(3, -4, -1)).toEqual(at(3, 4, 1));
    // S = 2 xy = 4 mu: the root of 0.
    expect(at(Math.SQRT2, Math.SQRT2, 1).stepSize).toBe(1);
  });

  test('for factors along the leading pair of a larger target is the same', () => {
    const aligned = { X: new Matrix([[3], [0], [0]]), Y: new Matrix([[4], [0]]) };
    expect(criticalStep(target, aligned)).toEqual({ stepSize: 8 / (25 + Math.sqrt(625 - 320)), exact: true });
  });

  test.each([
    ['the second pair', { X: new Matrix([[0], [1], [0]]), Y: new Matrix([[0], [1]]) }],
    ['no pair', start],
    ['X = 0', { X: Matrix.zeros(3, 1), Y: new Matrix([[1], [0]]) }],
    ['Y = 0', { X: new Matrix([[1], [0], [0]]), Y: Matrix.zeros(2, 1) }],
    ['two columns', { X: Matrix.eye(3, 2), Y: Matrix.eye(2, 2) }],
  ])('elsewhere it is safe: %s', (_, factors) => {
    const found = criticalStep(target, factors);
    expect(found.exact).toBe(false);
    const R = norm(Matrix.sub(factors.X.mmul(factors.Y.transpose()), target));
    const D = norm(Matrix.sub(factors.X.transpose().mmul(factors.X), factors.Y.transpose().mmul(factors.Y)));
    const P = norm(target) + R;
    const bound = (drift: number): number => drift + Math.sqrt(drift * drift + 4 * P * P) + R;
    expect(found.stepSize).toBeCloseTo(1 / (2 * bound(D + (R * R) / bound(D))), 14);
  });

  test.each([
    [0.66, undefined],
    [2 / 3, /^step size 0\.666\d+ is the critical one of this start, .* chaotic: choose a smaller one to converge$/],
    [
      0.7,
      /^step size 0\.7 is above 0\.666667, the critical one of this start, .* will not converge: choose a smaller one$/,
    ],
  ])('says on which side %f is', (stepSize, note) => {
    const found = stepSizeNote(...scalar(2, 2, 1), stepSize);
    if (note === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(note);
  });

  test('reports that it does not know', () => {
    expect(stepSizeNote(target, start, 1)).toMatch(
      /^step size 1 is not below 0\.0\d+, below which gradient descent is known to descend from this start, and may converge or not: choose a smaller one to be safe$/,
    );
    expect(stepSizeNote(target, start, 1e-3)).toBeUndefined();
    expect(() => stepSizeNote(target, start, 0)).toThrow(InvalidInput);
  });

  test('any step is allowed if all is 0', () => {
    expect(criticalStep(Matrix.zeros(2, 2), { X: Matrix.zeros(2, 1), Y: Matrix.zeros(2, 1) })).toEqual({
      stepSize: 1 / 2,
      exact: false,
    });
  });
});
