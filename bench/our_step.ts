/**
 * Prints the CPU time of a step of ours in ns: our_step.ts FORM D1 D2 R STEPS, FORM one of `forms`, or normals (only the random
 * numbers of a step). STEPS steps are taken 5 times; the quickest count. Steps go before until they are compiled.
 */
import { Matrix } from 'ml-matrix';
import textbook from '../fixtures/equivalent/textbook.ts';
import {
  gaussianNoise,
  perturbedGradientDescent,
  reducedPerturbedGradientDescent,
  type Descent,
  type Solver,
} from '../src/index.ts';
import { plainKernels } from '../src/kernel/pool.ts';
import { perturbedDescent } from '../src/solvers/perturbed.ts';

const STEP_SIZE = 0.01;
const WARM_UP_MS = 50;
const TIMES = 5;

const [form = '', ...numbers] = process.argv.slice(2);
const [d1 = 0, d2 = 0, r = 0, steps = 0] = numbers.map(Number);
const source = gaussianNoise('noise');
const noise = { sigma1: 0.01, sigma2: 0.01, source };

/** Rows x columns, with columns of length about 1. */
function factor(rows: number, columns: number, seed: string): Matrix {
  const entries = new Float64Array(rows * columns);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, columns, entries).div(Math.sqrt(rows));
}

const ofRankR = (): Matrix => factor(d1, r, 'U').mmul(factor(d2, r, 'V').transpose());
const started = (solve: Solver, target: Matrix): Descent =>
  solve({ target, start: { X: factor(d1, r, 'X'), Y: factor(d2, r, 'Y') }, stepSize: STEP_SIZE, noise });

const forms: Record<string, () => Pick<Descent, 'advance'>> = {
  thin: () => started(perturbedGradientDescent, ofRankR()),
  plain: () => started((options) => perturbedDescent(options, plainKernels), ofRankR()),
  dense: () => started(perturbedGradientDescent, factor(d1, d2, 'M').div(Math.sqrt(d2))),
  reduced: () =>
    reducedPerturbedGradientDescent({
      dimensions: { d1, d2 },
      singularValues: Array<number>(r).fill(1),
      start: { X: factor(2 * r, r, 'X'), Y: factor(2 * r, r, 'Y') },
      stepSize: STEP_SIZE,
      noise,
    }),
  textbook: () => started(textbook, ofRankR()),
  normals: () => {
    const out = new Float64Array((d1 + d2) * r);
    return {
      advance(count) {
        for (let i = 0; i < count; i++) source.fill(out);
      },
    };
  },
};

/** CPU time so far, in ns. */
function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

const work = forms[form]!();
const until = spent() + WARM_UP_MS * 1e6;
for (let count = 1; spent() < until; count *= 2) work.advance(Math.min(count, steps));
let quickest = Infinity;
for (let i = 0; i < TIMES; i++) {
  const began = spent();
  work.advance(steps);
  quickest = Math.min(quickest, spent() - began);
}
console.log(quickest / steps);
