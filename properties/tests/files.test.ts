/** Files survive that the process which writes them is killed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filesIn, removeDrafts } from '../cli/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes two long texts alternately to one file, until it is killed; prints a line when it has begun. */
const WRITER = `
  import { writeWhole } from ${JSON.stringify(new URL('../cli/files.ts', import.meta.url).href)};
  for (let n = 0; ; n++) {
    writeWhole(${JSON.stringify(join(folder, 'kept'))} + '/' + (n % 7) + '.json', JSON.stringify(String(n % 2).repeat(200_000)));
    if (n === 7) process.stdout.write('begun');
  }`;

test.each([
  ['SIGKILL', 3],
  ['SIGKILL', 11],
  ['SIGINT', 7],
] as const)('%s after %i ms leaves every file whole', async (signal, milliseconds) => {
  const kept = join(folder, 'kept');
  const writer = spawn(process.execPath, ['--import=./tools/strip-types.mjs', '--input-type=module', '-e', WRITER]);
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const closed = new Promise((resolve) => writer.once('close', resolve));
  writer.kill(signal);
  await closed;
  const files = filesIn(kept).filter((name) => name.endsWith('.json'));
  expect(files).toHaveLength(7);
  for (const name of files) expect(JSON.parse(readFileSync(join(kept, name), 'utf8'))).toMatch(/^(0+|1+)$/);
});

test('drafts of a run that was killed are removed, not those that are being written', () => {
  const [old, fresh] = ['a.json.old.part', 'a.json.new.part'].map((name) => join(folder, name));
  for (const file of [old!, fresh!]) writeFileSync(file, '{');
  utimesSync(old!, 0, 0);
  removeDrafts(folder);
  expect(filesIn(folder).filter((name) => name.startsWith('a.json'))).toEqual(['a.json.new.part']);
});
