/** The cached list of claims, in node_modules/.cache with the hash of the sources from which it was printed. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootPath } from '../model/place.ts';
import { writeWhole } from './files.ts';

/** The hash of the names and texts of all sources except the tests. */
export function sourcesHash(root = rootPath('.')): string {
  const hash = createHash('sha256');
  for (const folder of ['src', 'properties']) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.filter((each) => each.endsWith('.ts') && !each.startsWith('tests')).sort()) {
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(root, folder, name)))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

const FILE = rootPath('node_modules/.cache/flat-minima/list.txt');

/** Undefined if no list is cached for these sources. The hash is the first line of the file. */
export function keptList(hash: string, file = FILE): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return text.startsWith(`${hash}\n`) ? text.slice(hash.length + 1) : undefined;
  } catch {
    return undefined;
  }
}

/** Saves the list. If the file cannot be written, the claims are loaded each time. */
export function keepList(hash: string, list: string, file = FILE): string {
  try {
    writeWhole(file, `${hash}\n${list}`);
  } catch {
    // The list is right all the same.
  }
  return list;
}
