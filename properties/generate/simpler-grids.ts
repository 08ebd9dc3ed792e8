/** Simpler entries: on their lattice towards 0, 1 and short binary fractions. */
import type { Draft, GridDesign } from '../model/draft.ts';
import type { Grid } from '../model/instance.ts';

type Grids = Draft['grids'];

/** An entry of a grid and its value. */
interface Place {
  readonly name: string;
  readonly i: number;
  readonly j: number;
  readonly entry: number;
}

/** Pairs are tried if no more nonzero entries than this are left. */
const FEW = 6;

/** Zeros everywhere and in each grid; then simpler entries, one at a time and two at once. */
export function* simplerGrids(grids: Grids, designs: Readonly<Record<string, GridDesign>>): IterableIterator<Grids> {
  const places = placesOf(grids);
  if (places.length > 1) yield zeroed(grids, Object.keys(grids));
  for (const name of Object.keys(grids)) {
    if (places.filter((place) => place.name === name).length > 1) yield zeroed(grids, [name]);
  }
  for (const place of places) {
    for (const entry of simplerEntries(place.entry, designs[place.name]!)) yield replaced(grids, [[place, entry]]);
  }
  if (places.length <= FEW) yield* withSimplerPairs(grids, places, designs);
}

/** Two entries that only change together: of a product, or of a sum. */
function* withSimplerPairs(
  grids: Grids,
  places: readonly Place[],
  designs: Readonly<Record<string, GridDesign>>,
): IterableIterator<Grids> {
  for (const [n, a] of places.entries()) {
    for (const b of places.slice(n + 1)) {
      const pairs = [
        [1, 1],
        [1, 0],
        [0, 1],
        [-a.entry, -b.entry],
      ] as const;
      for (const [one, other] of pairs) {
        const before = complexity(a.entry) + complexity(b.entry);
        const fits = isAllowed(one, designs[a.name]!) && isAllowed(other, designs[b.name]!);
        if (fits && complexity(one) + complexity(other) < before)
          yield replaced(grids, [
            [a, one],
            [b, other],
          ]);
      }
    }
  }
}

/** The entries other than 0. */
function placesOf(grids: Grids): Place[] {
  return Object.entries(grids).flatMap(([name, grid]) =>
    grid.flatMap((row, i) => row.flatMap((entry, j) => (entry === 0 ? [] : [{ name, i, j, entry }]))),
  );
}

const zeroed = (grids: Grids, names: readonly string[]): Grids => ({
  ...grids,
  ...Object.fromEntries(names.map((name) => [name, grids[name]!.map((row) => row.map(() => 0))])),
});

function replaced(grids: Grids, entries: readonly (readonly [Place, number])[]): Grids {
  const changed: Record<string, Grid> = { ...grids };
  for (const [{ name, i, j }, entry] of entries) {
    changed[name] = changed[name]!.map((row, a) => (a === i ? row.map((old, b) => (b === j ? entry : old)) : row));
  }
  return changed;
}

/** 0, 1, then the same number without its sign, with fewer binary places, or nearer to 0. */
function simplerEntries(entry: number, design: GridDesign): number[] {
  const rounded = [1, 1 / 2, 1 / 4].flatMap((unit) => [
    Math.trunc(entry / unit) * unit,
    Math.round(entry / unit) * unit,
  ]);
  const candidates = [0, 1, Math.abs(entry), ...rounded, entry - Math.sign(entry)];
  return [...new Set(candidates)].filter(
    (candidate) => isAllowed(candidate, design) && complexity(candidate) < complexity(entry),
  );
}

const isAllowed = (entry: number, { unit, max }: GridDesign): boolean =>
  Math.abs(entry) <= max && Number.isInteger(entry / unit);

/** Binary places count most, then size, then the sign. */
function complexity(entry: number): number {
  let places = 0;
  for (let scaled = entry; !Number.isInteger(scaled); scaled *= 2) places++;
  return entry === 0 ? 0 : 100 * places + 2 * Math.abs(entry) + (entry < 0 ? 1 : 0);
}
