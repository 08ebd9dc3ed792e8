/** The stored data of the study equal the output of its code. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { experiments, writeExperiments } from '../claims/experiments/study.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-experiments-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The numbers in a text, and the text without them. */
function parts(file: string): { words: string[]; numbers: number[] } {
  const text = readFileSync(file, 'utf8');
  const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g;
  return { words: text.split(number), numbers: (text.match(number) ?? []).map(Number) };
}

test('every experiment is stored as its code gives it', () => {
  const written = writeExperiments(folder);
  expect(written.map((file) => basename(file))).toEqual(experiments.map(({ name }) => `${name}.json`));
  for (const file of written) {
    const [now, stored] = [parts(file), parts(join('fixtures/experiments', basename(file)))];
    expect(now.words).toEqual(stored.words);
    // The last of six digits may turn on another machine's rounding.
    const off = now.numbers.map((value, i) => Math.abs(value - stored.numbers[i]!) / Math.max(1, Math.abs(value)));
    expect(Math.max(...off)).toBeLessThan(1e-4);
  }
});
