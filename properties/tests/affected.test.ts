/** What a save reruns in watch mode, in which lane, and what is said where it cannot. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { claims } from '../claims/registry.ts';
import { affectedBy, affectedClaims } from '../../tools/affected.ts';
import { lanesOf } from '../../tools/lanes.ts';

const needing = claims.filter(({ needs }) => needs !== 'theory').map(({ id }) => id);
const affected = (files: readonly string[], solver = 'src/solvers/perturbed.ts'): Promise<string[]> =>
  affectedClaims(affectedBy(files, solver));
const ids = (names: readonly string[]): string[] => [...names].sort();

test('the solver: the claims that need one', async () => {
  const ours = await affected(['src/solvers/perturbed.ts']);
  expect(ours).toEqual(expect.arrayContaining(needing));
  expect(ours).not.toContain('flatness/nullity');
  const mine = 'fixtures/faithful/textbook.ts';
  expect(ids(await affected([mine, 'fixtures/step.ts'], mine))).toEqual(ids(needing));
});

test('a file of claims: its own', async () => {
  const found = await affected(['properties/claims/balance/balance.ts']);
  expect(ids(found)).toEqual(['balance/emerges', 'balance/persists', 'balance/stationary']);
});

test('an oracle or a formula of src: those who import it, and no others', async () => {
  const convex = await affected(['properties/oracles/convex.ts']);
  expect(convex).toContain('limit/nuclear-norm');
  expect(convex.length).toBeLessThan(10);
  const alternating = await affected(['src/solvers/alternating.ts']);
  expect(alternating).toContain('neighbours/alternating-step');
  expect(alternating).not.toContain('balance/stationary');
});

test('the judge: all', async () => {
  expect(await affected(['properties/run/trial.ts'])).toHaveLength(claims.length);
});

test('a document or another program: none', async () => {
  expect(await affected(['README.md', 'bench/bench.ts'])).toEqual([]);
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

test('a file that does not parse is named, with the place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flat-minima-'));
  const file = join(folder, 'broken.ts');
  writeFileSync(file, 'export const a = 1;\nexport const broken = (;\n');
  const { load } = (await import(new URL('../../tools/strip-types-hooks.mjs', import.meta.url).href)) as {
    load: (url: string) => Promise<unknown>;
  };
  await expect(load(pathToFileURL(file).href)).rejects.toThrow(`${file}:2:24: Expression expected`);
  rmSync(folder, { recursive: true });
});
