/** Exact tests for counts of failed trials. Given the margins, everything is a ratio of binomial coefficients. */
import type { Count, Table } from '../model/verdict.ts';
import { binomialCdf } from './quantiles.ts';

/**
 * P(A = a) for a = 0, 1, ..., where A is the number of the solver's `n` trials among the `failed` ones of these and the
 * reference's `m`, each set equally likely: the hypergeometric distribution.
 */
function hypergeometric(failed: number, n: number, m: number): number[] {
  const chances = new Array<number>(Math.min(n, failed) + 1).fill(0);
  const least = Math.max(0, failed - m);
  // Relative to the least count, then divided by their sum.
  let weight = 1;
  for (let a = least; a < chances.length; a++) {
    chances[a] = weight;
    weight *= ((failed - a) * (n - a)) / ((a + 1) * (m - failed + a + 1));
  }
  const sum = chances.reduce((total, each) => total + each, 0);
  return chances.map((each) => each / sum);
}

/** The distribution of a sum of independent counts. */
function convolved(one: readonly number[], other: readonly number[]): number[] {
  const sum = new Array<number>(one.length + other.length - 1).fill(0);
  for (const [i, a] of one.entries()) for (const [j, b] of other.entries()) sum[i + j]! += a * b;
  return sum;
}

/**
 * Probability that at least this number of all failed trials are the solver's, if in each table they are any of its trials: the exact
 * stratified test; of one table, Fisher's exact test.
 *
 * @example
 * chanceOf([{ solver: { failed: 10, of: 12 }, reference: { failed: 0, of: 64 } }]); // 6.9e-11 = C(12, 10) / C(76, 10)
 */
export function chanceOf(tables: readonly Table[]): number {
  let law = [1];
  let failed = 0;
  for (const { solver, reference } of tables) {
    failed += solver.failed;
    law = convolved(law, hypergeometric(solver.failed + reference.failed, solver.of, reference.of));
  }
  // From the small end, so that nothing is lost to rounding.
  return Math.min(
    1,
    law.slice(failed).reduceRight((sum, each) => sum + each, 0),
  );
}

/** Probability that at least `failed` of `of` trials fail, each with probability p. */
export const chanceOfFailures = ({ failed, of }: Count, p: number): number =>
  failed === 0 ? 1 : binomialCdf(of - failed, of, 1 - p);
