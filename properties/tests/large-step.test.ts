/** Claims on large steps, momentum and whole paths that run a solver: each falls to a wrong one. */
import { expect, test } from 'vitest';
import doubledGradient from '../../fixtures/mutants/doubled-gradient.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import noiseByVariance from '../../fixtures/mutants/noise-by-variance.ts';
import plainGd from '../../fixtures/mutants/plain-gd.ts';
import type { Solver } from '../../src/index.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { claims, familyOf } from '../claims/registry.ts';

/** The claim that refutes it, if not twice the gradient. */
const REFUTED_BY: Readonly<Record<string, Solver>> = {
  'large-step/border': momentum,
  'momentum/none': momentum,
  'paths/mean-fit': plainGd,
};

const FAMILIES = ['large-step', 'momentum', 'paths'];
const ofSolvers = claims.filter(
  (claim) => FAMILIES.includes(familyOf(claim)) && claim.needs !== 'theory' && claim.expected === undefined,
);

test.each(ofSolvers.map((claim) => [claim.id, claim] as const))('%s', (id, claim) => {
  const solver = REFUTED_BY[id] ?? doubledGradient;
  expect(judge(claim, inspect(solver), { seed: 1, instances: 30, shrink: false }).outcome).toBe('refuted');
});

test('the mean path distinguishes variances from standard deviations', () => {
  const claim = claims.find(({ id }) => id === 'paths/mean-fit')!;
  const subject = inspect(noiseByVariance);
  expect(judge(claim, subject, { seed: 1, instances: 30, shrink: false }).outcome).toBe('refuted');
});
