/** The ratio of the factors, which tends to the gamma of the noise. */
import * as Plot from '@observablehq/plot';
import { GAMMAS } from '../../claims/experiments/study.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';
import { column, pairs, tableOf } from './study.ts';

const SHOWN = 2500;

export function gammas(): Picture {
  const curves = GAMMAS.flatMap((gamma) => {
    const table = tableOf('gammas', `gamma ${gamma}`, 'gamma after each number of steps');
    const steps = column(table, 'step');
    return [1, 2].map((start) => pairs(steps, column(table, `perturbed ${start}`)).filter(([step]) => step <= SHOWN));
  });
  const label = (gamma: number): string => (gamma < 1 ? `1/${1 / gamma}` : String(gamma));
  return {
    name: 'gammas',
    title: 'The noise sets the balance',
    caption:
      'Perturbed descent from two starts, one with large X and one with large Y, under five ratios of the noise on the two factors. |X| / |Y| tends to γ, where γ² = d₁σ₁² / (d₂σ₂²) (dashed), from either start.',
    claims: ['experiment/gammas', 'limit/noise-moves-it', 'balance/stationary'],
    svg: draw('The ratio of the norms of the factors against steps, for five values of gamma', {
      marginRight: 64,
      x: { label: 'steps', ticks: 5 },
      y: { type: 'log', base: 2, label: '|X| / |Y|', domain: [1 / 8, 8], ticks: [...GAMMAS], tickFormat: label },
      marks: [
        Plot.ruleY(GAMMAS, { stroke: COLOURS.theory, strokeDasharray: '6 4' }),
        ...curves.map((points) => Plot.line(points, { stroke: COLOURS.perturbed, strokeWidth: 1.3 })),
        ...GAMMAS.map((gamma) =>
          words(`γ = ${label(gamma)}`, SHOWN, gamma, COLOURS.theory, { dx: 6, fontWeight: 400 }),
        ),
      ],
    }),
  };
}
