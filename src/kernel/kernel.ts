/**
 * A kernel is the inner loops of a gradient step. All matrices are in one Float64Array (`memory`) and are identified by
 * the offset of their first entry. Two interchangeable implementations agree to the last bit: plain.ts (the reference)
 * and simd.ts (WebAssembly SIMD).
 *
 * A panel is a matrix of `width` columns, padded with rows of zeros to a multiple of 4 rows, which change no sum. It is
 * stored 4 rows at a time, and those column by column: see `place`. All other matrices are stored row by row. Factors
 * are padded with rows of zeros too, and `rows` is their number after padding; noise is not padded and has `dimension`
 * rows.
 */

/** The kernel and the memory of a descent. */
export interface Kernel {
  /** All numbers; another array after `reserve`. */
  memory: Float64Array;
  /** The id of the descent whose numbers are in the memory, or 0. */
  holder: number;
  /** Makes room for this number of numbers. Those that are there stay. */
  reserve(count: number): void;
  /** The first `rank` columns of the panel become at + sigma xi, which are dimension x rank; its padding stays. */
  perturb(at: number, xi: number, panel: number, dimension: number, rank: number, width: number, sigma: number): void;
  /** out = A'B, columns x rank: A is the first `columns` columns of the panel and B the first `rank` of them. */
  crossProducts(panel: number, rows: number, width: number, columns: number, rank: number, out: number): void;
  /** at -= stepSize A C: A is the panel, C (width x rank) the coefficients. 1 if all of `at` is finite then, and else 0. */
  subtractProduct(
    at: number,
    panel: number,
    rows: number,
    width: number,
    coefficients: number,
    rank: number,
    stepSize: number,
  ): number;
  /**
   * Householder reflections that make zeros below the diagonal of the rows x rank matrix at `at`: its Gram matrix stays the same.
   * 1 if all is finite, and else 0.
   */
  triangularise(at: number, rows: number, rank: number): number;
  /**
   * Takes steps of the descent whose plan is in the memory (plan.ts), with the noise in the memory, or, if `state` is
   * given, with fresh normal numbers (normal.ts). Returns the number, from 1, of the first step whose iterate is not
   * finite, at which it stops; otherwise 0.
   */
  descend(plan: number, steps: number, state: Int32Array | undefined): number;
  /** The next normal numbers of that state. */
  fillNormal(state: Int32Array, out: Float64Array): void;
}

/** Rows with those of the padding. */
export const padded = (rows: number): number => 4 * Math.ceil(rows / 4);

/** The offset of the entry at row i and column j in a panel. */
export const place = (i: number, j: number, width: number): number => 4 * (width * (i >> 2) + j) + (i & 3);
