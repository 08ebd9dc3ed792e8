/** The variants of the algorithm in examples: each is something else, and is told from it on five instances. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { claimOf } from '../claims/registry.ts';

const folder = new URL('../../examples/variants/', import.meta.url);
const names = readdirSync(folder).filter((name) => name !== 'optimiser.ts');

/** A step, and where many of them lead: enough for each of the variants. */
const CLAIMS = ['definition/step', 'limit/closed-form'];

test.each(names)('%s is refuted', async (name) => {
  const { default: solver } = (await import(new URL(name, folder).href)) as { default: Solver };
  const verdicts = CLAIMS.map((id) => judge(claimOf(id)!, inspect(solver), { seed: 1, instances: 5, shrink: false }));
  expect(verdicts.map(({ outcome }) => outcome)).toContain('refuted');
});
