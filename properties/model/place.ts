/** How a reader finds commands and documents: in the repository they are npm's and at its root, in a project that installed the package not. */
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
