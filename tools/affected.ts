/** Which claims a change of files may affect: by the imports of the modules that they are written in. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Claim } from '../properties/model/claim.ts';
import { filesIn } from '../properties/cli/files.ts';

const CLAIMS = resolve('properties/claims');
/** The registry only gathers the claims, and the plot of a run goes into no verdict. */
const NO_JUDGES = new Set(
  ['properties/claims/registry.ts', 'properties/explain/course.ts'].map((file) => resolve(file)),
);
/** A barrel: what is imported from it is imported from where it is. */
const INDEX = resolve('src/index.ts');

/** What a change of files may affect. */
export interface Affected {
  /** All claims: what judges them has changed. */
  readonly all: boolean;
  /** Those that need a solver: the one that is judged has changed. */
  readonly solver: boolean;
  /** Those that are written in these modules. */
  readonly modules: readonly string[];
}

/** What changes of these files may affect; `solver` is the file of the one that is judged. */
export function affectedBy(changed: readonly string[], solver: string): Affected {
  const paths = changed.map((file) => resolve(file));
  for (const path of paths) known.delete(path);
  const hits = (reach: ReadonlySet<string>): boolean => paths.some((path) => reach.has(path));
  return {
    all: hits(reachOf(resolve('properties/cli/describe.ts'), NO_JUDGES)),
    solver: hits(reachOf(resolve(solver))),
    modules: filesIn(CLAIMS)
      .map((name) => join(CLAIMS, name))
      .filter((file) => hits(reachOf(file))),
  };
}

/** The ids of these claims, in the order of the modules' names. */
export async function affectedClaims({ all, solver, modules }: Affected): Promise<string[]> {
  const ids: string[] = [];
  for (const name of filesIn(CLAIMS)) {
    const file = join(CLAIMS, name);
    const claims = Object.values((await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, Claim>);
    const own = all || modules.includes(file);
    ids.push(...claims.filter(({ needs }) => own || (solver && needs !== 'theory')).map(({ id }) => id));
  }
  return ids;
}

/** The file and all that it imports, directly or not, without passing through `ends`. */
function reachOf(file: string, ends: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const reach = new Set<string>();
  const waiting = [file];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reach.has(next) || ends.has(next) || !existsSync(next)) continue;
    reach.add(next);
    waiting.push(...importsOf(next));
  }
  return reach;
}

/** Kept from one save to the next. */
const known = new Map<string, string[]>();

function importsOf(file: string): string[] {
  const found =
    known.get(file) ?? statements(file).flatMap(({ names, from }) => (from === INDEX ? behindIndex(names) : [from]));
  known.set(file, found);
  return found;
}

/** `import type` and `export ... from` included: a change of a type says that something else changes too. */
function statements(file: string): { names: string[]; from: string }[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:import|export)\s+(?:type\s+)?([^'";]*?)\s*from\s*'(\.[^']+)'/g)].map(
    ([, names, from]) => ({
      names: namesIn(names!),
      from: resolve(dirname(file), from!),
    }),
  );
}

const namesIn = (list: string): string[] =>
  list.startsWith('{')
    ? list
        .replace(/[{}]|\btype\s/g, '')
        .split(',')
        .map((name) => name.trim().split(/\s+as\s+/)[0]!)
        .filter((name) => name !== '')
    : ['*'];

function behindIndex(names: readonly string[]): string[] {
  return statements(INDEX)
    .filter((exported) => exported.names.some((name) => names.includes(name) || names.includes('*')))
    .map(({ from }) => from);
}
