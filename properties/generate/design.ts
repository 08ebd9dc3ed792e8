/**
 * How instances are drawn. A design names lattice matrices by symbolic shape and lists choices; a draft holds what was
 * drawn; `complete` derives the instance from it (step size, number of steps, ...). Shrinking changes drafts (generate/simpler.ts)
 * and derives the instance anew, so hypotheses hold for every candidate.
 */
import fc from 'fast-check';
import type { Grid } from '../model/instance.ts';
import { isDraftOf } from './drafts.ts';
import { simplerDrafts } from './simpler.ts';

/** Dimensions of the matrices of an instance: k is the rank of the target. */
export type Dimension = 'd1' | 'd2' | 'r' | 'k' | 'one';
export type Shape = readonly [Dimension, Dimension];
/** Inclusive. */
export type Ranges = Readonly<Record<Dimension, readonly [number, number]>>;

/** What is drawn for an instance, which is derived from it. */
export interface Draft {
  /** The dimensions. */
  readonly size: Readonly<Record<Dimension, number>>;
  /** Matrices on a lattice, by name. */
  readonly grids: Readonly<Record<string, Grid>>;
  /** Choices, by name. */
  readonly picks: Readonly<Record<string, number>>;
  /** Of the instance's noise. */
  readonly seed: number;
  /** The user's target, where there is one. */
  readonly target?: Grid;
}

/** A target that the user gave, with the rank of the factors. */
export interface Given {
  /** M, d1 x d2. */
  readonly target: Grid;
  /** r <= min(d1, d2). */
  readonly rank: number;
  /** k, where the user's target is 4^k times this one (run/rescaled.ts). */
  readonly scale?: number;
}

/** The dimension d1 = d2 that the user gave. */
export interface GivenDimension {
  readonly dimension: number;
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
  readonly size?: Partial<Ranges>;
  /** Ranges in place of these for one instance in eight; shrinking leads from one to the other. */
  readonly large?: Partial<Ranges>;
  readonly grids: Readonly<Record<string, GridDesign>>;
  /** Choices, the simplest first: that is where they shrink to. */
  readonly picks?: Readonly<Record<string, readonly number[]>>;
  /** Choices that may be any whole number between two of their options; shrinking tries them. */
  readonly between?: readonly string[];
  /** An unavoidable filter on the input; its acceptance rate is counted. */
  readonly accepts?: (draft: Draft) => boolean;
  readonly complete: (draft: Draft) => I;
  /** Why a given target is out of the claim's reach, if it is. */
  readonly excludes?: (given: Given) => string | undefined;
}

/** The arbitrary of a claim's instances, or why there are none for what a user gave. */
export type InstanceSource<I extends object> = (given?: Given | GivenDimension) => InstanceArbitrary<I> | string;

export function design<I extends object>(plan: Design<I>): InstanceSource<I> {
  return (given) => {
    if (given !== undefined && 'dimension' in given) return 'its instances have dimensions of their own';
    return (given === undefined ? undefined : plan.excludes?.(given)) ?? new InstanceArbitrary(plan, given);
  };
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

/** More rows and columns than claims otherwise try, for those that can afford them (`Design.large`). */
export const LARGE = { d1: [8, 20], d2: [8, 20], r: [4, 8], k: [1, 6] } as const satisfies Partial<Ranges>;

const ATTEMPTS = 200;
/** One instance in so many is large. */
const LARGE_IN = 8;
const DEFAULT_SIZE: Ranges = {
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

  /** The choices of its design. */
  get picks(): Readonly<Record<string, readonly number[]>> {
    return this.#plan.picks ?? {};
  }

  /** Sizes that it draws or shrinks to. */
  get #range(): Ranges {
    return this.#plan.large === undefined ? usual(this.#plan) : joined(usual(this.#plan), large(this.#plan));
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
    for (const simpler of this.simpler(draft)) {
      const instance = this.derive(simpler);
      if (instance !== undefined) yield new fc.Value(instance, simpler);
    }
  }

  /** What an instance of this arbitrary was derived from. */
  draftOf(instance: I): Draft {
    return this.#drafts.get(instance)!;
  }

  /** The drafts that one simplification of this one leads to; the hypotheses may rule some of them out. */
  simpler(draft: Draft): Draft[] {
    return [...simplerDrafts(draft, this.#plan, this.#range)];
  }

  /** The instance that a draft stands for; undefined where it does not satisfy the hypotheses. */
  derive(draft: Draft): I | undefined {
    return (this.#plan.accepts?.(draft) ?? true) ? this.#value(draft).value : undefined;
  }

  /** The same for a draft from elsewhere: undefined also where it is none of this design. */
  revive(draft: Draft): I | undefined {
    return this.allows(draft) ? this.derive(draft) : undefined;
  }

  /** Whether the design can draw the draft, or shrink to it. */
  allows(draft: Draft): boolean {
    return isDraftOf(draft, this.#plan, this.#range);
  }

  /** Drafts of the same sizes, drawn anew; fewer where the hypotheses let hardly anything pass. */
  redrawn({ size }: Draft, seed: number, count: number): Draft[] {
    const fixed = Object.fromEntries(Object.entries(size).map(([name, n]) => [name, [n, n] as const]));
    const { large: _, ...plan } = this.#plan;
    const alike = new InstanceArbitrary({ ...plan, size: fixed }, this.#given);
    try {
      return fc.sample(alike, { seed, numRuns: count }).map((instance) => alike.draftOf(instance));
    } catch (error) {
      if (error instanceof NoInstance) return [];
      throw error;
    }
  }

  #value(draft: Draft): fc.Value<I> {
    const instance = this.#plan.complete(draft);
    this.#drafts.set(instance, draft);
    return new fc.Value(instance, draft);
  }
}

function drawDraft(plan: Design<unknown>, given: Given | undefined, random: fc.Random): Draft {
  const isLarge = plan.large !== undefined && random.nextInt(1, LARGE_IN) === 1;
  const size = drawSize(isLarge ? large(plan) : usual(plan), given, random);
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

const usual = ({ size }: Design<unknown>): Ranges => ({ ...DEFAULT_SIZE, ...size });
const large = (plan: Design<unknown>): Ranges => ({ ...usual(plan), ...plan.large });

/** The least ranges that contain both. */
function joined(one: Ranges, other: Ranges): Ranges {
  const names = Object.keys(one) as Dimension[];
  const pairs = names.map((name) => {
    const ends = [...one[name], ...other[name]];
    return [name, [Math.min(...ends), Math.max(...ends)]] as const;
  });
  return Object.fromEntries(pairs) as unknown as Ranges;
}

/** Square half of the time. */
function drawSize(range: Ranges, given: Given | undefined, random: fc.Random): Record<Dimension, number> {
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
