/** Who takes part: each contender runs steps of a shape and tells the CPU time of one in ns. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Matrix } from 'ml-matrix';
import textbook from '../fixtures/faithful/textbook.ts';
import {
  gaussianNoise,
  perturbedGradientDescent,
  reducedPerturbedGradientDescent,
  type Descent,
  type Solver,
} from '../src/index.ts';

export type Shape = readonly [d1: number, d2: number, r: number];
/** Runs that many steps, at least one, and tells the CPU time of a step in ns. */
export type Measure = (steps: number) => number;
export type Contender = (shape: Shape) => Measure;

const STEP_SIZE = 0.01;
const noise = (): { sigma1: number; sigma2: number; source: ReturnType<typeof gaussianNoise> } => ({
  sigma1: 0.01,
  sigma2: 0.01,
  source: gaussianNoise('noise'),
});

/** A program, what it steps with, and its normal numbers. */
export interface Entrant {
  readonly version: string;
  readonly steps: Record<string, Contender>;
  /** Draws as many numbers as a step. */
  readonly normals?: Contender;
}

const ofRankR = (d1: number, d2: number, r: number): Matrix => factor(d1, r, 'U').mmul(factor(d2, r, 'V').transpose());

/** `perturbedGradientDescent` on targets of rank r and of full rank, and its reduced form. */
export const ours: Entrant = {
  version: process.version,
  steps: {
    thin: ofSolver(perturbedGradientDescent, ofRankR),
    dense: ofSolver(perturbedGradientDescent, (d1, d2) => factor(d1, d2, 'M').div(Math.sqrt(d2))),
    reduced: ([d1, d2, r]) =>
      timed(
        reducedPerturbedGradientDescent({
          dimensions: { d1, d2 },
          singularValues: Array<number>(r).fill(1),
          start: { X: factor(2 * r, r, 'X'), Y: factor(2 * r, r, 'Y') },
          stepSize: STEP_SIZE,
          noise: noise(),
        }),
      ),
  },
  normals: ([d1, d2, r]) => {
    const { source } = noise();
    const out = new Float64Array((d1 + d2) * r);
    return timed({
      advance(steps) {
        for (let i = 0; i < steps; i++) source.fill(out);
      },
    });
  },
};

/** The formula as a textbook has it, by ml-matrix. */
export const mlMatrix: Entrant = { version: '', steps: { textbook: ofSolver(textbook, ofRankR) } };

function ofSolver(solve: Solver, target: (...shape: Shape) => Matrix): Contender {
  return ([d1, d2, r]) =>
    timed(
      solve({
        target: target(d1, d2, r),
        start: { X: factor(d1, r, 'X'), Y: factor(d2, r, 'Y') },
        stepSize: STEP_SIZE,
        noise: noise(),
      }),
    );
}

function timed(descent: Pick<Descent, 'advance'>): Measure {
  return (steps) => {
    const began = process.cpuUsage();
    descent.advance(steps);
    const { user, system } = process.cpuUsage(began);
    return ((user + system) * 1000) / steps;
  };
}

/** Rows x columns, with columns of length about 1. */
function factor(rows: number, columns: number, seed: string): Matrix {
  const entries = new Float64Array(rows * columns);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, columns, entries).div(Math.sqrt(rows));
}

/** NumPy on one thread; undefined where python3 has none. */
export function numpy(): Entrant | undefined {
  const file = fileURLToPath(new URL('numpy_step.py', import.meta.url));
  const version = output('python3', '-c', 'import numpy; print(numpy.__version__)');
  return version === undefined ? undefined : program(version, ['python3', file], ['textbook', 'dense', 'thin']);
}

/** C by the compiler `cc`; undefined where there is none. */
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

/** What a program prints; undefined where it cannot be run. */
function output(command: string, ...args: string[]): string | undefined {
  // One thread each: what is compared is the work.
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  try {
    return execFileSync(command, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
