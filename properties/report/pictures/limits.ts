/** The limits of both descents, from many starts. */
import * as Plot from '@observablehq/plot';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';
import { column, pairs, tableOf } from './study.ts';

export function limits(): Picture {
  const table = tableOf('starts', '8 x 2', 'where the descents end');
  const at = (name: string): [number, number][] =>
    pairs(column(table, `${name} |X|^2`), column(table, `${name} |Y|^2`));
  const begin = pairs(column(table, '|X0|^2'), column(table, '|Y0|^2'));
  const [gd, perturbed, predicted] = [at('gd'), at('perturbed'), at('perturbed predicted')[0]!];
  return {
    name: 'limits',
    title: 'Eight starts, one limit',
    caption:
      'The minima of a rank-one problem lie on a line, |X|² |Y|² = 1 (dashed). Plain descent takes each of eight starts (circles) to a minimum of its own (squares). Perturbed descent ends near one and the same point from all of them (dots, averages over time): the one that the noise determines (ring), balanced, and short of the line because the noise lowers the singular value by λ.',
    claims: ['experiment/starts', 'limit/forgets-start', 'limit/closed-form'],
    svg: draw('Squared norms of the factors at the starts and at the limits of both descents', {
      x: { type: 'log', label: '|X|²', domain: [0.08, 10], ticks: [0.1, 0.3, 1, 3, 10], tickFormat: String },
      y: { type: 'log', label: '|Y|²', domain: [0.08, 10], ticks: [0.1, 0.3, 1, 3, 10], tickFormat: String },
      marks: [
        Plot.line(
          [
            [0.1, 10],
            [10, 0.1],
          ],
          { stroke: COLOURS.theory, strokeDasharray: '6 4' },
        ),
        Plot.link(
          begin.map((from, i) => ({ x1: from[0], y1: from[1], x2: gd[i]![0], y2: gd[i]![1] })),
          { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: COLOURS.gd, strokeOpacity: 0.6 },
        ),
        Plot.dot(begin, { stroke: 'currentColor', fill: 'var(--card)', r: 3.5 }),
        Plot.dot(gd, { fill: COLOURS.gd, symbol: 'square', r: 5 }),
        Plot.dot(perturbed, { fill: COLOURS.perturbed, r: 3.5 }),
        Plot.dot([predicted], { stroke: COLOURS.theory, r: 9, strokeWidth: 1.5 }),
        words('all minima', 0.17, 7.6, COLOURS.theory),
        words('plain descent', 3.4, 0.45, COLOURS.gd),
        words('perturbed descent', 1.15, 1.1, COLOURS.perturbed),
      ],
    }),
  };
}
