/** Loading a solver from the module that exports it. */
import { pathToFileURL } from 'node:url';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import type { Watch } from '../run/guard.ts';
import { DOUBLE, precisionName, PRECISIONS, roundoffNamed } from '../model/precision.ts';

/** A solver, and the unit roundoff of the precision that its module declares, if any. */
export interface LoadedSolver {
  readonly solver: Solver;
  readonly roundoff?: number;
}

/** The solver that a module exports, or ours without a file; or a sentence why the module exports no solver. */
export async function load(file: string | undefined, watch: Watch): Promise<LoadedSolver | string> {
  if (file === undefined) return { solver: perturbedGradientDescent };
  watch.enter();
  try {
    const module = await imported(pathToFileURL(file).href);
    if (typeof module.default !== 'function')
      return `${file} has no function as its default export: export default a Solver`;
    return declared(file, module.default as Solver, module.precision);
  } catch (error) {
    if (isUnknownExtension(error) && TYPESCRIPT.test(error.message)) {
      return `${file} is or imports TypeScript, which Node ${process.version} does not run by itself: take Node 22.18 or newer, or npm install tsx`;
    }
    const message = error instanceof Error ? error.message : String(error);
    return `${file} cannot be imported: ${message.split('\n')[0]!}`;
  } finally {
    watch.leave();
  }
}

function declared(file: string, solver: Solver, precision: unknown): LoadedSolver | string {
  if (precision === undefined) return { solver };
  const roundoff = typeof precision === 'string' ? roundoffNamed(precision) : undefined;
  if (roundoff !== undefined) return { solver, roundoff };
  return `${file} exports precision ${JSON.stringify(precision)}, which is unknown: give ${PRECISIONS}`;
}

/** The precision to judge by: as asked for, or as the module declares; or the sentence that says that these are two. */
export function agreed(asked: number | undefined, { roundoff }: Pick<LoadedSolver, 'roundoff'>): number | string {
  if (asked === undefined || roundoff === undefined || asked === roundoff) return asked ?? roundoff ?? DOUBLE;
  return `--precision ${precisionName(asked)} was given and the solver's module exports precision '${precisionName(roundoff)}': give one of them`;
}

const TYPESCRIPT = /\.[cm]?ts"/;

interface Module {
  readonly default?: unknown;
  readonly precision?: unknown;
}

/** The module. If Node does not strip types, tsx does if it is installed. */
async function imported(url: string): Promise<Module> {
  try {
    return (await import(url)) as Module;
  } catch (error) {
    if (!isUnknownExtension(error)) throw error;
    const tsx = 'tsx/esm/api';
    const api = (await import(tsx).catch(() => undefined)) as
      { tsImport(file: string, parent: string): Promise<Module> } | undefined;
    if (api === undefined) throw error;
    return await api.tsImport(url, import.meta.url);
  }
}

const isUnknownExtension = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION';
