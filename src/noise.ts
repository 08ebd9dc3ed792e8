/** Noise sources: independent numbers of mean 0 and variance 1, reproducible from a seed. */
import seedrandom from 'seedrandom';
import type { NoiseSource } from './contract.ts';
import { exp, log } from './elementary.ts';
import { InvalidInput } from './errors.ts';

/** Standard normal numbers, by the ziggurat of Marsaglia and Tsang (2000) with Doornik's (2005) separate layer draw. */
export function gaussianNoise(seed: string): NoiseSource {
  const state = bits(seed);
  return { fill: (out) => fillNormal(state, out) };
}

/** Signs: +1 and -1 with equal chances, from the sign bit. */
export function rademacherNoise(seed: string): NoiseSource {
  const state = bits(seed);
  return { fill: (out) => fillWith(out, () => (next(state) >> 31) | 1) };
}

/** Uniform on [-sqrt 3, sqrt 3], whose variance is 1. */
export function uniformNoise(seed: string): NoiseSource {
  const state = bits(seed);
  return { fill: (out) => fillWith(out, () => next(state) * SIGNED_UNIT * Math.sqrt(3)) };
}

/** Hands out the given numbers in order: for cubature, replays and transformed noise. Throws when they are used up. */
export function scriptedNoise(values: ArrayLike<number>): NoiseSource {
  let used = 0;
  return {
    fill(out) {
      if (used + out.length > values.length) {
        throw new InvalidInput(
          `the scripted noise has ${values.length} numbers and ${used + out.length} were asked for`,
        );
      }
      for (let i = 0; i < out.length; i++) out[i] = values[used++]!;
    },
  };
}

function fillWith(out: Float64Array, draw: () => number): void {
  for (let i = 0; i < out.length; i++) out[i] = draw();
}

/**
 * The state x, y, z, w of Marsaglia's xor128, filled from seedrandom's default generator, whose key schedule mixes the
 * whole seed, so that similar seeds give unrelated streams.
 */
function bits(seed: string): Int32Array {
  const key = seedrandom(seed);
  return Int32Array.from({ length: 4 }, () => key.int32());
}

/** The next signed 32-bit integer, as seedrandom.xor128 makes it. */
function next(state: Int32Array): number {
  const w = follow(state[3]!, state[0]!);
  state.copyWithin(0, 1);
  return (state[3] = w);
}

/** xor128's recurrence: the integer after w, four places after x. */
function follow(w: number, x: number): number {
  const t = x ^ (x << 11);
  return w ^ (w >>> 19) ^ t ^ (t >>> 8);
}

const SIGNED_UNIT = 2 ** -31;
const LAYERS = 128;
/** Right edge of the lowest layer and area of each layer of the 128-layer ziggurat (Marsaglia and Tsang 2000). */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const density = (x: number): number => exp((-x * x) / 2);

/** edges[i] is the half-width of layer i; edges[0] is that of a rectangle with the area of base and tail together. */
const edges = ziggurat();
/** The same per unit of a signed 32-bit integer. */
const scaled = edges.map((halfWidth) => halfWidth * SIGNED_UNIT);

// Stryker disable next-line BlockStatement: nothing can be imported then, which the runner takes for survival
function ziggurat(): Float64Array {
  const table = new Float64Array(LAYERS + 1);
  table[0] = AREA / density(TAIL);
  table[1] = TAIL;
  // Stryker disable next-line EqualityOperator: the recurrence ends at 0 of itself, but for rounding
  for (let i = 2; i < LAYERS; i++) {
    const below = table[i - 1]!;
    table[i] = Math.sqrt(-2 * log(AREA / below + density(below)));
  }
  return table;
}

/**
 * Each number is a point, the second draw, of a layer, the first draw, and is drawn again until it is under the density. The
 * state is kept in locals: that is what makes the loop fast.
 */
function fillNormal(state: Int32Array, out: Float64Array): void {
  let [x, y, z, w] = [state[0]!, state[1]!, state[2]!, state[3]!];
  for (let i = 0; i < out.length;) {
    const first = follow(w, x);
    const second = follow(first, y);
    x = z;
    y = w;
    z = first;
    w = second;
    const layer = first & (LAYERS - 1);
    const point = second * scaled[layer]!;
    // Nearly always the point lies inside its layer's inner box.
    // Stryker disable next-line EqualityOperator: a point on the box's edge is accepted below
    if (Math.abs(point) < edges[layer + 1]!) {
      out[i++] = point;
      continue;
    }
    save(state, x, y, z, w);
    const kept = outsideBox(state, layer, point);
    if (kept !== undefined) out[i++] = kept;
    [x, y, z, w] = [state[0]!, state[1]!, state[2]!, state[3]!];
  }
  save(state, x, y, z, w);
}

function save(state: Int32Array, x: number, y: number, z: number, w: number): void {
  state[0] = x;
  state[1] = y;
  state[2] = z;
  state[3] = w;
}

/** What becomes of a point outside its layer's inner box: it stays, it turns into one of the tail, or it is refused. */
function outsideBox(state: Int32Array, layer: number, x: number): number | undefined {
  if (layer === 0) return Math.sign(x) * tail(state);
  return isUnderDensity(layer, x, unit(state)) ? x : undefined;
}

/** Whether the point at x and at that share of its layer's height is under the density. */
function isUnderDensity(layer: number, x: number, share: number): boolean {
  const [low, high] = [density(edges[layer]!), density(edges[layer + 1]!)];
  // Stryker disable next-line EqualityOperator: under the density or on it, the law is the same
  return low + share * (high - low) < density(x);
}

/** A normal number beyond TAIL, by Marsaglia's exponential rejection. */
function tail(state: Int32Array): number {
  for (;;) {
    const excess = -log(unit(state)) / TAIL;
    // Stryker disable next-line EqualityOperator: above the bound or on it, the law is the same
    if (-2 * log(unit(state)) > excess * excess) return TAIL + excess;
  }
}

/** Uniform in (0, 1), never 0. */
const unit = (state: Int32Array): number => (next(state) + 2 ** 31 + 0.5) * 2 ** -32;
