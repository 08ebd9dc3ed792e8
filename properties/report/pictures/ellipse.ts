/** Starts from which gradient descent converges at a large step, with the ellipse that bounds them. */
import * as Plot from '@observablehq/plot';
import { Matrix } from 'ml-matrix';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { COLOURS, draw, words } from './draw.ts';
import type { Picture } from './picture.ts';

/** h and mu. */
const [STEP, TARGET] = [0.8, 1];
const STEPS = 600;
/** Half the width of the picture, and cells along each side. */
const [HALF, CELLS] = [2.6, 52];

/**
 *  |xy - mu| after many steps; infinite if the run diverged.
 */
function residualFrom(x: number, y: number): number {
  const start = { X: new Matrix([[x]]), Y: new Matrix([[y]]) };
  const run = referenceDescent({ target: new Matrix([[TARGET]]), start, stepSize: STEP });
  run.advance(STEPS);
  const residual = Math.abs(run.X.get(0, 0) * run.Y.get(0, 0) - TARGET);
  return Number.isNaN(residual) ? Infinity : residual;
}

/** The ellipse (x + y)^2 / (4 (2 + m)) + (x - y)^2 / (4 (2 - m)) = 1/h with m = h mu. */
const border = Array.from({ length: 121 }, (_, i) => {
  const [m, angle] = [STEP * TARGET, (2 * Math.PI * i) / 120];
  const sum = 2 * Math.sqrt((2 + m) / STEP) * Math.cos(angle);
  const difference = 2 * Math.sqrt((2 - m) / STEP) * Math.sin(angle);
  return [(sum + difference) / 2, (sum - difference) / 2] as const;
});

/** Whether the curvature at the start is at most 2/h: (S + sqrt(D^2 + 4 (2xy - mu)^2)) / 2. */
const isFlat = (x: number, y: number): boolean =>
  (x * x + y * y + Math.hypot(x * x - y * y, 2 * (2 * x * y - TARGET))) / 2 <= 2 / STEP;

/** A row of neighbouring cells of one kind. */
interface Bar {
  readonly x1: number;
  x2: number;
  readonly y1: number;
  readonly y2: number;
  readonly isFlat: boolean;
}

/** The corner of a cell; a little off the middle, because on x = -y runs end at the saddle. */
const corner = (i: number): number => -HALF + ((i + 0.02) * 2 * HALF) / CELLS;

/** Cells from whose middle descent converges, neighbours in one. */
function bars(): Bar[] {
  const all: Bar[] = [];
  for (let j = 0; j < CELLS; j++) {
    let open: Bar | undefined;
    for (let i = 0; i < CELLS; i++) {
      const [x, y] = [(corner(i) + corner(i + 1)) / 2, (corner(j) + corner(j + 1)) / 2];
      const kind = residualFrom(x, y) < 1e-3 ? isFlat(x, y) : undefined;
      if (kind === undefined) open = undefined;
      else if (open?.isFlat === kind) open.x2 = corner(i + 1);
      else all.push((open = { x1: corner(i), x2: corner(i + 1), y1: corner(j), y2: corner(j + 1), isFlat: kind }));
    }
  }
  return all;
}

export function ellipse(): Picture {
  const found = bars();
  const filled = (fillOpacity: number): Plot.RectOptions => ({
    x1: 'x1',
    x2: 'x2',
    y1: 'y1',
    y2: 'y2',
    fill: COLOURS.gd,
    fillOpacity,
  });
  return {
    name: 'ellipse',
    title: 'How large a step may be',
    caption: `Starts (x, y) from which gradient descent at the step size ${STEP} fits the target 1 (coloured cells): exactly those inside the ellipse G = 0 (line). Where the colour is stronger, the largest eigenvalue of the Hessian at the start is above 2/h; descent converges all the same. Dashed: the minima xy = 1.`,
    claims: ['large-step/converges', 'large-step/border', 'large-step/two-over-curvature'],
    svg: draw('Starts from which gradient descent converges, inside an ellipse', {
      width: 480,
      height: 460,
      x: { domain: [-HALF, HALF], label: 'x', ticks: 6 },
      y: { domain: [-HALF, HALF], label: 'y', ticks: 6 },
      marks: [
        Plot.rect(
          found.filter((bar) => bar.isFlat),
          filled(0.25),
        ),
        Plot.rect(
          found.filter((bar) => !bar.isFlat),
          filled(0.55),
        ),
        Plot.line(border, { stroke: COLOURS.theory, strokeWidth: 2 }),
        ...[1, -1].map((sign) =>
          Plot.line(
            Array.from({ length: 41 }, (_, i) => {
              const x = HALF ** (i / 20 - 1);
              return [sign * x, sign / x] as [number, number];
            }),
            { stroke: 'currentColor', strokeDasharray: '5 4' },
          ),
        ),
        words('converges', -0.55, 0.05, COLOURS.gd),
        words('G = 0', 0.95, -1.95, COLOURS.theory),
        words('minima', 1.75, 0.75, 'currentColor'),
      ],
    }),
  };
}
