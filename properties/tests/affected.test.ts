/** What a save reruns in watch mode, and in which lane. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { claims } from '../registry.ts';
import { affectedClaims } from '../../tools/affected.ts';
import { lanesOf } from '../../tools/lanes.ts';

const OURS = resolve('src/perturbed.ts');
const needing = claims.filter(({ needs }) => needs !== 'theory').map(({ id }) => id);
const ids = (names: readonly string[]): string[] => [...names].sort();

test('the solver: the claims that need one', async () => {
  const ours = await affectedClaims([OURS], OURS);
  expect(ours).toEqual(expect.arrayContaining(needing));
  expect(ours).not.toContain('flatness/nullity');
  const mine = resolve('fixtures/faithful/textbook.ts');
  expect(ids(await affectedClaims([mine, resolve('fixtures/step.ts')], mine))).toEqual(ids(needing));
});

test('a file of claims: its own', async () => {
  const found = await affectedClaims([resolve('properties/claims/balance.ts')], OURS);
  expect(ids(found)).toEqual(['balance/emerges', 'balance/persists', 'balance/stationary']);
});

test('an oracle or a formula of src: those who import it, and no others', async () => {
  const convex = await affectedClaims([resolve('properties/oracles/convex.ts')], OURS);
  expect(convex).toContain('limit/nuclear-norm');
  expect(convex.length).toBeLessThan(10);
  const alternating = await affectedClaims([resolve('src/alternating.ts')], OURS);
  expect(alternating).toContain('neighbours/alternating-step');
  expect(alternating).not.toContain('balance/stationary');
});

test('the judge: all', async () => {
  expect(await affectedClaims([resolve('properties/judging/trial.ts')], OURS)).toHaveLength(claims.length);
});

test('a document or another program: none', async () => {
  expect(await affectedClaims([resolve('README.md'), resolve('bench/bench.ts')], OURS)).toEqual([]);
});

test('lanes: as much to do for each, all of it once, in the order of the registry', () => {
  const costs = new Map([
    ['a', 1],
    ['b', 9],
    ['c', 5],
    ['d', 5],
  ]);
  expect(lanesOf(['a', 'b', 'c', 'd'], costs, 2)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  // One that is new counts as the others do on average.
  expect(lanesOf(['new', 'b', 'c'], costs, 2)).toEqual([['b'], ['new', 'c']]);
  expect(lanesOf(['a', 'b', 'c', 'd'], new Map(), 2).map((lane) => lane.length)).toEqual([2, 2]);
  expect(lanesOf(['a'], costs, 2)).toEqual([['a'], []]);
});
