/** An identity: the statement of a claim as an equation between rational functions of its inputs. */
import type { Comparison } from '../model/claim.ts';
import { noiseTape, type Grid, type Instance } from '../model/instance.ts';
import type { Equation, Setting, Values } from './setting.ts';

export interface Shape {
  readonly d1: number;
  readonly d2: number;
  readonly r: number;
  /** The number of singular triples that count, in texts that have singular triples. */
  readonly k?: number;
}

/** The equations of an identity, over any arithmetic. */
export type Text = <T>(a: Setting<T>, shape: Shape) => readonly Equation<T>[];

export interface Identity {
  /** The id of the claim that it proves. */
  readonly claim: string;
  /** The part that is proved, if the claim says more: a clause that follows "proved". */
  readonly part?: string;
  /** Why its averages over the noise are exact. */
  readonly average?: string;
  /** The shapes that it is proved for, and in words. */
  readonly shapes: Shapes;
  readonly text: Text;
  /** The inputs of the text on an instance of the claim; undefined if the text does not speak of that instance. */
  readonly on: (instance: Instance) => Values | undefined;
  /** The shape of the text on an instance (default: that of the instance). */
  readonly shapeOn?: (instance: Instance) => Shape;
  /** The instance for the claim's check, of one step (default: as drawn). */
  readonly seen?: (instance: Instance) => Instance;
  /** Both sides as the functions of src and the oracles have them (default: as the claim's check returns them). */
  readonly theirs?: (instance: Instance, check: () => Comparison) => Sides;
}

/** Both sides of an equation in doubles, with the rounding that they may have. */
export type Sides = Pick<Comparison, 'what' | 'lhs' | 'rhs' | 'tolerance'>;

export interface Shapes {
  readonly text: string;
  readonly all: readonly Shape[];
}

/** All shapes with d1, d2 <= d and r <= min(d1, d2, most), or those of them that are affordable. */
export function shapesUpTo(d: number, most: number, affordable?: Affordable): Shapes {
  const sizes = Array.from({ length: d }, (_, i) => i + 1);
  const all = sizes.flatMap((d1) =>
    sizes.flatMap((d2) => sizes.filter((r) => r <= Math.min(d1, d2, most)).map((r) => ({ d1, d2, r }))),
  );
  const text = `d1, d2 <= ${d}, r <= ${most}`;
  if (affordable === undefined) return { text, all };
  return { text: `${text}, ${affordable.text}`, all: all.filter(affordable.holds) };
}

export interface Affordable {
  readonly text: string;
  readonly holds: (shape: Shape) => boolean;
}

/** The same shapes with each number k from `least` to the most that the shape allows. */
export function withTriples({ text, all }: Shapes, least: number, most: (shape: Shape) => number, k: string): Shapes {
  const numbered = all.flatMap((shape) =>
    Array.from({ length: Math.max(0, most(shape) - least + 1) }, (_, i) => ({ ...shape, k: least + i })),
  );
  return { text: `${text}, ${k}`, all: numbered };
}

/** All shapes up to 4 x 4 with r <= 3. */
export const USUAL_SHAPES: Shapes = shapesUpTo(4, 3);

export const shapeOf = ({ X0, Y0 }: Pick<Instance, 'X0' | 'Y0'>): Shape => ({
  d1: X0.length,
  d2: Y0.length,
  r: X0[0]!.length,
});

/** The same with a number of singular triples. */
export const withK =
  (k: (instance: Instance) => number) =>
  (instance: Instance): Shape => ({ ...shapeOf(instance), k: k(instance) });

/**
 * M, X and Y, the step size and the scales of the noise, under their usual names, and the other fields of the instance.
 */
export const asDrawn = ({ X0, Y0, ...rest }: Instance): Values => ({ ...rest, X: X0, Y: Y0 });

/** The same instance with one step. */
export const oneStep = (instance: Instance): Instance => ({ ...instance, steps: 1 });

/** The same with the standard normals of the first step as xi1 and xi2. */
export function withNoise(instance: Instance): Values {
  const { d1, d2, r } = shapeOf(instance);
  const tape = [...noiseTape(instance, 1)];
  const grid = (rows: number, from: number): Grid =>
    Array.from({ length: rows }, (_, i) => tape.slice(from + i * r, from + (i + 1) * r));
  return { ...asDrawn(instance), xi1: grid(d1, 0), xi2: grid(d2, d1 * r) };
}

/** Orthonormal columns, padded to a square matrix with columns of 0, which texts do not use. */
export const squared = (columns: Grid): Grid =>
  columns.map((row) => [...row, ...Array<number>(columns.length - row.length).fill(0)]);
