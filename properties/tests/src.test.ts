/** The guarantees of src beyond the claims: refused input, geometry, edge cases of the contract. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  Diverged,
  decompose,
  gaussianNoise,
  imbalance,
  InvalidInput,
  minimumSpectrum,
  orbitDistance,
  perturbedGradientDescent,
  rank,
  scriptedNoise,
  smoothedGradientDescent,
  smoothedHessian,
  smoothedLoss,
  smoothedMinimiser,
  smoothedGradient,
  stationaryPoint,
  type Descent,
  type DescentOptions,
} from 'flat-minima';
import { norm } from '../../src/index.ts';

const M = new Matrix([
  [2, 0],
  [0, 1],
  [0, 0],
]);
const start = { X: Matrix.ones(3, 1), Y: Matrix.ones(2, 1) };
const good: DescentOptions = { target: M, start, stepSize: 1 / 8 };
const source = gaussianNoise('seed');

describe('bad input is refused in one sentence', () => {
  const cases: [string, unknown, RegExp][] = [
    ['NaN', { ...good, target: new Matrix([[NaN]]) }, /target has NaN in row 1, column 1: give finite numbers/],
    [
      'an infinity',
      { ...good, start: { ...start, Y: new Matrix([[1], [Infinity]]) } },
      /start\.Y has Infinity in row 2/,
    ],
    ['NaN in X', { ...good, start: { ...start, X: new Matrix([[0], [NaN], [0]]) } }, /start\.X has NaN in row 2/],
    ['no rows', { ...good, target: new Matrix(0, 3) }, /target is 0 x 3, which is empty/],
    ['no columns', { ...good, target: new Matrix(3, 0) }, /target is 3 x 0, which is empty/],
    ['an array', { ...good, target: [[1]] }, /target is an array: give a Matrix/],
    ['null', { ...good, target: null }, /target is null: give a Matrix/],
    ['a number', { ...good, target: 1 }, /target is of type number: give a Matrix/],
    ['rows of X', { ...good, start: { ...start, X: Matrix.ones(2, 1) } }, /start\.X is 2 x 1.*give a d1 x r/],
    ['rows of Y', { ...good, start: { ...start, Y: Matrix.ones(3, 1) } }, /start\.Y is 3 x 1.*give a d1 x r/],
    ['two ranks', { ...good, start: { ...start, Y: Matrix.ones(2, 2) } }, /start\.Y is 2 x 2.*give a d1 x r/],
    ['r too large', { ...good, start: { X: Matrix.ones(3, 3), Y: Matrix.ones(2, 3) } }, /at most min\(d1, d2\) = 2/],
    ['step size 0', { ...good, stepSize: 0 }, /stepSize is 0: give a positive finite number/],
    ['step size NaN', { ...good, stepSize: NaN }, /stepSize is NaN/],
    ['an infinite step size', { ...good, stepSize: Infinity }, /stepSize is Infinity/],
    ['a negative sigma', { ...good, noise: { sigma1: -1, sigma2: 0, source } }, /sigma1 is -1/],
    ['an infinite sigma', { ...good, noise: { sigma1: 0, sigma2: Infinity, source } }, /sigma2 is Infinity/],
    ['no source', { ...good, noise: { sigma1: 1, sigma2: 0 } }, /noise\.source has no method fill/],
  ];
  test.each(cases)('%s', (_, options, message) => {
    expect(() => perturbedGradientDescent(options as DescentOptions)).toThrow(InvalidInput);
    expect(() => perturbedGradientDescent(options as DescentOptions)).toThrow(message);
  });

  test('under the name of its class', () => {
    expect(new InvalidInput('').name).toBe('InvalidInput');
    expect(new Diverged(1, 1).name).toBe('Diverged');
  });

  test.each([
    ['perturbed', () => perturbedGradientDescent(good)],
    ['smoothed', () => smoothedGradientDescent({ ...good, noise: { sigma1: 0, sigma2: 0 } })],
  ])('steps that are no whole number: %s', (_, begin) => {
    expect(() => begin().advance(-1)).toThrow(/asked for -1 steps/);
    expect(() => begin().advance(0.5)).toThrow(InvalidInput);
    const descent = begin();
    descent.advance(0);
    expect(descent.X).toEqual(start.X);
  });

  test('smoothed descent and minimiser', () => {
    expect(() => smoothedGradientDescent({ ...good, stepSize: -1, noise: { sigma1: 0, sigma2: 0 } })).toThrow(
      /stepSize is -1/,
    );
    expect(() => smoothedGradientDescent({ ...good, target: start.Y, noise: { sigma1: 0, sigma2: 0 } })).toThrow(
      InvalidInput,
    );
    expect(() => smoothedGradientDescent({ ...good, noise: { sigma1: -1, sigma2: 0 } })).toThrow(/sigma1 is -1/);
    expect(() => smoothedMinimiser(M, 1, { sigma1: 0, sigma2: 1 })).toThrow(/needs sigma1 and sigma2 above 0/);
    expect(() => stationaryPoint(M, 1, [0, 1], { sigma1: 0.1, sigma2: 0.1 })).toThrow(
      /give at most 1 different indices/,
    );
    const oneAbove = { sigma1: 0.5, sigma2: 1 };
    for (const kept of [[0, 0], [0, 1], [1], [7]]) {
      expect(() => stationaryPoint(M, 2, kept, oneAbove)).toThrow(/indices with s_i > lambda/);
    }
    expect(() => scriptedNoise([1]).fill(new Float64Array(2))).toThrow(/has 1 numbers and 2 were asked for/);
  });
});

describe('divergence is found at its step', () => {
  test.each([
    ['perturbed', () => perturbedGradientDescent({ ...good, stepSize: 100 })],
    ['smoothed', () => smoothedGradientDescent({ ...good, stepSize: 100, noise: { sigma1: 0, sigma2: 0 } })],
  ])('%s', (_, begin) => {
    const steps = (chunk: number): number => {
      const descent = begin();
      try {
        for (let t = 0; t < 100; t += chunk) descent.advance(chunk);
      } catch (error) {
        expect(error).toBeInstanceOf(Diverged);
        expect((error as Diverged).message).toMatch(
          /diverged at step \d+ with stepSize 100: choose a smaller step size/,
        );
        return (error as Diverged).step;
      }
      return 0;
    };
    expect(steps(1)).toBeGreaterThan(1);
    expect(steps(100)).toBe(steps(1));
  });

  const one = (value: number): Matrix => new Matrix([[value]]);
  const step = (X: number, Y: number): DescentOptions => ({
    target: one(2 ** 600),
    start: { X: one(X), Y: one(Y) },
    stepSize: 1,
  });
  test.each([
    ['X alone overflows', step(0, 2 ** 600)],
    ['Y alone overflows', step(2 ** 600, 0)],
  ])('%s', (_, options) => {
    expect(() => perturbedGradientDescent(options).advance(1)).toThrow(Diverged);
    const smoothed = smoothedGradientDescent({ ...options, noise: { sigma1: 0, sigma2: 0 } });
    expect(() => smoothed.advance(1)).toThrow(Diverged);
  });

  test('an iterate whose cube overflows is lost in that step', () => {
    const options = { ...step(2 ** 400, 2 ** 400), target: one(1) };
    expect(() => perturbedGradientDescent(options).advance(1)).toThrow(/diverged at step 1 /);
  });
});

describe('how much noise is asked for', () => {
  test('noise of scale 0 needs no numbers, noise on one factor needs all', () => {
    const after = (sigma1: number, sigma2: number, script: number[]): Descent => {
      const descent = perturbedGradientDescent({ ...good, noise: { sigma1, sigma2, source: scriptedNoise(script) } });
      descent.advance(1);
      return descent;
    };
    expect(after(0, 0, []).X).not.toEqual(start.X);
    for (const [sigma1, sigma2] of [
      [1, 0],
      [0, 1],
    ] as const) {
      expect(() => after(sigma1, sigma2, [1, 1, 1, 1])).toThrow(InvalidInput);
      expect(after(sigma1, sigma2, [1, 1, 1, 1, 1]).X).not.toEqual(after(0, 0, []).X);
    }
  });
});

describe('theory', () => {
  const noise = { sigma1: 1 / 4, sigma2: 1 / 2 };

  test('the minimiser is stationary, minimal and gamma-balanced; smoothed descent goes there', () => {
    const best = smoothedMinimiser(M, 2, noise);
    const gamma = Math.sqrt((3 * noise.sigma1 ** 2) / (2 * noise.sigma2 ** 2));
    expect(norm(imbalance(best, gamma))).toBeLessThan(1e-14);
    const slope = smoothedGradient(M, best, noise);
    expect(norm(slope.X) + norm(slope.Y)).toBeLessThan(1e-14);
    const begin = {
      X: new Matrix([
        [1, 0.5],
        [0.25, 1],
        [1, 1],
      ]),
      Y: new Matrix([
        [1, 0],
        [0.5, 1],
      ]),
    };
    const descent = smoothedGradientDescent({ target: M, start: begin, stepSize: 1 / 16, noise });
    descent.advance(4000);
    expect(orbitDistance({ X: descent.X, Y: descent.Y }, best)).toBeLessThan(1e-9);
    expect(smoothedLoss(M, descent, noise)).toBeCloseTo(smoothedLoss(M, best, noise), 12);
    expect(smoothedHessian(M, best, noise).isSymmetric()).toBe(true);
  });

  test('a triple at the threshold is not retained', () => {
    const one = new Matrix([[1]]);
    const scales = { sigma1: 1, sigma2: 1 };
    expect(smoothedMinimiser(one, 1, scales).X.get(0, 0)).toBe(0);
    expect(() => stationaryPoint(one, 1, [0], scales)).toThrow(InvalidInput);
  });

  test('a decomposition gives the matrix back for both shapes', () => {
    for (const A of [M, M.transpose()]) {
      const { U, s, V } = decompose(A);
      expect(norm(Matrix.sub(U.mmul(Matrix.diag(s)).mmul(V.transpose()), A))).toBeLessThan(1e-15);
      expect([U.columns, V.columns]).toEqual([2, 2]);
    }
  });

  test('the orbit distance is that of the nearest rotation', () => {
    const one = (value: number): Matrix => new Matrix([[value]]);
    expect(orbitDistance({ X: one(1), Y: one(1) }, { X: one(-4), Y: one(-5) })).toBeCloseTo(5, 14);
    const turn = new Matrix([
      [0.6, 0.8],
      [-0.8, 0.6],
    ]);
    const pair = { X: M, Y: Matrix.ones(2, 2) };
    expect(orbitDistance(pair, { X: M.mmul(turn), Y: pair.Y.mmul(turn) })).toBeLessThan(1e-14);
  });

  test('the spectrum at a minimum leaves out the zeros', () => {
    const column = new Matrix([[2], [0]]);
    expect(minimumSpectrum({ X: column, Y: column })).toEqual([8, 4, 4]);
  });

  test('the rounding that rank allows for grows with the longer side and the largest singular value', () => {
    const withSecond = (ulps: number, scale: number): Matrix => {
      const A = Matrix.zeros(2, 8);
      A.set(0, 0, scale);
      A.set(1, 1, scale * ulps * Number.EPSILON);
      return A;
    };
    for (const scale of [2 ** -20, 2 ** 20]) {
      expect([7, 9].map((ulps) => rank(withSecond(ulps, scale)))).toEqual([1, 2]);
    }
  });

  test('rank counts singular values above rounding', () => {
    expect(rank(M)).toBe(2);
    expect(rank(Matrix.zeros(2, 3))).toBe(0);
    expect(
      rank(
        new Matrix([
          [0.1, 0.2],
          [0.3, 0.6],
        ]),
      ),
    ).toBe(1);
  });
});
