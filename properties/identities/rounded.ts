/**
 * Doubles, each with a bound on its rounding error: they connect the text of an identity with the claim's own numbers.
 */
import { u } from '../oracles/rounding.ts';
import { NoInverse, type Arithmetic } from './arithmetic.ts';

export interface Rounded {
  readonly value: number;
  /** |value - exact value| is at most this, to first order in u. */
  readonly error: number;
}

/** A double that is exact. */
export const exactly = (value: number): Rounded => ({ value, error: 0 });

const rounded = (value: number, error: number): Rounded => ({ value, error: error + u * Math.abs(value) });

export const doubles: Arithmetic<Rounded> = {
  of: (numerator, denominator = 1) => (denominator === 1 ? exactly(numerator) : rounded(numerator / denominator, 0)),
  add: (a, b) => rounded(a.value + b.value, a.error + b.error),
  sub: (a, b) => rounded(a.value - b.value, a.error + b.error),
  mul: (a, b) =>
    rounded(a.value * b.value, Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error),
  inverse({ value, error }) {
    if (!(Math.abs(value) > error)) throw new NoInverse();
    return rounded(1 / value, error / (Math.abs(value) * (Math.abs(value) - error)));
  },
};
