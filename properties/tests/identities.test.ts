/** Identities that are proved: they are the claims', they hold at random points of prime fields, and wrong ones do not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instance } from '../instance.ts';
import { identities } from '../identities/index.ts';
import { refute } from '../identities/prove.ts';
import { shapeOf, type Identity } from '../identities/identity.ts';
import { compared } from '../identities/tie.ts';
import { claimOf } from '../registry.ts';
import { freshSeed, instanceSeed } from '../seeds.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());

/** Instances of the claim that have one of the identity's shapes. */
function* instancesFor(identity: Identity): Generator<Instance> {
  const source = claimOf(identity.claim)!.instances();
  if (typeof source === 'string') throw new Error(source);
  for (let i = 0; i < 400; i++) {
    const [instance] = fc.sample(source, { seed: instanceSeed(seed, identity.claim, i), numRuns: 1 });
    const { d1, d2, r } = shapeOf(instance!);
    if (identity.shapes.all.some((each) => each.d1 === d1 && each.d2 === d2 && each.r === r)) yield instance!;
  }
}

const ENOUGH = 8;

describe.each(identities.map((identity) => [identity.claim, identity] as const))('%s', (_, identity) => {
  test('is proved', () => {
    expect(refute(identity, seed)).toBeUndefined();
  });

  test('is what the claim compares', () => {
    const claim = claimOf(identity.claim)!;
    const found = [];
    for (const instance of instancesFor(identity)) {
      const comparison = compared(identity, claim, instance);
      if (comparison !== undefined) found.push(comparison);
      if (found.length === ENOUGH) break;
    }
    expect(found.length).toBe(ENOUGH);
    expect(found.filter(({ off }) => !(off <= 1))).toEqual([]);
  });
});
