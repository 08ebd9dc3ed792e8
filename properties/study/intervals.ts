/**
 * Intervals that hold for every distribution: order statistics for a median, Clopper and Pearson for a probability. The number of
 * values is fixed before they are looked at.
 */
import { binomialCdf, highestRate } from '../oracles/quantiles.ts';

/** An estimate, and an interval that contains the true value with probability at least 1 - error. */
export interface Interval {
  /** NaN if there is nothing to measure. */
  readonly estimate: number;
  /** May be -Infinity. */
  readonly lower: number;
  /** May be Infinity. */
  readonly upper: number;
}

/**
 * The interval for the median of a distribution from independent values: between the j-th smallest and the j-th largest, where
 * P(Bin(n, 1/2) < j) <= error / 2. A value that is not known (NaN) may lie on either side, so it widens the interval both ways.
 *
 * @example
 * medianInterval([3, 1, 2, 5, 4, 6], 1 / 16); // { estimate: 3.5, lower: 1, upper: 6 }, since 2 / 2^6 <= 1/16
 */
export function medianInterval(values: readonly number[], error: number): Interval {
  const known = values.filter((value) => !Number.isNaN(value)).sort(ascending);
  const j = depth(values.length, error);
  const missing = values.length - known.length;
  return {
    estimate: middle(known),
    lower: known[j - 1 - missing] ?? -Infinity,
    upper: known[known.length - j + missing] ?? Infinity,
  };
}

/** The largest j with P(Bin(n, 1/2) < j) <= error / 2; 0 if there is no such j, and then the median is unbounded. */
export function depth(n: number, error: number): number {
  let j = 0;
  while (j < n / 2 && binomialCdf(j, n, 1 / 2) <= (error / 2) * ROUNDING) j++;
  return j;
}

/** The distribution function is exact up to far less than this. */
const ROUNDING = 1 + 1e-9;

/** The fewest values that bound a median with this error: 2 / 2^n <= error. */
export const fewest = (error: number): number => Math.ceil(1 - Math.log2(error * ROUNDING));

/** The interval for the probability of a 1, from values 0 and 1 (Clopper and Pearson). NaN may be either. */
export function shareInterval(values: readonly number[], error: number): Interval {
  const n = values.length;
  const [ones, unknown] = [values.filter((value) => value === 1).length, values.filter(Number.isNaN).length];
  return {
    estimate: n === unknown ? NaN : ones / (n - unknown),
    lower: n === 0 ? 0 : 1 - highestRate(n - ones, n, error / 2),
    upper: n === 0 ? 1 : highestRate(ones + unknown, n, error / 2),
  };
}

/** The median of values in order. */
function middle(sorted: readonly number[]): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) return NaN;
  return low === high ? low : (low + high) / 2;
}

const ascending = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
