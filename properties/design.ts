/**
 * How instances are drawn and shrunk. A design names lattice matrices by symbolic shape and lists choices; a draft holds
 * what was drawn; `complete` derives the instance from it (step size, number of steps, ...). Shrinking changes drafts:
 * first their structure (whole dimensions, rows, columns, choices), then their entries, and derives the instance anew, so
 * hypotheses hold for every candidate. A seed is never shrunk.
 */
import fc from 'fast-check';
import type { Grid } from './instance.ts';

export type Dimension = 'd1' | 'd2' | 'r' | 'k' | 'one';
export type Shape = readonly [Dimension, Dimension];

export interface Draft {
  readonly size: Readonly<Record<Dimension, number>>;
  readonly grids: Readonly<Record<string, Grid>>;
  readonly picks: Readonly<Record<string, number>>;
  readonly seed: number;
  /** The user's target, where there is one. */
  readonly target?: Grid;
}

/** A target that the user gave, with the rank of the factors. */
export interface Given {
  readonly target: Grid;
  readonly rank: number;
}

export interface GridDesign {
  readonly shape: Shape;
  /** Entries are multiples of this power of two ... */
  readonly unit: number;
  /** ... and at most this large. */
  readonly max: number;
}

export interface Design<I> {
  /** Inclusive ranges; d1, d2 in 1..8, r in 1..3, k in 1..3 where not said. r, k <= min(d1, d2) always. */
  readonly size?: Partial<Record<Dimension, readonly [number, number]>>;
  readonly grids: Readonly<Record<string, GridDesign>>;
  /** Choices, the simplest first: that is where they shrink to. */
  readonly picks?: Readonly<Record<string, readonly number[]>>;
  /** An unavoidable filter on the input; its acceptance rate is counted. */
  readonly accepts?: (draft: Draft) => boolean;
  readonly complete: (draft: Draft) => I;
  /** Why a given target is out of the claim's reach, if it is. */
  readonly excludes?: (given: Given) => string | undefined;
}

/** The arbitrary of a claim's instances, or why a given target has none. */
export type InstanceSource<I extends object> = (given?: Given) => InstanceArbitrary<I> | string;

export function design<I extends object>(plan: Design<I>): InstanceSource<I> {
  return (given) => (given === undefined ? undefined : plan.excludes?.(given)) ?? new InstanceArbitrary(plan, given);
}

/** The same design, its instances changed after they are made. */
export const changed = <I, J>(plan: Design<I>, change: (instance: I) => J): Design<J> => ({
  ...plan,
  complete: (draft) => change(plan.complete(draft)),
});

/** The filter accepted none of many drafts. */
export class NoInstance extends Error {
  override readonly name = 'NoInstance';
}

const ATTEMPTS = 200;
const DEFAULT_SIZE: Record<Dimension, readonly [number, number]> = {
  d1: [1, 8],
  d2: [1, 8],
  r: [1, 3],
  k: [1, 3],
  one: [1, 1],
};

export class InstanceArbitrary<I extends object> extends fc.Arbitrary<I> {
  /** Drafts drawn and accepted so far: the acceptance rate of the filter. */
  drawn = 0;
  accepted = 0;
  readonly #plan: Design<I>;
  readonly #given: Given | undefined;
  readonly #drafts = new WeakMap<object, Draft>();

  constructor(plan: Design<I>, given?: Given) {
    super();
    this.#plan = plan;
    this.#given = given;
  }

  override generate(random: fc.Random): fc.Value<I> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const draft = drawDraft(this.#plan, this.#given, random);
      this.drawn++;
      if (this.#plan.accepts?.(draft) ?? true) {
        this.accepted++;
        return this.#value(draft);
      }
    }
    throw new NoInstance(
      `none of ${ATTEMPTS} drawn inputs satisfied the hypotheses: give another target, or make the instances so that they do`,
    );
  }

  // Shrinking needs the draft; the instance alone does not tell it.
  override canShrinkWithoutContext(_value: unknown): _value is I {
    return false;
  }

  override shrink(_: I, context: unknown): fc.Stream<fc.Value<I>> {
    return fc.stream(this.#candidates(context as Draft));
  }

  *#candidates(draft: Draft): IterableIterator<fc.Value<I>> {
    for (const smaller of smallerDrafts(draft, this.#plan)) {
      if (this.#plan.accepts?.(smaller) ?? true) yield this.#value(smaller);
    }
  }

  /** What an instance of this arbitrary was derived from. */
  draftOf(instance: I): Draft {
    return this.#drafts.get(instance)!;
  }

  /** The instance that a draft stands for; undefined where it does not satisfy the hypotheses, or is no draft of this plan. */
  revive(draft: Draft): I | undefined {
    try {
      return (this.#plan.accepts?.(draft) ?? true) ? this.#value(draft).value : undefined;
    } catch {
      return undefined;
    }
  }

  #value(draft: Draft): fc.Value<I> {
    const instance = this.#plan.complete(draft);
    this.#drafts.set(instance, draft);
    return new fc.Value(instance, draft);
  }
}

function drawDraft(plan: Design<unknown>, given: Given | undefined, random: fc.Random): Draft {
  const size = drawSize({ ...DEFAULT_SIZE, ...plan.size }, given, random);
  const grids = Object.entries(plan.grids).map(([name, grid]) => [name, drawGrid(grid, size, random)] as const);
  const picks = Object.entries(plan.picks ?? {}).map(([name, options]) => [name, draw(random, options)] as const);
  return {
    size,
    grids: Object.fromEntries(grids),
    picks: Object.fromEntries(picks),
    seed: random.nextInt(0, 2 ** 31 - 1),
    ...(given === undefined ? {} : { target: given.target }),
  };
}

/** Square half of the time. */
function drawSize(
  range: Record<Dimension, readonly [number, number]>,
  given: Given | undefined,
  random: fc.Random,
): Record<Dimension, number> {
  const within = ([low, high]: readonly [number, number], most: number): number =>
    random.nextInt(Math.min(low, most), Math.min(high, most));
  const d1 = given?.target.length ?? within(range.d1, Infinity);
  const square = random.nextInt(0, 1) === 1 && d1 >= range.d2[0] && d1 <= range.d2[1];
  const d2 = given?.target[0]!.length ?? (square ? d1 : within(range.d2, Infinity));
  const most = Math.min(d1, d2);
  return { d1, d2, r: given?.rank ?? within(range.r, most), k: within(range.k, most), one: 1 };
}

const draw = <T>(random: fc.Random, options: readonly T[]): T => options[random.nextInt(0, options.length - 1)]!;

/** One entry in five is 0, so that sparse and rank-deficient matrices are common. */
function drawGrid({ shape: [rows, columns], unit, max }: GridDesign, size: Draft['size'], random: fc.Random): Grid {
  const most = max / unit;
  const entry = (): number => (random.nextInt(0, 4) === 0 ? 0 : unit * random.nextInt(-most, most));
  return Array.from({ length: size[rows] }, () => Array.from({ length: size[columns] }, entry));
}

function* smallerDrafts(draft: Draft, plan: Design<unknown>): IterableIterator<Draft> {
  if (draft.target === undefined) yield* withFewerDimensions(draft, plan);
  yield* withSimplerPicks(draft, plan);
  yield* withSimplerEntries(draft);
}

function* withFewerDimensions(draft: Draft, plan: Design<unknown>): IterableIterator<Draft> {
  const range = { ...DEFAULT_SIZE, ...plan.size };
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
