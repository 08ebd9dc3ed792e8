/** Exact tails of the binomial distribution, for counts of runs. */

/**
 * The counts that n independent trials, each of a probability between `least` and `most`, leave with at most `chance` on
 * either side.
 */
export function plausibleCounts(n: number, [least, most]: readonly [number, number], chance: number): [number, number] {
  return [n - highestCount(n, 1 - least, chance), highestCount(n, most, chance)];
}

/** The smallest count that is exceeded with at most this chance; the tail is summed from its small end. */
function highestCount(n: number, p: number, chance: number): number {
  let tail = 0;
  for (let k = n; k > 0; k--) {
    tail += probability(n, p, k);
    if (tail > chance) return k;
  }
  return 0;
}

/** P(Bin(n, p) = k). */
function probability(n: number, p: number, k: number): number {
  if (p <= 0 || p >= 1) return k === (p <= 0 ? 0 : n) ? 1 : 0;
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}
