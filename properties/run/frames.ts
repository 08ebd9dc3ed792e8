/** The places in the user's own files from which an error came. */
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Frames that are shown at most. */
const MOST = 5;

/**
 * The root of flat-minima. Files below it are ours, except src, fixtures and examples: their solvers are under
 * judgement.
 */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OURS = ['properties', 'dist', 'tools', 'node_modules'].map((folder) => `${ROOT}${folder}${sep}`);

/** The frames of a stack that lie in the user's files, as "name (file:line:column)", paths relative to the working folder. */
export function userFrames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const lines = error.stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines
    .map((line) => line.trim().replace(/^at /, ''))
    .filter(isUsers)
    .slice(0, MOST)
    .map((frame) =>
      frame.replace(/(file:\/\/[^\s)]+|\/[^\s)]+)(:\d+:\d+)/, (_, file: string, at: string) => shown(file) + at),
    );
}

/** Neither Node's own code, nor a package, nor ours. */
function isUsers(frame: string): boolean {
  const file = fileOf(/(file:\/\/[^\s)]+|\/[^\s)]+|[A-Za-z]:\\[^\s)]+):\d+:\d+\)?$/.exec(frame)?.[1] ?? '');
  return file !== '' && !file.includes(`${sep}node_modules${sep}`) && !OURS.some((folder) => file.startsWith(folder));
}

const fileOf = (path: string): string => (path.startsWith('file:') ? fileURLToPath(path.replace(/[?#].*$/, '')) : path);

const shown = (path: string): string => {
  const file = fileOf(path);
  const near = relative('.', file);
  return near.startsWith('..') ? file : near;
};
