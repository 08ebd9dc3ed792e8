/** The singular values that perturbed descent ends with, against lambda. */
import * as Plot from '@observablehq/plot';
import { singularValues } from '../../../src/index.ts';
import { descend, type Grid } from '../../model/instance.ts';
import { AVERAGE, SETTLE } from '../../oracles/fluctuations.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { invariants, timeAverage } from '../../instances/trajectories.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

const VALUES = [3, 2, 1];
/** No value is a singular value: at the threshold a triple decays too slowly for any run. */
const LAMBDAS = [1 / 8, 3 / 8, 5 / 8, 7 / 8, 5 / 4, 3 / 2, 7 / 4, 9 / 4, 5 / 2, 11 / 4, 13 / 4];
const ETA = 1 / 256;

export function thresholds(): Picture {
  const found = LAMBDAS.flatMap((lambda, seed) =>
    limitValues(lambda, seed).map((value): [number, number] => [lambda, value]),
  );
  const most = 3.4;
  return {
    name: 'thresholds',
    title: 'The noise lowers every singular value',
    caption:
      'A target with singular values 3, 2 and 1 under more and more noise. The product XY′ of perturbed descent (dots, averages over time) has every singular value lowered by λ, and those below λ are gone: the lines are max(s − λ, 0). A bias of the order of the step size is left.',
    claims: ['limit/closed-form', 'limit/collapse', 'limit/nuclear-norm'],
    svg: draw('Singular values of the product at the limit against lambda, with soft-thresholded lines', {
      x: { label: 'λ', domain: [0, most], ticks: 6 },
      y: { label: 'singular values of the limit', domain: [0, 3.1], ticks: 6 },
      marks: [
        ...VALUES.map(
          (s) =>
          Plot.line([[0, s], [s, 0], [most, 0]], { stroke: COLOURS.theory, strokeDasharray: '6 4' }), // prettier-ignore
        ),
        Plot.dot(found, { fill: COLOURS.perturbed, r: 4 }),
        words('s₁ − λ', 1.05, 2.15, COLOURS.theory),
        words('s₂ − λ', 0.55, 1.62, COLOURS.theory),
        words('s₃ − λ', 0.14, 0.98, COLOURS.theory),
      ],
    }),
  };
}

/** Singular values of the average of XY', with equal noise on both factors for this lambda. */
function limitValues(lambda: number, seed: number): number[] {
  const M: Grid = VALUES.map((value, i) => VALUES.map((_, j) => (i === j ? value : 0)));
  const start: Grid = VALUES.map((_, i) => VALUES.map((__, j) => (i === j ? 1 : 1 / 4)));
  const sigma = Math.sqrt(lambda / VALUES.length);
  const run = { M, X0: start, Y0: start, eta: ETA, sigma1: sigma, sigma2: sigma, seed };
  // The rate at which a triple grows or decays falls as it gets nearer to lambda.
  const constant = 1 / (2 * ETA * Math.min(lambda, ...VALUES.map((value) => Math.abs(value - lambda))));
  const [burnIn, steps] = [SETTLE * constant, (SETTLE + AVERAGE) * constant].map(Math.ceil) as [number, number];
  const long = { ...run, burnIn, steps };
  return singularValues(timeAverage(descend(referenceDescent, long), long, invariants).XY);
}
