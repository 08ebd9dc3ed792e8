/** The landscape (1 - xy)^2 / 2 with paths of both descents on it. */
import * as Plot from '@observablehq/plot';
import { hyperbola } from '../../claims/experiments/study.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';
import { column, pairs, tableOf } from './study.ts';

const EDGE = { x: 3.2, y: 2.17 };
/** The drawn part of the paths: until long after they have converged. */
const LOOKS = { gd: 40, perturbed: 110 };

export function landscape(): Picture {
  const [xs, ys] = ['x', 'y'].map((name) => tableOf('hyperbola', '1 x 1', `${name} after each number of steps`));
  const path = (kind: keyof typeof LOOKS, i: number): [number, number][] => {
    const name = `${kind} ${i + 1}`;
    return pairs(column(xs!, name), column(ys!, name)).slice(0, LOOKS[kind]);
  };
  const indices = hyperbola.settings['1 x 1'].starts.map((_, i) => i);
  const gd = indices.map((i) => path('gd', i));
  const perturbed = indices.map((i) => path('perturbed', i));
  const { sigma1 } = hyperbola.settings['1 x 1'];
  const balanced = Math.sqrt(1 - sigma1 ** 2);
  return {
    name: 'landscape',
    title: 'Limits of the two runs',
    caption:
      'The loss (1 − xy)²/2 is least on the whole hyperbola xy = 1 (dashed). From each start (circle) plain gradient descent stops where it first meets the hyperbola (square): the start determines the limit. Perturbed descent meets it near there and then slides along it, to the balanced point that the noise determines (ring).',
    claims: ['experiment/hyperbola', 'gd/remembers-start', 'balance/emerges'],
    svg: draw('Contours of the loss in the plane of x and y, with the paths of both descents', {
      x: { domain: [-EDGE.x, EDGE.x], label: 'x', ticks: 7 },
      y: { domain: [-EDGE.y, EDGE.y], label: 'y', ticks: 5 },
      marks: [
        Plot.contour({
          value: ((x: number, y: number) => (1 - x * y) ** 2 / 2) as never,
          x1: -EDGE.x,
          x2: EDGE.x,
          y1: -EDGE.y,
          y2: EDGE.y,
          fill: 'currentColor',
          fillOpacity: 0.045,
          stroke: 'none',
          pixelSize: 10,
          thresholds: [0.03, 0.125, 0.3, 0.6, 1.2, 2.5, 5, 10, 18],
        } as Plot.ContourOptions),
        ...[1, -1].map((sign) =>
          Plot.line(branch(sign), { stroke: COLOURS.theory, strokeDasharray: '5 4', strokeWidth: 1.5 }),
        ),
        ...perturbed.map((points) =>
          Plot.line(points, { stroke: COLOURS.perturbed, strokeWidth: 1.1, strokeOpacity: 0.9 }),
        ),
        ...gd.map((points) => Plot.line(points, { stroke: COLOURS.gd, strokeWidth: 1.8 })),
        Plot.dot(
          gd.map((points) => points[0]!),
          { stroke: 'currentColor', fill: 'var(--card)', r: 3.5 },
        ),
        Plot.dot(
          gd.map((points) => points.at(-1)!),
          { fill: COLOURS.gd, symbol: 'square', r: 5 },
        ),
        Plot.dot(
          perturbed.map((points) => points.at(-1)!),
          { fill: COLOURS.perturbed, r: 4.5 },
        ),
        Plot.dot(
          [
            [balanced, balanced],
            [-balanced, -balanced],
          ],
          { stroke: COLOURS.theory, r: 9, strokeWidth: 1.5 },
        ),
        words('minima xy = 1', -3.1, -0.12, COLOURS.theory),
        words('plain descent', 0.75, 1.95, COLOURS.gd),
        words('perturbed', 1.4, 1.1, COLOURS.perturbed),
      ],
    }),
  };
}

/** One branch of the hyperbola, evenly along it. */
const branch = (sign: number): [number, number][] =>
  Array.from({ length: 61 }, (_, i) => {
    const x = EDGE.y ** (i / 30 - 1) * (EDGE.x / EDGE.y) ** (i / 60);
    return [sign * x, sign / x];
  });
