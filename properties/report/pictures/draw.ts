/** Plots as SVG without a browser. Colours are variables of the page that a picture stands in, or of its own style sheet. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { document: never };

/** Plain descent, perturbed descent, predictions of the theory, and lines for orientation. */
export const COLOURS = {
  gd: 'var(--gd)',
  perturbed: 'var(--perturbed)',
  theory: 'var(--theory)',
  quiet: 'var(--muted)',
} as const;

/** Small enough for a phone to show the letters in a readable size. */
const SIZE = { width: 480, height: 340 };

/** The plot as an SVG element with a name for readers who cannot see it. */
export function draw(name: string, options: Plot.PlotOptions): string {
  const plot = Plot.plot({
    ...SIZE,
    marginTop: 36,
    marginLeft: 50,
    marginBottom: 42,
    style: { fontSize: '13px', background: 'none', color: 'var(--ink)', overflow: 'visible' },
    ariaLabel: name,
    document,
    ...options,
  }) as unknown as { outerHTML: string };
  // The picture is named as a whole; its groups need no names.
  const whole = plot.outerHTML.replace(/(<g[^>]*?) aria-label="[^"]*"/g, '$1');
  return rounded(whole.replace('<svg ', '<svg role="img" '));
}

/** A tenth of a pixel is enough, and the same on every machine. */
const rounded = (svg: string): string =>
  svg.replace(/ (d|transform|points|[xy][12]?|c[xy]|r)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d*\.\d+(?:e-?\d+)?(?!\d*em)/g, (number) => String(Number(Number(number).toFixed(1)))),
  );

/** A label in the plot, in the colour of its object. */
export const words = (text: string, x: number, y: number, fill: string, more: Plot.TextOptions = {}): Plot.Text =>
  Plot.text([text], { x: [x], y: [y], fill, textAnchor: 'start', fontWeight: 600, ...more });
