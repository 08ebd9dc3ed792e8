/** One name for one solver, however its path was written. */
import { relative, sep } from 'node:path';
import { OURS } from './evidence.ts';
import type { RunOptions } from './run-options.ts';

export const solverOf = ({ command, solver }: Pick<RunOptions, 'command' | 'solver'>): string =>
  command ?? (solver === undefined ? OURS : slashed(relative('.', solver.path)));

/** A path with slashes, the same on all systems. */
export const slashed = (path: string): string => path.split(sep).join('/');
