/**
 * The candidates to which a draft is shrunk, the greatest simplifications first: its structure (dimensions and choices,
 * together and one by one), then its entries, then the order of its rows and columns. A seed is never shrunk. Each
 * simplification lowers one of these and leaves alone those before it, so shrinking comes to an end.
 */
import type { Design, Dimension, Draft, Ranges } from '../model/draft.ts';
import type { Grid } from '../model/instance.ts';
import { simplerGrids } from './simpler-grids.ts';

/** The drafts after one simplification of this one. */
export function* simplerDrafts(draft: Draft, plan: Design<unknown>, range: Ranges): IterableIterator<Draft> {
  const fixed = draft.target !== undefined;
  const simplest = { ...draft, picks: simplestPicks(plan) };
  const least = { d1: range.d1[0], d2: range.d2[0], r: range.r[0], k: range.k[0] };
  if (!fixed) yield* [truncated(simplest, plan, least), truncated(draft, plan, least)].filter(isSmallerThan(draft));
  if (!isSimplest(draft, plan)) yield simplest;
  // The lengths of a run come before its dimensions: they determine the cost of each further attempt.
  const { between = [] } = plan;
  yield* withSimplerPicks(draft, plan, (name) => between.includes(name));
  if (!fixed) yield* withFewerDimensions(draft, plan, range);
  yield* withSimplerPicks(draft, plan, (name) => !between.includes(name));
  for (const grids of simplerGrids(draft.grids, plan.grids)) yield { ...draft, grids };
  if (!fixed) yield* inOrder(draft, plan);
}

type Sizes = Partial<Record<Dimension, number>>;
type Kept = Partial<Record<Dimension, readonly number[]>>;

const DIMENSIONS = ['d1', 'd2', 'r', 'k'] as const;

const isSmallerThan =
  ({ size }: Draft) =>
  (other: Draft): boolean =>
    DIMENSIONS.some((dimension) => other.size[dimension] < size[dimension]);

function* withFewerDimensions(draft: Draft, plan: Design<unknown>, range: Ranges): IterableIterator<Draft> {
  const { size } = draft;
  const least = (dimension: Dimension): number => Math.min(range[dimension][0], size[dimension]);
  // Square ones stay square.
  for (const n of rungs(Math.max(least('d1'), least('d2')), Math.max(size.d1, size.d2))) {
    yield truncated(draft, plan, { d1: n, d2: n });
  }
  for (const dimension of DIMENSIONS) {
    for (const n of rungs(least(dimension), size[dimension])) yield truncated(draft, plan, { [dimension]: n });
  }
  for (const dimension of DIMENSIONS) {
    if (size[dimension] <= least(dimension)) continue;
    for (let i = size[dimension] - 1; i >= 0; i--) yield without(draft, plan, [dimension], i);
  }
  if (size.d1 <= least('d1') || size.d2 <= least('d2')) return;
  for (let i = Math.min(size.d1, size.d2) - 1; i >= 0; i--) yield without(draft, plan, ['d1', 'd2'], i);
}

/** The least value, then twice it, and so on, while below `now`. */
function* rungs(least: number, now: number): IterableIterator<number> {
  for (let n = least; n < now; n *= 2) yield n;
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Its first rows and columns, no more than there are. */
const truncated = (draft: Draft, plan: Design<unknown>, sizes: Sizes): Draft =>
  keep(
    draft,
    plan,
    Object.fromEntries(
      DIMENSIONS.map((dimension) => [
        dimension,
        indices(Math.min(sizes[dimension] ?? Infinity, draft.size[dimension])),
      ]),
    ),
  );

const without = (draft: Draft, plan: Design<unknown>, dimensions: readonly Dimension[], dropped: number): Draft =>
  keep(
    draft,
    plan,
    Object.fromEntries(
      dimensions.map((dimension) => [dimension, indices(draft.size[dimension]).filter((i) => i !== dropped)]),
    ),
  );

/**
 * Keeps the rows and columns with the given indices in all grids with the dimension; r and k are reduced to at most
 * min(d1, d2).
 */
function keep(draft: Draft, plan: Design<unknown>, chosen: Kept): Draft {
  const of = (dimension: Dimension): readonly number[] => chosen[dimension] ?? indices(draft.size[dimension]);
  const most = Math.min(of('d1').length, of('d2').length);
  const kept: Kept = {
    d1: of('d1'),
    d2: of('d2'),
    r: of('r').slice(0, most),
    k: of('k').slice(0, most),
    one: of('one'),
  };
  const grids = Object.entries(draft.grids).map(([name, grid]): [string, Grid] => {
    const [rows, columns] = plan.grids[name]!.shape;
    return [name, kept[rows]!.map((i) => kept[columns]!.map((j) => grid[i]![j]!))];
  });
  const size = Object.fromEntries(Object.entries(kept).map(([dimension, those]) => [dimension, those.length]));
  return { ...draft, size: size as Draft['size'], grids: Object.fromEntries(grids) };
}

const simplestPicks = ({ picks = {} }: Design<unknown>): Draft['picks'] =>
  Object.fromEntries(Object.entries(picks).map(([name, [simplest]]) => [name, simplest!]));

const isSimplest = ({ picks }: Draft, plan: Design<unknown>): boolean =>
  Object.entries(simplestPicks(plan)).every(([name, simplest]) => picks[name] === simplest);

/** Two choices at once, such as no noise on either factor, then one, among those of some names. */
function* withSimplerPicks(
  draft: Draft,
  plan: Design<unknown>,
  among: (name: string) => boolean,
): IterableIterator<Draft> {
  const { picks = {}, between = [] } = plan;
  const simplest = simplestPicks(plan);
  const open = Object.keys(simplest).filter((name) => among(name) && draft.picks[name] !== simplest[name]);
  for (const [i, one] of open.entries()) {
    for (const other of open.slice(i + 1)) {
      yield { ...draft, picks: { ...draft.picks, [one]: simplest[one]!, [other]: simplest[other]! } };
    }
  }
  for (const name of open) {
    const now = draft.picks[name]!;
    const options = [...new Set(picks[name])];
    const simpler = between.includes(name) ? smallerNumbers(options, now) : options.slice(0, options.indexOf(now));
    for (const value of simpler) yield { ...draft, picks: { ...draft.picks, [name]: value } };
  }
}

/** Those of the options that are smaller, then whole numbers half, a quarter, ... of the way down to the largest of them. */
function* smallerNumbers(options: readonly number[], now: number): IterableIterator<number> {
  const smaller = options.filter((option) => option < now);
  yield* smaller;
  // If the simplest option is not the smallest, there may be no smaller one.
  if (smaller.length === 0) return;
  const gap = now - Math.max(...smaller);
  for (let down = gap / 2; down >= 1 / 2; down /= 2) {
    const next = now - Math.ceil(down);
    if (next > now - gap) yield next;
  }
}

/** Two neighbours exchanged, if that moves nonzero entries to the front. */
function* inOrder(draft: Draft, plan: Design<unknown>): IterableIterator<Draft> {
  for (const dimension of DIMENSIONS) {
    for (let i = 0; i + 1 < draft.size[dimension]; i++) {
      const order = indices(draft.size[dimension]);
      [order[i], order[i + 1]] = [i + 1, i];
      const exchanged = keep(draft, plan, { [dimension]: order });
      if (disorder(exchanged) < disorder(draft)) yield exchanged;
    }
  }
}

/** The distance of the nonzero entries from the front. */
function disorder({ grids }: Draft): number {
  let sum = 0;
  for (const grid of Object.values(grids)) {
    for (const [i, row] of grid.entries()) for (const [j, entry] of row.entries()) sum += entry === 0 ? 0 : i + j;
  }
  return sum;
}
