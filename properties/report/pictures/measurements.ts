/** The error of recovery against the number of measurements. */
import * as Plot from '@observablehq/plot';
import { recoveryProblem, relativeError } from '../../claims/sensing/recovery-runs.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

const COUNTS = [4, 7, 10, 13, 16] as const;
const TRUTHS = 20;
/** 4 x 4 of rank one: 16 entries, 7 degrees of freedom. */
const [FREEDOM, ENTRIES] = [7, 16];

export function measurements(): Picture {
  const found = COUNTS.flatMap((count) => {
    const runs = Array.from({ length: TRUTHS }, (_, i) => recoveryProblem({ seed: 1 }, count, i));
    return [true, false].map((isPerturbed) => {
      const errors = runs.map((run) => relativeError(run, isPerturbed)).sort((a, b) => a - b);
      const quantile = (share: number): number => errors[Math.round(share * (TRUTHS - 1))]!;
      return { count, isPerturbed, low: quantile(1 / 4), median: quantile(1 / 2), high: quantile(3 / 4) };
    });
  });
  const marks = (isPerturbed: boolean): Plot.Markish[] => {
    const data = found.filter((each) => each.isPerturbed === isPerturbed);
    const colour = isPerturbed ? COLOURS.perturbed : COLOURS.gd;
    return [
      Plot.areaY(data, { x: 'count', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.15 }),
      Plot.lineY(data, { x: 'count', y: 'median', stroke: colour, strokeWidth: 2 }),
      Plot.dot(data, {
        ...{ x: 'count', y: 'median', fill: colour, r: 4.5 },
        symbol: isPerturbed ? 'circle' : 'square',
      }),
    ];
  };
  return {
    name: 'measurements',
    title: 'Flat solutions recover',
    caption: `A 4 × 4 matrix of rank one, with ${FREEDOM} degrees of freedom, is seen through m random measurements; both descents have factors of full size and fit them from the same large start. Relative error, median and middle half of ${TRUTHS} matrices. Perturbed descent finds the flattest solution, and recovers the matrix from fewer measurements than it has entries. Plain descent finds some solution near its start, until all ${ENTRIES} entries are determined.`,
    claims: ['sensing/recovery', 'sensing/convex', 'sensing/flatness'],
    svg: draw('Relative error against the number of measurements: that of perturbed descent falls much earlier', {
      x: { label: 'measurements m', ticks: [...COUNTS], domain: [3.5, 16.5] },
      y: { label: '|XY′ − M| / |M|', domain: [0, 1.8], ticks: 5 },
      marks: [
        Plot.ruleX([FREEDOM, ENTRIES], { stroke: COLOURS.quiet, strokeDasharray: '2 3' }),
        ...marks(false),
        ...marks(true),
        words('plain descent', 10.2, 1.2, COLOURS.gd),
        words('perturbed descent', 7.4, 0.14, COLOURS.perturbed),
      ],
    }),
  };
}
