/// <reference lib="dom" />
/** The meaning of the strokes and rings of the landscape. */
import { make } from './elements.ts';
import { brief } from './matrix-text.ts';
import type { Scene } from './landscape-geometry.ts';
import { colourOf, isDashed, nameOf } from './scene.ts';
import type { Simulation } from './simulation.ts';

/** The parts of the scene. */
export function showLegend(element: HTMLElement, simulation: Simulation, scene: Scene): void {
  const { projection, names, rings, gamma, conserved, border } = scene;
  const plane = projection.kind === 'plane';
  const [first] = projection.hyperbolas;
  const items = [
    ...pathItems(simulation, scene),
    item(stroke('currentColor'), plane ? `minima, ${names[0]} ${names[1]} = ${brief(first!)}` : 'ab = sᵢ'),
    item(circle(3.5), 'start'),
    ...(rings.length > 0 ? [item(circle(5), 'predicted limit')] : []),
    ...(gamma === undefined ? [] : [item(stroke('currentColor', DOTS), 'balanced')]),
    ...(border === undefined ? [] : [item(stroke('currentColor', LONG_DASHES), 'border of convergence')]),
    ...(conserved.length > 0 ? [item(stroke(conserved[0]!.colour, DOTS), 'of the start’s imbalance')] : []),
  ];
  element.replaceChildren(...items);
}

/** The runs, or the singular pairs of the only one. */
function pathItems(simulation: Simulation, { projection }: Scene): HTMLLIElement[] {
  const { runs } = simulation;
  if (projection.kind === 'pairs' && runs.length === 1) {
    return projection.hyperbolas.map((s, i) =>
      item(stroke(runColour(1, 0, i)), `singular pair ${i + 1}, s = ${brief(s)}`),
    );
  }
  return runs.map((run, i) => item(runStroke(simulation, i), nameOf(run, simulation)));
}

const DASHES = '5 3';
const DOTS = '2 3';
const LONG_DASHES = '8 4';

const runColour = (runs: number, run: number, pair: number): string => `var(--run-${colourOf(runs, run, pair)})`;

const runStroke = (simulation: Simulation, i: number): string =>
  stroke(runColour(simulation.runs.length, i, 0), isDashed(simulation.runs[i]!, simulation) ? DASHES : '');

const stroke = (colour: string, dashes = ''): string =>
  `<path d="M0 6h22" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dashes}"/>`;

const circle = (radius: number): string =>
  `<circle cx="11" cy="6" r="${radius}" stroke="currentColor" stroke-width="2"/>`;

const item = (drawing: string, text: string): HTMLLIElement => make('li', sample(drawing), text);

/** A short stroke in a run's colour, dashed as its lines are. */
export const swatch = (simulation: Simulation, i: number): SVGElement => sample(runStroke(simulation, i));

function sample(drawing: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const attributes = { width: '22', height: '12', fill: 'none', 'aria-hidden': 'true' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.innerHTML = drawing;
  return svg;
}
