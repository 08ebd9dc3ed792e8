/** The arithmetic that identities are written over: doubles, a prime field and bounds are instances of it. */

export interface Arithmetic<T> {
  /** The rational number with this numerator and this positive denominator (default: 1). */
  of(numerator: number, denominator?: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  /** Throws `NoInverse` if it does not exist. */
  inverse(a: T): T;
}

/** Division by zero: the point is not in the domain of the identity. */
export class NoInverse extends Error {
  override readonly name = 'NoInverse';
}
