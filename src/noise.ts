/** Noise sources: independent numbers of mean 0 and variance 1, reproducible from a seed. */
import seedrandom from 'seedrandom';
import type { NoiseSource } from './contract.ts';
import { InvalidInput } from './errors.ts';

/** Standard normal numbers, by the ziggurat of Marsaglia and Tsang (2000) with Doornik's (2005) separate layer draw. */
export function gaussianNoise(seed: string): NoiseSource {
  const next = bits(seed);
  return { fill: (out) => fillWith(out, () => normal(next)) };
}

/** Signs: +1 and -1 with equal chances, from the sign bit. */
export function rademacherNoise(seed: string): NoiseSource {
  const next = bits(seed);
  return { fill: (out) => fillWith(out, () => (next() >> 31) | 1) };
}

/** Uniform on [-sqrt 3, sqrt 3], whose variance is 1. */
export function uniformNoise(seed: string): NoiseSource {
  const next = bits(seed);
  return { fill: (out) => fillWith(out, () => next() * SIGNED_UNIT * Math.sqrt(3)) };
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
 * Signed 32-bit integers of Marsaglia's xor128. Its state is filled from seedrandom's default generator, whose key
 * schedule mixes the whole seed, so that similar seeds give unrelated streams.
 */
function bits(seed: string): () => number {
  const key = seedrandom(seed);
  const state = { x: key.int32(), y: key.int32(), z: key.int32(), w: key.int32() };
  // Stryker disable next-line StringLiteral: the state replaces what the seed made
  const generator = seedrandom.xor128('', { state });
  return () => generator.int32();
}

const SIGNED_UNIT = 2 ** -31;
const LAYERS = 128;
/** Right edge of the lowest layer and area of each layer of the 128-layer ziggurat (Marsaglia and Tsang 2000). */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const density = (x: number): number => Math.exp((-x * x) / 2);

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
    table[i] = Math.sqrt(-2 * Math.log(AREA / below + density(below)));
  }
  return table;
}

/** A point of a layer drawn at random, drawn again until it is under the density. */
function normal(next: () => number): number {
  for (;;) {
    const layer = next() & (LAYERS - 1);
    const x = next() * scaled[layer]!;
    // Nearly always the point lies inside its layer's inner box.
    // Stryker disable next-line EqualityOperator: a point on the box's edge is accepted below
    if (Math.abs(x) < edges[layer + 1]!) return x;
    if (layer === 0) return Math.sign(x) * tail(next);
    if (isUnderDensity(layer, x, unit(next))) return x;
  }
}

/** Whether the point at x and at that share of its layer's height is under the density. */
function isUnderDensity(layer: number, x: number, share: number): boolean {
  const [low, high] = [density(edges[layer]!), density(edges[layer + 1]!)];
  // Stryker disable next-line EqualityOperator: under the density or on it, the law is the same
  return low + share * (high - low) < density(x);
}

/** A normal number beyond TAIL, by Marsaglia's exponential rejection. */
function tail(next: () => number): number {
  for (;;) {
    const excess = -Math.log(unit(next)) / TAIL;
    // Stryker disable next-line EqualityOperator: above the bound or on it, the law is the same
    if (-2 * Math.log(unit(next)) > excess * excess) return TAIL + excess;
  }
}

/** Uniform in (0, 1), never 0. */
const unit = (next: () => number): number => (next() + 2 ** 31 + 0.5) * 2 ** -32;
