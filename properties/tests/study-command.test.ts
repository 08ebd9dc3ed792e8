/** The command `study`: its options, its files, and solvers that it cannot study. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { studyCommand } from '../cli/study/command.ts';
import { readStudies } from '../cli/study/file.ts';
import { readOptions } from '../cli/study/options.ts';
import { BadUsage } from '../cli/usage.ts';
import { run } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-study-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command', () => {
  test.each([
    [['--solver', 'missing.ts'], /--solver missing\.ts does not exist/],
    [['--minutes', '0'], /--minutes is 0: give a number above 0/],
    [['--step', 'x'], /--step is x/],
    [['--solver-command', ' '], /--solver-command is empty/],
    [['--solver-command', 'x', '--solver', 'y'], /give one of them/],
    [['--precision', 'half'], /--precision is half/],
    [['--frobnicate'], /Unknown option '--frobnicate'/],
    [['--target', 'fixtures/targets/iris.csv'], /without a rank/],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(BadUsage);
    expect(() => readOptions(args)).toThrow(message);
  });

  test('studies a module in a worker thread, and writes the file and the page', async () => {
    const args = ['--units', '1', '--seed', '1', '--no-claims', '--step', '0.125', '--out', join(folder, 'out')];
    const target = join(folder, 'target.csv');
    writeFileSync(target, '3,1,0\n1,2,1\n0,1,1\n1,0,2\n');
    const given = ['--target', target, '--rank', '1'];
    const { code, out, err } = await run(() =>
      studyCommand(['--solver', 'fixtures/equivalent/plain-arrays.ts', ...args, ...given]),
    );
    expect(code, out + err).toBe(0);
    expect(out).toMatch(
      /^flat-minima: study of fixtures\/equivalent\/plain-arrays\.ts, 1 units, seed 1\ntarget .*target\.csv: 4 x 3/,
    );
    expect(readStudies(join(folder, 'out', 'study.json'))[0]).toMatchObject({
      units: 1,
      problems: [{ name: 'given', text: '4 x 3, rank 1' }],
    });
  });

  test('a module without a solver, and one that hangs, are one sentence', async () => {
    const none = join(folder, 'none.mjs');
    writeFileSync(none, 'export const solver = 1;');
    const hangs = join(folder, 'hangs.mjs');
    writeFileSync(hangs, 'export default () => { for (;;); };');
    const common = ['--units', '1', '--out', join(folder, 'none')];
    expect(await run(() => studyCommand(['--solver', none, ...common]))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/none\.mjs has no function as its default export/) as string,
    });
    expect(await run(() => studyCommand(['--solver', hangs, '--timeout', '0.3', ...common]))).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /a call into .*hangs\.mjs took longer than 0\.3 s: make it faster or raise --timeout/,
      ) as string,
    });
  });

  test('--help', async () => {
    const { code, out } = await run(() => studyCommand(['--help']));
    expect([code, out]).toEqual([0, expect.stringMatching(/^Usage: npm run study -- \[options\][^]*--against <file>/)]);
  });
});
