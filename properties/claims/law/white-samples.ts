/** A sample of vectors whose entries are independent, of mean 0 and variance 1, if a claim is right: how likely it is. */
import { equal, type Comparison } from '../../model/claim.ts';
import { allowedToLaw } from '../../oracles/kolmogorov.ts';
import { deviation } from '../../oracles/martingale.ts';
import { chiSquaredTails, normalCdf } from '../../oracles/quantiles.ts';

/** Rows are steps, in the order of time. */
export interface Sample {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly entries: Float64Array;
}

/** Stores the comparison with the least slack: only that one is reported, so only its text is built. */
class Closest {
  #least = Infinity;
  #comparison: Comparison | undefined;

  compare(found: number, expected: number, tolerance: number, what: () => string): void {
    const slack = 1 - Math.abs(found - expected) / tolerance;
    if (slack >= this.#least) return;
    this.#least = slack;
    this.#comparison = equal(what(), found, expected, tolerance);
  }

  /** A sum of `count` squares, of mean 1 each. */
  variance(squares: number, count: number, [low, high]: Tails, what: () => string): void {
    const tolerance = squares > count ? high / count - 1 : 1 - low / count;
    this.compare(squares / count, 1, tolerance, () => `sample variance of ${what()}`);
  }

  get comparison(): Comparison {
    return this.#comparison!;
  }
}

type Tails = readonly [low: number, high: number];

/** Sums of products z_ti z_tj over the rows t, for j <= i; 0 for the others. */
const products = (sample: Sample): Float64Array => sumsOfProducts(sample, 0);

/** Sums of products z_ti z_(t + 1)j, for all i and j. */
const productsWithNext = (sample: Sample): Float64Array => sumsOfProducts(sample, 1);

/** The sums over t of z_ti z_(t + lag)j; at lag 0 for j <= i. Four rows at a time, each sum in the order of time. */
function sumsOfProducts({ rows, columns: n, entries: z }: Sample, lag: 0 | 1): Float64Array {
  const sums = new Float64Array(n * n);
  let t = 0;
  for (; t + 3 + lag < rows; t += 4) {
    const from = t * n;
    const to = (t + lag) * n;
    for (let i = 0; i < n; i++) {
      const [a, b, c, d] = [z[from + i]!, z[from + n + i]!, z[from + 2 * n + i]!, z[from + 3 * n + i]!];
      const end = lag === 0 ? i + 1 : n;
      for (let j = 0; j < end; j++) {
        const sum = sums[i * n + j]! + a * z[to + j]! + b * z[to + n + j]!;
        sums[i * n + j] = sum + c * z[to + 2 * n + j]! + d * z[to + 3 * n + j]!;
      }
    }
  }
  for (; t + lag < rows; t++) {
    for (let i = 0; i < n; i++) {
      const left = z[t * n + i]!;
      for (let j = 0; j < (lag === 0 ? i + 1 : n); j++) sums[i * n + j]! += left * z[(t + lag) * n + j]!;
    }
  }
  return sums;
}

const mapped = (sample: Sample, change: (value: number) => number): Sample => ({
  ...sample,
  entries: sample.entries.map(change),
});

function columnSums({ columns: n, entries }: Sample): Float64Array {
  const sums = new Float64Array(n);
  for (let at = 0; at < entries.length; at++) sums[at % n]! += entries[at]!;
  return sums;
}

/** Steps that are so far apart are compared as a whole. */
const LAGS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/**
 * The least likely thing about a sample of standard normals. Each comparison is one of chi-squares, of a normal number, of a
 * martingale or of a distribution function; together they fail with at most the given chance (docs/theory/noise.md#step-covariance).
 */
export function normalSample(sample: Sample, chance: number): Comparison {
  const closest = new Closest();
  // Of the chance an eighth is left for rounding, which is smaller by many orders.
  compareAll(closest, sample, chance / 4);
  const some = narrowed(sample);
  const S = products(some);
  compareEach(closest, some, S, chance / 4);
  compareSuccessive(closest, some, S, chance / 8);
  for (const lag of LAGS) compareLag(closest, sample, lag, chance / 16 / LAGS.length);
  compareFar(closest, narrowed(sample, FEW), chance / 16);
  compareSorted(closest, sample.entries, chance / 8);
  return closest.comparison;
}

/** Columns of which every two are compared, and those that are compared at every distance in time. */
const [WIDEST, FEW] = [48, 8] as const;

/** That many of the columns: every second one, every third one, ... from the first on, so that all rows of a factor take part. */
function narrowed(sample: Sample, most: number = WIDEST): Sample {
  const { rows, columns: n, entries: z } = sample;
  if (n <= most) return sample;
  const entries = new Float64Array(rows * most);
  for (let t = 0; t < rows; t++) {
    for (let i = 0; i < most; i++) entries[t * most + i] = z[t * n + Math.floor((i * n) / most)]!;
  }
  return { rows, columns: most, entries };
}

/** All numbers together. */
function compareAll(closest: Closest, { rows: T, columns: n, entries: z }: Sample, chance: number): void {
  const share = chance / 6;
  let [sum, squares, squaredSums] = [0, 0, 0];
  for (let t = 0; t < T; t++) {
    let ofRow = 0;
    for (let at = t * n; at < (t + 1) * n; at++) {
      ofRow += z[at]!;
      squares += z[at]! ** 2;
    }
    sum += ofRow;
    squaredSums += ofRow ** 2;
  }
  closest.variance(squares, T * n, chiSquaredTails(T * n, share), () => 'all normals together');
  closest.variance(squaredSums / n, T, chiSquaredTails(T, share), () => 'the sum of all normals');
  closest.compare(sum / (T * n), 0, twoSided(2 * share) / Math.sqrt(T * n), () => 'mean of all normals');
}

/** The size that a standard normal exceeds with this chance. */
const twoSided = (chance: number): number => Math.sqrt(chiSquaredTails(1, chance)[1]);

/** Each entry, and the sum and the difference of every two. */
function compareEach(closest: Closest, sample: Sample, S: Float64Array, chance: number): void {
  const { rows: T, columns: n } = sample;
  const share = chance / (2 * (n * n + n));
  const [tails, mean] = [chiSquaredTails(T, share), twoSided(2 * share) / Math.sqrt(T)];
  for (const [i, sum] of columnSums(sample).entries()) {
    closest.compare(sum / T, 0, mean, () => `mean of normal ${i + 1}`);
    closest.variance(S[i * n + i]!, T, tails, () => `normal ${i + 1}`);
    for (let j = 0; j < i; j++) {
      const [even, cross] = [(S[i * n + i]! + S[j * n + j]!) / 2, S[i * n + j]!];
      closest.variance(even + cross, T, tails, () => `the sum of normals ${j + 1} and ${i + 1}`);
      closest.variance(even - cross, T, tails, () => `the difference of normals ${j + 1} and ${i + 1}`);
    }
  }
}

/**
 * Every number of a step with every one of the next. Given the past the sum of z_ti z_(t+1)j is one of terms with the variances
 * z_ti^2: for i /= j it is a normal number if the z are, for i = j a martingale.
 */
function compareSuccessive(closest: Closest, sample: Sample, S: Float64Array, chance: number): void {
  const { rows: T, columns: n } = sample;
  const sums = productsWithNext(sample);
  const [share, q] = [chance / (n * n), twoSided(chance / (n * n))];
  for (let i = 0; i < n; i++) {
    const variance = S[i * n + i]!;
    for (let j = 0; j < n; j++) {
      const allowed =
        i === j ? deviation(squaresWithNext(sample, i) + variance, T / 16, share) : q * Math.sqrt(variance);
      closest.compare(sums[i * n + j]!, 0, allowed, () => `sum of number ${i + 1} times the next step's ${j + 1}`);
    }
  }
}

/** The sum of (z_ti z_(t+1)i)^2. */
function squaresWithNext({ rows, columns: n, entries: z }: Sample, i: number): number {
  let sum = 0;
  for (let at = i; at + n < rows * n; at += n) sum += (z[at]! * z[at + n]!) ** 2;
  return sum;
}

/** Steps that are `lag` apart, in pairs without a step in common: their sums and differences. */
function compareLag(closest: Closest, { rows, columns: n, entries: z }: Sample, lag: number, chance: number): void {
  let [even, cross, count] = [0, 0, 0];
  for (let t = 0; t + lag < rows; t++) {
    if (Math.floor(t / lag) % 2 === 1) continue;
    for (let at = t * n; at < (t + 1) * n; at++) {
      const [one, other] = [z[at]!, z[at + lag * n]!];
      even += (one * one + other * other) / 2;
      cross += one * other;
    }
    count += n;
  }
  if (count === 0) return;
  const tails = chiSquaredTails(count, chance / 4);
  closest.variance(even + cross, count, tails, () => `sums of normals that are ${lag} steps apart`);
  closest.variance(even - cross, count, tails, () => `differences of normals that are ${lag} steps apart`);
}

/** The least number of pairs of steps at a distance that is looked at. */
const PAIRS = 16;

/**
 * Steps at every larger distance, in pairs without a step in common: given the earlier steps of the pairs, the sum of the
 * products is a normal number whose variance is the sum of their squares.
 */
function compareFar(closest: Closest, sample: Sample, chance: number): void {
  const { rows: T, columns: n, entries: z } = sample;
  const [first, last] = [LAGS.length + 1, T - PAIRS];
  const q = twoSided(chance / Math.max(1, last - first + 1));
  const squares = squaresBefore(sample);
  for (let lag = first; lag <= last; lag++) {
    let [cross, variance] = [0, 0];
    for (let from = 0; from + lag < T; from += 2 * lag) {
      const end = Math.min(from + lag, T - lag);
      cross += innerProduct(z, from * n, (from + lag) * n, (end - from) * n);
      variance += squares[end]! - squares[from]!;
    }
    closest.compare(cross, 0, q * Math.sqrt(variance), () => `sum of products of normals that are ${lag} steps apart`);
  }
}

/** The sum of all squares before each row. */
function squaresBefore({ rows, columns: n, entries: z }: Sample): Float64Array {
  const sums = new Float64Array(rows + 1);
  for (let t = 0; t < rows; t++) sums[t + 1] = sums[t]! + innerProduct(z, t * n, t * n, n);
  return sums;
}

/** The sum of z[a + i] z[b + i] for i < count, in four sums: each of their additions waits for the last one. */
function innerProduct(z: Float64Array, a: number, b: number, count: number): number {
  let [one, two, three, four] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < count; i += 4) {
    one += z[a + i]! * z[b + i]!;
    two += z[a + i + 1]! * z[b + i + 1]!;
    three += z[a + i + 2]! * z[b + i + 2]!;
    four += z[a + i + 3]! * z[b + i + 3]!;
  }
  for (; i < count; i++) one += z[a + i]! * z[b + i]!;
  return one + two + (three + four);
}

/**
 * The same for numbers that are uncorrelated and of variance 1, but not quite normal: sums of many terms of mean 0 against the
 * square root of the sum of their squares, to leading order in the number of steps.
 */
export function whiteSample(sample: Sample, chance: number): Comparison {
  const closest = new Closest();
  const squared = mapped(sample, (z) => z * z);
  const [S, Q] = [products(sample), products(squared)];
  compareRows(closest, sample, chance / 4);
  comparePairs(closest, sample, S, Q, chance / 2);
  compareSuccessive(closest, sample, S, chance / 4);
  return closest.comparison;
}

/** Sums over the steps of |z_t|^2 - n and of inner products of steps. */
function compareRows(closest: Closest, { rows: T, columns: n, entries: z }: Sample, chance: number): void {
  const q = twoSided(chance / (1 + LAGS.length));
  for (const lag of [0, ...LAGS]) {
    let [sum, squares] = [0, 0];
    for (let t = 0; t + lag < T; t++) {
      let inner = lag === 0 ? -n : 0;
      for (let at = t * n; at < (t + 1) * n; at++) inner += z[at]! * z[at + lag * n]!;
      sum += inner;
      squares += inner * inner;
    }
    const allowed = q * Math.sqrt(squares);
    if (lag === 0) closest.compare(1 + sum / (T * n), 1, allowed / (T * n), () => 'variance of all numbers together');
    else closest.compare(sum / (T * n), 0, allowed / (T * n), () => `covariance of steps that are ${lag} apart`);
  }
}

/** The mean and the variance of each number, and the covariance of every two. */
function comparePairs(closest: Closest, sample: Sample, S: Float64Array, Q: Float64Array, chance: number): void {
  const { rows: T, columns: n } = sample;
  const q = twoSided(chance / ((n * (n + 1)) / 2 + n));
  for (const [i, sum] of columnSums(sample).entries()) {
    closest.compare(sum / T, 0, q / Math.sqrt(T), () => `mean of number ${i + 1}`);
    // The sum of (z^2 - 1)^2.
    const spread = Math.sqrt(Q[i * n + i]! - 2 * S[i * n + i]! + T);
    closest.compare(S[i * n + i]! / T, 1, (q * spread) / T, () => `variance of number ${i + 1}`);
    for (let j = 0; j < i; j++) {
      const allowed = (q * Math.sqrt(Q[i * n + j]!)) / T;
      closest.compare(S[i * n + j]! / T, 0, allowed, () => `covariance of numbers ${j + 1} and ${i + 1}`);
    }
  }
}

/** Numbers that are sorted, and places at which their distribution function is looked at. */
const [SORTED, PLACES] = [8192, 256] as const;

/** Numbers so near to each other are the same, and the share of these that is too large: numbers of 24 bits have a smaller one. */
const [SAME, REPEATED] = [1e-7, 1 / 50] as const;

function compareSorted(closest: Closest, z: Float64Array, chance: number): void {
  const sorted = z.slice(0, SORTED).sort();
  const n = sorted.length;
  let [distance, repeated] = [0, 0];
  for (let i = 0; i < n; i += Math.ceil(n / PLACES)) {
    const below = normalCdf(sorted[i]!);
    distance = Math.max(distance, (i + 1) / n - below, below - i / n);
  }
  // Up to sign: the negative of a number is not a fresh number.
  const sizes = sorted.map(Math.abs).sort();
  for (let i = 1; i < n; i++) if (sizes[i]! - sizes[i - 1]! <= SAME) repeated++;
  closest.compare(distance, 0, allowedToLaw(n, chance), () => 'distance of the normals from their distribution');
  closest.compare(repeated / n, 0, REPEATED, () => 'share of normals that occur twice, up to sign');
}
