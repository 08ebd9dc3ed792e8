/** The solvers with other noise, with momentum and with other steps: properties that no claim covers. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  antiPerturbedDescent,
  criticalStep,
  Diverged,
  entrySamplingDescent,
  gaussianNoise,
  gradientNoiseDescent,
  heavyBall,
  InvalidInput,
  labelNoiseDescent,
  perturbedFormOf,
  perturbedGradientDescent,
  scaledGradientDescent,
  scriptedNoise,
  sharpnessAwareDescent,
  uniformPicks,
  type Descent,
  type DescentOptions,
} from 'flat-minima';

const target = new Matrix([
  [2, 0],
  [0, 1],
  [0, 0],
]);
const start = { X: new Matrix([[1], [0], [1]]), Y: new Matrix([[1], [-1]]) };
const plain: DescentOptions = { target, start, stepSize: 1 / 8 };
const source = gaussianNoise('seed');

function after(descent: Descent, steps: number): number[] {
  descent.advance(steps);
  return [...descent.X.to1DArray(), ...descent.Y.to1DArray()];
}

const scalar = (x: number, y: number, mu: number, stepSize: number): DescentOptions => ({
  target: new Matrix([[mu]]),
  start: { X: new Matrix([[x]]), Y: new Matrix([[y]]) },
  stepSize,
});

/** Each as gradient descent, and each with a start that blows up. */
const solvers: [string, (options: DescentOptions) => Descent][] = [
  ['heavy ball', (options) => heavyBall({ ...options, momentum: 0 })],
  ['gradient noise', (options) => gradientNoiseDescent({ ...options, stepNoise: { scale: 0, source } })],
  ['label noise', (options) => labelNoiseDescent({ ...options, labels: { scale: 0, source } })],
  ['SAM', (options) => sharpnessAwareDescent({ ...options, radius: 0 })],
  ['SAM without normalisation', (options) => sharpnessAwareDescent({ ...options, radius: 0, normalised: false })],
  ['Anti-PGD', antiPerturbedDescent],
  [
    'Anti-PGD with scales of 0',
    (options) => antiPerturbedDescent({ ...options, noise: { sigma1: 0, sigma2: 0, source } }),
  ],
  ['the perturbed form of Anti-PGD', perturbedFormOf(antiPerturbedDescent)],
  [
    'the perturbed form with scales of 0',
    (options) => perturbedFormOf(antiPerturbedDescent)({ ...options, noise: { sigma1: 0, sigma2: 0, source } }),
  ],
];

describe.each(solvers)('%s', (_, solver) => {
  test('without its noise, momentum or radius is gradient descent', () => {
    const expected = after(perturbedGradientDescent(plain), 3);
    for (const [i, value] of after(solver(plain), 3).entries()) expect(value).toBeCloseTo(expected[i]!, 14);
  });

  test('refuses bad input, and says at which step it diverged', () => {
    expect(() => solver({ ...plain, stepSize: 0 })).toThrow(InvalidInput);
    expect(() => after(solver({ ...plain, stepSize: 100 }), 100)).toThrow(Diverged);
  });

  test('changes neither its start nor its target, and keeps copies of them', () => {
    const options = { ...plain, target: target.clone(), start: { X: start.X.clone(), Y: start.Y.clone() } };
    const descent = solver(options);
    const expected = after(solver(plain), 2);
    options.target.mul(0);
    options.start.X.mul(0);
    expect(after(descent, 2)).toEqual(expected);
    expect(start.X.to1DArray()).toEqual([1, 0, 1]);
  });
});

describe('bad input is refused in one sentence', () => {
  const cases: [string, () => unknown, RegExp][] = [
    [
      'momentum 1',
      () => heavyBall({ ...plain, momentum: 1 }),
      /momentum is 1: give a number from 0 to below 1, because/,
    ],
    ['momentum below 0', () => heavyBall({ ...plain, momentum: -0.1 }), /momentum is -0\.1/],
    ['momentum NaN', () => heavyBall({ ...plain, momentum: NaN }), /momentum is NaN/],
    [
      'a radius',
      () => sharpnessAwareDescent({ ...plain, radius: -1 }),
      /radius is -1: give a finite radius, 0 or larger/,
    ],
    [
      'tau',
      () => gradientNoiseDescent({ ...plain, stepNoise: { scale: NaN, source } }),
      /stepNoise\.scale is NaN: give/,
    ],
    [
      's',
      () => labelNoiseDescent({ ...plain, labels: { scale: -1, source } }),
      /labels\.scale is -1: give a finite stand/,
    ],
    [
      'no source',
      () => labelNoiseDescent({ ...plain, labels: { scale: 1 } as never }),
      /labels\.source has no method fill/,
    ],
    [
      'no source of steps',
      () => gradientNoiseDescent({ ...plain, stepNoise: { scale: 1 } as never }),
      /stepNoise\.source has no method fill/,
    ],
    ['no pick', () => entrySamplingDescent({ ...plain, pick: undefined as never }), /pick is not a function: give one/],
    ['no step', () => entrySamplingDescent({ ...plain, stepSize: 0, pick: () => 0 }), /stepSize is 0/],
    [
      'an entry that does not exist',
      () => entrySamplingDescent({ ...plain, pick: (count) => count }).advance(1),
      /pick returned 6 of 6 entries: return a whole number from 0 to 5/,
    ],
    ['a negative entry', () => entrySamplingDescent({ ...plain, pick: () => -1 }).advance(1), /pick returned -1/],
    ['half an entry', () => entrySamplingDescent({ ...plain, pick: () => 0.5 }).advance(1), /pick returned 0\.5/],
    ['the step of the scaled one', () => scaledGradientDescent({ ...plain, stepSize: -1 }), /stepSize is -1/],
    [
      'dependent columns of X',
      () => scaledGradientDescent({ ...plain, start: { ...start, X: Matrix.zeros(3, 1) } }),
      /start\.X has rank 0 and 1 columns: its Gram matrix has no inverse, so start with independent columns/,
    ],
    [
      'dependent columns of Y',
      () => scaledGradientDescent({ ...plain, start: { ...start, Y: Matrix.zeros(2, 1) } }),
      /start\.Y has rank 0/,
    ],
    ['a start of the wrong shape', () => criticalStep(target, { X: start.Y, Y: start.Y }), /start\.X is 2 x 1/],
    ['steps of the perturbed form', () => perturbedFormOf(antiPerturbedDescent)(noisy([])).advance(-1), /-1 steps/],
  ];
  test.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(InvalidInput);
    expect(run).toThrow(message);
  });
});

test('heavy ball adds the step before', () => {
  // x = y = 1, mu = 0, eta = 1/4: 1 - 1/4 = 3/4, then 3/4 - 27/256 - 1/8.
  expect(after(heavyBall({ ...scalar(1, 1, 0, 1 / 4), momentum: 1 / 2 }), 2)).toEqual([133 / 256, 133 / 256]);
});

test('heavy ball that begins with a velocity goes on with it', () => {
  const previous = { X: new Matrix([[1 / 2]]), Y: new Matrix([[2]]) };
  const options = { ...scalar(1, 1, 0, 1 / 4), momentum: 1 / 2, previous };
  expect(after(heavyBall(options), 1)).toEqual([1 - 1 / 4 + 1 / 4, 1 - 1 / 4 - 1 / 2]);
  expect(() => heavyBall({ ...options, previous: start })).toThrow(InvalidInput);
});

test('gradient noise moves X first, row by row, then Y', () => {
  const stepNoise = { scale: 1 / 2, source: scriptedNoise([2, 4, 6, 8, 10]) };
  const still = after(perturbedGradientDescent(plain), 1);
  expect(after(gradientNoiseDescent({ ...plain, stepNoise }), 1)).toEqual(still.map((value, i) => value + i + 1));
});

test('label noise is gradient descent on a target with that noise, fresh in each step', () => {
  const first = [1, 2, 3, 4, 5, 6];
  const second = [6, 5, 4, 3, 2, 1];
  const labels = { scale: 1 / 2, source: scriptedNoise([...first, ...second]) };
  const observed = (noise: number[]): Matrix => Matrix.add(target, Matrix.from1DArray(3, 2, noise).div(2));
  const one = perturbedGradientDescent({ ...plain, target: observed(first) });
  one.advance(1);
  const two = perturbedGradientDescent({ ...plain, target: observed(second), start: { X: one.X, Y: one.Y } });
  const expected = after(two, 1);
  for (const [i, value] of after(labelNoiseDescent({ ...plain, labels }), 2).entries()) {
    expect(value).toBeCloseTo(expected[i]!, 14);
  }
});

describe('entry sampling', () => {
  test('moves one row of each factor, by N times its part of the gradient', () => {
    const factors = { X: new Matrix([[1], [2], [3]]), Y: new Matrix([[4], [5]]) };
    // Entry 3 is (2, 2) of 3 x 2: R = 2 * 5 - 1 = 9, and 6 * 9 / 8 = 27/4.
    const descent = entrySamplingDescent({ ...plain, start: factors, pick: () => 3 });
    expect(after(descent, 1)).toEqual([1, 2 - (27 / 4) * 5, 3, 4, 5 - (27 / 4) * 2]);
  });

  test('counts the columns of the factors', () => {
    const factors = { X: Matrix.ones(3, 2), Y: Matrix.ones(2, 2) };
    // Entry 0: R = 2 - 2 = 0.
    expect(after(entrySamplingDescent({ ...plain, start: factors, pick: () => 0 }), 1)).toEqual(Array(10).fill(1));
  });

  test('picks are uniform and repeat with the seed', () => {
    const draw = (seed: string): number[] => Array.from({ length: 6000 }, () => 0).map(pickOf(seed));
    const pickOf = (seed: string): (() => number) => {
      const pick = uniformPicks(seed);
      return () => pick(6);
    };
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
    // Of 6000 picks each entry gets 1000 +- 29.
    for (let entry = 0; entry < 6; entry++) {
      expect(Math.abs(draw('a').filter((pick) => pick === entry).length - 1000)).toBeLessThan(130);
    }
  });

  test('diverges at a step', () => {
    expect(() => entrySamplingDescent({ ...plain, stepSize: 100, pick: () => 0 }).advance(100)).toThrow(Diverged);
  });
});

describe('SAM', () => {
  test('takes the gradient at the distance rho uphill', () => {
    // x = 3, y = 4, mu = 11: the gradient is (4, 3), of norm 5; at (3.8, 4.6) r = 6.48.
    const found = after(sharpnessAwareDescent({ ...scalar(3, 4, 11, 1 / 8), radius: 1 }), 1);
    expect(found[0]).toBeCloseTo(3 - (6.48 * 4.6) / 8, 12);
    expect(found[1]).toBeCloseTo(4 - (6.48 * 3.8) / 8, 12);
  });

  test('without normalisation, rho times the gradient uphill', () => {
    const options = { ...scalar(3, 4, 11, 1 / 8), radius: 1 / 2, normalised: false };
    // At (5, 5.5) r = 16.5.
    expect(after(sharpnessAwareDescent(options), 1)).toEqual([3 - (16.5 * 5.5) / 8, 4 - (16.5 * 5) / 8]);
  });

  test('does not move if the gradient is 0', () => {
    expect(after(sharpnessAwareDescent({ ...scalar(2, 3, 6, 1 / 8), radius: 1 }), 5)).toEqual([2, 3]);
  });
});

const noisy = (script: ArrayLike<number>, options = plain): DescentOptions => ({
  ...options,
  noise: { sigma1: 1 / 4, sigma2: 1 / 8, source: scriptedNoise(script) },
});

describe('Anti-PGD', () => {
  const script = Array.from({ length: 20 }, (_, i) => Math.sin(i));

  test('adds its noise and takes it back a step later', () => {
    const options = { ...scalar(1, 1, 0, 1 / 4) };
    const found = antiPerturbedDescent(noisy([1, 2, 3, 4], options));
    // 1 - 1/4 + 1/4 and 1 - 1/4 + 1/4; then p = 1 again: 1 - 1/4 - 1/4 + 3/4 and 1 - 1/4 - 1/4 + 4/8.
    expect(after(found, 1)).toEqual([1, 1]);
    expect(after(found, 1)).toEqual([5 / 4, 1]);
  });

  test('its perturbed form takes the very noise of perturbed descent, however the steps are asked for', () => {
    const factors = { X: Matrix.ones(3, 1), Y: Matrix.ones(2, 1) };
    const options = { ...plain, start: factors };
    const expected = after(perturbedGradientDescent(noisy(script, options)), 4);
    for (const parts of [[4], [1, 3], [2, 0, 2], [1, 1, 1, 1]]) {
      const descent = perturbedFormOf(antiPerturbedDescent)(noisy(script, options));
      let found: number[] = [];
      for (const part of parts) found = after(descent, part);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 13);
    }
  });

  test('its perturbed form begins at the start, in a copy', () => {
    const descent = perturbedFormOf(antiPerturbedDescent)(noisy(script));
    descent.X.set(0, 0, 7);
    expect(descent.X).toEqual(start.X);
    expect(descent.Y).toEqual(start.Y);
  });
});

test('scaled descent divides by the Gram matrices of the old factors', () => {
  // x = 2, y = 4, mu = 4: r / y = 1 and r / x = 2.
  expect(after(scaledGradientDescent(scalar(2, 4, 4, 1 / 2)), 1)).toEqual([2 - 1 / 2, 4 - 1]);
  // Y = 2 I, X = diag(1, 2, 0) I: R Y (Y'Y)^-1 = R / 2, R'X (X'X)^-1 divides the columns by 1 and 2.
  const factors = { X: new Matrix([[1, 0], [0, 2], [0, 0]]), Y: new Matrix([[2, 0], [0, 2]]) }; // prettier-ignore
  const found = after(scaledGradientDescent({ ...plain, start: factors, stepSize: 1 }), 1);
  // R = diag(0, 3).
  expect(found).toEqual([1, 0, 0, 2 - 3 / 2, 0, 0, 2, 0, 0, 2 - 3 / 2]);
});
