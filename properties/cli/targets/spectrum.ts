/** Rank and singular values of a target, at a cost that does not delay a run. */
import { Matrix, SVD } from 'ml-matrix';

type Rows = readonly (readonly number[])[];

export interface Spectrum {
  /** Largest first. */
  readonly singularValues: readonly number[];
  readonly rank: number;
  /** Singular values above this fraction of the largest count for the rank. */
  readonly threshold: number;
  /** Whether smaller ones are lost in rounding errors because the Gram matrix was decomposed. */
  readonly isCoarse: boolean;
}

/** Multiplications that a decomposition of the matrix itself may take, in units of rows x columns x min(rows, columns). */
const MOST_WORK = 4e6;

/** The same for the Gram matrix, of at most this size: about a second on a slow machine. */
const MOST_GRAM_WORK = 6e8;
const MOST_GRAM_SIZE = 512;

/** Undefined for matrices that are too large. */
export function spectrumOf(rows: Rows): Spectrum | undefined {
  const [long, short] = [rows.length, rows[0]!.length].sort((a, b) => b - a) as [number, number];
  const scale = rows.reduce((most, row) => row.reduce((max, x) => Math.max(max, Math.abs(x)), most), 0);
  if (scale === 0) return { singularValues: new Array<number>(short).fill(0), rank: 0, threshold: 0, isCoarse: false };
  const work = long * short * short;
  // The rule of LAPACK's users: rounding errors move singular values by up to this fraction of the largest.
  const rounding = long * Number.EPSILON;
  if (work <= MOST_WORK) {
    return spectrum(valuesOf(new Matrix(rows)), rounding, false);
  }
  if (work > MOST_GRAM_WORK || short > MOST_GRAM_SIZE) return undefined;
  // The same rule for the Gram matrix, whose singular values are the squares.
  const squares = valuesOf(gram(rows, scale));
  return spectrum(
    squares.map((square) => scale * Math.sqrt(square)),
    Math.sqrt(rounding),
    true,
  );
}

const valuesOf = (A: Matrix): number[] =>
  new SVD(A, { autoTranspose: true, computeLeftSingularVectors: false, computeRightSingularVectors: false }).diagonal;

const spectrum = (singularValues: readonly number[], threshold: number, isCoarse: boolean): Spectrum => ({
  singularValues,
  rank: singularValues.filter((value) => value > threshold * singularValues[0]!).length,
  threshold,
  isCoarse,
});

/** The smaller of A'A and AA', for A = rows / scale, so that no square overflows. */
function gram(rows: Rows, scale: number): Matrix {
  const tall = rows.length >= rows[0]!.length ? rows : rows[0]!.map((_, j) => rows.map((row) => row[j]!));
  const size = tall[0]!.length;
  const sums = Array.from({ length: size }, () => new Float64Array(size));
  for (const row of tall) {
    const x = Float64Array.from(row, (value) => value / scale);
    for (let i = 0; i < size; i++) {
      const [sum, factor] = [sums[i]!, x[i]!];
      for (let j = 0; j <= i; j++) sum[j]! += factor * x[j]!;
    }
  }
  return new Matrix(sums.map((_, i) => sums.map((_, j) => sums[Math.max(i, j)]![Math.min(i, j)]!)));
}
