/**
 * exp and log by additions, multiplications and divisions, whose every bit IEEE 754 fixes. ECMAScript leaves the last digits of
 * those of Math to the engine, and engines differ: V8 11 from V8 15, say. A seed is to mean the same noise in all of them.
 */

/**
 * ln 2 in two parts; multiples of the first by a binary exponent are exact, because it has few digits (Cody and Waite
 * 1980).
 */
const LN2_HIGH = 0x162e42fee / 0x200000000;
const LN2_LOW = 1.9082149292705877e-10;

/** e^x within a few units of the last place, for |x| <= 700. */
export function exp(x: number): number {
  const halvings = Math.round(-x / (LN2_HIGH + LN2_LOW));
  const r = x + halvings * LN2_HIGH + halvings * LN2_LOW;
  // Taylor's series: |r| <= 0.35, so that r^14 / 14! is below 2^-57.
  let sum = 1;
  for (let n = 13; n > 0; n--) sum = 1 + (r / n) * sum;
  return scaled(sum, -halvings);
}

/** ln x within a few units of the last place, or of 1 if x is near 1; for normal x > 0. */
export function log(x: number): number {
  let doublings = 0;
  let m = x;
  for (; m < Math.SQRT1_2; m *= 2) doublings--;
  for (; m > Math.SQRT2; m /= 2) doublings++;
  // ln m = 2 artanh s with |s| <= 0.172, so that s^22 / 23 is below 2^-60.
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 21; n > 0; n -= 2) sum = 1 / n + square * sum;
  return doublings * LN2_HIGH + (2 * s * sum + doublings * LN2_LOW);
}

/** 2^n y, exactly while that is a normal number. */
function scaled(y: number, n: number): number {
  let value = y;
  for (let i = 0; i < n; i++) value *= 2;
  for (let i = 0; i > n; i--) value /= 2;
  return value;
}
