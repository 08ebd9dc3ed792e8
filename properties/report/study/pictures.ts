/** The four pictures of a study, from its exhibits. */
import * as Plot from '@observablehq/plot';
import { COLOURS, draw, words } from '../pictures/draw.ts';
import type { Sizes } from '../../study/exhibits.ts';
import type { Study } from '../../study/study.ts';

export interface StudyPicture {
  readonly title: string;
  readonly caption: string;
  /** An SVG element. */
  readonly svg: string;
}

type Point = readonly [number, number];

export const picturesOf = (study: Study): StudyPicture[] => [
  course(study),
  limits(study),
  spectra(study),
  hyperbola(study),
];

const pairs = (x: readonly number[], y: readonly number[]): Point[] => x.map((each, i) => [each, y[i]!]);

function course({ exhibits: { course: data }, problems }: Study): StudyPicture {
  const { steps, runs } = data;
  // Three time constants of perturbed descent were run.
  const constant = steps.at(-1)! / 3;
  const starts = runs.map((run) => run[0]!);
  const top = Math.max(0, ...starts);
  return {
    title: 'Imbalance against time',
    caption: `|X|² − |Y|² of the optimiser from two minima of ${problems[0]!.text}, one with a large X and one with a large Y. Gradient descent would conserve it, perturbed descent would reduce it at the rate 2ηλ (dashed).`,
    svg: draw('Imbalance against steps for the optimiser, gradient descent and perturbed descent', {
      x: { label: 'steps', ticks: 6 },
      y: { label: '|X|² − |Y|²', ticks: 6 },
      marks: [
        ...starts.map((start) => Plot.ruleY([start], { stroke: COLOURS.gd, strokeWidth: 1.6 })),
        ...runs.map((run) => Plot.line(pairs(steps, run), { stroke: COLOURS.perturbed, strokeWidth: 2.4 })),
        ...starts.map((start) =>
          Plot.line(
            pairs(
              steps,
              steps.map((t) => start * Math.exp(-t / constant)),
            ),
            { stroke: COLOURS.theory, strokeDasharray: '6 4' },
          ),
        ),
        words('gradient descent', constant, top, COLOURS.gd, { dy: -8 }),
        words('perturbed, predicted', 1.1 * constant, top * 0.5, COLOURS.theory),
      ],
    }),
  };
}

function limits({ exhibits: { limits: data }, problems }: Study): StudyPicture {
  const ends = data.map(({ end }) => end);
  const gd = data.map((each) => each.gd);
  const starts = data.map(({ start }) => start);
  const all = [...ends, ...gd, ...starts].flat().filter((value) => value > 0 && Number.isFinite(value));
  const domain = [Math.min(...all) / 1.3, Math.max(...all) * 1.3];
  const axis = { type: 'log', domain, ticks: 5, tickFormat: '~g' } as const;
  return {
    title: 'Limits from many starts',
    caption: `Squared norms of the factors for ${data.length} starts of ${problems[0]!.text} (circles): where gradient descent ends (squares) and where the optimiser ends (dots, averages over time).`,
    svg: draw('Squared norms of the factors at the starts and at the limits', {
      x: { ...axis, label: '|X|²' },
      y: { ...axis, label: '|Y|²' },
      marks: [
        Plot.link(
          data.map(({ start, end }) => ({ x1: start[0], y1: start[1], x2: end[0], y2: end[1] })),
          { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: COLOURS.perturbed, strokeOpacity: 0.35 },
        ),
        Plot.dot(starts, { stroke: 'currentColor', fill: 'var(--card)', r: 3.5 }),
        Plot.dot(gd, { fill: COLOURS.gd, symbol: 'square', r: 5 }),
        Plot.dot(ends, { fill: COLOURS.perturbed, r: 4 }),
      ],
    }),
  };
}

function spectra({ exhibits: { spectra: data }, problems }: Study): StudyPicture {
  const dots = (of: 'own' | 'gd'): { i: number; value: number }[] =>
    data.flatMap((each) => each[of].map((value, i) => ({ i: i + 1, value })));
  return {
    title: 'Spectra at the limits',
    caption: `Eigenvalues of the Hessian where the optimiser ends (dots) and where gradient descent ends (squares), from the same ${data.length} starts of ${problems[0]!.text}. The largest one says how sharp a minimum is.`,
    svg: draw('Eigenvalues of the Hessian at the limits of the optimiser and of gradient descent', {
      x: { label: 'eigenvalue no.', ticks: 6 },
      y: { label: 'eigenvalue', ticks: 6, zero: true },
      marks: [
        Plot.dot(dots('gd'), { x: 'i', y: 'value', fill: COLOURS.gd, symbol: 'square', r: 4, fillOpacity: 0.8 }),
        Plot.dot(dots('own'), { x: 'i', y: 'value', fill: COLOURS.perturbed, r: 3.5 }),
      ],
    }),
  };
}

/** Half of the width and of the height of the plane that is shown. */
const EDGE = [3.2, 2.17] as const;

function hyperbola({ exhibits: { hyperbola: paths } }: Study): StudyPicture {
  return {
    title: 'Paths on the hyperbola',
    caption: `The optimiser on the loss (1 − xy)²/2 from ${paths.length} starts (circles) to its limits (dots). All minima are on the hyperbola xy = 1 (dashed); the rings mark the two flattest.`,
    svg: draw('Paths of the optimiser in the plane of x and y, with the hyperbola of minima', {
      x: { domain: [-EDGE[0], EDGE[0]], label: 'x', ticks: 7 },
      y: { domain: [-EDGE[1], EDGE[1]], label: 'y', ticks: 5 },
      marks: [
        ...[1, -1].map((sign) =>
          Plot.line(branch(sign), { stroke: COLOURS.theory, strokeDasharray: '5 4', strokeWidth: 1.5 }),
        ),
        ...paths.map((path) => Plot.line(path, { stroke: COLOURS.perturbed, strokeWidth: 1.2, clip: true })),
        Plot.dot(
          paths.map((path) => path[0]!),
          {
            stroke: 'currentColor',
            fill: 'var(--card)',
            r: 3.5,
          },
        ),
        Plot.dot(inside(paths), { fill: COLOURS.perturbed, r: 4.5 }),
        Plot.dot([[1, 1], [-1, -1]], { stroke: COLOURS.theory, r: 9, strokeWidth: 1.5 }), // prettier-ignore
        words('minima xy = 1', -3.1, -0.12, COLOURS.theory),
      ],
    }),
  };
}

const inside = (paths: readonly (readonly Sizes[])[]): Point[] =>
  paths.map((path) => path.at(-1)!).filter(([x, y]) => Math.abs(x) <= EDGE[0] && Math.abs(y) <= EDGE[1]);

/** One branch of the hyperbola, evenly along it. */
const branch = (sign: number): [number, number][] =>
  Array.from({ length: 61 }, (_, i) => {
    const x = EDGE[1] ** (i / 30 - 1) * (EDGE[0] / EDGE[1]) ** (i / 60);
    return [sign * x, sign / x];
  });
