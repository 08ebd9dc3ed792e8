/** Saved counterexamples: each refutation is saved and tried first in later runs, and its file does not change. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import { FOLDER, keep, readAll } from '../cli/counterexamples.ts';
import type { Draft } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { around } from '../explain/around.ts';
import { judge } from '../explain/judge.ts';
import type { Verdict } from '../model/verdict.ts';
import { inspect } from '../run/subject.ts';
import { claimOf } from '../claims/registry.ts';
import { replayOf } from '../cli/refutation.ts';
import { mutantNames } from '../cli/kills.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { seed: 1, instances: 1, shrink: false };

describe('the counterexamples that ship', () => {
  const all = readAll(FOLDER);
  const mutants = mutantNames().map((name) => `fixtures/mutants/${name}.ts`);
  const saved = all.saved.filter(({ solver }) => mutants.includes(solver));

  test('are of each mutant at least one', () => {
    const solvers = new Set(saved.map(({ solver }) => solver));
    expect(mutants.filter((mutant) => !solvers.has(mutant))).toEqual([]);
  });

  // Other files in the folder are named, and not judged.
  const others = all.saved.filter((each) => !saved.includes(each));
  for (const { file, solver } of others) console.warn(`${file} is about ${solver}, which is no mutant: delete it`);
  for (const complaint of all.complaints) console.warn(complaint);

  test.each([...new Set(saved.map(({ claim }) => claim))])('%s holds on them for our solver', (id) => {
    const its = saved.filter(({ claim }) => claim === id);
    const ours = judge(claimOf(id)!, inspect(referenceDescent), { ...options, saved: its });
    expect(ours).toMatchObject({ outcome: 'holds' });
    expect(ours.stale).toBeUndefined();
  });

  test.each(saved.map((each) => [`${each.claim}, by ${each.solver}`, each] as const))('%s', async (_, each) => {
    const { default: wrong } = (await import(pathToFileURL(resolve(each.solver)).href)) as { default: Solver };
    // A saved instance of a random claim is not spent on a solver whose noise cannot be replayed.
    const subject = { ...inspect(wrong), ownNoise: false };
    const theirs = judge(claimOf(each.claim)!, subject, { ...options, saved: [each] });
    expect(theirs.refutation).toMatchObject({ saved: each.file, instance: each.instance });
  });
});

describe('a refutation', () => {
  const verdict = judge(claimOf('definition/step')!, inspect(momentum), { ...options, instances: 20, shrink: true });

  test('is saved, and tried first by the next run', () => {
    const { file } = keep(folder, 'definition/step', 'mine.ts', 1, verdict.refutation!);
    const { saved } = readAll(folder);
    expect(saved).toMatchObject([
      { claim: 'definition/step', solver: 'mine.ts', instance: verdict.refutation!.instance },
    ]);
    const again = judge(claimOf('definition/step')!, inspect(momentum), { ...options, saved });
    // The saved one was checked, and no other.
    expect(again.instances).toBe(1);
    expect(again.leastSlack).toBeLessThan(0);
    expect(again.tightest).toBeUndefined();
    expect(again.refutation!.instance).toEqual(verdict.refutation!.instance);
    // No drawn instance fails here: no sentence says that 0 of them do.
    const beside = { ...again.refutation!, survey: { through: 1, failing: [] } };
    expect(around(beside)).toContain('It fails on none of the 2 instances 0 to 1 of this run.');
    // Existing files are left unchanged.
    expect(keep(folder, 'definition/step', 'mine.ts', 2, verdict.refutation!)).toEqual({ file, written: false });
    expect(readAll(folder).saved).toHaveLength(1);
  });

  test('is shrunk for another solver that it refutes, and not for the one that it was shrunk for', () => {
    const claim = claimOf('definition/step')!;
    const large = judge(claim, inspect(momentum), { ...options, instances: 20 }).refutation!;
    const saved = [{ file: 'theirs.json', draft: large.draft, instance: large.instance, solver: 'theirs.ts' }];
    const judged = (name: string): NonNullable<Verdict['refutation']> =>
      judge(claim, inspect(momentum), { ...options, shrink: true, saved, name }).refutation!;
    expect(judged('theirs.ts')).toMatchObject({ saved: 'theirs.json', replay: '', shrinks: 0 });
    const smaller = judged('mine.ts');
    expect(smaller).toMatchObject({ saved: 'theirs.json', replay: expect.stringMatching(/^\d+(:\d+)*$/) as string });
    expect(smaller.shrinks).toBeGreaterThan(0);
    const command = replayOf(
      { id: claim.id, outcome: 'refuted', refutation: smaller, instances: 1, milliseconds: 0 },
      {
        solver: 'mine.ts',
        seed: 1,
      },
    );
    expect(command).toContain(`theirs.json --shrinks ${smaller.replay} --solver mine.ts`);
  });

  test('that the generator can no longer draw is outdated: the current version is tried, or none', () => {
    const claim = claimOf('definition/step')!;
    const { instance, draft } = verdict.refutation!;
    const stale = (instanceThen: Instance, draftThen: Draft): Verdict =>
      judge(claim, inspect(momentum), {
        ...options,
        saved: [{ file: 'old.json', draft: draftThen, instance: instanceThen }],
      });
    const changed = stale({ ...instance, eta: 4 * instance.eta }, draft);
    expect(changed).toMatchObject({
      outcome: 'refuted',
      stale: [expect.stringMatching(/^old\.json is outdated: .* tried$/)],
    });
    expect(changed.refutation!.instance).toEqual(instance);
    for (const foreign of [
      { ...draft, picks: { steps: 1 } },
      { ...draft, picks: { ...draft.picks, sigma1: 3 } },
      { ...draft, grids: { ...draft.grids, X0: [[0], [0], [0]] } },
    ]) {
      const verdicts = stale(instance, foreign);
      expect(verdicts.refutation?.saved).toBeUndefined();
      expect(verdicts.stale).toMatchObject(
        [/^old\.json is outdated: .* was not tried: .* or delete it$/].map(
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
      ['[]', /b\.json is not a counterexample of flat-minima \(.*\): delete it, or/],
      [
        mine.replace('"schema":2', '"schema":1'),
        /c\.json is not a counterexample of flat-minima \(schema: .*2\): delete/,
      ],
      [mine.replace('"X0":[[', '"X0":[[1],['), /d\.json .* \(instance: M, X0 and Y0 do not fit together\): delete/],
      [
        mine.replace('definition/step', 'gone/claim'),
        /e\.json is about gone\/claim, which is no longer a claim: delete it$/,
      ],
      [mine.slice(0, 200), /f\.json is not JSON/],
    ];
    cases.forEach(([text], i) => writeFileSync(join(others, `${'abcdef'[i]!}.json`), text));
    writeFileSync(join(others, 'a note.txt'), 'a note');
    const { saved, complaints } = readAll(others);
    expect(saved).toEqual([]);
    expect(complaints).toHaveLength(cases.length);
    cases.forEach(([, sentence], i) => expect(complaints[i]).toMatch(sentence));
  });
});
