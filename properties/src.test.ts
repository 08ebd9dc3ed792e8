/** What src promises beyond the claims: input that is refused, noise that has its law, geometry, the contract's corners. */
import { readFileSync } from 'node:fs';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  Diverged,
  gaussianNoise,
  imbalance,
  InvalidInput,
  orbitDistance,
  perturbedGradientDescent,
  rademacherNoise,
  rank,
  scriptedNoise,
  smoothedGradientDescent,
  smoothedHessian,
  smoothedLoss,
  smoothedMinimiser,
  smoothedGradient,
  stationaryPoint,
  uniformNoise,
  type DescentOptions,
  type NoiseSource,
} from 'flat-minima';
import { claims } from './registry.ts';

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
    ['an empty matrix', { ...good, target: new Matrix(0, 3) }, /target is 0 x 3, which is empty/],
    ['an array', { ...good, target: [[1]] }, /target is an array: give a Matrix/],
    ['shapes that do not match', { ...good, start: { X: Matrix.ones(2, 1), Y: start.Y } }, /start\.X is 2 x 1/],
    ['r too large', { ...good, start: { X: Matrix.ones(3, 3), Y: Matrix.ones(2, 3) } }, /at most min\(d1, d2\) = 2/],
    ['step size 0', { ...good, stepSize: 0 }, /stepSize is 0: give a positive finite number/],
    ['step size NaN', { ...good, stepSize: NaN }, /stepSize is NaN/],
    ['a negative sigma', { ...good, noise: { sigma1: -1, sigma2: 0, source } }, /sigma1 is -1/],
    ['no source', { ...good, noise: { sigma1: 1, sigma2: 0 } }, /noise\.source has no method fill/],
  ];
  test.each(cases)('%s', (_, options, message) => {
    expect(() => perturbedGradientDescent(options as DescentOptions)).toThrow(InvalidInput);
    expect(() => perturbedGradientDescent(options as DescentOptions)).toThrow(message);
  });

  test('steps that are no whole number', () => {
    expect(() => perturbedGradientDescent(good).advance(-1)).toThrow(/asked for -1 steps/);
    expect(() => perturbedGradientDescent(good).advance(0.5)).toThrow(InvalidInput);
  });

  test('smoothed descent and minimiser', () => {
    expect(() => smoothedGradientDescent({ ...good, stepSize: -1, noise: { sigma1: 0, sigma2: 0 } })).toThrow(
      /stepSize is -1/,
    );
    expect(() => smoothedMinimiser(M, 1, { sigma1: 0, sigma2: 1 })).toThrow(/needs sigma1 and sigma2 above 0/);
    expect(() => stationaryPoint(M, 1, [0, 1], { sigma1: 0.1, sigma2: 0.1 })).toThrow(
      /give at most 1 different indices/,
    );
    expect(() => scriptedNoise([1]).fill(new Float64Array(2))).toThrow(/has 1 numbers and 2 were asked for/);
  });
});

describe('divergence is found at the step where it happens', () => {
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
});

describe('noise', () => {
  const draws = 200_000;
  const sample = (noise: NoiseSource): Float64Array => {
    const out = new Float64Array(draws);
    noise.fill(out);
    return out;
  };
  const moment = (values: Float64Array, power: number): number =>
    values.reduce((sum, x) => sum + x ** power, 0) / values.length;
  // Seven standard errors of each sample moment: sqrt((m_2p - m_p^2) / n).
  const laws: [string, (seed: string) => NoiseSource, number[]][] = [
    ['gaussian', gaussianNoise, [0, 1, 0, 3, 0, 15, 0, 105]],
    ['rademacher', rademacherNoise, [0, 1, 0, 1, 0, 1, 0, 1]],
    ['uniform', uniformNoise, [0, 1, 0, 9 / 5, 0, 27 / 7, 0, 9]],
  ];
  test.each(laws)('%s has its moments', (_, law, moments) => {
    const values = sample(law('moments'));
    for (const power of [1, 2, 3, 4]) {
      const error = Math.sqrt((moments[2 * power - 1]! - moments[power - 1]! ** 2) / draws);
      expect(Math.abs(moment(values, power) - moments[power - 1]!)).toBeLessThanOrEqual(7 * error);
    }
  });

  test('gaussian tails have their chances', () => {
    const values = sample(gaussianNoise('tails'));
    for (const [edge, chance] of [
      [1, 0.3173105],
      [2, 0.0455003],
      [3, 0.0026998],
      [3.5, 0.00046526],
    ] as const) {
      const share = values.filter((x) => Math.abs(x) > edge).length / draws;
      expect(Math.abs(share - chance)).toBeLessThan(7 * Math.sqrt(chance / draws));
    }
  });

  test('a seed is a stream, however it is cut; another seed is another stream', () => {
    const whole = sample(gaussianNoise('a')).slice(0, 10);
    const parts = gaussianNoise('a');
    const [first, rest] = [new Float64Array(3), new Float64Array(7)];
    parts.fill(first);
    parts.fill(rest);
    expect([...first, ...rest]).toEqual([...whole]);
    expect(sample(gaussianNoise('b'))[0]).not.toBe(whole[0]);
  });
});

describe('theory', () => {
  const noise = { sigma1: 1 / 4, sigma2: 1 / 2 };

  test('the minimiser is stationary, minimal and gamma-balanced; smoothed descent goes there', () => {
    const best = smoothedMinimiser(M, 2, noise);
    const gamma = Math.sqrt((3 * noise.sigma1 ** 2) / (2 * noise.sigma2 ** 2));
    expect(imbalance(best, gamma).norm()).toBeLessThan(1e-14);
    const slope = smoothedGradient(M, best, noise);
    expect(slope.X.norm() + slope.Y.norm()).toBeLessThan(1e-14);
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

test('every claim points at an anchor of docs/theory.md', () => {
  const theory = readFileSync('docs/theory.md', 'utf8');
  for (const { id, proof } of claims) expect(theory, id).toContain(`<a id="${proof}"></a>`);
});
