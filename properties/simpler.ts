/**
 * What a draft is shrunk to: first its structure changes (whole dimensions, rows, columns, choices), then its entries. A seed
 * is never shrunk.
 */
import type { Design, Dimension, Draft, Ranges } from './design.ts';
import type { Grid } from './instance.ts';

/** The drafts that one simplification of this one leads to, the greatest simplifications first. */
export function* simplerDrafts(draft: Draft, plan: Design<unknown>, range: Ranges): IterableIterator<Draft> {
  if (draft.target === undefined) yield* withFewerDimensions(draft, plan, range);
  yield* withSimplerPicks(draft, plan);
  yield* withSimplerEntries(draft);
}

function* withFewerDimensions(draft: Draft, plan: Design<unknown>, range: Ranges): IterableIterator<Draft> {
  for (const dimension of ['d1', 'd2', 'r', 'k'] as const) {
    const [now, least] = [draft.size[dimension], range[dimension][0]];
    if (now <= least) continue;
    if (now - 1 > least) yield* fitting(keep(draft, plan, dimension, indices(least)));
    for (let dropped = now - 1; dropped >= 0; dropped--) {
      yield* fitting(
        keep(
          draft,
          plan,
          dimension,
          indices(now).filter((i) => i !== dropped),
        ),
      );
    }
  }
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Nothing where r or k would exceed min(d1, d2). */
function* fitting(draft: Draft): IterableIterator<Draft> {
  const { d1, d2, r, k } = draft.size;
  if (Math.max(r, k) <= Math.min(d1, d2)) yield draft;
}

/** Keeps the rows and columns with the given indices wherever the dimension occurs. */
function keep(draft: Draft, plan: Design<unknown>, dimension: Dimension, kept: number[]): Draft {
  const grids = Object.entries(draft.grids).map(([name, grid]) => {
    const [rows, columns] = plan.grids[name]!.shape;
    const fewerRows = rows === dimension ? kept.map((i) => grid[i]!) : grid;
    return [name, columns === dimension ? fewerRows.map((row) => kept.map((j) => row[j]!)) : fewerRows];
  });
  return {
    ...draft,
    size: { ...draft.size, [dimension]: kept.length },
    grids: Object.fromEntries(grids) as Draft['grids'],
  };
}

function* withSimplerPicks(draft: Draft, plan: Design<unknown>): IterableIterator<Draft> {
  for (const [name, options] of Object.entries(plan.picks ?? {})) {
    for (const simpler of options.slice(0, options.indexOf(draft.picks[name]!))) {
      yield { ...draft, picks: { ...draft.picks, [name]: simpler } };
    }
  }
}

function* withSimplerEntries(draft: Draft): IterableIterator<Draft> {
  const replace = (name: string, grid: Grid): Draft => ({ ...draft, grids: { ...draft.grids, [name]: grid } });
  for (const [name, grid] of Object.entries(draft.grids)) {
    if (grid.flat().filter((entry) => entry !== 0).length > 1)
      yield replace(
        name,
        grid.map((row) => row.map(() => 0)),
      );
  }
  for (const [name, grid] of Object.entries(draft.grids)) {
    for (let i = 0; i < grid.length; i++) {
      for (let j = 0; j < grid[i]!.length; j++) {
        for (const entry of simplerEntries(grid[i]![j]!)) yield replace(name, withEntry(grid, i, j, entry));
      }
    }
  }
}

const withEntry = (grid: Grid, i: number, j: number, entry: number): Grid =>
  grid.map((row, a) => (a === i ? row.map((old, b) => (b === j ? entry : old)) : row));

/** 0, 1, then the same number with fewer binary places, without its sign, or nearer to 0. */
function simplerEntries(entry: number): number[] {
  const rounded = [1, 1 / 2, 1 / 4].map((unit) => Math.trunc(entry / unit) * unit);
  const candidates = [0, 1, Math.abs(entry), ...rounded, entry - Math.sign(entry)];
  return [...new Set(candidates)].filter((candidate) => complexity(candidate) < complexity(entry));
}

/** Binary places count most, then size, then the sign. */
function complexity(entry: number): number {
  let places = 0;
  for (let scaled = entry; !Number.isInteger(scaled); scaled *= 2) places++;
  return entry === 0 ? 0 : 100 * places + 2 * Math.abs(entry) + (entry < 0 ? 1 : 0);
}
