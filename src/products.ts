/**
 * The two matrix products of a step. Both keep several sums in local variables, so that each number that is loaded is used
 * more than once: loads are what takes the time.
 *
 * A panel is a matrix A of `width` columns, padded with rows of zeros to a multiple of 4 rows, which change no sum. It is
 * stored 4 rows at a time, and those column by column: see `place`.
 */

/** Entries of a panel with that many rows and columns. */
export const panelSize = (rows: number, width: number): number => 4 * Math.ceil(rows / 4) * width;

/** Where row i and column j of a panel stand. */
export const place = (i: number, j: number, width: number): number => 4 * (width * (i >> 2) + j) + (i & 3);

/**
 * out = A'B (columns x rank), A being the first `columns` columns of the panel and B the first `rank` of them. Of B'B, which
 * is symmetric, little more than half is computed.
 */
export function crossProducts(
  panel: Float64Array,
  width: number,
  columns: number,
  rank: number,
  out: Float64Array,
): void {
  let b = 0;
  for (; b + 1 < rank; b += 2) {
    let a = b;
    for (; a + 1 < columns; a += 2) cross2x2(panel, width, rank, a, b, out);
    for (let c = b; a < columns && c < b + 2; c++) out[a * rank + c] = cross(panel, width, a, c);
  }
  if (b < rank) {
    let a = b;
    for (; a + 1 < columns; a += 2) cross2x1(panel, width, rank, a, b, out);
    if (a < columns) out[a * rank + b] = cross(panel, width, a, b);
  }
  for (let a = 0; a < rank; a++) for (let c = a + 1; c < rank; c++) out[a * rank + c] = out[c * rank + a]!;
}

/** Columns a and a + 1 with columns b and b + 1. */
function cross2x2(panel: Float64Array, width: number, rank: number, a: number, b: number, out: Float64Array): void {
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  for (let p = 4 * a, x = 4 * b; p < panel.length; p += 4 * width, x += 4 * width) {
    const x0 = panel[x]!;
    const x1 = panel[x + 1]!;
    const x2 = panel[x + 2]!;
    const x3 = panel[x + 3]!;
    const y0 = panel[x + 4]!;
    const y1 = panel[x + 5]!;
    const y2 = panel[x + 6]!;
    const y3 = panel[x + 7]!;
    const p0 = panel[p]!;
    const p1 = panel[p + 1]!;
    const p2 = panel[p + 2]!;
    const p3 = panel[p + 3]!;
    s += p0 * x0 + p1 * x1 + (p2 * x2 + p3 * x3);
    t += p0 * y0 + p1 * y1 + (p2 * y2 + p3 * y3);
    const q0 = panel[p + 4]!;
    const q1 = panel[p + 5]!;
    const q2 = panel[p + 6]!;
    const q3 = panel[p + 7]!;
    u += q0 * x0 + q1 * x1 + (q2 * x2 + q3 * x3);
    v += q0 * y0 + q1 * y1 + (q2 * y2 + q3 * y3);
  }
  const to = a * rank + b;
  out[to] = s;
  out[to + 1] = t;
  out[to + rank] = u;
  out[to + rank + 1] = v;
}

/** Columns a and a + 1 with column b. */
function cross2x1(panel: Float64Array, width: number, rank: number, a: number, b: number, out: Float64Array): void {
  let s = 0;
  let t = 0;
  for (let p = 4 * a, x = 4 * b; p < panel.length; p += 4 * width, x += 4 * width) {
    const x0 = panel[x]!;
    const x1 = panel[x + 1]!;
    const x2 = panel[x + 2]!;
    const x3 = panel[x + 3]!;
    s += panel[p]! * x0 + panel[p + 1]! * x1 + (panel[p + 2]! * x2 + panel[p + 3]! * x3);
    t += panel[p + 4]! * x0 + panel[p + 5]! * x1 + (panel[p + 6]! * x2 + panel[p + 7]! * x3);
  }
  out[a * rank + b] = s;
  out[(a + 1) * rank + b] = t;
}

/** Column a with column b. */
function cross(panel: Float64Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let p = 4 * a, x = 4 * b; p < panel.length; p += 4 * width, x += 4 * width) {
    sum +=
      panel[p]! * panel[x]! +
      panel[p + 1]! * panel[x + 1]! +
      (panel[p + 2]! * panel[x + 2]! + panel[p + 3]! * panel[x + 3]!);
  }
  return sum;
}

/**
 * at -= stepSize A C: A is the panel, C (width x rank) the coefficients, both `at` and C row by row, `at` with as many rows
 * as the panel. Sums run from the last column to the first, so that the first ones pass through few roundings. Returns
 * whether the sum of the new entries is finite, which it is only if they all are. 4 rows by 2 columns at a time, and all in
 * one function: calls for its parts cost a tenth of the time.
 */
export function subtractProduct(
  at: Float64Array,
  panel: Float64Array,
  width: number,
  coefficients: Float64Array,
  rank: number,
  stepSize: number,
): boolean {
  const last = 4 * (width - 1);
  const lastRow = (width - 1) * rank;
  let total = 0;
  for (let row = 0, to = 0; to < at.length; row += 4 * width, to += 4 * rank) {
    let k = 0;
    for (; k + 1 < rank; k += 2) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let t0 = 0;
      let t1 = 0;
      let t2 = 0;
      let t3 = 0;
      for (let p = row + last, c = k + lastRow; p >= row; p -= 4, c -= rank) {
        const x = coefficients[c]!;
        const y = coefficients[c + 1]!;
        const p0 = panel[p]!;
        const p1 = panel[p + 1]!;
        const p2 = panel[p + 2]!;
        const p3 = panel[p + 3]!;
        s0 += p0 * x;
        t0 += p0 * y;
        s1 += p1 * x;
        t1 += p1 * y;
        s2 += p2 * x;
        t2 += p2 * y;
        s3 += p3 * x;
        t3 += p3 * y;
      }
      const e = to + k;
      total += (at[e]! -= stepSize * s0) + (at[e + 1]! -= stepSize * t0);
      total += (at[e + rank]! -= stepSize * s1) + (at[e + rank + 1]! -= stepSize * t1);
      total += (at[e + 2 * rank]! -= stepSize * s2) + (at[e + 2 * rank + 1]! -= stepSize * t2);
      total += (at[e + 3 * rank]! -= stepSize * s3) + (at[e + 3 * rank + 1]! -= stepSize * t3);
    }
    if (k < rank) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let p = row + last, c = k + lastRow; p >= row; p -= 4, c -= rank) {
        const x = coefficients[c]!;
        s0 += panel[p]! * x;
        s1 += panel[p + 1]! * x;
        s2 += panel[p + 2]! * x;
        s3 += panel[p + 3]! * x;
      }
      const e = to + k;
      total += (at[e]! -= stepSize * s0) + (at[e + rank]! -= stepSize * s1);
      total += (at[e + 2 * rank]! -= stepSize * s2) + (at[e + 3 * rank]! -= stepSize * s3);
    }
  }
  return Number.isFinite(total);
}
