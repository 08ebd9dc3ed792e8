/**
 * Standard normal numbers, by the ziggurat of Marsaglia and Tsang (2000) with Doornik's (2005) separate layer draw, from the
 * state x, y, z, w of Marsaglia's xor128. kernel/assembly/normals.ts draws the same numbers two at a time.
 */
import { exp, log } from './elementary.ts';

/** The next signed 32-bit integer, as seedrandom.xor128 makes it. */
export function next(state: Int32Array): number {
  const following = follow(state[3]!, state[0]!);
  state[0] = state[1]!;
  state[1] = state[2]!;
  state[2] = state[3]!;
  return (state[3] = following);
}

/** xor128's recurrence: the integer after w, four places after x. */
function follow(w: number, x: number): number {
  const t = x ^ (x << 11);
  return w ^ (w >>> 19) ^ (t ^ (t >>> 8));
}

export const SIGNED_UNIT = 2 ** -31;
const LAYERS = 128;
/** Right edge of the lowest layer and area of each layer of the 128-layer ziggurat (Marsaglia and Tsang 2000). */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const density = (x: number): number => exp((-x * x) / 2);

/**
 * edges[i] is the half-width of layer i; edges[0] is the half-width of a rectangle with the area of base and tail
 * together.
 */
const edges = ziggurat();
/** The same per unit of a signed 32-bit integer. */
const scaled = edges.map((halfWidth) => halfWidth * SIGNED_UNIT);
/** Half-widths of the boxes inside the layers, which are all under the density. */
const inner = edges.subarray(1);
const heights = edges.map(density);

/** The tables of a kernel: the scale, the inner box, the height and the half-width of each layer, one after another. */
export const layers = (): number[] => [...edges].flatMap((edge, i) => [scaled[i]!, inner[i] ?? 0, heights[i]!, edge]);

// Stryker disable next-line BlockStatement: nothing can be imported then, which the runner takes for survival
function ziggurat(): Float64Array {
  const table = new Float64Array(LAYERS + 1);
  table[0] = AREA / density(TAIL);
  table[1] = TAIL;
  // Stryker disable next-line EqualityOperator: the recurrence ends at 0 of itself, up to rounding
  for (let i = 2; i < LAYERS; i++) {
    const below = table[i - 1]!;
    table[i] = Math.sqrt(-2 * log(AREA / below + density(below)));
  }
  return table;
}

/** Each number is a point, the second draw, of a layer, the first draw, and is drawn again until it is under the density. */
export function fillNormal(state: Int32Array, out: Float64Array): void {
  for (let i = fillInside(state, out, 0); i < out.length; i = fillInside(state, out, i)) {
    out[i++] = outside(state);
  }
}

/**
 * Fills `out` from index i on, until a point falls outside its layer's inner box, which is rare; returns its index. It
 * is fast because the state is in local variables and every call in the loop is inlined.
 */
function fillInside(state: Int32Array, out: Float64Array, from: number): number {
  let x = state[0]!;
  let y = state[1]!;
  let z = state[2]!;
  let w = state[3]!;
  let i = from;
  for (; i < out.length; i++) {
    const first = follow(w, x);
    const second = follow(first, y);
    x = z;
    y = w;
    z = first;
    w = second;
    const layer = first & (LAYERS - 1);
    const point = second * scaled[layer]!;
    // Stryker disable next-line EqualityOperator: a point on the box's edge is accepted by the caller
    if (!(Math.abs(point) < inner[layer]!)) break;
    out[i] = point;
  }
  state[0] = x;
  state[1] = y;
  state[2] = z;
  state[3] = w;
  return i;
}

/** The number whose last two draws, which are in the state, gave a point outside its layer's inner box. */
export function outside(state: Int32Array): number {
  for (;;) {
    const layer = state[2]! & (LAYERS - 1);
    const point = state[3]! * scaled[layer]!;
    if (Math.abs(point) < inner[layer]!) return point;
    if (layer === 0) return Math.sign(point) * tail(state);
    if (isUnderDensity(layer, point, unit(state))) return point;
    next(state);
    next(state);
  }
}

/**
 * Whether the point at x and at that share of its layer's height is under the density, which is e^q times that at the layer's
 * outer edge, 0 <= q < 3/4. Bounds decide nearly always: 1 + q + q^2 / 2 <= e^q <= 1 + q + q^2 / 2 + q^3.
 */
function isUnderDensity(layer: number, x: number, share: number): boolean {
  const low = heights[layer]!;
  const height = low + share * (heights[layer + 1]! - low);
  const q = (edges[layer]! * edges[layer]! - x * x) / 2;
  const least = low * (1 + q + (q * q) / 2);
  // Stryker disable next-line ConditionalExpression,EqualityOperator,LogicalOperator: decides as the last line, only faster
  if (height < least || height > least + low * q * q * q) return height < least;
  // Stryker disable next-line EqualityOperator: under the density or on it, the distribution is the same
  return height < density(x);
}

/** A normal number beyond TAIL, by Marsaglia's exponential rejection. */
function tail(state: Int32Array): number {
  for (;;) {
    const excess = -log(unit(state)) / TAIL;
    // Stryker disable next-line EqualityOperator: above the bound or on it, the distribution is the same
    if (-2 * log(unit(state)) > excess * excess) return TAIL + excess;
  }
}

/** Uniform in (0, 1), never 0. */
const unit = (state: Int32Array): number => (next(state) + 2 ** 31 + 0.5) * 2 ** -32;
