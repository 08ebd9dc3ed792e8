/**
 * Distances between empirical distribution functions, and their quantiles for equal distributions
 * (docs/theory/dimension-free.md#dimension-free).
 */

/** The largest difference of the distribution functions of two samples of the same size. */
export function distanceOfSamples(one: readonly number[], other: readonly number[]): number {
  const steps = [...one.map((value) => [value, 1] as const), ...other.map((value) => [value, -1] as const)];
  steps.sort(([a], [b]) => a - b);
  let [balance, largest] = [0, 0];
  steps.forEach(([value, step], i) => {
    balance += step;
    // Equal values count together.
    if (steps[i + 1]?.[0] !== value) largest = Math.max(largest, Math.abs(balance));
  });
  return steps.some(([value]) => Number.isNaN(value)) ? NaN : largest / one.length;
}

/**
 * The distance that two samples of n from one distribution exceed with at most this probability: just below j / n, by
 * counting paths.
 */
export function allowedBetween(n: number, chance: number): number {
  let [bound, j] = [2, 0];
  while (bound > chance && j < n) {
    bound *= (n - j) / (n + j + 1);
    j++;
  }
  return (j - 1 / 2) / n;
}

/** The largest difference between the distribution function of a sample and the given one. */
export function distanceToLaw(sample: readonly number[], cdf: (value: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const gaps = sorted.map((value, i) => Math.max((i + 1) / sorted.length - cdf(value), cdf(value) - i / sorted.length));
  return gaps.reduce((largest, gap) => Math.max(largest, gap), 0);
}

/**
 * The distance that a sample of n exceeds from its distribution with at most this probability (Dvoretzky, Kiefer and
 * Wolfowitz 1956, Massart 1990).
 */
export const allowedToLaw = (n: number, chance: number): number => Math.sqrt(Math.log(2 / chance) / (2 * n));
