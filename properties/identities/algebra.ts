/** Matrices over any arithmetic. */
import type { Arithmetic } from './arithmetic.ts';

/** Row by row. */
export type Rows<T> = readonly (readonly T[])[];

export class Algebra<T> {
  readonly ring: Arithmetic<T>;
  readonly zero: T;
  readonly one: T;

  constructor(ring: Arithmetic<T>) {
    [this.ring, this.zero, this.one] = [ring, ring.of(0), ring.of(1)];
  }

  /** Numbers. */
  of(numerator: number, denominator = 1): T {
    return this.ring.of(numerator, denominator);
  }

  sum(...terms: readonly T[]): T {
    return terms.reduce((sum, term) => this.ring.add(sum, term));
  }

  difference(a: T, b: T): T {
    return this.ring.sub(a, b);
  }

  /** The product of numbers; whole numbers may stand for themselves. */
  product(...factors: readonly (T | number)[]): T {
    return factors.map((factor) => this.#number(factor)).reduce((product, factor) => this.ring.mul(product, factor));
  }

  square(a: T): T {
    return this.ring.mul(a, a);
  }

  power(a: T, exponent: number): T {
    return exponent === 0 ? this.one : this.product(...Array<T>(exponent).fill(a));
  }

  inverse(a: T): T {
    return this.ring.inverse(a);
  }

  // In the prime field a number is itself: there whole numbers below p are reduced already.
  #number(factor: T | number): T {
    return typeof factor === 'number' ? this.of(factor) : factor;
  }

  /** Matrices. */
  make(rows: number, columns: number, entry: (i: number, j: number) => T): Rows<T> {
    return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));
  }

  zeros(rows: number, columns: number): Rows<T> {
    return this.make(rows, columns, () => this.zero);
  }

  identity(n: number): Rows<T> {
    return this.make(n, n, (i, j) => (i === j ? this.one : this.zero));
  }

  /** rows x columns, with the numbers on the diagonal. */
  diagonal(numbers: readonly T[], rows = numbers.length, columns = numbers.length): Rows<T> {
    return this.make(rows, columns, (i, j) => (i === j ? (numbers[i] ?? this.zero) : this.zero));
  }

  /** A + B + ... */
  plus(A: Rows<T>, ...others: readonly Rows<T>[]): Rows<T> {
    return others.reduce((sum, B) => this.#entrywise(sum, B, (a, b) => this.ring.add(a, b)), A);
  }

  /** A - B - ... */
  minus(A: Rows<T>, ...others: readonly Rows<T>[]): Rows<T> {
    return others.reduce((sum, B) => this.#entrywise(sum, B, (a, b) => this.ring.sub(a, b)), A);
  }

  #entrywise(A: Rows<T>, B: Rows<T>, combine: (a: T, b: T) => T): Rows<T> {
    return A.map((row, i) => row.map((entry, j) => combine(entry, B[i]![j]!)));
  }

  /** c A */
  scaled(c: T | number, A: Rows<T>): Rows<T> {
    const factor = this.#number(c);
    return A.map((row) => row.map((entry) => this.ring.mul(factor, entry)));
  }

  transposed(A: Rows<T>): Rows<T> {
    return A[0]!.map((_, j) => A.map((row) => row[j]!));
  }

  /** A B ... */
  times(A: Rows<T>, ...others: readonly Rows<T>[]): Rows<T> {
    return others.reduce((product, B) => this.#times(product, B), A);
  }

  #times(A: Rows<T>, B: Rows<T>): Rows<T> {
    return this.timesTransposed(A, this.transposed(B));
  }

  #dot(a: readonly T[], b: readonly T[]): T {
    const ring = this.ring;
    let sum = ring.mul(a[0]!, b[0]!);
    for (let i = 1; i < a.length; i++) sum = ring.add(sum, ring.mul(a[i]!, b[i]!));
    return sum;
  }

  /** A'B */
  transposedTimes(A: Rows<T>, B: Rows<T>): Rows<T> {
    return this.#times(this.transposed(A), B);
  }

  /** A B' */
  timesTransposed(A: Rows<T>, B: Rows<T>): Rows<T> {
    return A.map((row) => B.map((column) => this.#dot(row, column)));
  }

  /** A'A */
  gram(A: Rows<T>): Rows<T> {
    return this.transposedTimes(A, A);
  }

  /** A + A' */
  symmetrised(A: Rows<T>): Rows<T> {
    return this.plus(A, this.transposed(A));
  }

  trace(A: Rows<T>): T {
    return this.sum(...A.map((row, i) => row[i]!));
  }

  /** tr(A'B) */
  inner(A: Rows<T>, B: Rows<T>): T {
    return this.sum(...A.map((row, i) => this.#dot(row, B[i]!)));
  }

  /** |A|^2 */
  squaredNorm(A: Rows<T>): T {
    return this.inner(A, A);
  }

  /** A over B. */
  stacked(A: Rows<T>, B: Rows<T>): Rows<T> {
    return [...A, ...B];
  }

  column(A: Rows<T>, j: number): Rows<T> {
    return A.map((row) => [row[j]!]);
  }

  /** The first columns. */
  columns(A: Rows<T>, count: number): Rows<T> {
    return A.map((row) => row.slice(0, count));
  }

  /**
   * The coefficients c_0 = 1, ..., c_n of det(t - A) = c_0 t^n + ... + c_n, and the adjugate of A, by Faddeev and LeVerrier:
   * the only divisions are by 1, ..., n.
   */
  characteristic(A: Rows<T>): { coefficients: T[]; adjugate: Rows<T> } {
    const n = A.length;
    const coefficients = [this.one];
    let adjugate = this.identity(n);
    for (let k = 1; k <= n; k++) {
      const product = this.times(A, adjugate);
      const c = this.product(this.of(-1, k), this.trace(product));
      coefficients.push(c);
      if (k < n) adjugate = this.plus(product, this.scaled(c, this.identity(n)));
    }
    return { coefficients, adjugate: n % 2 === 1 ? adjugate : this.scaled(-1, adjugate) };
  }

  /** det(t - A) */
  determinantAt(t: T, A: Rows<T>): T {
    const { coefficients } = this.characteristic(A);
    return coefficients.reduce((sum, c) => this.sum(this.product(sum, t), c));
  }

  /** A^-1, by Cramer. */
  inverseOf(A: Rows<T>): Rows<T> {
    const { coefficients, adjugate } = this.characteristic(A);
    const determinant = this.product(A.length % 2 === 1 ? -1 : 1, coefficients.at(-1)!);
    return this.scaled(this.inverse(determinant), adjugate);
  }
}
