/** The variants of the algorithm in examples: each is something else, and five instances show it. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import noiseOnIterate from '../../fixtures/mutants/noise-on-iterate.ts';
import { perturbedFormOf, type Solver } from '../../src/index.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { claimOf } from '../claims/registry.ts';

const folder = new URL('../../examples/variants/', import.meta.url);
const names = readdirSync(folder).filter((name) => name !== 'optimiser.ts');

/** A single step, and the limit of many: enough for each of the variants. */
const CLAIMS = ['definition/step', 'limit/closed-form'];

test.each(names)('%s is refuted', async (name) => {
  const { default: solver } = (await import(new URL(name, folder).href)) as { default: Solver };
  const isRefuted = (id: string): boolean =>
    judge(claimOf(id)!, inspect(solver), { seed: 1, instances: 5, shrink: false }).outcome === 'refuted';
  expect(CLAIMS.some(isRefuted)).toBe(true);
});

test.each(['definition/step', 'contract/noise-consumed', 'law/step-covariance', 'limit/closed-form'])(
  'Anti-PGD passes %s in its perturbed form',
  async (id) => {
    const { default: form } = await import('../../examples/anti-pgd.ts');
    const outcome = (solver: Solver): string =>
      judge(claimOf(id)!, inspect(solver), { seed: 1, instances: 5, shrink: false }).outcome;
    expect(outcome(form)).toBe('holds');
  },
);

test('noise that is never taken back is refuted in that form', () => {
  const subject = inspect(perturbedFormOf(noiseOnIterate));
  expect(judge(claimOf('definition/step')!, subject, { seed: 1, instances: 5, shrink: false }).outcome).toBe('refuted');
});
