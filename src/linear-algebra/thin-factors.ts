/** Thin factors of a target of small rank: M = L V' with k columns in L and V. */
import { Matrix } from 'ml-matrix';
import { decompose } from './geometry.ts';

export interface ThinFactors {
  /** The k columns of L = U S, each d1 numbers, orthogonal. */
  readonly L: Float64Array[];
  /** The k columns of V, each d2 numbers, orthonormal. */
  readonly V: Float64Array[];
}

const UNIT = 2 ** -53;
/** Thin factors are used if k (d1 + d2) is at most this part of d1 d2. */
const SAVING = 3 / 4;
/** Squares of smaller numbers lose digits to underflow. */
const SMALLEST_SQUARE = 2 ** -900;

/**
 * Thin factors of M if a step with them is cheaper than with M and as accurate, that is if k^1.5 <= (min(d1, d2) + 4) /
 * 2 and |M - L V'| <= (min(d1, d2) + 4) / 2 u |M| (docs/theory/setting.md#residual-free); otherwise undefined. Costs
 * O(d1 d2 k) in both cases.
 */
export function thinFactors(target: Matrix): ThinFactors | undefined {
  const { rows: d1, columns: d2 } = target;
  const share = (Math.min(d1, d2) + 4) / 2;
  const most = Math.floor(Math.min((SAVING * d1 * d2) / (d1 + d2), share ** (2 / 3)));
  if (most === 0) return undefined;
  const M = flat(target);
  const size = dot(M, 0, M);
  if (!(size > SMALLEST_SQUARE && size < Infinity)) return undefined;
  const allowed = (share * UNIT) ** 2 * size;
  const basis = rowBasis(M, d2, most, allowed);
  if (basis === undefined) return undefined;
  const V = basis.length === 1 ? basis : turned(M, basis);
  const L = V.map((v) => image(M, v));
  V.forEach((v, k) => deflate(M, L[k]!, v));
  const left = dot(M, 0, M);
  return left <= allowed ? { L, V } : undefined;
}

/** Row by row. */
function flat(M: Matrix): Float64Array {
  const out = new Float64Array(M.rows * M.columns);
  for (let i = 0, n = 0; i < M.rows; i++) for (let j = 0; j < M.columns; j++, n++) out[n] = M.get(i, j);
  return out;
}

/** Orthonormal vectors that span the rows of M, by Gram-Schmidt on the largest row that is left until nothing is left in `rest`. */
function rowBasis(M: Float64Array, d2: number, most: number, allowed: number): Float64Array[] | undefined {
  const rest = M.slice();
  const basis: Float64Array[] = [];
  while (dot(rest, 0, rest) > allowed) {
    if (basis.length === most) return undefined;
    const row = largestRow(rest, d2);
    const unit = orthonormal(rest.slice(row, row + d2), basis);
    deflate(rest, image(rest, unit), unit);
    basis.push(unit);
  }
  return basis;
}

/** The basis turned to the singular vectors of M, so that the columns of M V are orthogonal. */
function turned(M: Float64Array, basis: readonly Float64Array[]): Float64Array[] {
  const images = new Matrix(basis.map((vector) => image(M, vector))).transpose();
  const rows = decompose(images).V.transpose().mmul(new Matrix(basis));
  const vectors: Float64Array[] = [];
  for (const row of rows.to2DArray()) vectors.push(orthonormal(new Float64Array(row), vectors));
  return vectors;
}

/** The offset of the row of M with the largest norm. */
function largestRow(M: Float64Array, d2: number): number {
  let [largest, found] = [0, 0];
  for (let row = 0; row < M.length; row += d2) {
    let size = 0;
    for (let j = row; j < row + d2; j++) size += M[j]! * M[j]!;
    if (size > largest) [largest, found] = [size, row];
  }
  return found;
}

/** The vector minus its projection on the basis, to which it is nearly orthogonal, as a unit vector. */
function orthonormal(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  for (const each of basis) deflate(vector, [dot(vector, 0, each)], each);
  const length = Math.sqrt(dot(vector, 0, vector));
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}

/** M v; the number of columns of M is the length of v. */
function image(M: Float64Array, v: Float64Array): Float64Array {
  const out = new Float64Array(M.length / v.length);
  for (let i = 0; i < out.length; i++) out[i] = dot(M, i * v.length, v);
  return out;
}

/** M -= u v' */
function deflate(M: Float64Array, u: ArrayLike<number>, v: Float64Array): void {
  for (let i = 0, at = 0; i < u.length; i++) {
    for (let j = 0; j < v.length; j++, at++) M[at]! -= u[i]! * v[j]!;
  }
}

/** Inner product of b with the part of a that begins there. */
function dot(a: Float64Array, from: number, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[from + i]! * b[i]!;
  return sum;
}
