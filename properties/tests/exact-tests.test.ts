/** The exact tests against sums of whole numbers. */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ALLOWED, EPSILON } from '../run/chance.ts';
import { chanceOf, chanceOfFailures } from '../oracles/exact-tests.ts';
import type { Table } from '../model/verdict.ts';

const choose = (n: number, k: number): bigint => {
  let ways = 1n;
  for (let i = 1; i <= k; i++) ways = (ways * BigInt(n - k + i)) / BigInt(i);
  return k < 0 || k > n ? 0n : ways;
};

/** The quotient of whole numbers as a double. */
const ratio = (a: bigint, b: bigint): number => Number((a * 10n ** 40n) / b) / 1e40;

const table = (a: number, n: number, b: number, m: number): Table => ({
  solver: { failed: a, of: n },
  reference: { failed: b, of: m },
});

/**
 * All ways to choose which trials failed, given how many did in each table: the share in which at least the observed number
 * are the solver's.
 */
function byCounting(tables: readonly Table[]): number {
  let ways = new Map([[0, 1n]]);
  let all = 1n;
  for (const { solver, reference } of tables) {
    const failed = solver.failed + reference.failed;
    all *= choose(solver.of + reference.of, failed);
    const next = new Map<number, bigint>();
    for (const [sum, count] of ways) {
      for (let a = 0; a <= Math.min(solver.of, failed); a++) {
        const here = count * choose(solver.of, a) * choose(reference.of, failed - a);
        next.set(sum + a, (next.get(sum + a) ?? 0n) + here);
      }
    }
    ways = next;
  }
  const seen = tables.reduce((sum, { solver }) => sum + solver.failed, 0);
  return ratio(
    [...ways].reduce((sum, [a, count]) => (a >= seen ? sum + count : sum), 0n),
    all,
  );
}

const tables = fc.array(
  fc
    .tuple(fc.nat(12), fc.nat(64))
    .chain(([n, m]) => fc.tuple(fc.nat(n), fc.constant(n), fc.nat(m), fc.constant(m)))
    .map(([a, n, b, m]) => table(a, n, b, m)),
  { minLength: 1, maxLength: 4 },
);

describe('the chance of counts', () => {
  test('is the share of all ways to choose the failed trials, over any tables', () => {
    fc.assert(
      fc.property(tables, (all) => {
        const exactly = byCounting(all);
        expect(Math.abs(chanceOf(all) - exactly)).toBeLessThanOrEqual(1e-12 * exactly + 1e-39);
      }),
      { seed: 1 },
    );
  });

  test('of one table is that of Fisher: ten of 12 against none of 64 is just enough', () => {
    expect(chanceOf([table(10, 12, 0, 64)])).toBeCloseTo(ratio(choose(12, 10), choose(76, 10)), 20);
    expect(chanceOf([table(10, 12, 0, 64)])).toBeLessThan(EPSILON);
    expect(chanceOf([table(9, 12, 0, 64)])).toBeGreaterThan(EPSILON);
  });

  test('is 1 if no trial failed, or all did', () => {
    expect(chanceOf([])).toBe(1);
    expect(chanceOf([table(0, 4, 0, 12)])).toBe(1);
    expect(chanceOf([table(4, 4, 12, 12)])).toBe(1);
  });

  test('of failures is the binomial tail: ten of 12 at 1/20 is beyond EPSILON', () => {
    const twentieth = (k: number): number => ratio(choose(12, k) * 19n ** BigInt(12 - k), 20n ** 12n);
    expect(chanceOfFailures({ failed: 10, of: 12 }, ALLOWED)).toBeCloseTo(
      twentieth(10) + twentieth(11) + twentieth(12),
      20,
    );
    expect(chanceOfFailures({ failed: 10, of: 12 }, ALLOWED)).toBeLessThan(EPSILON / 2);
    expect(chanceOfFailures({ failed: 0, of: 12 }, ALLOWED)).toBe(1);
  });
});
