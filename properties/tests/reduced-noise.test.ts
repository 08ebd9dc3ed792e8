/**
 * The random parts of the dimension-free descent: the noise on the rows that are not stored, its chi-squares, and the
 * comparison of samples.
 */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { allowedBetween, distanceOfSamples, distanceToLaw } from '../oracles/kolmogorov.ts';
import { gaussianNoise, gram, reducedPerturbedGradientDescent, scriptedNoise, type NoiseSource } from 'flat-minima';
import { CHI_SQUARE_NORMALS, chiSquare } from '../../src/noise/chi-square.ts';
import { norm } from '../../src/index.ts';

test('a step with noise on other rows is the formula, with their Gram matrix added to that of the stored rows', () => {
  const [d1, k, r, eta, sigma1, s1] = [20, 1, 3, 1 / 8, 1 / 4, 2];
  const entries = (rows: number, of: number): Matrix =>
    new Matrix([0, 1, 2, 3].slice(0, rows).map((i) => [0, 1, 2].map((j) => Math.sin(of + 3 * i + j))));
  const start = { X: entries(k + r, 1), Y: entries(k + r, 2) };
  const noise = { sigma1, sigma2: 0 };
  const run = reducedPerturbedGradientDescent({
    dimensions: { d1, d2: 40 },
    singularValues: [s1],
    start,
    stepSize: eta,
    noise: { ...noise, source: gaussianNoise('rows') },
  });
  run.advance(1);
  // The same numbers: an entry each, those above the diagonal of T, and its chi-squares.
  const source = gaussianNoise('rows');
  const normals = new Float64Array((k + r) * r + 3 + 3 * CHI_SQUARE_NORMALS);
  source.fill(normals);
  const perturbed = new Matrix(
    start.X.to2DArray().map((row, i) => row.map((x, j) => x + sigma1 * normals[i * r + j]!)),
  );
  const [t01, t02, t12] = normals.subarray((k + r) * r);
  const diagonal = [0, 1, 2].map((i) =>
    Math.sqrt(chiSquare(d1 - k - r - i, normals, (k + r) * r + 3 + i * CHI_SQUARE_NORMALS, source)),
  );
  const T = new Matrix([
    [diagonal[0]!, t01!, t02!],
    [0, diagonal[1]!, t12!],
    [0, 0, diagonal[2]!],
  ]).mul(sigma1);
  const [ofX, ofY] = [gram(perturbed).add(gram(T)), gram(start.Y)];
  const towards = (A: Matrix): Matrix => Matrix.zeros(k + r, r).setSubMatrix(A.subMatrix(0, 0, 0, r - 1).mul(s1), 0, 0);
  const X = Matrix.sub(start.X, perturbed.mmul(ofY).sub(towards(start.Y)).mul(eta));
  const Y = Matrix.sub(start.Y, start.Y.mmul(ofX).sub(towards(perturbed)).mul(eta));
  const others = T.mmul(ofY).mul(eta);
  const rest = (A: Matrix): Matrix => gram(A.subMatrix(1, r, 0, r - 1));
  expect(norm(Matrix.sub(run.X.subMatrix(0, 0, 0, r - 1), X.subMatrix(0, 0, 0, r - 1)))).toBeLessThan(1e-14);
  expect(norm(Matrix.sub(rest(run.X), rest(X).add(gram(others))))).toBeLessThan(1e-13);
  expect(norm(Matrix.sub(run.Y.subMatrix(0, 0, 0, r - 1), Y.subMatrix(0, 0, 0, r - 1)))).toBeLessThan(1e-14);
  expect(norm(Matrix.sub(rest(run.Y), rest(Y)))).toBeLessThan(1e-13);
});

describe('the noise on the other rows', () => {
  // At C = 0 and Y'Y = I, without noise on Y, a step makes C'C = eta^2 sigma1^2 (Z'Z + T'T).
  const above = [1 / 2, -1, 2];
  const [d1, r, eta, sigma1] = [20, 3, 1 / 4, 1 / 8];
  const numbers = [...new Array<number>(9).fill(0), ...above, ...new Array<number>(9 + 9 + 3 + 9).fill(0)];

  test('is the triangular factor that Bartlett says, row by row', () => {
    const run = reducedPerturbedGradientDescent({
      dimensions: { d1, d2: 40 },
      singularValues: [],
      start: { X: Matrix.zeros(r, r), Y: Matrix.eye(r) },
      stepSize: eta,
      noise: { sigma1, sigma2: 0, source: scriptedNoise(numbers) },
    });
    run.advance(1);
    // Candidates of 0 make chi-squares of their degrees of freedom less 2/3.
    const root = [0, 1, 2].map((i) => Math.sqrt(d1 - r - i - 2 / 3));
    const T = new Matrix([
      [root[0]!, above[0]!, above[1]!],
      [0, root[1]!, above[2]!],
      [0, 0, root[2]!],
    ]);
    expect(norm(Matrix.sub(gram(run.X), gram(T).mul((eta * sigma1) ** 2)))).toBeLessThan(1e-15);
    expect(norm(Matrix.sub(run.Y, Matrix.eye(r)))).toBeGreaterThan(0);
    expect(run.X.get(1, 0)).toBe(0);
  });
});

describe('chi-squares', () => {
  const candidate = (freedom: number, ...normals: number[]): number =>
    chiSquare(freedom, Float64Array.from(normals), 0, scriptedNoise([0, 0, 0]));

  test('a candidate at the mode is always accepted, one far off needs luck', () => {
    expect(candidate(4, 0, 0, 0)).toBeCloseTo(10 / 3, 14);
    // v = 8 at x = 1 / scale; it costs d (7 - log 8) - 9 d / 2 = 0.7010.
    const x = Math.sqrt(9 * (5 / 3));
    expect(candidate(4, x, 0, 1.2)).toBeCloseTo(80 / 3, 12);
    expect(candidate(4, x, 1.2, 0)).toBeCloseTo(80 / 3, 12);
    expect(candidate(4, x, 0.8, 0.8)).toBeCloseTo(10 / 3, 14);
    expect(candidate(4, x, 1.1, 0)).toBeCloseTo(10 / 3, 14);
    expect(candidate(4, -x, 9, 9)).toBeCloseTo(10 / 3, 14);
    expect(candidate(4, -2 * x, 9, 9)).toBeCloseTo(10 / 3, 14);
  });

  test('normals are taken from the given place, and more only for a refusal', () => {
    const normals = Float64Array.of(7, 0, 0, 0, 7);
    const none: NoiseSource = scriptedNoise([]);
    expect(chiSquare(3, normals, 1, none)).toBeCloseTo(7 / 3, 14);
    expect(CHI_SQUARE_NORMALS).toBe(3);
    normals[1] = -100;
    chiSquare(3, normals, 1, scriptedNoise([0, 0, 0]));
    expect([...normals]).toEqual([7, 0, 0, 0, 7]);
  });
});

describe('distances of distribution functions', () => {
  test('of two samples, with ties, and with NaN', () => {
    expect(distanceOfSamples([1, 2, 3], [1, 2, 3])).toBe(0);
    expect(distanceOfSamples([1, 2, 3], [4, 5, 6])).toBe(1);
    expect(distanceOfSamples([1, 1, 1, 5], [1, 1, 5, 5])).toBe(1 / 4);
    expect(distanceOfSamples([1, NaN], [1, 2])).toBeNaN();
  });

  test('of a sample and a distribution', () => {
    expect(distanceToLaw([1 / 4, 3 / 4], (value) => value)).toBe(1 / 4);
    expect(distanceToLaw([7 / 8, 1], (value) => value)).toBe(7 / 8);
  });

  test('the allowed distance agrees with all orders of two samples', () => {
    // All ways in which two samples of 5 can lie among each other, equally likely.
    const n = 5;
    const orders = Array.from({ length: 2 ** (2 * n) }, (_, bits) =>
      Array.from({ length: 2 * n }, (__, i) => (bits >> i) & 1),
    );
    const balanced = orders.filter((order) => order.reduce((sum, bit) => sum + bit, 0) === n);
    const distances = balanced.map((order) => {
      const of = (bit: number): number[] => order.flatMap((found, i) => (found === bit ? [i] : []));
      return distanceOfSamples(of(0), of(1));
    });
    for (const chance of [0.5, 0.2, 0.1, 0.01]) {
      const beyond = distances.filter((distance) => distance > allowedBetween(n, chance)).length / distances.length;
      expect(beyond).toBeLessThanOrEqual(chance);
    }
    // Both sides of the largest distance: 2 of 252 orders.
    expect(allowedBetween(n, 2 / 252)).toBeCloseTo(0.9, 14);
  });
});
