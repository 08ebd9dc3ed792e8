/** Files that are written whole or not at all, so that a killed run or a concurrent one cannot damage them. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DRAFT = '.part';

/** Writes the text to a draft next to the file, and renames that. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}${DRAFT}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/** All files in a folder and below, by their paths from it, in order; empty if the folder does not exist. */
export const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : [];

/** Removes drafts that were left by a run that was killed: a draft lives for milliseconds, these are older than a minute. */
export function removeDrafts(folder: string): void {
  for (const name of filesIn(folder).filter((each) => each.endsWith(DRAFT))) {
    const file = join(folder, name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
    if (age > 60_000) rmSync(file, { force: true });
  }
}

const WORDS: readonly unknown[] = ['NaN', 'Infinity', '-Infinity', '-0'];

/** For JSON, which has no infinities and no NaN: they stand as words. */
export const asWords = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

/** The same for numbers that are read again by `asNumbers` to the last bit: JSON has no negative zero either. */
export const asExactWords = (key: string, value: unknown): unknown =>
  Object.is(value, -0) ? '-0' : asWords(key, value);

/** The way back. */
export const asNumbers = (_: string, value: unknown): unknown => (WORDS.includes(value) ? Number(value) : value);
