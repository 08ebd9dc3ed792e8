/** The evidence of a run: its contents, its round trip through a file, and the merge of shards into the whole. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Solver } from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import momentum from '../../fixtures/mutants/momentum.ts';
import plainGd from '../../fixtures/mutants/plain-gd.ts';
import { judge } from '../explain/judge.ts';
import { equal, type Claim } from '../model/claim.ts';
import { design } from '../generate/design.ts';
import { shortRuns } from '../instances/designs.ts';
import { claimOf, isDerived, select, derivedFrom } from '../claims/registry.ts';
import { inspect } from '../run/subject.ts';
import type { Shard } from '../run/judge-options.ts';
import type { Verdict } from '../model/verdict.ts';
import { evidenceOf, evidenceText, OURS, readEvidence, readKills, type RunFacts } from '../cli/evidence.ts';
import { junit } from '../cli/junit.ts';
import { mergeShards, mergeVerdicts } from '../cli/merge.ts';
import { BadUsage } from '../cli/usage.ts';
import { jsonSchema } from '../cli/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-evidence-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const facts: RunFacts = {
  versions: { package: '1.2.3', node: 'v20.0.0' },
  seed: 1,
  instances: 6,
  solver: OURS,
  ownNoise: false,
};

const chosen = (
  select(['definition', 'landscape', 'contract/no-shared-state', 'balance/martingale-mean']) as Claim[]
).flatMap((claim) => [claim, ...derivedFrom(claim)]);

function judged(solver: Solver, shard?: Shard): Verdict[] {
  const options = { seed: facts.seed, instances: facts.instances, shard };
  const subject = inspect(solver);
  return chosen.map((claim) => ({
    ...judge(claim, subject, { ...options, shrink: !isDerived(claim) }),
    milliseconds: 0,
  }));
}

/** A whole run, and the same in this number of parts. */
const split = (solver: Solver): { whole: Verdict[]; parts: (of: number) => Verdict[][] } => ({
  whole: judged(solver),
  parts: (of) => Array.from({ length: of }, (_, i) => judged(solver, { index: i + 1, of })),
});

const [right, wrong] = [split(referenceDescent), split(momentum)];

describe('evidence', () => {
  test('docs/evidence.schema.json is its schema', () => {
    const published = readFileSync(join('docs', 'evidence.schema.json'), 'utf8');
    expect(published === jsonSchema(), 'run npm run verify -- --ledger').toBe(true);
  });

  test('comes back from its file as it was, infinities and NaN too', () => {
    const [one, ...rest] = right.whole;
    const odd: Verdict = {
      ...one!,
      leastSlack: -Infinity,
      closest: { ...one!.closest!, instance: { ...one!.closest!.instance, eta: NaN } },
    };
    const evidence = evidenceOf(facts, [odd, ...rest], { seed: 2, instances: 3, mutants: { momentum: [one!.id] } });
    expect(readEvidence(file('whole.json', evidenceText(evidence)))).toEqual(evidence);
  });

  test('has every slack of a claim that holds in its histogram, and the instance with the least', () => {
    const held = right.whole.filter(({ outcome }) => outcome === 'holds');
    expect(held.length).toBeGreaterThan(5);
    for (const { instances, slacks, leastSlack, closest } of held) {
      expect(slacks!.reduce((sum, count) => sum + count)).toBe(instances);
      expect(slacks!.findIndex((count) => count > 0)).toBe(Math.floor(20 * leastSlack!));
      expect(closest!.finding.slack).toBe(leastSlack);
    }
  });

  const older = JSON.stringify({ schema: 3, claims: [] });
  const torn = evidenceText(evidenceOf(facts, [])).replace('"seed": 1', '"seed": "one"');
  test.each([
    ['no JSON', 'hello', /is not the evidence of a run: give an evidence\.json/],
    ['not an object', 'null', /is not the evidence of a run/],
    ['older', older, /has schema 3 and 7 is read here: run verify again/],
    ['torn', torn, /is not the evidence of a run \(seed: .*expected number.*\)/],
  ])('that is %s is refused in one sentence', (name, text, message) => {
    const read = (): unknown => readEvidence(file(`${name}.json`, text));
    expect(read).toThrow(BadUsage);
    expect(read).toThrow(message);
  });

  test('a file that is not a kill matrix is refused, and a missing one is undefined', () => {
    expect(() => readKills(file('kills.json', '[]'))).toThrow(/is not a kill matrix: delete it/);
    expect(readKills(join(folder, 'nothing.json'))).toBeUndefined();
  });
});

describe('the shards of a run, merged,', () => {
  const files = (parts: readonly Verdict[][], more: (index: number) => Partial<RunFacts> = () => ({})): string[] =>
    parts.map((verdicts, i) => {
      const shard = `${i + 1}/${parts.length}`;
      return file(`${i + 1}.json`, evidenceText(evidenceOf({ ...facts, shard, ...more(i) }, verdicts)));
    });

  // In order and not, uneven, and more parts than instances.
  test.each([
    ['our solver', 4, right],
    ['our solver', 7, right],
    ['a wrong one', 2, wrong],
    ['a wrong one', 7, wrong],
    ['one that never draws noise', 3, split(plainGd)],
  ])('are the unsplit run of %s in %d parts', (_, of, { parts, whole }) => {
    const { facts: found, verdicts } = mergeShards({ merge: files(parts(of)).reverse() });
    expect(evidenceText(evidenceOf(found, verdicts))).toBe(evidenceText(evidenceOf(facts, whole)));
  });

  test('are the unsplit run if an instance was failed by chance before one is refuted', () => {
    const claim = derivedFrom(claimOf('ye-du/global')!)[0]!;
    // Instance 0 fails by more, but not again and again; instance 2 does.
    const run = (shard?: Shard): Verdict => ({
      ...judge(claim, inspect(referenceDescent), { seed: 2026, instances: 8, shard, shrink: false }),
      milliseconds: 0,
    });
    const whole = run();
    expect(whole).toMatchObject({ tightest: 2, refutation: { replay: '2' } });
    expect(mergeVerdicts([1, 2, 3, 4].map((index) => run({ index, of: 4 })))).toEqual(whole);
  });

  test('are the unsplit run if a counterexample of an earlier run is tried first', () => {
    const claim = claimOf('definition/step')!;
    const { instance, draft } = wrong.whole.find(({ id }) => id === claim.id)!.refutation!;
    const saved = [{ instance, draft, file: 'a.json' }];
    for (const solver of [momentum, referenceDescent]) {
      const run = (shard?: Shard): Verdict => ({
        ...judge(claim, inspect(solver), { seed: 1, instances: 6, shard, saved, shrink: false }),
        milliseconds: 0,
      });
      expect(mergeVerdicts([run({ index: 1, of: 2 }), run({ index: 2, of: 2 })])).toEqual(run());
    }
  });

  test('are undecided if the whole is: an instance that cannot be drawn is not outvoted', () => {
    let drawn = 0;
    const rare = design({ ...shortRuns([1]), accepts: () => ++drawn <= 8 });
    const check = (): ReturnType<typeof equal> => equal('x', 0, 0, 0);
    const claim: Claim = { ...claimOf('definition/step')!, id: 'planted/claim', instances: rare, check };
    const parts = [1, 2].map((index) =>
      judge(claim, inspect(referenceDescent), { seed: 1, instances: 12, shard: { index, of: 2 } }),
    );
    expect(parts.map(({ outcome }) => outcome)).toEqual(['holds', 'undecided']);
    expect(mergeVerdicts(parts)).toMatchObject({ outcome: 'undecided', reason: /none of 200 drawn/ });
  });

  test('are the unsplit run if a saved counterexample refutes, and if one is outdated', () => {
    const refuted = wrong.whole.find(({ id }) => id === 'definition/step')!;
    const saved: Verdict = {
      ...refuted,
      // Two were tried, of which the second refutes.
      instances: 2,
      refutation: { ...refuted.refutation!, replay: '', saved: 'a.json' },
    };
    expect(mergeVerdicts([saved, saved])).toEqual(saved);
    const stale = [right.whole, ...right.parts(3)].map(([step]) => ({ ...step!, stale: ['b.json'] }));
    expect(mergeVerdicts(stale.slice(1))).toEqual(stale[0]);
  });

  test('name every version of node, and are of one version of flat-minima', () => {
    const nodes = files([[], []], (i) => ({ versions: { package: '1.2.3', node: `v2${i}` } }));
    expect(mergeShards({ merge: nodes }).facts.versions.node).toBe('v20, v21');
    const packages = files([[], []], (i) => ({ versions: { package: `1.2.${i}`, node: 'v20' } }));
    expect(() => mergeShards({ merge: packages })).toThrow(/has version 1\.2\.1 and .* has 1\.2\.0/);
  });
});

describe('JUnit XML', () => {
  const none = { instances: 0, milliseconds: 1500 };
  const odd = String.fromCharCode(27, 0xd800);

  test('says the outcome of each claim', () => {
    const xml = junit(facts, [
      { id: 'definition/step', outcome: 'refuted', reason: `it said "<${odd}&>"`, ...none },
      { id: 'contract/seeded', outcome: 'not applicable', reason: 'no noise', ...none },
      { id: 'contract/fresh-noise', outcome: 'holds', ...none },
    ]);
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flat-minima, seed 1" tests="3" failures="1" errors="0" skipped="1" time="4.500">
<testsuite name="definition" tests="1" failures="1" errors="0" skipped="0" time="1.500">
<testcase classname="definition" name="definition/step" time="1.500"><failure message="definition/step is refuted">definition/step: it said &quot;&lt;\ufffd\ufffd&amp;&gt;&quot;</failure></testcase>
</testsuite>
<testsuite name="contract" tests="2" failures="0" errors="0" skipped="1" time="3.000">
<testcase classname="contract" name="contract/seeded" time="1.500"><skipped message="contract/seeded is not applicable">contract/seeded: no noise</skipped></testcase>
<testcase classname="contract" name="contract/fresh-noise" time="1.500"/>
</testsuite>
</testsuites>
`);
  });

  test('prints a refutation with the command that replays it', () => {
    const refuted = wrong.whole.filter(({ id }) => id === 'definition/step');
    expect(junit(facts, refuted)).toMatch(
      /REFUTED {2}definition\/step[^]*Replay: npm run verify -- --claim definition\/step --seed 1/,
    );
    expect(junit({ ...facts, dimension: 1e6 }, refuted)).toMatch(
      /Replay: npm run verify -- --dimension 1000000 --claim definition\/step --seed 1/,
    );
  });
});
