/// <reference lib="dom" />
/** The table of numbers, and the iterates in full. */
import type { Matrix } from 'ml-matrix';
import { make } from './elements.ts';
import { swatch } from './legend.ts';
import { brief, matrixText } from './matrix-text.ts';
import { nameOf, rowsOf, type Row, type Screen } from './scene.ts';
import type { Simulation } from './simulation.ts';
import { norm } from '../../src/index.ts';

interface Column {
  readonly title: string;
  readonly now: (row: Row) => string;
  readonly average: (row: Row) => string;
  /** Undefined without a prediction. */
  readonly predicted: (row: Row) => string | undefined;
}

const ofLimit = (row: Row, value: (of: Exclude<Row['limit'], string>) => string): string | undefined =>
  typeof row.limit === 'string' ? undefined : value(row.limit);

const list = (values: readonly number[]): string => values.map(brief).join(', ');

function scalar(title: string, key: 'loss' | 'largest' | 'trace'): Column {
  return {
    title,
    now: ({ now }) => brief(now[key]),
    average: ({ average }) => brief(average[key]),
    // The loss of noisy iterates stays above that of the limit, by the noise.
    predicted: (row) => ofLimit(row, ({ measures }) => brief(measures[key])),
  };
}

const columns: readonly Column[] = [
  scalar('loss F', 'loss'),
  {
    title: 'imbalance',
    now: ({ now }) => brief(norm(now.D)),
    average: ({ average }) => brief(average.imbalance),
    // That of the limit of perturbed descent is 0 up to rounding.
    predicted: (row) => ofLimit(row, ({ measures, balanced }) => (balanced ? '0' : brief(norm(measures.D)))),
  },
  scalar('largest eigenvalue', 'largest'),
  scalar('trace', 'trace'),
  {
    title: 'singular values of XY′',
    now: ({ now }) => list(now.values),
    average: ({ average }) => list(average.values),
    predicted: (row) => ofLimit(row, ({ measures }) => list(measures.values)),
  },
];

export function showNumbers(table: HTMLElement, screen: Screen): void {
  const head = make('thead', make('tr', heading('run', 'col'), ...columns.map(({ title }) => heading(title, 'col'))));
  const body = make('tbody', ...rowsOf(screen).map((row, i) => rowOf(row, i, screen.simulation)));
  table.replaceChildren(head, body);
}

function rowOf(row: Row, i: number, simulation: Simulation): HTMLTableRowElement {
  const name = heading(row.name, 'row');
  name.prepend(swatch(simulation, i));
  if (row.failure !== undefined) name.append(make('small', 'diverged'));
  const cells = columns.map(({ now, average, predicted }) => {
    const expected = predicted(row);
    return make(
      'td',
      now(row),
      make('small', `average ${average(row)}`),
      ...(expected === undefined ? [] : [make('small', `predicted ${expected}`)]),
    );
  });
  return make('tr', name, ...cells);
}

function heading(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const cell = make('th', text);
  cell.scope = scope;
  return cell;
}

/** X and Y of every run, every digit. */
export function showIterates(element: HTMLElement, simulation: Simulation): void {
  element.replaceChildren(
    ...simulation.runs.map((run) => {
      const { X, Y } = run.at;
      const text = (name: string, A: Matrix): string => `${name} =\n${matrixText(A.to2DArray())}`;
      return make('pre', `${nameOf(run, simulation)}, after step ${run.now.step}\n${text('X', X)}\n${text('Y', Y)}`);
    }),
  );
}
