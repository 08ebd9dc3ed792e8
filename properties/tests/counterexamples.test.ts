/** Nothing is forgotten: what was refuted once is kept, tried first, and stays what it is. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import momentum from '../../fixtures/impostors/momentum.ts';
import { FOLDER, keep, readAll } from '../cli/counterexamples.ts';
import type { Draft } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { judge } from '../explain/judge.ts';
import type { Verdict } from '../model/verdict.ts';
import { inspect } from '../run/subject.ts';
import { claimOf } from '../claims/registry.ts';
import { impostorNames } from '../cli/kills.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { seed: 1, instances: 1, shrink: false };

describe('the counterexamples that ship', () => {
  const { kept, complaints } = readAll(FOLDER);

  test('are all ours, at least one of each impostor, none of them stale', () => {
    expect(complaints).toEqual([]);
    const names = new Set(kept.map(({ solver }) => solver));
    expect(impostorNames().filter((name) => !names.has(`fixtures/impostors/${name}.ts`))).toEqual([]);
  });

  test.each([...new Set(kept.map(({ claim }) => claim))])('%s holds on them for our solver', (id) => {
    const its = kept.filter(({ claim }) => claim === id);
    const ours = judge(claimOf(id)!, inspect(referenceDescent), { ...options, kept: its });
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
    const { file } = keep(folder, 'definition/step', 'mine.ts', 1, verdict.refutation!);
    const { kept } = readAll(folder);
    expect(kept).toMatchObject([
      { claim: 'definition/step', solver: 'mine.ts', instance: verdict.refutation!.instance },
    ]);
    const again = judge(claimOf('definition/step')!, inspect(momentum), { ...options, kept });
    expect(again.instances).toBe(0);
    expect(again.refutation!.instance).toEqual(verdict.refutation!.instance);
    // What is there already is left as it is.
    expect(keep(folder, 'definition/step', 'mine.ts', 2, verdict.refutation!)).toEqual({ file, written: false });
    expect(readAll(folder).kept).toHaveLength(1);
  });

  test('that what draws the instances no longer leads to is stale: its present form is tried, or none', () => {
    const claim = claimOf('definition/step')!;
    const { instance, draft } = verdict.refutation!;
    const stale = (instanceThen: Instance, draftThen: Draft): Verdict =>
      judge(claim, inspect(momentum), {
        ...options,
        kept: [{ file: 'old.json', draft: draftThen, instance: instanceThen }],
      });
    const changed = stale({ ...instance, eta: 4 * instance.eta }, draft);
    expect(changed).toMatchObject({
      outcome: 'refuted',
      stale: [expect.stringMatching(/^old\.json is stale: .* tried$/)],
    });
    expect(changed.refutation!.instance).toEqual(instance);
    for (const foreign of [
      { ...draft, picks: { steps: 1 } },
      { ...draft, picks: { ...draft.picks, sigma1: 3 } },
      { ...draft, grids: { ...draft.grids, X0: [[0], [0], [0]] } },
    ]) {
      const verdicts = stale(instance, foreign);
      expect(verdicts.refutation?.kept).toBeUndefined();
      expect(verdicts.stale).toMatchObject(
        [/^old\.json is stale: .* was not tried; .* or delete it$/].map(
          (each) => expect.stringMatching(each) as string,
        ),
      );
    }
  });

  test('is not confused by files of others: one sentence each', () => {
    const others = join(folder, 'others');
    mkdirSync(others);
    const mine = readFileSync(keep(folder, 'definition/step', 'mine.ts', 1, verdict.refutation!).file, 'utf8');
    const cases: [string, RegExp][] = [
      ['{', /a\.json is not JSON: delete it, or restore it from version control$/],
      ['[]', /b\.json is no counterexample of flat-minima \(.*\): delete it, or/],
      [mine.replace('"schema":2', '"schema":1'), /c\.json is no counterexample of flat-minima \(schema: .*2\): delete/],
      [mine.replace('"X0":[[', '"X0":[[1],['), /d\.json .* \(instance: M, X0 and Y0 do not fit together\): delete/],
      [
        mine.replace('definition/step', 'gone/claim'),
        /e\.json is about gone\/claim, which is no claim any more: delete it$/,
      ],
      [mine.slice(0, 200), /f\.json is not JSON/],
    ];
    cases.forEach(([text], i) => writeFileSync(join(others, `${'abcdef'[i]!}.json`), text));
    writeFileSync(join(others, 'a note.txt'), 'a note');
    const { kept, complaints } = readAll(others);
    expect(kept).toEqual([]);
    expect(complaints).toHaveLength(cases.length);
    cases.forEach(([, sentence], i) => expect(complaints[i]).toMatch(sentence));
  });
});
