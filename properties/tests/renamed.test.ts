/** Ids of the version before: they still work, and a sentence names the present id. */
import { expect, test } from 'vitest';
import type { Claim } from '../model/claim.ts';
import { claimOf, select } from '../claims/registry.ts';
import { currentNames, renamedText } from '../claims/renamed.ts';

const ids = (names: readonly string[]): string[] => (select(names) as readonly Claim[]).map(({ id }) => id);

test('an old id stands for the claim, or its derived claim', () => {
  expect(ids(['neighbours/du-flow', 'neighbours/column-space#2'])).toEqual(['du/flow', 'ward-kolda/column-space#2']);
  expect(claimOf('neighbours/gradient-dominance-square#tight')?.id).toBe('dominance/square#tight');
});

test('the old family stands for all of its claims', () => {
  expect(new Set(ids(['neighbours']).map((id) => id.split('/')[0]))).toEqual(new Set(currentNames('neighbours')));
  expect(ids(['neighbours']).length).toBeGreaterThanOrEqual(16);
});

test('every old name is explained, and no other', () => {
  expect(renamedText(['neighbours/ding-flat', 'definition/step'])).toEqual([
    'neighbours/ding-flat is now called ding/flat: the old name works in this version only.',
  ]);
});

test('an id that never was is unknown', () => {
  expect(select(['neighbours/nothing'])).toEqual({ unknown: 'neighbours/nothing' });
  expect(claimOf('neighbours/nothing')).toBeUndefined();
});
