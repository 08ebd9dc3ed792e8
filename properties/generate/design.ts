/**
 * How instances are drawn. A design names lattice matrices by symbolic shape and lists choices; a draft holds what was
 * drawn; `complete` derives the instance from it (step size, number of steps, ...). Shrinking changes drafts (generate/simpler.ts)
 * and derives the instance again, so hypotheses hold for every candidate.
 */
import fc from 'fast-check';
import type { Grid } from '../model/instance.ts';
import type {
  Design,
  Dimension,
  Draft,
  Given,
  GridDesign,
  InstanceArbitrary,
  InstanceSource,
  Ranges,
} from '../model/draft.ts';
import { isDraftOf } from './drafts.ts';
import { simplerDrafts } from './simpler.ts';

export function design<I extends object>(plan: Design<I>): InstanceSource<I> {
  return (given) => {
    if (given !== undefined && 'dimension' in given) return 'its instances have dimensions of their own';
    return (given === undefined ? undefined : plan.excludes?.(given)) ?? new DraftArbitrary(plan, given);
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
/** One instance in this many is large. */
const LARGE_IN = 8;
const DEFAULT_SIZE: Ranges = {
  d1: [1, 8],
  d2: [1, 8],
  r: [1, 3],
  k: [1, 3],
  one: [1, 1],
};

class DraftArbitrary<I extends object> extends fc.Arbitrary<I> implements InstanceArbitrary<I> {
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

  // Shrinking needs the draft; the instance alone does not determine it.
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

  draftOf(instance: I): Draft {
    return this.#drafts.get(instance)!;
  }

  simpler(draft: Draft): Draft[] {
    return [...simplerDrafts(draft, this.#plan, this.#range)];
  }

  derive(draft: Draft): I | undefined {
    return (this.#plan.accepts?.(draft) ?? true) ? this.#value(draft).value : undefined;
  }

  revive(draft: Draft): I | undefined {
    return this.allows(draft) ? this.derive(draft) : undefined;
  }

  allows(draft: Draft): boolean {
    return isDraftOf(draft, this.#plan, this.#range);
  }

  redrawn({ size }: Draft, seed: number, count: number): Draft[] {
    const fixed = Object.fromEntries(Object.entries(size).map(([name, n]) => [name, [n, n] as const]));
    const { large: _, ...plan } = this.#plan;
    const alike = new DraftArbitrary({ ...plan, size: fixed }, this.#given);
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
