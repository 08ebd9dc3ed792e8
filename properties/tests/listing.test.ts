/** The cached list of claims is printed only while no source has changed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listed } from '../cli/command.ts';
import { keepList, keptList, sourcesHash } from '../cli/listing.ts';
import { claims } from '../claims/registry.ts';
import { NODE } from './command-line.ts';

const root = mkdtempSync(join(tmpdir(), 'flat-minima-listing-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

test('its hash changes with the text and the name of a source, and not with a test', () => {
  for (const folder of ['src', 'properties/claims', 'properties/tests'])
    mkdirSync(join(root, folder), { recursive: true });
  const hashes = [
    ['src/a.ts', '1'],
    ['src/a.ts', '2'],
    ['src/b.ts', '2'],
    ['properties/claims/a.ts', ''],
    ['properties/tests/a.ts', '3'],
    ['properties/claims/a.md', '4'],
  ].map(([name, text]) => {
    writeFileSync(join(root, name!), text!);
    return sourcesHash(root);
  });
  expect(new Set(hashes).size).toBe(4);
  expect(hashes.slice(4)).toEqual([hashes[3], hashes[3]]);
});

test('it is found by its hash alone, and a file that cannot be written costs nothing else', () => {
  const file = join(root, 'list.txt');
  expect(keptList('a', file)).toBeUndefined();
  expect(keepList('a', 'some\nlines\n', file)).toBe('some\nlines\n');
  expect(keptList('a', file)).toBe('some\nlines\n');
  expect(keptList('b', file)).toBeUndefined();
  expect(keepList('a', 'list', join(file, 'beyond', 'a', 'file'))).toBe('list');
});

test('the command prints the registry, loaded or cached', () => {
  expect(listed().split('\n')).toHaveLength(claims.length);
  keepList('of other sources', '');
  for (let i = 0; i < 2; i++) {
    const { stdout } = spawnSync(process.execPath, [...NODE, '--list'], { encoding: 'utf8' });
    expect(stdout).toBe(`${listed()}\n`);
  }
  expect(keptList(sourcesHash())).toBe(`${listed()}\n`);
});
