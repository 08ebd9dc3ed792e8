/** The error of recovery from noisy observations against the dimension, with and without perturbation. */
import * as Plot from '@observablehq/plot';
import { meanErrors } from '../../claims/symmetric/runs.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

const DIMENSIONS = [4, 8, 16, 32, 64] as const;
/** mu next to nu sqrt(d); the eigenvalues of the errors go up to 2. */
const EDGE = 2.25;

export function recovery(): Picture {
  const found = DIMENSIONS.map((d) => {
    const [perturbed, plain] = meanErrors({ edge: EDGE, power: 1 / 2, seed: 1 }, d, Math.ceil(80 / d));
    return { d, perturbed, plain };
  });
  const line = { stroke: COLOURS.theory, strokeDasharray: '6 4' } as const;
  const ends = [4, 8, 16, 32, 64].map((d) => ({ d, perturbed: (EDGE ** 2 + 2) / d, plain: (1 + 3 / d) / 2 }));
  return {
    name: 'recovery',
    title: 'Noise in the algorithm against noise in the data',
    caption:
      'A d × d matrix of rank one is observed with an error of variance 1 in every entry, and fitted by XX′ with X of full size. Mean square error per entry at the limits. Perturbed descent (dots) lowers all eigenvalues by a little more than the largest one of the errors: the remaining error falls like 1/d. Plain descent (squares) retains the positive half of all errors, so its error stays. Dashed the predictions (c² + 2)/d, with μ = c√d, and (1 + 3/d)/2.',
    claims: ['symmetric/recovery', 'symmetric/recovery-slopes', 'symmetric/recovery-bound'],
    svg: draw(
      'Mean square error per entry against d: that of perturbed descent falls, that of plain descent does not',
      {
        x: { type: 'log', label: 'd', ticks: [...DIMENSIONS], tickFormat: String },
        y: {
          type: 'log',
          label: 'mean square error per entry',
          domain: [0.08, 2.5],
          ticks: [0.1, 0.3, 1],
          tickFormat: String,
        },
        marks: [
          Plot.line(ends, { x: 'd', y: 'perturbed', ...line }),
          Plot.line(ends, { x: 'd', y: 'plain', ...line }),
          Plot.dot(found, { x: 'd', y: 'plain', fill: COLOURS.gd, symbol: 'square', r: 5 }),
          Plot.dot(found, { x: 'd', y: 'perturbed', fill: COLOURS.perturbed, r: 4.5 }),
          words('plain descent', 27, 0.68, COLOURS.gd),
          words('perturbed descent', 12, 0.2, COLOURS.perturbed),
        ],
      },
    ),
  };
}
