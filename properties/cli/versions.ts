/** The versions that produced a piece of evidence. */
import { readFileSync } from 'node:fs';
import { rootPath } from '../model/place.ts';

export interface Versions {
  /** The version of this package. */
  readonly package: string;
  readonly node: string;
}

export function versions(): Versions {
  const text = readFileSync(rootPath('package.json'), 'utf8');
  return { package: (JSON.parse(text) as { version: string }).version, node: process.version };
}
