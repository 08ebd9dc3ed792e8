/**
 * Exact arithmetic on matrices of doubles. Every finite double is a whole number times a power of two, so sums and products
 * of matrices are exact in whole numbers with one exponent a matrix.
 */
import { Matrix } from 'ml-matrix';

/** entries[i][j] 2^exponent. */
export interface Exact {
  readonly entries: readonly (readonly bigint[])[];
  readonly exponent: number;
}

const word = new DataView(new ArrayBuffer(8));

/** The value of a finite double: its mantissa as an integer, and its exponent. */
function split(value: number): [bigint, number] {
  if (value === 0) return [0n, 0];
  word.setFloat64(0, value);
  const bits = word.getBigUint64(0) & ~(1n << 63n);
  const [exponent, fraction] = [Number(bits >> 52n), bits & ((1n << 52n) - 1n)];
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  return [value < 0 ? -mantissa : mantissa, Math.max(1, exponent) - 1075];
}

export function exact(A: Matrix): Exact {
  const parts = A.to2DArray().map((row) => row.map(split));
  const exponent = Math.min(0, ...parts.flat().map(([, power]) => power));
  const entries = parts.map((row) => row.map(([mantissa, power]) => mantissa << BigInt(power - exponent)));
  return { entries, exponent };
}

const lift = ({ entries, exponent }: Exact, to: number): Exact => ({
  entries: entries.map((row) => row.map((entry) => entry << BigInt(exponent - to))),
  exponent: to,
});

/** A + B. */
export function add(A: Exact, B: Exact): Exact {
  const exponent = Math.min(A.exponent, B.exponent);
  const [a, b] = [lift(A, exponent), lift(B, exponent)];
  return { entries: a.entries.map((row, i) => row.map((entry, j) => entry + b.entries[i]![j]!)), exponent };
}

/** A - B. */
export const subtract = (A: Exact, B: Exact): Exact =>
  add(A, { ...B, entries: B.entries.map((row) => row.map((entry) => -entry)) });

/** A B. */
export function multiply(A: Exact, B: Exact): Exact {
  const columns = transpose(B).entries;
  const entries = A.entries.map((row) =>
    columns.map((column) => row.reduce((sum, entry, k) => sum + entry * column[k]!, 0n)),
  );
  return { entries, exponent: A.exponent + B.exponent };
}

/** c A for a double c. */
export function scale(c: number, A: Exact): Exact {
  const [mantissa, exponent] = split(c);
  return { entries: A.entries.map((row) => row.map((entry) => mantissa * entry)), exponent: A.exponent + exponent };
}

/** A'. */
export const transpose = ({ entries, exponent }: Exact): Exact => ({
  entries: entries[0]!.map((_, j) => entries.map((row) => row[j]!)),
  exponent,
});

/** The same to this number of binary places of the largest entry: the exact numbers of many steps would triple in length. */
export function truncated({ entries, exponent }: Exact, places: number): Exact {
  const length = Math.max(...entries.flat().map((entry) => entry.toString(16).length * 4));
  const excess = Math.max(0, length - places);
  return { entries: entries.map((row) => row.map((entry) => entry >> BigInt(excess))), exponent: exponent + excess };
}

/** The doubles next to the entries, within one unit in the last place. */
export function rounded({ entries, exponent }: Exact): Matrix {
  return new Matrix(entries.map((row) => row.map((entry) => toDouble(entry, exponent))));
}

function toDouble(entry: bigint, exponent: number): number {
  const size = entry < 0n ? -entry : entry;
  // The first 64 bits, which Number rounds correctly; the rest is below half a unit of them.
  const excess = Math.max(0, size.toString(2).length - 64);
  const kept = Number(size >> BigInt(excess));
  // Two factors, since 2 ** exponent alone may underflow although the product does not.
  const power = exponent + excess;
  const half = Math.trunc(power / 2);
  return (entry < 0n ? -1 : 1) * kept * 2 ** half * 2 ** (power - half);
}
