/** The template of docs/add-a-claim.md is a claim: it holds, it needs its hypothesis, and mutants break it. */
import { expect, test } from 'vitest';
import alternating from '../../fixtures/mutants/alternating.ts';
import rowSkipped from '../../fixtures/mutants/row-skipped.ts';
import { type Solver } from '../../src/index.ts';
import { derivedFrom } from '../claims/registry.ts';
import { judge } from '../explain/judge.ts';
import type { Claim } from '../model/claim.ts';
import { inspect } from '../run/subject.ts';
import { template } from './template/claim.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

const outcome = (claim: Claim, solver: Solver): string =>
  judge(claim, inspect(solver), { seed: 1, instances: 50, shrink: false }).outcome;

test('the template holds for our solver', () => {
  expect(outcome(template, referenceDescent)).toBe('holds');
});

test('it is refuted without its hypothesis', () => {
  const [withNoise] = derivedFrom(template);
  expect(outcome(withNoise!, referenceDescent)).toBe('refuted as expected');
});

test.each([alternating, rowSkipped])('a mutant breaks it', (mutant) => {
  expect(outcome(template, mutant)).toBe('refuted');
});
