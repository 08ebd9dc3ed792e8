/** The contenders. Each runs steps of a shape in a process of its own and prints the CPU time of one step in ns. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Shape = readonly [d1: number, d2: number, r: number];
/** Runs at least that many steps, several times. Prints the least CPU time of a step in ns. */
export type Measure = (steps: number) => number;
export type Contender = (shape: Shape) => Measure;

const OUR_STEP: [string, ...string[]] = [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(new URL('our_step.ts', import.meta.url)),
];

/** A program: its contenders for steps and for normal numbers. */
export interface Entrant {
  readonly version: string;
  readonly steps: Record<string, Contender>;
  /** Draws the number of normals of a step. */
  readonly normals: Contender | undefined;
}

/** `perturbedGradientDescent` on targets of rank r, also by the plain kernel, and of full rank; and its reduced form. */
export const ours = (): Entrant => program(process.version, OUR_STEP, ['thin', 'plain', 'dense', 'reduced']);

/** The formula as a textbook has it, by ml-matrix, with our normal numbers. */
export const mlMatrix = (): Entrant => ({ ...program('', OUR_STEP, ['textbook']), normals: undefined });

/** NumPy on one thread; undefined if python3 does not have it. */
export function numpy(): Entrant | undefined {
  const file = fileURLToPath(new URL('numpy_step.py', import.meta.url));
  const version = output('python3', '-c', 'import numpy; print(numpy.__version__)');
  return version === undefined ? undefined : program(version, ['python3', file], ['textbook', 'dense', 'thin']);
}

/** C by the compiler `cc`; undefined without one. */
export function compiled(): Entrant | undefined {
  const version = output('cc', '-dumpfullversion');
  if (version === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'flat-minima-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const [source, step] = [fileURLToPath(new URL('step.c', import.meta.url)), join(folder, 'step')];
  execFileSync('cc', ['-O3', '-march=native', '-ffast-math', source, '-o', step, '-lm']);
  return program(version, [step], ['dense', 'thin']);
}

/** A program that is started for each measurement with the form, the shape and the number of steps. */
function program(version: string, [command, ...first]: [string, ...string[]], forms: readonly string[]): Entrant {
  const contender =
    (form: string): Contender =>
    (shape) =>
    (steps) =>
      Number(output(command, ...first, form, ...shape.map(String), String(steps)));
  const steps = Object.fromEntries(forms.map((form) => [form, contender(form)]));
  return { version, steps, normals: contender('normals') };
}

/** The output of a program; undefined if it cannot be run. */
function output(command: string, ...args: string[]): string | undefined {
  // One thread each, so that the work is compared.
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  try {
    return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
