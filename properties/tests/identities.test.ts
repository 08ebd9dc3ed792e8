/** Identities that are proved: they are the claims', they hold at random points of prime fields, and wrong ones do not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identities } from '../identities/index.ts';
import { refute } from '../identities/prove.ts';
import type { Identity } from '../identities/identity.ts';
import { compared, type Comparison } from '../identities/tie.ts';
import { claimOf } from '../registry.ts';
import { freshSeed, instanceSeed } from '../seeds.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());

/** The identity against its claim on the first instances of a claim that both speak of. */
function comparisons(identity: Identity, count: number): Comparison[] {
  const claim = claimOf(identity.claim)!;
  const source = claim.instances();
  if (typeof source === 'string') throw new Error(source);
  const found: Comparison[] = [];
  for (let i = 0; i < 1000 && found.length < count; i++) {
    const [instance] = fc.sample(source, { seed: instanceSeed(seed, identity.claim, i), numRuns: 1 });
    const comparison = compared(identity, claim, instance!);
    if (comparison !== undefined) found.push(comparison);
  }
  return found;
}

const ENOUGH = 8;

describe.each(identities.map((identity) => [identity.claim, identity] as const))('%s', (_, identity) => {
  test('is proved', () => {
    expect(refute(identity, seed)).toBeUndefined();
  });

  test('is what the claim compares', () => {
    const found = comparisons(identity, ENOUGH);
    expect(found.length).toBe(ENOUGH);
    expect(found.filter(({ off }) => !(off <= 1))).toEqual([]);
  });
});
