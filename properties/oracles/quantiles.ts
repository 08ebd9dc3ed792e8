/** Distribution functions, from a port of R's: exact down to the tails that a suite without false alarms lives in. */
import { createRequire } from 'node:module';

/** The functions of the package that are used; its own declarations do not resolve under NodeNext. */
interface RMath {
  pbinom(count: number, n: number, p: number): number;
  pchisq(value: number, freedom: number): number;
  pnorm(edge: number): number;
  qchisq(chance: number, freedom: number, centre: undefined, lower: boolean): number;
}

// It has some two hundred files, which is half of all that a worker would load, and few claims ask for any: loaded when asked.
const require = createRequire(import.meta.url);
let loaded: RMath | undefined;
const R = (): RMath => (loaded ??= require('lib-r-math.js') as RMath);

/** P(Bin(n, p) <= count). */
export const binomialCdf = (count: number, n: number, p: number): number => R().pbinom(count, n, p);

/** P(x <= edge) for a standard normal x. */
export const normalCdf = (edge: number): number => R().pnorm(edge);

/** P(x <= edge) for a chi-square x with the given degrees of freedom. */
export const chiSquaredCdf = (edge: number, freedom: number): number => R().pchisq(edge, freedom);

/** The bounds above and below which a sum of n squares of independent standard normals lies with this probability each. */
export const chiSquaredTails = (n: number, chance: number): [number, number] => [
  R().qchisq(chance, n, undefined, true),
  R().qchisq(chance, n, undefined, false),
];

/** The largest chance of a hit for which at most `hits` hits in n trials have this probability (Clopper and Pearson). */
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
