/** The source of the numbers of an identity: a random point, formal variables, or an instance of its claim. */
import { Algebra, type Rows } from './algebra.ts';
import type { Arithmetic } from './arithmetic.ts';
import { groupSizes, pointsOf, type Rule } from './averages.ts';
import { Bounds, NOISE, VARIABLE, type Bound } from './bounds.ts';
import { doubles, exactly, type Rounded } from './rounded.ts';

/** Both sides of an identity. */
export interface Equation<T> {
  /** As the claim calls it. */
  readonly what: string;
  readonly lhs: Rows<T>;
  readonly rhs: Rows<T>;
}

/** Rows and columns of a block of noise. */
export type Block = readonly [rows: number, columns: number];

/** The arithmetic of matrices, with the inputs of an identity by name. */
export abstract class Setting<T> extends Algebra<T> {
  /** An input without restriction. */
  abstract matrix(name: string, rows: number, columns: number): Rows<T>;

  /** The average of a polynomial in independent standard normals. */
  abstract mean(rule: Rule, blocks: readonly Block[], of: (...noise: Rows<T>[]) => Rows<T>): Rows<T>;

  number(name: string): T {
    return this.matrix(name, 1, 1)[0]![0]!;
  }

  numbers(name: string, count: number): readonly T[] {
    return count === 0 ? [] : this.matrix(name, 1, count)[0]!;
  }

  /** An orthogonal input: a product of n reflections. Every orthogonal matrix of determinant (-1)^n is one. */
  orthogonal(name: string, n: number): Rows<T> {
    const reflections = Array.from({ length: n }, (_, i) => this.#reflection(this.matrix(`${name}${i + 1}`, n, 1)));
    return this.times(reflections[0]!, ...reflections.slice(1));
  }

  /** I - 2 v v' / v'v */
  #reflection(v: Rows<T>): Rows<T> {
    const twice = this.product(2, this.inverse(this.squaredNorm(v)));
    return this.minus(this.identity(v.length), this.scaled(twice, this.timesTransposed(v, v)));
  }

  equation(what: string, lhs: Rows<T>, rhs: Rows<T>): Equation<T> {
    return { what, lhs, rhs };
  }

  /** The equation of two numbers. */
  equality(what: string, lhs: T, rhs: T): Equation<T> {
    return { what, lhs: [[lhs]], rhs: [[rhs]] };
  }
}

/** A setting that averages by the points of rules. */
abstract class ByPoints<T> extends Setting<T> {
  override mean(rule: Rule, blocks: readonly Block[], of: (...noise: Rows<T>[]) => Rows<T>): Rows<T> {
    const sizes = blocks.map(([rows, columns]) => rows * columns);
    let sum: Rows<T> | undefined;
    for (const { nodes, weight } of pointsOf(rule, sizes)) {
      const numbers = nodes.map((node) => this.of(node));
      const term = this.scaled(this.of(...weight), of(...inBlocks(numbers, blocks)));
      sum = sum === undefined ? term : this.plus(sum, term);
    }
    return sum!;
  }
}

function inBlocks<T>(numbers: readonly T[], blocks: readonly Block[]): Rows<T>[] {
  let next = 0;
  return blocks.map(([rows, columns]) => {
    const block = Array.from({ length: rows }, (_, i) => numbers.slice(next + i * columns, next + (i + 1) * columns));
    next += rows * columns;
    return block;
  });
}

/** Every input is drawn; one that is asked for again is the same. */
export class RandomPoint extends ByPoints<number> {
  readonly #drawn = new Map<string, Rows<number>>();
  readonly #draw: () => number;

  constructor(field: Arithmetic<number>, draw: () => number) {
    super(field);
    this.#draw = draw;
  }

  override matrix(name: string, rows: number, columns: number): Rows<number> {
    const known = this.#drawn.get(name);
    if (known !== undefined) return known;
    const drawn = this.make(rows, columns, this.#draw);
    this.#drawn.set(name, drawn);
    return drawn;
  }
}

/** Inputs of an instance, by name: matrices, lists and numbers. */
export type Values = Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;

export class GivenPoint extends ByPoints<Rounded> {
  readonly #values: Values;

  constructor(values: Values) {
    super(doubles);
    this.#values = values;
  }

  override matrix(name: string, rows: number, columns: number): Rows<Rounded> {
    const value = this.#values[name];
    if (value === undefined) throw new Error(`the instance has no ${name}: give it in the identity's \`on\``);
    const grid = typeof value === 'number' ? [[value]] : typeof value[0] === 'number' ? [value] : value;
    return this.make(rows, columns, (i, j) => exactly((grid as readonly (readonly number[])[])[i]![j]!));
  }

  override orthogonal(name: string, n: number): Rows<Rounded> {
    return this.matrix(name, n, n);
  }
}

/** Every input is a variable. Checks that averages are exact. */
export class FormalPoint extends Setting<Bound> {
  readonly bounds: Bounds;

  constructor() {
    const bounds = new Bounds();
    super(bounds);
    this.bounds = bounds;
  }

  override matrix(_: string, rows: number, columns: number): Rows<Bound> {
    return this.make(rows, columns, () => VARIABLE);
  }

  readonly #orthogonal = new Map<string, Rows<Bound>>();

  /**
   * A product of n reflections, over the product of their v'v: an entry of (v'v) I - 2 v v' has at most n + 2 terms, and
   * there are n^(n - 1) products of n entries in a sum. The same denominator however often it is asked for.
   */
  override orthogonal(name: string, n: number): Rows<Bound> {
    const known = this.#orthogonal.get(name);
    if (known !== undefined) return known;
    const entry = this.bounds.fraction(
      { degree: 2 * n, bits: n * Math.log2(n + 2) + (n - 1) * Math.log2(n) },
      { degree: 2 * n, bits: n * Math.log2(n) },
    );
    const matrix = this.make(n, n, () => entry);
    this.#orthogonal.set(name, matrix);
    return matrix;
  }

  /** A coefficient is a sum of minors of size k, a minor one of k! products: faster than the computation, and smaller. */
  override characteristic(A: Rows<Bound>): { coefficients: Bound[]; adjugate: Rows<Bound> } {
    const entry = this.#largest(A);
    const n = A.length;
    const products = (k: number, count: number): Bound => this.product(count * factorial(k), this.power(entry, k));
    return {
      coefficients: Array.from({ length: n + 1 }, (_, k) => products(k, choose(n, k))),
      adjugate: this.make(n, n, () => products(n - 1, 1)),
    };
  }

  /** A bound for all entries. */
  #largest(A: Rows<Bound>): Bound {
    const { degree, noise, bits, under } = A.flat().reduce((sum, each) => this.sum(sum, each));
    return { degree, noise, bits, under };
  }

  override mean(rule: Rule, blocks: readonly Block[], of: (...noise: Rows<Bound>[]) => Rows<Bound>): Rows<Bound> {
    const sizes = blocks.map(([rows, columns]) => rows * columns);
    groupSizes(rule, sizes).forEach((_, group) => this.#checkDegree(rule, blocks, group, of));
    return this.#averaged(rule, sizes, of(...inBlocks(Array<Bound>(total(sizes)).fill(NOISE), blocks)));
  }

  /** With the numbers of one group as variables and all others as constants: the degree in that group. */
  #checkDegree(
    rule: Rule,
    blocks: readonly Block[],
    group: number,
    of: (...noise: Rows<Bound>[]) => Rows<Bound>,
  ): void {
    const sizes = groupSizes(
      rule,
      blocks.map(([rows, columns]) => rows * columns),
    );
    const numbers = sizes.flatMap((size, i) => Array<Bound>(size).fill(i === group ? NOISE : this.one));
    const degree = Math.max(
      ...of(...inBlocks(numbers, blocks))
        .flat()
        .map(({ noise }) => noise),
    );
    if (degree > rule.degree) {
      throw new Error(
        `the average is not exact: degree ${degree} in a group of the noise, for a rule of degree ${rule.degree}`,
      );
    }
  }

  /** Nodes are at most 2 in size: a term of degree k in the noise grows by 2^k, and by the sum of the weights' sizes. */
  #averaged(rule: Rule, sizes: readonly number[], mean: Rows<Bound>): Rows<Bound> {
    let [numerators, denominator] = [0, 1];
    for (const { weight } of pointsOf(rule, sizes)) denominator = Math.max(denominator, weight[1]);
    for (const { weight } of pointsOf(rule, sizes)) numerators += (Math.abs(weight[0]) * denominator) / weight[1];
    const factor = this.of(Math.ceil(numerators), denominator);
    return mean.map((row) =>
      row.map((each) => this.product(factor, this.of(2 ** Math.max(0, each.noise)), { ...each, noise: 0 })),
    );
  }
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));
const choose = (n: number, k: number): number => factorial(n) / (factorial(k) * factorial(n - k));
