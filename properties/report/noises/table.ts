/** The table of docs/noises.md, measured by the solvers of src under fixed seeds. */
import type { Descent } from '../../../src/index.ts';
import { markdownTable } from '../../cli/markdown.ts';
import { noises, squares, startAt, type Noise, type Problem } from '../noise-runs.ts';

/** Not square, so that the ratio to which a noise balances is informative. */
const PROBLEM: Problem = { d1: 4, d2: 2, eta: 1 / 32 };
const RUNS = 256;
/** Time of those that do not balance: three time constants of perturbed descent. */
const IDLE = 406;
/** Starts: gamma times and divided by this factor. */
const LEAN = 1.5;

interface Measured {
  /** |X| / |Y| in the end, from either start; the root of the ratio of mean squares. */
  readonly ends: readonly [number, number];
  /** The rate of the first start's distance, on the log scale, over one time constant. */
  readonly rate: number;
  /** The mean singular value along the run's last third, less 1. */
  readonly bias: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** log of the ratio of root mean squares. */
function ratioOf(runs: readonly Descent[]): number {
  const both = runs.map(squares);
  return Math.log(mean(both.map(([x]) => x)) / mean(both.map(([, y]) => y))) / 2;
}

function measure(noise: Noise): Measured {
  const [gamma, rate] = [noise.gamma?.(PROBLEM) ?? 1, noise.rate(PROBLEM)];
  const constant = rate === 0 ? IDLE / 3 : 1 / rate;
  const begin = (lean: number): Descent[] =>
    Array.from({ length: RUNS }, (_, i) =>
      noise.begin(PROBLEM, startAt(PROBLEM, gamma * lean, 1 / 64), `${noise.name} ${lean} ${i}`),
    );
  const [above, below] = [begin(LEAN), begin(1 / LEAN)];
  const all = [...above, ...below];
  const advance = (steps: number): void => all.forEach((run) => run.advance(Math.round(steps)));
  // The runs first become stationary across the minima.
  advance(constant / 4);
  const apart = (): number => ratioOf(above) - ratioOf(below);
  const first = apart();
  advance(constant);
  const found = Math.log(first / apart()) / constant;
  advance((3 / 4) * constant);
  const products: number[] = [];
  for (let look = 0; look < 32; look++) {
    // An odd number of steps, so that a cycle of two is seen at both points.
    advance(2 * Math.round(constant / 64) + 1);
    products.push(mean(all.map(({ X, Y }) => X.get(0, 0) * Y.get(0, 0))));
  }
  return {
    ends: [Math.exp(ratioOf(above)), Math.exp(ratioOf(below))],
    rate: found,
    bias: mean(products) - 1,
  };
}

const short = (value: number): string => (Math.abs(value) < 5e-5 ? '0' : String(Number(value.toPrecision(2))));

export function table(): string {
  const rows = noises.map((noise) => {
    const { ends, rate, bias } = measure(noise);
    const gamma = noise.gamma?.(PROBLEM);
    return [
      noise.name,
      gamma === undefined ? 'no' : 'yes',
      gamma === undefined ? '–' : gamma.toFixed(2),
      ends.map((end) => end.toFixed(2)).join(', '),
      short(noise.rate(PROBLEM)),
      short(rate),
      noise.bias,
      short(bias),
      gamma === undefined ? 'no' : 'yes',
      `\`${noise.claim}\``,
    ];
  });
  const headings = [
    'noise',
    'balances',
    'to γ',
    'found, from two starts',
    'rate a step',
    'found',
    'bias',
    'found',
    'forgets its start',
    'claim',
  ];
  return markdownTable(headings, rows);
}
