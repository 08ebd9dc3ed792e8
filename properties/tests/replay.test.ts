/** Runs that are compared with earlier ones, and counterexamples that are saved, tried first and replayed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { fileOf, FOLDER } from '../cli/counterexamples.ts';
import { replayCommand } from '../cli/replay.ts';
import { run, commandLine, QUICK, type Result } from './command-line.ts';

const { folder, verify, file } = commandLine();

describe('replay', () => {
  const replay = (...args: string[]): Promise<Result> => run(() => replayCommand(args));
  const hash = basename(fileOf('', 'definition/step', 'fixtures/mutants/momentum.ts'), '.json');

  test('looks at a saved counterexample: it holds for our solver, and refutes the wrong one', async () => {
    const ours = await replay(hash);
    expect(ours).toMatchObject({ code: 0, err: '' });
    expect(ours.out).toMatch(
      /^HOLDS {2}definition\/step[^]*Found:\n {2}left = [^]*with fixtures\/mutants\/momentum\.ts\.$/m,
    );
    const path = join('fixtures', 'counterexamples', 'definition', 'step', `${hash}.json`);
    const wrong = await replay(path, '--solver', 'fixtures/mutants/momentum.ts');
    expect(wrong).toMatchObject({ code: 1, err: '' });
    expect(wrong.out).toMatch(/^REFUTED {2}definition\/step[^]*What the solver does instead: .*momentum/m);
    expect(wrong.out).toMatch(/^Replay: npm run replay -- \S+\.json --solver fixtures\/mutants\/momentum\.ts$/m);
  });

  const saved = readFileSync(fileOf(FOLDER, 'definition/step', 'fixtures/mutants/momentum.ts'), 'utf8');
  const changes: [string, string, RegExp][] = [
    [
      'text',
      saved.replace(/"claim":"\w+"/, '"claim":"0"'),
      /has changed since .*: the current version is checked on it\.\nHOLDS/,
    ],
    [
      'instance',
      saved.replace('"eta":', '"eta":4'),
      /: it derives a different instance from it, which follows\.\nHOLDS/,
    ],
    ['draft', saved.replace('"tilt":1', '"tilt":3'), /: it no longer draws this instance, so .*\.\nHOLDS/],
  ];
  test.each(changes)('reports that the claim has changed: its %s', async (name, text, sentence) => {
    expect((await replay(file(`${name}.json`, text))).out).toMatch(sentence);
  });

  const mistakes: [string, string[], RegExp][] = [
    ['no name', [], /^flat-minima: 0 counterexamples were given: give one file or hash$/],
    [
      'an unknown name',
      ['nothing'],
      /^flat-minima: nothing is neither a file nor the hash of a counterexample in \S+ or \S+: give one of these, such as/,
    ],
    [
      'another file',
      ['package.json'],
      /^flat-minima: package\.json is not a counterexample of flat-minima \(.*\): delete it/,
    ],
    ['no solver there', [hash, '--solver', 'no.ts'], /^flat-minima: --solver no\.ts does not exist: give/],
    ['a malformed path', [hash, '--shrinks', 'a'], /^flat-minima: --shrinks is a: give the printed numbers/],
    ['a path to nowhere', [hash, '--shrinks', '999999'], /^flat-minima: --shrinks 999999 leads to no instance from/],
    [
      'an unknown option',
      [hash, '--seed', '1'],
      /^flat-minima: Unknown option '--seed': see npm run replay -- --help$/,
    ],
  ];
  test.each(mistakes)('refuses %s in one sentence, with exit code 2', async (_, args, sentence) => {
    const { code, err } = await replay(...args);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(sentence);
  });
});

describe('a comparison with an earlier run', () => {
  const some = ['smoothing/mean-step', 'law/mean-step'].flatMap((id) => ['--claim', id]);
  const earlier = join(folder, 'earlier.json');
  const compare = (...args: string[]): Promise<Result> => verify(...some, '--compare', earlier, ...args);

  test('shows the effects of a change of rounding and of a change of behaviour', async () => {
    await verify(...QUICK, ...some, '--solver', 'fixtures/equivalent/textbook.ts', '--json', earlier);
    // On a solver of one's own no derived claims are judged.
    const same = await compare('--solver', 'fixtures/equivalent/backwards.ts');
    expect(same.code).toBe(0);
    expect(same.out).toMatch(/same instances \(solver fixtures\/equivalent\/textbook\.ts then\)/);
    expect(same.out).toMatch(/2 claims compared: \d have not moved, \d moved within rounding, 0 beyond it\.$/m);
    const { out } = await compare('--solver', 'fixtures/mutants/noise-five-percent-large.ts', '--instances', '2');
    expect(out).toMatch(/^smoothing\/mean-step: holds then, refuted now\n\nMoved by more than rounding explains:\n/m);
    expect(out).toMatch(/^law\/mean-step .* at most \S+e-1\d$/m);
    expect(out).toMatch(
      /1 claim compared: 0 .* 0 moved within rounding, 1 beyond it: the solver behaves differently\.$/m,
    );
  });

  test('reads the evidence of schema 5, in which other keys had other names', async () => {
    const now = readFileSync(earlier, 'utf8');
    const then = now.replace('"schema": 7', '"schema": 5').replaceAll('"ablation":', '"without":');
    expect(then).toMatch(/"schema": 5,[^]*"without":/);
    writeFileSync(join(folder, 'schema-5.json'), then);
    const args = ['--compare', join(folder, 'schema-5.json'), '--solver', 'fixtures/equivalent/textbook.ts'];
    const { code, out } = await verify(...QUICK, ...some, ...args);
    expect(code).toBe(0);
    expect(out).toMatch(/2 claims compared: 2 have not moved, 0 moved within rounding, 0 beyond it\.$/m);
  });

  const ofOne = join(folder, 'of-one.json');
  beforeAll(() => verify(...QUICK, '--claim', 'definition/step', '--instance', '0', '--json', ofOne));

  const mistakes: [string[], RegExp][] = [
    [['--seed', '2'], /has seed 1 and this run has seed 2: only runs on the same instances can be compared$/],
    [['--instances', '3'], /has instances 2 and this run has instances 3: only/],
    [
      ['--target', 'fixtures/targets/iris.csv', '--rank', '2'],
      /has target none and this run has target \S+ at rank 2: only/,
    ],
    [['--shard', '1/2'], /--compare and --shard were both given: compare whole runs, without --shard$/],
    [['--instance', '0'], /--compare and --instance were both given/],
    [
      ['--compare', 'package.json'],
      /package\.json is not the evidence of a run \(.*\): give an evidence\.json that verify wrote$/,
    ],
    [['--compare', ofOne], /of-one\.json is of instance 0 only: give the evidence of the whole run$/],
    [['--compare', 'README.md'], /README\.md is not JSON: give/],
    [['--compare', 'nowhere'], /nowhere cannot be read: give/],
  ];
  test.each(mistakes)('refuses %j in one sentence', async (args, sentence) => {
    const { code, err } = await compare(...args);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(sentence);
  });
});

describe('saved files of a run', () => {
  test('is printed in CI, ready to be committed, and tried first by the next run', async () => {
    const keep = [
      '--keep',
      join(folder, 'kept-in-ci'),
      '--solver',
      'fixtures/mutants/alternating.ts',
      '--claim',
      'definition/step',
    ];
    vi.stubEnv('CI', 'true');
    const first = await verify(...QUICK, ...keep);
    vi.unstubAllEnvs();
    const [, path, content] = /commit it as (\S+):\n(.*)/.exec(first.out)!;
    expect(readFileSync(path!, 'utf8')).toBe(`${content}\n`);
    const next = await verify('--instances', '2', '--seed', '2', ...keep);
    expect(next.out).toMatch(/REFUTED {2}definition\/step {3}\(saved counterexample \S+\)/);
    expect(next.out).not.toMatch(/commit it as/);
    expect(next.out).toMatch(/^definition\/step +equality +1 {2}refuted/m);
    expect(next.out).toMatch(/^1 claim, 1 instance: 0 hold, 1 refuted$/m);
  });
});
