/** Nothing is forgotten: what was refuted once is kept, tried first, and stays what it is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { perturbedGradientDescent, type Solver } from '../src/index.ts';
import momentum from '../fixtures/impostors/momentum.ts';
import { FOLDER, keep, readAll } from './counterexamples.ts';
import { judge } from './judge.ts';
import { inspect } from './subject.ts';
import { shrinkBudget } from './shrink.ts';
import { claimOf } from './registry.ts';
import { impostorNames } from './verify/kills.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { seed: 1, instances: 1, shrink: false, budget: shrinkBudget() };

describe('the counterexamples that ship', () => {
  const { kept, complaints } = readAll(FOLDER);

  test('are all ours, at least one of each impostor, none of them stale', () => {
    expect(complaints).toEqual([]);
    const names = new Set(kept.map(({ solver }) => solver));
    expect(impostorNames().filter((name) => !names.has(`fixtures/impostors/${name}.ts`))).toEqual([]);
  });

  test.each([...new Set(kept.map(({ claim }) => claim))])('%s holds on them for our solver', (id) => {
    const its = kept.filter(({ claim }) => claim === id);
    const ours = judge(claimOf(id)!, inspect(perturbedGradientDescent), { ...options, kept: its });
    expect(ours).toMatchObject({ outcome: 'holds' });
    expect(ours.stale).toBeUndefined();
  });

  test.each(kept.map((each) => [`${each.claim}, by ${each.solver}`, each] as const))('%s', async (_, each) => {
    const { default: wrong } = (await import(pathToFileURL(resolve(each.solver)).href)) as { default: Solver };
    // A kept instance of a random claim is not spent on a solver whose noise cannot be replayed.
    const subject = { ...inspect(wrong), ownNoise: false };
    const theirs = judge(claimOf(each.claim)!, subject, { ...options, kept: [each] });
    expect(theirs.refutation).toMatchObject({ kept: each.file, instance: each.instance });
  });
});

describe('a refutation', () => {
  const verdict = judge(claimOf('definition/step')!, inspect(momentum), { ...options, instances: 20, shrink: true });

  test('is kept, and tried first by the next run', () => {
    const file = keep(folder, 'definition/step', 'mine.ts', 1, verdict.refutation!);
    const { kept } = readAll(folder);
    expect(kept).toMatchObject([
      { claim: 'definition/step', solver: 'mine.ts', instance: verdict.refutation!.instance },
    ]);
    const again = judge(claimOf('definition/step')!, inspect(momentum), { ...options, kept });
    expect(again.instances).toBe(0);
    expect(again.refutation!.instance).toEqual(verdict.refutation!.instance);
    expect(keep(folder, 'definition/step', 'mine.ts', 2, verdict.refutation!)).toBe(file);
    expect(readAll(folder).kept).toHaveLength(1);
  });

  test('that the claim does not draw any more is stale, and is checked as it stands', () => {
    const { instance, draft } = verdict.refutation!;
    const kept = [{ file: 'old.json', draft, instance: { ...instance, eta: instance.eta / 2 } }];
    expect(judge(claimOf('definition/step')!, inspect(momentum), { ...options, kept })).toMatchObject({
      outcome: 'refuted',
      stale: ['old.json'],
    });
  });

  test('is not confused by files of others: one sentence each', () => {
    const others = join(folder, 'others');
    mkdirSync(others);
    writeFileSync(join(others, 'a.json'), '{');
    writeFileSync(join(others, 'b.json'), '[]');
    writeFileSync(join(others, 'c.json'), '{"schema":1,"claim":"gone/claim","instance":{}}');
    writeFileSync(join(others, 'd.txt'), 'a note');
    const { kept, complaints } = readAll(others);
    expect(kept).toEqual([]);
    expect(complaints).toHaveLength(3);
    expect(complaints[0]).toMatch(/a\.json is not JSON/);
    expect(complaints[1]).toMatch(/b\.json is no counterexample/);
    expect(complaints[2]).toMatch(/gone\/claim, which is no claim any more/);
  });
});
