/** Noise sources: independent numbers of mean 0 and variance 1, reproducible from a seed. */
import seedrandom from 'seedrandom';
import type { NoiseSource } from '../contract.ts';
import { NoiseExhausted } from '../errors.ts';
import { fastKernels } from '../kernel/pool.ts';
import { fillNormal, next, SIGNED_UNIT } from '../kernel/normal.ts';

/**
 * Standard normal numbers, by a ziggurat (kernel/normal.ts).
 *
 * @example
 * ```ts
 * const out = new Float64Array(4);
 * gaussianNoise('seed').fill(out); // the same seed gives the same numbers on every machine
 * out.every((z) => Math.abs(z) < 10); // true
 * ```
 */
export function gaussianNoise(seed: string): NoiseSource {
  const state = bits(seed);
  const fill = (out: Float64Array): void => {
    if (out.length < MANY) fillNormal(state, out);
    else fillByKernel(state, out);
  };
  const source = { fill };
  gaussian.set(source, { state, fill });
  return source;
}

/** From this number of normals on, a kernel is faster, though they have to be copied from its memory. */
const MANY = 32;

function fillByKernel(state: Int32Array, out: Float64Array): void {
  const kernel = fastKernels.take(0);
  kernel.fillNormal(state, out);
  fastKernels.giveBack(kernel);
}

const gaussian = new WeakMap<NoiseSource, { state: Int32Array; fill: NoiseSource['fill'] }>();

/** Whether the stream comes from `gaussianNoise`, so that any independent standard normals have its distribution. */
export const isGaussian = (source: NoiseSource): boolean => gaussian.has(source);

/** The state of a stream of `gaussianNoise` (kernel/normal.ts), for kernels that draw by themselves; undefined for other sources. */
export function normalState(source: NoiseSource): Int32Array | undefined {
  const own = gaussian.get(source);
  return own?.fill === source.fill ? own.state : undefined;
}

/**
 * Signs: +1 and -1 with equal chances, from the sign bit.
 *
 * @example
 * ```ts
 * const out = new Float64Array(4);
 * rademacherNoise('seed').fill(out);
 * out.every((z) => Math.abs(z) === 1); // true
 * ```
 */
export function rademacherNoise(seed: string): NoiseSource {
  const state = bits(seed);
  return { fill: (out) => fillWith(out, () => (next(state) >> 31) | 1) };
}

/**
 * Uniform on [-sqrt 3, sqrt 3], whose variance is 1.
 *
 * @example
 * ```ts
 * const out = new Float64Array(4);
 * uniformNoise('seed').fill(out);
 * out.every((z) => Math.abs(z) <= Math.sqrt(3)); // true
 * ```
 */
export function uniformNoise(seed: string): NoiseSource {
  const state = bits(seed);
  return { fill: (out) => fillWith(out, () => next(state) * SIGNED_UNIT * Math.sqrt(3)) };
}

/**
 * Hands out the given numbers in order: for cubature, replays and transformed noise. Throws when they are used up.
 *
 * @example
 * ```ts
 * const out = new Float64Array(2);
 * scriptedNoise([0.5, -1]).fill(out);
 * [...out]; // [0.5, -1]
 * ```
 */
export function scriptedNoise(values: ArrayLike<number>): NoiseSource {
  let used = 0;
  return {
    fill(out) {
      if (used + out.length > values.length) {
        throw new NoiseExhausted(
          `the scripted noise has ${values.length} numbers and ${used + out.length} were asked for: give more, or take fewer steps`,
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
