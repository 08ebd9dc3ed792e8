/**
 * The whole text of one planted failure per family, under a fixed seed. After a change that is meant,
 * `npx vitest run properties/tests/refutations.test.ts -u` writes the texts again, to be read before they are committed.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { atLeast, atMost, equal, type Claim, type Comparison } from '../model/claim.ts';
import { judge } from '../explain/judge.ts';
import { refutationText } from '../explain/refutation.ts';
import { claimOf, claims, familyOf } from '../claims/registry.ts';
import { OURS } from '../cli/evidence.ts';
import { refutationsOf } from '../cli/refutation.ts';
import { inspect } from '../run/subject.ts';

/** For claims about solvers the mutant that they refute. */
const PLANTED: Readonly<Record<string, string>> = {
  'definition/step': 'noise-on-x-only',
  'contract/no-shared-state': 'shared-state',
  'smoothing/mean-step': 'noise-shared-by-factors',
  'balance/emerges': 'plain-gd',
  'law/step-variance': 'weight-decay',
  'limit/closed-form': 'sigmas-swapped',
  'escape/gd-stays-at-saddle': 'untransposed',
  'gd/imbalance-step': 'alternating',
  'symmetry/transpose': 'noise-on-y-only',
  'ye-du/blocks': 'doubled-gradient',
  'ward-kolda/column-space': 'row-skipped',
  'orvieto/mean': 'noise-relative',
  'du/decaying-steps': 'untransposed',
  'dominance/folklore': 'plain-gd',
  'reduced/step': 'doubled-gradient',
  'experiment/hyperbola': 'decaying-step',
  'large-step/residual-map': 'doubled-gradient',
  'momentum/none': 'momentum',
  'paths/surplus-unbalanced': 'doubled-gradient',
};

/** For families that are about formulas alone a claim whose right side gets the wrong sign. */
const NEGATED = [
  'landscape/least-eigenvalue',
  'flatness/largest',
  'scale/gd-keeps-imbalance',
  'noise/sharpness-rate',
  'anti-pgd/gram',
  'deep/objective',
  'sensing/objective',
  'symmetric/objective',
  'ding/flat',
  'lee/rank',
];

const COMPARED = { '=': equal, '<=': atMost, '>=': atLeast };

const negated = (claim: Claim): Claim => ({
  ...claim,
  check(solver, instance): Comparison {
    const { what, lhs, relation, rhs, tolerance, quantities } = claim.check(solver, instance);
    const minus = typeof rhs === 'number' ? -rhs : Matrix.mul(rhs, -1);
    return COMPARED[relation](what, lhs as number, minus as number, tolerance, quantities);
  },
});

const folder = resolve('fixtures', 'refutations');

async function explained(claim: Claim, solver: Solver): Promise<void> {
  // Long runs are not shrunk far; the work is counted, so it is the same on every machine.
  const { refutation } = judge(claim, inspect(solver), { seed: 1, instances: 3, work: 50_000 });
  const text = refutationText(claim, refutation!, 'the command that replays it');
  await expect(`${text}\n`).toMatchFileSnapshot(join(folder, `${claim.id.replace('/', '-')}.txt`));
}

describe('a refutation is explained', () => {
  test.each(Object.entries(PLANTED))('%s, by %s', async (id, name) => {
    const file = pathToFileURL(resolve('fixtures', 'mutants', `${name}.ts`)).href;
    await explained(claimOf(id)!, ((await import(file)) as { default: Solver }).default);
  });

  test.each(NEGATED)('%s, with a wrong sign', (id) => explained(negated(claimOf(id)!), referenceDescent));

  test('of every family', () => {
    const families = new Set([...Object.keys(PLANTED), ...NEGATED].map((id) => familyOf({ id })));
    expect([...new Set(claims.map(familyOf))].filter((family) => !families.has(family))).toEqual([]);
  });
});

test('claims that run other code of src blame no statement before our solver is repaired', () => {
  const wrong: Solver = (options) => referenceDescent({ ...options, stepSize: 2 * options.stepSize });
  const options = { seed: 1, instances: 3, work: 1000 };
  const step = judge(claimOf('definition/step')!, inspect(wrong), options);
  const path = judge(negated(claimOf('anti-pgd/path')!), inspect(referenceDescent), options);
  const texts = (solver: string, full = false): string =>
    refutationsOf([step, path], { solver, seed: 1 }, full).join('\n');
  expect(texts(OURS)).toMatch(
    /\nFAILED TOO {2}1 claim about other code of src: anti-pgd\/path\.\nRepair the solver first/,
  );
  expect(texts(OURS)).not.toMatch(/STATEMENT REFUTED/);
  // It is shown if it is requested in full, or with a user's solver, which that claim never runs.
  for (const text of [texts(OURS, true), texts('./mine.ts')])
    expect(text).toMatch(/STATEMENT REFUTED {2}anti-pgd\/path/);
});
