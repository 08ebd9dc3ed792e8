/** Solvers of other problems: bad input is one sentence, and mutants are refuted by the claims that are about them. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  deepPerturbedDescent,
  gaussianNoise,
  InvalidInput,
  measured,
  perturbedGradientDescent,
  sensingDescent,
  sensingRemarks,
  symmetricPerturbedDescent,
  type DeepOptions,
  type SensingOptions,
  type SymmetricOptions,
} from 'flat-minima';

type DescentNoise = NonNullable<SensingOptions['noise']>;

/** Where it stands, what it was, and what to do; in one sentence. */
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
    expect(Matrix.sub(one.X, pair.X).norm()).toBeLessThan(1e-13);
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
    expect(Matrix.sub(network.layers[0]!, pair.X).norm()).toBeLessThan(1e-13);
    expect(Matrix.sub(network.layers[1]!.transpose(), pair.Y).norm()).toBeLessThan(1e-13);
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
    expect(Matrix.sub(seen.X, pair.X).norm() + Matrix.sub(seen.Y, pair.Y).norm()).toBeLessThan(1e-13);
  });

  test('goes on with few measurements, of which it says what they leave open', () => {
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
