/** Solvers of other problems: bad input is one sentence, and mutants are refuted by the claims that are about them. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  deepGradient,
  deepLoss,
  deepPerturbedDescent,
  deepProduct,
  Diverged,
  gaussianNoise,
  InvalidInput,
  loss,
  loweredEigenvalues,
  measured,
  perturbedGradientDescent,
  sensingDescent,
  sensingGradient,
  sensingGrams,
  sensingLoss,
  sensingRemarks,
  smoothedDeepGradient,
  smoothedDeepLoss,
  smoothedGradient,
  smoothedLoss,
  smoothedSensingGradient,
  smoothedSensingLoss,
  smoothedSymmetricGradient,
  smoothedSymmetricLoss,
  symmetricGradient,
  symmetricLoss,
  symmetricPerturbedDescent,
  symmetricRidge,
  type DeepOptions,
  type SensingOptions,
  type SymmetricOptions,
} from 'flat-minima';
import { misfits, sensingSize } from '../../src/theory/sensing.ts';
import { norm } from '../../src/index.ts';

type DescentNoise = NonNullable<SensingOptions['noise']>;

/** One sentence: the place, the wrong value, and the action. */
const SENTENCE = /^[^.]*: [^.]*$/;

describe('the symmetric descent', () => {
  const target = new Matrix([[2, 1], [1, 3]]); // prettier-ignore
  const start = new Matrix([[1], [-1]]);
  const options: SymmetricOptions = { target, start, stepSize: 1 / 16 };

  test.each([
    ['a target that is not symmetric', { target: new Matrix([[1, 2], [0, 1]]) }, /not symmetric/], // prettier-ignore
    ['a target that is not square', { target: new Matrix([[1, 2]]) }, /not symmetric/],
    ['a start with other rows', { start: new Matrix([[1]]) }, /start is 1 x 1/],
    ['more columns than rows', { start: new Matrix([[1, 2, 3], [1, 2, 3]]) }, /r <= d/], // prettier-ignore
    ['a step size of 0', { stepSize: 0 }, /stepSize is 0/],
    ['a negative scale', { noise: { sigma: -1, source: gaussianNoise('1') } }, /sigma/],
  ] as const)('refuses %s', (_, change, message) => {
    const run = (): unknown => symmetricPerturbedDescent({ ...options, ...change });
    expect(run).toThrow(InvalidInput);
    expect(run).toThrow(message);
    expect(run).toThrow(SENTENCE);
  });

  test('without noise is the descent on pairs from Y = X', () => {
    const [one, pair] = [
      symmetricPerturbedDescent(options),
      perturbedGradientDescent({ target, start: { X: start, Y: start }, stepSize: 1 / 16 }),
    ];
    one.advance(40);
    pair.advance(40);
    expect(norm(Matrix.sub(one.X, pair.X))).toBeLessThan(1e-13);
    expect(start.to2DArray()).toEqual([[1], [-1]]);
  });
});

describe('the descent on a linear network', () => {
  const target = new Matrix([[2, 1], [1, 3]]); // prettier-ignore
  const X = new Matrix([[1], [-1]]);
  const Y = new Matrix([[1], [1 / 2]]);
  const options: DeepOptions = { target, start: [X, Y.transpose()], stepSize: 1 / 16 };
  const noise = { sigmas: [1], source: gaussianNoise('1') };

  test.each([
    ['one layer', { start: [target] }, /start has 1 layer: give two or more/],
    ['no layer', { start: [] }, /start has no layers/],
    ['layers that do not fit', { start: [X, X] }, /the layers of start are 2 x 1, 2 x 1/],
    ['a product of another shape', { start: [X.transpose(), X] }, /whose product has the shape of the target/],
    ['too few scales', { noise }, /noise has 1 scales for 2 layers/],
    ['a step size below 0', { stepSize: -1 }, /stepSize is -1/],
  ] as const)('refuses %s', (_, change, message) => {
    const run = (): unknown => deepPerturbedDescent({ ...options, ...change });
    expect(run).toThrow(InvalidInput);
    expect(run).toThrow(message);
    expect(run).toThrow(SENTENCE);
  });

  test('of two layers is the descent on a factorization', () => {
    const pair = perturbedGradientDescent({ target, start: { X, Y }, stepSize: 1 / 16 });
    const network = deepPerturbedDescent(options);
    network.advance(40);
    pair.advance(40);
    expect(norm(Matrix.sub(network.layers[0]!, pair.X))).toBeLessThan(1e-13);
    expect(norm(Matrix.sub(network.layers[1]!.transpose(), pair.Y))).toBeLessThan(1e-13);
  });
});

describe('the descent on measurements', () => {
  const target = new Matrix([[2, 1], [1, 3], [0, 1]]); // prettier-ignore
  const units = Array.from({ length: 6 }, (_, n) =>
    Matrix.from1DArray(
      3,
      2,
      Array.from({ length: 6 }, (__, m) => (m === n ? 1 : 0)),
    ),
  );
  const measurements = measured(units, target);
  const start = { X: new Matrix([[1], [-1], [1 / 2]]), Y: new Matrix([[1], [1 / 4]]) };
  const options: SensingOptions = { measurements, start, stepSize: 1 / 32 };

  test.each([
    ['no measurements', { measurements: { matrices: [], values: [] } }, /has no matrices/],
    ['too few values', { measurements: { matrices: units, values: [1] } }, /6 matrices and 1 values/],
    [
      'matrices of two shapes',
      { measurements: measured([units[0]!, new Matrix([[1]])], target) },
      /is 1 x 1 and the first is 3 x 2/,
    ],
    [
      'a value that is no number',
      { measurements: { matrices: units, values: [1, NaN, 0, 0, 0, 0] } },
      /values\[1\] is NaN/,
    ],
    ['factors of another shape', { start: { X: start.Y, Y: start.Y } }, /start\.X is 2 x 1/],
    ['a step size of 0', { stepSize: 0 }, /stepSize is 0/],
  ] as const)('refuses %s', (_, change, message) => {
    const run = (): unknown => sensingDescent({ ...options, ...change });
    expect(run).toThrow(InvalidInput);
    expect(run).toThrow(message);
  });

  test('of all entries is the descent on the target, noise included', () => {
    const noise = (): DescentNoise => ({ sigma1: 1 / 4, sigma2: 1 / 8, source: gaussianNoise('1') });
    const pair = perturbedGradientDescent({ target, start, stepSize: 1 / 32, noise: noise() });
    const seen = sensingDescent({ ...options, noise: noise() });
    pair.advance(40);
    seen.advance(40);
    expect(norm(Matrix.sub(seen.X, pair.X)) + norm(Matrix.sub(seen.Y, pair.Y))).toBeLessThan(1e-13);
  });

  test('continues with few measurements, and reports the undecided quantities', () => {
    expect(sensingRemarks(measurements)).toEqual([]);
    const few = { matrices: units.slice(0, 2) };
    expect(sensingRemarks(few)).toEqual([
      expect.stringMatching(/^there are 2 measurements of 6 entries: /),
      expect.stringMatching(/^Q has rank 1 of 3: /),
    ]);
    expect(sensingRemarks({ matrices: units.filter((_, n) => n % 2 === 0) })[1]).toMatch(/^P has rank 1 of 2: /);
    const descent = sensingDescent({ ...options, measurements: measured(few.matrices, target) });
    descent.advance(10);
    expect(descent.X.get(2, 0)).toBe(1 / 2);
  });
});

/** The distance of two matrices relative to their size. */
const apart = (A: Matrix, B: Matrix): number => norm(Matrix.sub(A, B)) / (1 + norm(B));

describe('the formulas', () => {
  const M = new Matrix([[2, 1], [1, 3], [0, 1]]); // prettier-ignore
  const X = new Matrix([[1], [-1], [1 / 2]]);
  const Y = new Matrix([[1], [1 / 4]]);
  const scales = { sigma1: 1 / 2, sigma2: 1 / 4 };

  test('of the symmetric problem, at a point computed by hand', () => {
    const [target, at] = [new Matrix([[2, 0], [0, -1]]), new Matrix([[1], [1]])]; // prettier-ignore
    // X X' - M = (-1, 1; 1, 2).
    expect(symmetricLoss(target, at)).toBe(7 / 4);
    expect(symmetricGradient(target, at).to2DArray()).toEqual([[0], [3]]);
    expect(symmetricRidge(at, 1 / 2)).toBe(1);
    // mu = 1, |X|^2 = 2, tr M = 1, sigma^2 = 1/4: 7/4 + 1 - 1/8 + 2/16.
    expect(smoothedSymmetricLoss(target, at, 1 / 2)).toBe(11 / 4);
    expect(smoothedSymmetricGradient(target, at, 1 / 2).to2DArray()).toEqual([[1], [4]]);
    expect(apart(loweredEigenvalues(target, 1, 1 / 2), new Matrix([[3 / 2, 0], [0, 0]]))).toBeLessThan(1e-15); // prettier-ignore
    expect(norm(loweredEigenvalues(target, 2, 3))).toBe(0);
    const ordered = new Matrix([[1, 0, 0], [0, 3, 0], [0, 0, 2]]); // prettier-ignore
    expect(apart(loweredEigenvalues(ordered, 2, 1), new Matrix([[0, 0, 0], [0, 2, 0], [0, 0, 1]]))).toBeLessThan(1e-14); // prettier-ignore
  });

  test('of a network of two layers are those of a factorization', () => {
    const layers = [X, Y.transpose()];
    const sigmas = [scales.sigma1, scales.sigma2];
    expect(deepLoss(M, layers)).toBeCloseTo(loss(M, { X, Y }), 12);
    expect(smoothedDeepLoss(M, layers, sigmas)).toBeCloseTo(smoothedLoss(M, { X, Y }, scales), 12);
    const [ofX, ofY] = smoothedDeepGradient(M, layers, sigmas) as [Matrix, Matrix];
    const want = smoothedGradient(M, { X, Y }, scales);
    expect(apart(ofX, want.X) + apart(ofY.transpose(), want.Y)).toBeLessThan(1e-14);
  });

  test('of a network of three layers, with a number as the middle one', () => {
    const layers = [X, new Matrix([[2]]), Y.transpose()];
    expect(apart(deepProduct(layers), X.mmul(Y.transpose()).mul(2))).toBe(0);
    const R = Matrix.sub(X.mmul(Y.transpose()).mul(2), M);
    const [ofX, ofC, ofY] = deepGradient(M, layers) as [Matrix, Matrix, Matrix];
    expect(apart(ofX, R.mmul(Y).mul(2))).toBeLessThan(1e-15);
    expect(ofC.get(0, 0)).toBeCloseTo(X.transpose().mmul(R).mmul(Y).get(0, 0), 12);
    expect(apart(ofY.transpose(), R.transpose().mmul(X).mul(2))).toBeLessThan(1e-15);
  });

  test('of full observation are those of a factorization', () => {
    const units = Array.from({ length: 6 }, (_, n) => {
      const entries = Array.from({ length: 6 }, (__, m) => (m === n ? 1 : 0));
      return Matrix.from1DArray(3, 2, entries);
    });
    const all = measured(units, M);
    expect(all.values).toEqual(M.to1DArray());
    expect(misfits(all, M)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(sensingSize(all)).toBe(6);
    const { P, Q } = sensingGrams(all);
    expect([P.to2DArray(), Q.to2DArray()]).toEqual([
      Matrix.eye(2).mul(3).to2DArray(),
      Matrix.eye(3).mul(2).to2DArray(),
    ]);
    expect(sensingLoss(all, { X, Y })).toBeCloseTo(loss(M, { X, Y }), 12);
    expect(smoothedSensingLoss(all, { X, Y }, scales)).toBeCloseTo(smoothedLoss(M, { X, Y }, scales), 12);
    const [plain, smoothed] = [sensingGradient(all, { X, Y }), smoothedSensingGradient(all, { X, Y }, scales)];
    const want = smoothedGradient(M, { X, Y }, scales);
    expect(apart(smoothed.X, want.X) + apart(smoothed.Y, want.Y)).toBeLessThan(1e-14);
    expect(apart(plain.X, smoothedGradient(M, { X, Y }, { sigma1: 0, sigma2: 0 }).X)).toBeLessThan(1e-14);
  });
});

test.each([
  ['symmetric', () => symmetricPerturbedDescent({ target: Matrix.eye(1), start: new Matrix([[9]]), stepSize: 9 })],
  [
    'deep',
    () => deepPerturbedDescent({ target: Matrix.eye(1), start: [new Matrix([[9]]), new Matrix([[9]])], stepSize: 9 }),
  ],
  [
    'sensing',
    () =>
      sensingDescent({
        measurements: measured([Matrix.eye(1)], Matrix.eye(1)),
        start: { X: new Matrix([[9]]), Y: new Matrix([[9]]) },
        stepSize: 9,
      }),
  ],
] as const)('the %s descent says where it diverged, and refuses half a step', (_, start) => {
  expect(() => start().advance(100)).toThrow(Diverged);
  expect(() => start().advance(1 / 2)).toThrow(/advance was asked for 0.5 steps/);
});
