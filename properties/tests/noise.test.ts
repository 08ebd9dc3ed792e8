/**
 * The noise sources: the exact numbers, and their distribution. Counts of independent trials are compared with their
 * exact binomial distribution: for a random seed each would leave its range with probability at most 2 FALSE_ALARM if
 * the distribution were right; the seeds here are fixed.
 */
import { describe, expect, test } from 'vitest';
import {
  gaussianNoise,
  InvalidInput,
  rademacherNoise,
  scriptedNoise,
  uniformNoise,
  type NoiseSource,
} from 'flat-minima';
import { isGaussian } from '../../src/noise/sources.ts';
import { binomialCdf, normalCdf } from '../oracles/quantiles.ts';
import { integers, normal } from './ziggurat.ts';

const FALSE_ALARM = 1e-6;
/** The share of the numbers that are tested; mutation testing uses a part of them. */
const share = Number(process.env['NUMBERS'] ?? 1);

const take = (noise: NoiseSource, count: number): Float64Array => {
  const out = new Float64Array(count);
  noise.fill(out);
  return out;
};

/** That a count of hits in n independent trials of this chance is neither too small nor too large. */
const expectPlausible = (hits: number, n: number, chance: number): void => {
  expect(binomialCdf(hits, n, chance)).toBeGreaterThan(FALSE_ALARM);
  expect(binomialCdf(hits - 1, n, chance)).toBeLessThan(1 - FALSE_ALARM);
};

const sources: [string, (seed: string) => NoiseSource, number[]][] = [
  ['gaussian', gaussianNoise, [0, 1, 0, 3, 0, 15, 0, 105]],
  ['rademacher', rademacherNoise, [0, 1, 0, 1, 0, 1, 0, 1]],
  ['uniform', uniformNoise, [0, 1, 0, 9 / 5, 0, 27 / 7, 0, 9]],
];

test('only a stream of gaussianNoise itself is known to be Gaussian', () => {
  const gaussian = gaussianNoise('x');
  expect(isGaussian(gaussian)).toBe(true);
  const others = [
    rademacherNoise('x'),
    uniformNoise('x'),
    scriptedNoise([1]),
    { fill: (out: Float64Array) => gaussian.fill(out) },
  ];
  expect(others.map(isGaussian)).toEqual([false, false, false, false]);
});

describe('the numbers, bit for bit', () => {
  const count = 30_000;

  test("uniform and sign noise are seedrandom's xor128", () => {
    const [forUniform, forSigns] = [integers('key'), integers('key')];
    const different = (noise: NoiseSource, next: () => number): number =>
      take(noise, count).findIndex((x) => x !== next());
    expect(different(uniformNoise('key'), () => forUniform() * 2 ** -31 * Math.sqrt(3))).toBe(-1);
    expect(different(rademacherNoise('key'), () => (forSigns() < 0 ? -1 : 1))).toBe(-1);
  });

  test("gaussian noise is the textbook's ziggurat on it", () => {
    // Enough that points fall between the bounds that decide nearly always.
    const [integer, many] = [integers('key'), share * 2_000_000];
    const different = take(gaussianNoise('key'), many).findIndex((x) => x !== normal(integer));
    expect(different).toBe(-1);
  });

  test.each(sources)('%s: a seed is a stream, however it is cut; another seed is another stream', (_, law) => {
    const whole = take(law('a'), 300);
    const parts = law('a');
    const cut = [1, 0, 2, 97, 200].flatMap((length) => [...take(parts, length)]);
    expect(cut).toEqual([...whole]);
    expect(take(law('b'), 300)).not.toEqual(whole);
  });

  test('a script is handed out to its last number', () => {
    const script = scriptedNoise([1, 2, 3]);
    expect([...take(script, 1), ...take(script, 2)]).toEqual([1, 2, 3]);
    expect(() => take(script, 1)).toThrow(InvalidInput);
  });
});

describe('their distribution', () => {
  test.each(sources)('%s has its moments', (_, law, moments) => {
    const values = take(law('moments'), share * 200_000);
    for (const power of [1, 2, 3, 4]) {
      const mean = values.reduce((sum, x) => sum + x ** power, 0) / values.length;
      // Seven standard errors: a chance of 3e-12 each, as far as sample moments are normal.
      const error = Math.sqrt((moments[2 * power - 1]! - moments[power - 1]! ** 2) / values.length);
      expect(Math.abs(mean - moments[power - 1]!)).toBeLessThanOrEqual(7 * error);
    }
  });

  test('uniform and sign noise take no other values', () => {
    expect(take(uniformNoise('range'), 200_000).every((x) => Math.abs(x) <= Math.sqrt(3))).toBe(true);
    expect(take(rademacherNoise('range'), 200_000).every((x) => Math.abs(x) === 1)).toBe(true);
  });

  test('sizes of gaussian numbers fall into narrow bins, and beyond them, with their exact chances', () => {
    const [count, edges] = [share * 8_000_000, Array.from({ length: 57 }, (_, i) => (i + 1) / 12)];
    const counts = new Float64Array(edges.length + 1);
    for (const x of take(gaussianNoise('bins'), count)) counts[Math.min(Math.floor(Math.abs(x) * 12), edges.length)]!++;
    const above = [1, ...edges.map((edge) => 2 * normalCdf(-edge)), 0];
    counts.forEach((found, i) => expectPlausible(found, count, above[i]! - above[i + 1]!));
  });
});

describe('gaussian numbers are independent', () => {
  const count = share * 400_000;
  // A number's sign and whether it is larger than the median, 0.6745, are two fair coins: a pair falls into 16 cells alike.
  const MEDIAN = 0.6744897501960817;
  const cell = (x: number): number => 2 * Number(x > 0) + Number(Math.abs(x) > MEDIAN);
  /** Independence of numbers that were replaced by their cells; some places may be left out. */
  const expectIndependent = (
    first: Float64Array,
    second: Float64Array,
    isTrial = (_: number): boolean => true,
  ): void => {
    const found = new Float64Array(16);
    let pairs = 0;
    for (let i = 0; i < second.length; i++) {
      if (!isTrial(i)) continue;
      found[4 * first[i]! + second[i]!]!++;
      pairs++;
    }
    found.forEach((hits) => {
      expectPlausible(hits, pairs, 1 / 16);
    });
  };
  const stream = take(gaussianNoise('7/noise'), 2 * count);
  const cells = stream.map(cell);

  test.each([1, 2, 3, 4, 10, 54, 64, 128, 900])('in a stream, at a distance of %i', (distance) => {
    // Pairs that share no number, so that the trials are independent.
    expectIndependent(cells, cells.subarray(distance), (i) => Math.floor(i / distance) % 2 === 0);
  });

  test.each(['8/noise', '7/start', '7/nois', '-7/noise', '7/noise '])('of those under another seed, %s', (seed) => {
    expectIndependent(cells, take(gaussianNoise(seed), count).map(cell));
  });

  test('of those at the same place of a thousand streams with neighbouring seeds', () => {
    const heads = Array.from({ length: 2000 }, (_, seed) => take(gaussianNoise(`${seed}/noise`), 20).map(cell));
    const columns = (parity: number): Float64Array =>
      Float64Array.from(heads.filter((_, seed) => seed % 2 === parity).flatMap((head) => [...head]));
    expectIndependent(columns(0), columns(1));
  });

  test('the sum of squares of a block, and the product of two blocks, have their variances', () => {
    // Blocks xi1 (10 x 3) and xi2 (8 x 3) of a step, as a solver takes them.
    const [blocks, n1, n2] = [Math.floor(stream.length / 54), 30, 24];
    let [squares, crossed] = [0, 0];
    for (let t = 0; t < blocks; t++) {
      const xi1 = stream.subarray(54 * t, 54 * t + n1);
      const xi2 = stream.subarray(54 * t + n1, 54 * (t + 1));
      const excess = xi1.reduce((sum, x) => sum + x * x, 0) - n1;
      squares += excess * excess;
      crossed += xi1.subarray(0, n2).reduce((sum, x, i) => sum + x * xi2[i]!, 0) ** 2;
    }
    // Var(chi^2_n) = 2n, and the squares' own variances are 8 n^2 + 48 n and 2 n^2 + 6 n; seven standard errors as above.
    expect(Math.abs(squares / blocks - 2 * n1)).toBeLessThan(7 * Math.sqrt((8 * n1 ** 2 + 48 * n1) / blocks));
    expect(Math.abs(crossed / blocks - n2)).toBeLessThan(7 * Math.sqrt((2 * n2 ** 2 + 6 * n2) / blocks));
  });
});
