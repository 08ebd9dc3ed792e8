/** The guarantees of the dimension-free descent beyond its claims: refused input, its sources, its coordinates. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  Diverged,
  gaussianNoise,
  gram,
  imbalance,
  InvalidInput,
  loss,
  perturbedGradientDescent,
  product,
  reducedCoordinates,
  reducedPerturbedGradientDescent,
  singularValues,
  type NoiseSource,
  type ReducedOptions,
} from 'flat-minima';
import { norm } from '../../src/index.ts';

const source = gaussianNoise('seed');
const good: ReducedOptions = {
  dimensions: { d1: 1e6, d2: 1e9 },
  singularValues: [2, 1],
  start: { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2) },
  stepSize: 1 / 32,
  noise: { sigma1: 1e-3, sigma2: 1e-4, source },
};
const begin = (change: object): unknown => reducedPerturbedGradientDescent({ ...good, ...change });

describe('bad input is refused in one sentence', () => {
  const tall = { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2) };
  const cases: [string, object, RegExp][] = [
    ['a broken dimension', { dimensions: { d1: 2.5, d2: 9 } }, /^dimension d1 is 2\.5: give a whole number from 1 to/],
    [
      'dimension 0',
      { dimensions: { d1: 9, d2: 0 } },
      /^dimension d2 is 0: give a whole number from 1 to 9007199254740991$/,
    ],
    [
      'a dimension that a number does not hold',
      { dimensions: { d1: 2 ** 53, d2: 9 } },
      /^dimension d1 is 9007199254740992/,
    ],
    ['a dimension that is no number', { dimensions: { d1: '9', d2: 9 } }, /^dimension d1 is 9: give a whole number/],
    [
      'a negative singular value',
      { singularValues: [1, -1] },
      /^singularValues has -1: give finite numbers, 0 or larger/,
    ],
    ['an infinite singular value', { singularValues: [Infinity] }, /^singularValues has Infinity/],
    [
      'more singular values than rows',
      { dimensions: { d1: 1, d2: 9 } },
      /2 singular values and factors of rank 2: give at most min\(d1, d2\) = 1/,
    ],
    [
      'a rank beyond the dimension',
      { dimensions: { d1: 9, d2: 3 }, start: { X: Matrix.ones(2, 4), Y: Matrix.ones(2, 4) } },
      /factors of rank 4: give at most min\(d1, d2\) = 3/,
    ],
    [
      'two ranks',
      { start: { ...tall, Y: Matrix.ones(2, 1) } },
      /start\.X is 3 x 2, start\.Y is 2 x 1: give both the same number of columns/,
    ],
    ['too few rows of X', { start: { ...tall, X: Matrix.ones(1, 2) } }, /start\.X is 1 x 2.*at least k = 2 rows/],
    ['too few rows of Y', { start: { ...tall, Y: Matrix.ones(1, 2) } }, /start\.Y is 1 x 2.*at least k = 2 rows/],
    ['more rows of X than d1', { dimensions: { d1: 2, d2: 9 } }, /start\.X is 3 x 2.*at most d1 = 2 and d2 = 9/],
    [
      'more rows of Y than d2',
      { dimensions: { d1: 9, d2: 2 }, start: { ...tall, Y: Matrix.ones(3, 2) } },
      /at most d1 = 9 and d2 = 2/,
    ],
    [
      'NaN in X',
      {
        start: {
          ...tall,
          X: new Matrix([
            [1, 1],
            [NaN, 1],
          ]),
        },
      },
      /start\.X has NaN in row 2, column 1/,
    ],
    [
      'NaN in Y',
      {
        start: {
          ...tall,
          Y: new Matrix([
            [1, 1],
            [1, NaN],
          ]),
        },
      },
      /start\.Y has NaN in row 2, column 2/,
    ],
    ['step size 0', { stepSize: 0 }, /stepSize is 0/],
    ['a negative sigma', { noise: { sigma1: 0, sigma2: -1, source } }, /sigma2 is -1/],
    ['no source', { noise: { sigma1: 1, sigma2: 1 } }, /noise\.source has no method fill/],
  ];
  test.each(cases)('%s', (_, change, message) => {
    expect(() => begin(change)).toThrow(InvalidInput);
    expect(() => begin(change)).toThrow(message);
  });

  test('a number of steps, and a full problem that does not fit together', () => {
    expect(() => reducedPerturbedGradientDescent(good).advance(0.5)).toThrow(/asked for 0\.5 steps/);
    expect(() => reducedCoordinates(Matrix.eye(2), { X: Matrix.ones(3, 1), Y: Matrix.ones(2, 1) })).toThrow(
      InvalidInput,
    );
  });
});

describe('allowed inputs', () => {
  test('the largest dimension, no singular values, rows that are left out', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const sigma = Math.sqrt(1 / most);
    const run = reducedPerturbedGradientDescent({
      ...good,
      dimensions: { d1: most, d2: most },
      singularValues: [],
      start: { X: Matrix.ones(1, 2), Y: Matrix.ones(4, 2) },
      noise: { sigma1: sigma, sigma2: sigma, source },
    });
    run.advance(50);
    expect(run.target).toEqual(Matrix.zeros(2, 2));
    // Both penalties are 1: after 50 steps of 1/32 an e^{-1.6} of the factors is left, and the floor of the noise.
    expect(norm(run.X)).toBeLessThan(1);
  });

  test('rows and columns equal in number to the singular values and columns', () => {
    const square = { dimensions: { d1: 2, d2: 2 }, start: { X: Matrix.ones(2, 2), Y: Matrix.ones(2, 2) } };
    const run = reducedPerturbedGradientDescent({ ...good, ...square });
    run.advance(3);
    expect([run.X.rows, run.Y.rows]).toEqual([2, 2]);
  });

  test('a singular value of 0 is one more row of A and B', () => {
    const run = reducedPerturbedGradientDescent({
      ...good,
      singularValues: [2, 0],
      stepSize: 1 / 8,
      start: { X: Matrix.ones(2, 2), Y: Matrix.ones(2, 2) },
    });
    run.advance(1);
    expect(run.target.to2DArray()[1]!.every((entry) => entry === 0)).toBe(true);
    expect(run.Y.rows).toBe(4);
  });

  test.each([1, -1])('noise that is hardly there hardly shows, C being %d times the identity', (sign) => {
    const start = { X: Matrix.eye(3, 3).mul(sign), Y: Matrix.eye(3, 3).mul(sign) };
    const problem = { ...good, singularValues: [], start };
    const sigma = { sigma1: 1e-9 * Math.sqrt(1e-6), sigma2: 1e-9 * Math.sqrt(1e-9) };
    const [plain, noisy] = [{ sigma1: 0, sigma2: 0 }, sigma].map((scales) => {
      const noise = { ...scales, source: gaussianNoise('faint') };
      const run = reducedPerturbedGradientDescent({ ...problem, noise });
      run.advance(20);
      return run;
    });
    expect(norm(Matrix.sub(gram(noisy!.X), gram(plain!.X)))).toBeLessThan(1e-8);
    expect(norm(Matrix.sub(gram(noisy!.Y), gram(plain!.Y)))).toBeLessThan(1e-8);
  });

  test('two scales of 0, without a number from the source; X and Y are copies; the start is left alone', () => {
    const none: NoiseSource = {
      fill() {
        throw new Error('asked');
      },
    };
    const start = { X: Matrix.eye(3, 2), Y: Matrix.ones(2, 2) };
    const run = reducedPerturbedGradientDescent({ ...good, start, noise: { sigma1: 0, sigma2: 0, source: none } });
    const before = run.X;
    run.advance(1);
    expect(run.X).not.toEqual(before);
    expect(start.X).toEqual(Matrix.eye(3, 2));
  });

  test('one scale of 0 leaves that factor unperturbed', () => {
    const spread = (sigma1: number, sigma2: number): number[] => {
      const [one, other] = ['a', 'b'].map((seed) => {
        const run = reducedPerturbedGradientDescent({
          ...good,
          start: { X: Matrix.zeros(2, 2), Y: Matrix.ones(2, 2) },
          noise: { sigma1, sigma2, source: gaussianNoise(seed) },
        });
        run.advance(1);
        return run;
      });
      return [norm(Matrix.sub(one!.X, other!.X)), norm(Matrix.sub(one!.Y, other!.Y))];
    };
    // At X = 0, without noise on X, the gradient on Y is S'X = 0.
    expect(spread(0, 1e-3)[1]).toBe(0);
    expect(spread(0, 1e-3)[0]).toBeGreaterThan(0);
    expect(spread(1e-3, 0)[1]).toBeGreaterThan(0);
  });
});

describe('divergence is found in its step', () => {
  test('at d = 1e15 with noise that was not scaled', () => {
    const sigmas = { sigma1: 1, sigma2: 1, source };
    const run = reducedPerturbedGradientDescent({ ...good, dimensions: { d1: 1e15, d2: 1e15 }, noise: sigmas });
    expect(() => run.advance(100)).toThrow(Diverged);
    expect(() => run.advance(1)).toThrow(/diverged at step \d+ with stepSize 0\.03125: choose a smaller step size/);
  });

  const one = (value: number): Matrix => new Matrix([[value]]);
  test.each([
    ['X alone', 0, 2 ** 600],
    ['Y alone', 2 ** 600, 0],
  ])('%s overflows', (_, x, y) => {
    const run = reducedPerturbedGradientDescent({
      dimensions: { d1: 1, d2: 1 },
      singularValues: [2 ** 600],
      start: { X: one(x), Y: one(y) },
      stepSize: 1,
    });
    expect(() => run.advance(1)).toThrow(/diverged at step 1 /);
  });
});

describe('the coordinates of a full problem', () => {
  const M = new Matrix([
    [3, 0, 1],
    [0, 0, 0],
    [1, 0, 2],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  const entries = (rows: number): Matrix =>
    new Matrix(Array.from({ length: rows }, (_, i) => [0, 1].map((j) => Math.sin(1 + 2 * i + 5 * j))));
  const full = { X: entries(6), Y: entries(3) };
  const problemOf = (): ReturnType<typeof reducedCoordinates> => reducedCoordinates(M, full);

  test('have the dimensions, no more rows than needed, and everything that does not depend on a basis', () => {
    const problem = problemOf();
    expect(problem.dimensions).toEqual({ d1: 6, d2: 3 });
    expect(problem.singularValues).toHaveLength(2);
    expect([problem.start.X.rows, problem.start.Y.rows]).toEqual([4, 3]);
    const { target } = reducedPerturbedGradientDescent({ ...problem, stepSize: 1 });
    expect(loss(target, problem.start)).toBeCloseTo(loss(M, full), 12);
    expect(norm(Matrix.sub(imbalance(problem.start), imbalance(full)))).toBeLessThan(1e-13);
    expect(singularValues(product(problem.start))[1]).toBeCloseTo(singularValues(product(full))[1]!, 13);
  });

  test('of a target of 0 and of one of full rank', () => {
    expect(reducedCoordinates(Matrix.zeros(6, 3), full).start.X.rows).toBe(2);
    const fullRank = reducedCoordinates(Matrix.eye(6, 3), full);
    expect(fullRank.start.Y.rows).toBe(3);
    expect(norm(imbalance(fullRank.start))).toBeCloseTo(norm(imbalance(full)), 12);
  });

  test('plain descent in them is plain descent', () => {
    const problem = problemOf();
    const plain = perturbedGradientDescent({ target: M, start: full, stepSize: 1 / 16 });
    const reduced = reducedPerturbedGradientDescent({ ...problem, stepSize: 1 / 16 });
    plain.advance(20);
    reduced.advance(20);
    expect(loss(reduced.target, reduced)).toBeCloseTo(loss(M, plain), 12);
    expect(norm(Matrix.sub(imbalance(reduced), imbalance(plain)))).toBeLessThan(1e-12);
    // Without noise nothing is folded into C, whose rows do not change.
    const small = perturbedGradientDescent({ target: reduced.target, start: problem.start, stepSize: 1 / 16 });
    small.advance(20);
    expect(norm(Matrix.sub(reduced.X, small.X))).toBeLessThan(1e-12);
  });

  test('rows of C beyond r are folded into r', () => {
    const start = { X: entries(9), Y: entries(2) };
    const run = reducedPerturbedGradientDescent({ ...good, start });
    expect(run.X.rows).toBe(4);
    expect(norm(Matrix.sub(imbalance(run), imbalance(start)))).toBeLessThan(1e-13);
    expect(run.X.subMatrix(0, 1, 0, 1)).toEqual(start.X.subMatrix(0, 1, 0, 1));
  });
});
