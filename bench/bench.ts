/** Time of a perturbed step: ours, the ml-matrix textbook and NumPy, in alternating rounds. See README.md. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Matrix } from 'ml-matrix';
import textbook from '../fixtures/faithful/textbook.ts';
import { gaussianNoise, perturbedGradientDescent, type Solver } from '../src/index.ts';

type Shape = readonly [d1: number, d2: number, r: number];
/** Runs that many steps and tells the ns per step. */
type Measure = (steps: number) => number;
type Contender = (shape: Shape) => Measure;

const SHAPES: readonly Shape[] = [[5, 5, 1], [10, 8, 3], [100, 80, 5], [1000, 1000, 10]]; // prettier-ignore
const ROUNDS = 5;
const MEASUREMENT_NS = 150e6;
const FEWEST_STEPS = 2;
const NUMPY_STEP = fileURLToPath(new URL('numpy_step.py', import.meta.url));

const numpy = numpyVersion();
const contenders: Record<string, Contender> = {
  ours: solver(perturbedGradientDescent),
  textbook: solver(textbook),
  ...(numpy === undefined ? {} : { numpy: numpyStep('textbook'), 'numpy, residual-free': numpyStep('residual-free') }),
};

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown cpu'} (${cpus().length} cores)`);
console.log(numpy === undefined ? 'NumPy is left out: python3 has none.' : `NumPy ${numpy}`);
console.log(`ns per step and their ratios to ours, medians of ${ROUNDS} rounds`);
console.table(Object.fromEntries(SHAPES.map((shape) => [shape.join(' x '), row(shape)])));

function solver(solve: Solver): Contender {
  return ([d1, d2, r]) => {
    const descent = solve({
      target: Matrix.ones(d1, d2).div(Math.sqrt(d1 * d2)),
      start: { X: randomFactor(d1, r, 'X'), Y: randomFactor(d2, r, 'Y') },
      stepSize: 0.01,
      noise: { sigma1: 0.01, sigma2: 0.01, source: gaussianNoise('noise') },
    });
    return (steps) => {
      const began = process.hrtime.bigint();
      descent.advance(steps);
      return Number(process.hrtime.bigint() - began) / steps;
    };
  };
}

function randomFactor(rows: number, rank: number, seed: string): Matrix {
  const entries = new Float64Array(rows * rank);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, rank, Array.from(entries)).div(Math.sqrt(rows));
}

function numpyStep(formula: string): Contender {
  return (shape) => (steps) => Number(python(NUMPY_STEP, formula, ...shape.map(String), String(steps)));
}

function numpyVersion(): string | undefined {
  try {
    return python('-c', 'import numpy; print(numpy.__version__)');
  } catch {
    return undefined;
  }
}

function python(...args: string[]): string {
  return execFileSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** A line of the table. */
function row(shape: Shape): Record<string, string> {
  const times = medians(Object.values(contenders).map((contender) => contender(shape)));
  const ours = times[0]!;
  const cells = Object.keys(contenders).map((name, i): [string, string][] => [
    [name, times[i]!.toFixed(0)],
    [`${name} / ours`, (times[i]! / ours).toFixed(2)],
  ]);
  return Object.fromEntries<string>(cells.flat().filter(([name]) => name !== 'ours / ours'));
}

function medians(measures: readonly Measure[]): number[] {
  const steps = measures.map(calibrate);
  const rounds = Array.from({ length: ROUNDS }, () => measures.map((measure, i) => measure(steps[i]!)));
  return measures.map((_, i) => median(rounds.map((times) => times[i]!)));
}

/** How many steps fill a measurement. Also warms up. */
function calibrate(measure: Measure): number {
  for (let steps = FEWEST_STEPS; ; steps *= 16) {
    const time = measure(steps);
    if (time * steps > MEASUREMENT_NS / 10) return Math.max(FEWEST_STEPS, Math.round(MEASUREMENT_NS / time));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
