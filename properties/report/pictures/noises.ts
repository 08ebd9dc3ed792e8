/** The imbalance against time under each kind of noise, on one problem. */
import * as Plot from '@observablehq/plot';
import { noises, squares, startAt, type Noise, type Problem } from '../noise-runs.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

/** Square, so that every noise that balances tends to |X| = |Y|. */
const PROBLEM: Problem = { d1: 2, d2: 2, eta: 1 / 16 };
const RUNS = 24;
/** Steps at which it is looked, evenly on a log scale. */
const LOOKS = Array.from({ length: 25 }, (_, i) => Math.round(2 ** (2 + i / 2.4)));

/** The mean of |X|^2 - |Y|^2 over runs from |X| = 2, |Y| = 1/2 or so. */
function meanImbalance(noise: Noise): [number, number][] {
  const runs = Array.from({ length: RUNS }, (_, i) => noise.begin(PROBLEM, startAt(PROBLEM, 4, 1 / 8), `picture ${i}`));
  let taken = 0;
  return LOOKS.map((step) => {
    let sum = 0;
    for (const run of runs) {
      run.advance(step - taken);
      const [x, y] = squares(run);
      sum += x - y;
    }
    taken = step;
    return [step, sum / RUNS];
  });
}

/** Which are drawn, with their colours and the place of their names. */
const DRAWN: readonly (readonly [name: string, label: string, stroke: string, dashes: string, x: number, y: number])[] =
  [
    ['none (gradient descent)', 'none', COLOURS.gd, '', 5, 5.7],
    ['on the gradient', 'on the gradient', COLOURS.gd, '2 3', 500, 5.7],
    ['chosen, not normalised (SAM)', 'SAM, not normalised', COLOURS.quiet, '7 3', 14, 5.7],
    ['on the labels', 'on the labels', COLOURS.theory, '', 500, 1.55],
    ['chosen (SAM)', 'SAM', COLOURS.quiet, '', 190, 0.82],
    ['on the point (perturbed descent)', 'on the point', COLOURS.perturbed, '', 14, 1.15],
  ];

export function noisesPicture(): Picture {
  const lines = DRAWN.map(([name, , stroke, strokeDasharray]) =>
    Plot.line(
      meanImbalance(noises.find((noise) => noise.name === name)!).filter(([, D]) => D > 0.1),
      { stroke, strokeDasharray, strokeWidth: 2.2 },
    ),
  );
  return {
    name: 'noises',
    title: 'Which noise balances',
    caption: `The mean imbalance |X|² − |Y|² of ${RUNS} runs from one unbalanced start, against steps, both on log scales. Noise on the point balances first, SAM with the same effect later, label noise another factor of 1/η later. Without noise, with noise on the gradient, and with a perturbation that fades with the gradient nothing balances. Rates, predicted and measured, are in docs/noises.md.`,
    claims: [
      'balance/mean-decay',
      'noise/sharpness-rate',
      'noise/label-rate',
      'noise/gradient-square',
      'noise/sharpness-unnormalised',
    ],
    svg: draw('Mean imbalance against steps for six kinds of noise', {
      x: { type: 'log', label: 'steps', ticks: [10, 100, 1000], tickFormat: String },
      y: { type: 'log', label: 'imbalance D', domain: [0.1, 8], ticks: [0.1, 0.3, 1, 3], tickFormat: String },
      marks: [...lines, ...DRAWN.map(([, label, stroke, , x, y]) => words(label, x, y, stroke))],
    }),
  };
}
