/** The command `verify` on correct and faulty solvers, and on bad usage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEvidence } from '../cli/evidence.ts';
import { BadUsage } from '../cli/usage.ts';
import { readOptions } from '../cli/options.ts';
import { partOf } from '../cli/part.ts';
import { claims, isDerived } from '../claims/registry.ts';
import type { Verdict } from '../model/verdict.ts';
import { commandLine, CORRECT, QUICK, type Result } from './command-line.ts';

const { folder, verify, verifyFromOutside } = commandLine();
const some = ['definition', 'limit/closed-form', 'gd/remembers-start', 'flatness/spectrum'].flatMap((name) => [
  '--claim',
  name,
]);

describe('verify', () => {
  test('lists claims with their ids first', async () => {
    const { code, out } = await verify('--list');
    expect(code).toBe(0);
    for (const line of out.trim().split('\n')) expect(line).toMatch(/^[a-z0-9-]+\/[a-z0-9-]+ {2}\S/);
  });

  const timeless = (path: string): string => readFileSync(path, 'utf8').replace(/"milliseconds": \d+/g, '');
  let runs = 0;
  const evidenceOf = async (...args: string[]): Promise<Result & { path: string }> => {
    const path = join(folder, `evidence-${++runs}.json`);
    return { ...(await verify(...QUICK, ...args, '--json', path)), path };
  };

  // Without a solver, derived claims are judged too: of claims about the theory alone.
  const theory = ['flatness/spectrum', 'flatness/condition-number', 'landscape/second-order'];
  test.each([
    ['holds for a correct solver', [...CORRECT, ...some]],
    ['judges the theory with its derived claims', theory.flatMap((id) => ['--claim', id])],
  ])('%s, with the same evidence for the same seed in one worker and in two', async (_, args) => {
    const xml = join(folder, 'one.xml');
    const one = await evidenceOf(...args, '--workers', '1', '--junit', xml);
    expect(one.code, one.out + one.err).toBe(0);
    expect(one.out).toMatch(/\d+ hold, 0 refuted/);
    const two = await evidenceOf(...args, '--workers', '2', '--profile');
    expect(timeless(two.path)).toBe(timeless(one.path));
    expect(two.out).toMatch(
      /^claim +time +share +derived +instances +each +solver[^]*\nflatness\/spectrum +0\.\d\d s/m,
    );
    expect(two.out).toMatch(/in 2 workers, .* of the workers' time/);
    const cases = readFileSync(xml, 'utf8').match(/<testcase/g)!;
    expect(readEvidence(one.path).claims.length).toBe(cases.length);
  });

  test('refutes a faulty solver with the same evidence in one worker and in two', async () => {
    const wrong = ['definition', 'gd/imbalance-step', 'gd/local-rate', 'contract', 'ye-du/shrink'];
    const args = ['--solver', 'fixtures/mutants/momentum.ts', ...wrong.flatMap((name) => ['--claim', name])];
    const [one, two] = [await evidenceOf(...args, '--workers', '1'), await evidenceOf(...args, '--workers', '2')];
    expect(one.code).toBe(1);
    expect(timeless(two.path)).toBe(timeless(one.path));
  });

  test('says of a partial run what was judged', async () => {
    const [of, left] = [`of ${claims.length} claims`, 'evidence.json'];
    const step = await evidenceOf('--claim', 'definition/step', '--instance', '0');
    expect(readEvidence(step.path)).toMatchObject({
      part: `only definition/step ${of}, instance 0 of each`,
      instance: '0',
    });
    expect(step.out.trimEnd()).toMatch(
      new RegExp(`${left} \\(partial run: only definition/step ${of}, instance 0 of each\\)$`),
    );
    const own = await evidenceOf('--claim', 'contract');
    const count = readEvidence(own.path).claims.filter((claim) => !isDerived(claim)).length;
    expect(readEvidence(own.path).part).toBe(`${count} ${of}`);
    // Whole, and interrupted before the last claim.
    const verdicts = claims.map(({ id }): Pick<Verdict, 'id' | 'outcome'> => ({ id, outcome: 'holds' }));
    expect(partOf({}, verdicts)).toBeUndefined();
    const interrupted = verdicts.with(-1, { ...verdicts.at(-1)!, outcome: 'not run' });
    expect(partOf({}, interrupted)).toBe(`${claims.length - 1} ${of}`);
    expect(partOf({ shard: '1/2' }, verdicts)).toBe('shard 1/2');
  });

  test('checks the applicable claims for iris at rank 2', async () => {
    // A busy machine gets one instance of limit/closed-form in the minute that a target has by default.
    const iris = ['--target', 'fixtures/targets/iris.csv', '--rank', '2', '--minutes', '10'];
    const { code, out, err } = await verify(...QUICK, ...CORRECT, ...some, ...iris);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/limit\/closed-form +\w+ +2 {2}holds/);
    expect(out).toMatch(/gd\/remembers-start: it needs a target of rank one/);
    expect(out.split('\n')[1]).toBe(
      'target fixtures/targets/iris.csv: 150 x 4, rank 4, s = 96.0, 17.8, 3.46, 1.88 (comma-separated text without a header)',
    );
  });

  test('reads a target with its options, which the replay of a refutation repeats', async () => {
    const file = 'fixtures/targets/formats/r-missing-and-text.csv';
    const reading = ['--target', file, '--columns', '2,3-4', '--drop-rows-with-missing', '--rank', '1'];
    const wrong = ['--solver', 'fixtures/mutants/momentum.ts', '--claim', 'definition/step'];
    const { code, out } = await verify(...QUICK, ...wrong, ...reading);
    expect(code).toBe(1);
    expect(out).toContain(
      `target ${file}: 3 x 3, header "length, width, petal, length", without 1 row with missing values`,
    );
    expect(out).toMatch(/^Replay: .* --target \S+ --columns '2,3-4' --drop-rows-with-missing --rank 1 --claim/m);
    expect(readEvidence(join(folder, 'out', 'evidence.json'))).toMatchObject({
      target: file,
      reading: ['--columns', '2,3-4', '--drop-rows-with-missing'],
      rank: 1,
    });
  });

  test('checks the theory at the dimension that is asked for', async () => {
    const json = join(folder, 'dimension.json');
    const { code, out, err } = await verify(...QUICK, '--dimension', '1e6', '--json', json);
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/scale\/closed-form +\w+ +2 {2}holds/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ dimension: 1e6 });
    const other = await verify(...QUICK, '--dimension', '3', '--claim', 'definition/step');
    expect(other.out).toMatch(/definition\/step: its instances have dimensions of their own/);
  });

  test('refutes a faulty solver with an instance that the printed command replays', async () => {
    const wrong = ['--solver', 'fixtures/mutants/sigmas-swapped.ts', '--claim', 'definition/step'];
    const { code, out } = verifyFromOutside(...wrong, '--seed', '3');
    expect(code).toBe(1);
    const replay = /Replay: npm run verify -- (.*)/.exec(out)![1]!.split(' ');
    const again = await verify(...replay);
    expect(again.code).toBe(1);
    // A replay does not try other instances, and does not list dependent claims.
    const instance = (text: string): string =>
      text.slice(text.indexOf('Let'), text.search(/Before shrinking|\d+ other claims|Proof/));
    expect(instance(again.out)).toBe(instance(out));
  });
});

describe('--quiet', () => {
  test('prints only refutations and the closing line', async () => {
    const claims = ['--claim', 'definition', '--claim', 'contract/advance-adds', '--quiet'];
    const right = await verify(...QUICK, ...claims, ...CORRECT);
    expect([right.out, right.err]).toEqual([
      expect.stringMatching(/^2 claims, 4 instances: 2 hold, 0 refuted; seed 1\n$/),
      '',
    ]);
    const wrong = await verify(...QUICK, ...claims, '--solver', 'fixtures/mutants/sigmas-swapped.ts');
    expect(wrong.err).toBe('');
    expect(wrong.out).toMatch(/^REFUTED {2}definition[^]*\n\n2 claims, \d instances: 1 hold, 1 refuted; seed 1\n$/);
  });
});

describe('bad usage is one sentence and exit code 2', () => {
  const cases: [string[], RegExp][] = [
    [['--claim', 'nonsense/claim'], /--claim nonsense\/claim is neither a claim nor a family/],
    [['--instances', '0'], /--instances is 0: give a whole number/],
    [['--seed', 'abc'], /the seed is abc/],
    [['--timeout', '-1'], /--timeout is -1/],
    [['--workers', '0'], /--workers is 0: give a whole number from 1 to 256/],
    [['--solver', 'missing.ts'], /--solver missing\.ts does not exist/],
    [['--frobnicate'], /Unknown option '--frobnicate'/],
    [
      ['--dimension', '2.5'],
      /--dimension is 2\.5: give a whole number from 1 to 9007199254740991, such as 1000000 or 1e6/,
    ],
    [['--dimension', '0'], /--dimension is 0/],
    [['--dimension', '1e16'], /--dimension is 1e16/],
    [['--dimension', 'x1e6x'], /--dimension is x1e6x/],
    [['--dimension=-1'], /--dimension is -1/],
    [
      ['--dimension', '1e3', '--solver', 'fixtures/equivalent/textbook.ts'],
      /--dimension 1e3 and --solver .* give only one of them/,
    ],
    [['--target', 'fixtures/targets/iris.csv'], /without a rank/],
    [['--rank', '2'], /without a target/],
    [['--target', 'fixtures/targets/iris.csv', '--rank', '5'], /--rank is 5: give a whole number from 1 to 4/],
    [['--instance', 'x'], /--instance is x/],
    [['--solver-command', ' '], /--solver-command is empty/],
    [['--solver-command', 'x', '--solver', 'y'], /give one of them/],
  ];
  test.each(cases)('%j', (args, message) => {
    expect(() => readOptions(args, {})).toThrow(BadUsage);
    expect(() => readOptions(args, {})).toThrow(message);
  });

  test('and no stack trace', () => {
    const { code, err } = verifyFromOutside('--seed', 'abc');
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual(['flat-minima: the seed is abc: give a whole number from 0 to 2147483647']);
  });
});
