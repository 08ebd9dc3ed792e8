/** The time of balancing, against the step size times the variance of the noise. */
import * as Plot from '@observablehq/plot';
import { imbalance } from '../../../src/index.ts';
import { descend, type Instance } from '../../model/instance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

const [ETAS, VARIANCES, RUNS] = [[1 / 16, 1 / 32, 1 / 64, 1 / 128], [1 / 16, 1 / 32, 1 / 64, 1 / 128], 9];

/** 4 x 4 and of rank one with s = 1, so that equal noise has lambda = 4 sigma^2; |X|^2 = 4 and |Y|^2 = 1/4 fit it. */
const ONES = Array.from({ length: 4 }, () => 1 / 4);
const instance = (eta: number, variance: number, seed: number): Instance => ({
  M: ONES.map(() => ONES),
  X0: ONES.map(() => [1]),
  Y0: ONES.map((entry) => [entry]),
  eta,
  sigma1: Math.sqrt(variance),
  sigma2: Math.sqrt(variance),
  steps: 0,
  seed,
});

export function timeScale(): Picture {
  const points = ETAS.flatMap((eta, i) =>
    VARIANCES.map((variance, j) => ({
      x: eta * variance,
      eta,
      steps: medianHalving(eta, variance, 100 * (4 * i + j)),
    })),
  );
  const predicted = (x: number): number => Math.LN2 / (8 * x);
  const slope = fitted(points.map(({ x, steps }) => [Math.log(x), Math.log(steps)]));
  const ends = [points.at(-1)!.x / 1.4, points[0]!.x * 1.4];
  return {
    name: 'time-scale',
    title: 'How long balancing takes',
    caption: `Steps until the imbalance has halved (median of ${RUNS} runs) for four step sizes η (circles 1/16, squares 1/32, triangles 1/64, diamonds 1/128) and four variances σ² of the noise. All lie on the predicted line ln 2 / (2dησ²), d = 4 (dashed): only the product ησ² matters. Its slope is −1; the fitted one is ${slope.toFixed(2).replace('-', '−')}.`,
    claims: ['balance/time-scale', 'balance/mean-decay'],
    svg: draw('Steps until the imbalance has halved against eta sigma squared, on logarithmic axes', {
      x: { type: 'log', label: 'ησ²', ticks: 3, tickFormat: '.0e' },
      y: { type: 'log', label: 'steps until halved', ticks: 3, tickFormat: (t: number) => t.toLocaleString('en') },
      symbol: { domain: ETAS, range: ['circle', 'square', 'triangle', 'diamond'] },
      marks: [
        Plot.line(
          ends.map((x) => [x, predicted(x)]),
          { stroke: COLOURS.theory, strokeDasharray: '6 4' },
        ),
        Plot.dot(points, { x: 'x', y: 'steps', stroke: COLOURS.perturbed, symbol: 'eta', r: 5, strokeWidth: 1.6 }),
        words('predicted, slope −1', 8e-4, predicted(8e-4) * 1.5, COLOURS.theory),
      ],
    }),
  };
}

/** Steps until half of the imbalance is gone, in the median run. */
function medianHalving(eta: number, variance: number, seed: number): number {
  const times = Array.from({ length: RUNS }, (_, i) => halving(instance(eta, variance, seed + i)));
  return times.sort((a, b) => a - b)[(RUNS - 1) / 2]!;
}

function halving(run: Instance): number {
  const descent = descend(referenceDescent, run);
  const difference = (): number => imbalance(descent).get(0, 0);
  const half = difference() / 2;
  // Looking a hundred times on the way there is close enough.
  const stride = Math.max(1, Math.round(Math.LN2 / (8 * run.eta * run.sigma1 ** 2) / 100));
  let steps = 0;
  while (difference() > half) {
    descent.advance(stride);
    steps += stride;
  }
  return steps;
}

/** Slope of the least-squares line. */
function fitted(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1): number => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const sum = (term: (point: readonly [number, number]) => number): number =>
    points.reduce((total, point) => total + term(point), 0);
  return sum(([a, b]) => (a - x) * (b - y)) / sum(([a]) => (a - x) ** 2);
}
