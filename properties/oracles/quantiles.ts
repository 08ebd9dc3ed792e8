/** Distribution functions, from a port of R's: exact down to the tails that a suite without false alarms lives in. */
import * as R from 'lib-r-math.js';

/** P(Bin(n, p) <= count). */
// The package's declarations do not resolve under NodeNext; its types are said here.
export const binomialCdf = R.pbinom as unknown as (count: number, n: number, p: number) => number;

/** P(x <= edge) for a standard normal x. */
export const normalCdf = R.pnorm as unknown as (edge: number) => number;

const qchisq = R.qchisq as unknown as (chance: number, n: number, centre: undefined, lower: boolean) => number;

/** What a sum of n squares of independent standard normals is below, and what it is above, with this chance each. */
export const chiSquaredTails = (n: number, chance: number): [number, number] => [
  qchisq(chance, n, undefined, true),
  qchisq(chance, n, undefined, false),
];

/** The largest chance of a hit that leaves no more than so many in n trials with this chance (Clopper and Pearson). */
export function highestRate(hits: number, n: number, chance: number): number {
  if (hits >= n) return 1;
  let [low, high] = [hits / n, 1];
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (binomialCdf(hits, n, middle) > chance) low = middle;
    else high = middle;
  }
  return high;
}

const pchisq = R.pchisq as unknown as (value: number, freedom: number) => number;

/** P(x <= edge) for a chi-square x with so many degrees of freedom. */
export const chiSquaredCdf = pchisq;
