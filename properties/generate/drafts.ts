/** Whether a draft is one that a design can draw, or shrink to. */
import type { Design, Draft, GridDesign, Ranges } from '../model/draft.ts';
import type { Grid } from '../model/instance.ts';

/** The sizes are in their ranges, the entries on their lattices and the choices among their options. */
export function isDraftOf(draft: Draft, plan: Design<unknown>, range: Ranges): boolean {
  return (
    hasSizes(draft, range) &&
    hasNames(draft.grids, plan.grids) &&
    hasNames(draft.picks, plan.picks ?? {}) &&
    Object.entries(plan.grids).every(([name, grid]) => isOnLattice(draft.grids[name]!, grid, draft)) &&
    Object.keys(plan.picks ?? {}).every((name) => isChoice(name, draft.picks[name]!, plan))
  );
}

function hasSizes({ size, target }: Draft, range: Ranges): boolean {
  const most = Math.min(size.d1, size.d2);
  const within = (n: number, [low, high]: readonly [number, number], top = Infinity): boolean =>
    Number.isInteger(n) && n >= Math.min(low, top) && n <= Math.min(high, top);
  const ofTarget = target !== undefined || (within(size.d1, range.d1) && within(size.d2, range.d2));
  return ofTarget && within(size.k, range.k, most) && (target !== undefined || within(size.r, range.r, most));
}

const hasNames = (one: object, other: object): boolean =>
  Object.keys(one).length === Object.keys(other).length && Object.keys(other).every((name) => name in one);

function isOnLattice(grid: Grid, { shape: [rows, columns], unit, max }: GridDesign, { size }: Draft): boolean {
  const isEntry = (entry: number): boolean => Number.isInteger(entry / unit) && Math.abs(entry) <= max;
  return grid.length === size[rows] && grid.every((row) => row.length === size[columns] && row.every(isEntry));
}

function isChoice(name: string, value: number, { picks = {}, between = [] }: Design<unknown>): boolean {
  const options = picks[name]!;
  const isBetween = Number.isInteger(value) && value >= Math.min(...options) && value <= Math.max(...options);
  return options.includes(value) || (between.includes(name) && isBetween);
}
