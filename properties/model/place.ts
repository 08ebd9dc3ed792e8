/**
 * The forms of commands and of paths to documents in messages: npm scripts and paths from the root in the repository,
 * others in a project that installed the package.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources are run in the repository only; the package holds compiled files. */
export const INSTALLED = !import.meta.url.endsWith('.ts');

/** The command to type. */
export const commandLine = (name: 'verify' | 'replay' | 'study'): string =>
  INSTALLED ? `npx flat-minima ${name}` : `npm run ${name} --`;

/** The path of a file of the repository or the package. Compiled, this file lies one folder deeper. */
export const rootPath = (name: string): string =>
  fileURLToPath(new URL(`${INSTALLED ? '../../..' : '../..'}/${name}`, import.meta.url));

/** The path of a document of docs/, from the working directory, with the anchor after #. */
export function documentPath(name: string): string {
  const [file, anchor] = name.split('#');
  const path = relative('.', rootPath(`docs/${file}`));
  return anchor === undefined ? path : `${path}#${anchor}`;
}
