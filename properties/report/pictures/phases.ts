/** The two phases of perturbed descent: the product fits, and long after that the factors balance. */
import * as Plot from '@observablehq/plot';
import { Matrix } from 'ml-matrix';
import { imbalance, norm, penalties, residual, type Factors } from '../../../src/index.ts';
import { along, starts, thinStart } from '../../claims/experiments/study.ts';
import { descend, matrix } from '../../model/instance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

/** A quarter of the noise of the study, so that lambda is s / 128, and of its step size. */
const [QUIET, ETA, RUNS, LAST] = [1 / 4, 1 / 64, 8, 30_000];
/** Evenly on a logarithmic axis. */
const steps = [...new Set(Array.from({ length: 121 }, (_, i) => Math.round(LAST ** (i / 120))))];

export function phases(): Picture {
  const setting = starts.settings['8 x 2'];
  const [sigma1, sigma2] = [setting.sigma1 * QUIET, setting.sigma2 * QUIET];
  // Nothing is fitted yet, and nothing is balanced.
  const start = thinStart([3 / 4, 0], Matrix.zeros(8, 1), Matrix.zeros(2, 1));
  const run = { ...setting, ...start, eta: ETA, sigma1, sigma2 };
  const target = matrix(run.M);
  const { lambda } = penalties(target, run);
  const both = (at: Factors): number[] => [norm(residual(target, at)), norm(imbalance(at))];
  const runs = Array.from({ length: RUNS }, (_, i) =>
    along(descend(referenceDescent, run, `picture ${i}`), [0, ...steps], both),
  );
  const curve = (which: number): [number, number][] => {
    const mean = (t: number): number => runs.reduce((sum, path) => sum + path[t]![which]!, 0) / RUNS;
    return steps.map((step, i) => [step, mean(i + 1) / mean(0)]);
  };
  const [fit, balance] = [curve(0), curve(1)];
  const [fast, slow] = [1 / run.eta, 1 / (2 * run.eta * lambda)];
  return {
    name: 'phases',
    title: 'First the product, then the balance',
    caption: `Perturbed descent with little noise, λ = s/128 (mean of ${RUNS} runs), from a start that fits and balances nothing. The product XY′ fits within the order of 1/(ηs) = ${fast} steps. The imbalance falls on the time scale 1/(2ηλ) = ${slow} steps, long after that. Both are shown as shares of their initial values.`,
    claims: ['balance/two-phases'],
    svg: draw('Product error and imbalance against steps: the error falls first, the imbalance much later', {
      x: { type: 'log', label: 'steps', ticks: 5, tickFormat: (t: number) => t.toLocaleString('en') },
      y: { label: 'share of the start', domain: [0, 1.05], ticks: 5 },
      marks: [
        Plot.ruleX([fast, slow], { stroke: COLOURS.quiet, strokeDasharray: '2 3' }),
        Plot.line(fit, { stroke: COLOURS.theory, strokeWidth: 2 }),
        Plot.line(balance, { stroke: COLOURS.perturbed, strokeWidth: 2 }),
        words('|XY′ − M|', 1.4, 0.3, COLOURS.theory),
        words('imbalance |D|', 1000, 0.62, COLOURS.perturbed, { textAnchor: 'end' }),
        words('1/(ηs)', fast, 1.12, COLOURS.quiet, { textAnchor: 'middle', fontWeight: 400 }),
        words('1/(2ηλ)', slow, 1.12, COLOURS.quiet, { textAnchor: 'middle', fontWeight: 400 }),
      ],
    }),
  };
}
