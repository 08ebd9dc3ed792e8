/** The imbalance of both descents against steps. */
import * as Plot from '@observablehq/plot';
import { imbalance as imbalanceOf, penalties } from '../../../src/index.ts';
import { along, runFrom, starts } from '../../claims/experiments/study.ts';
import { descend, descendPlainly, matrix } from '../../model/instance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';
import { pairs } from './study.ts';

/** A quarter of the study's step size, so that terms of second order do not show. */
const ETA = 1 / 64;
const [SHOWN, EVERY, RUNS] = [1280, 16, 64];
const steps = Array.from({ length: SHOWN / EVERY + 1 }, (_, i) => EVERY * i);

export function imbalance(): Picture {
  const setting = { ...starts.settings['8 x 2'], eta: ETA };
  const { lambda } = penalties(matrix(setting.M), setting);
  // The first start is the most unbalanced one.
  const run = runFrom(setting, 0);
  const look = (at: Parameters<typeof imbalanceOf>[0]): number => imbalanceOf(at).get(0, 0);
  const plain = along(descendPlainly(referenceDescent, run), steps, look);
  const runs = Array.from({ length: RUNS }, (_, i) =>
    along(descend(referenceDescent, run, `picture ${i}`), steps, look),
  );
  const mean = steps.map((_, t) => runs.reduce((sum, path) => sum + path[t]!, 0) / RUNS);
  const predicted = steps.map((t) => plain[0]! * (1 - 2 * setting.eta * lambda) ** t);
  return {
    name: 'imbalance',
    title: 'Imbalance: conserved by gradient descent, reduced by perturbed descent',
    caption: `From one unbalanced start plain descent conserves its imbalance D = |X|² − |Y|². The mean imbalance of perturbed descent (of ${RUNS} runs) falls at the predicted rate, (1 − 2ηλ)ᵗ D₀ (dashed), for every residual.`,
    claims: ['balance/mean-decay', 'gd/imbalance-kept'],
    svg: draw(
      'Imbalance against steps: flat for plain descent, falling along the predicted line for perturbed descent',
      {
        x: { label: 'steps', ticks: 6 },
        y: { type: 'log', label: 'imbalance D', domain: [0.03, 8], ticks: [0.03, 0.1, 0.3, 1, 3], tickFormat: String },
        marks: [
          Plot.line(pairs(steps, plain), { stroke: COLOURS.gd, strokeWidth: 2 }),
          Plot.line(pairs(steps, mean), { stroke: COLOURS.perturbed, strokeWidth: 4, strokeOpacity: 0.8 }),
          Plot.line(pairs(steps, predicted), { stroke: COLOURS.theory, strokeDasharray: '6 4' }),
          words('plain descent', 900, 6, COLOURS.gd),
          words('perturbed descent', 640, 0.6, COLOURS.perturbed),
          words('predicted', 300, 0.3, COLOURS.theory),
        ],
      },
    ),
  };
}
