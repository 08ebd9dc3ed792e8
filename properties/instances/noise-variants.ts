/** Noise that breaks one of the assumptions on it, to show that the assumption is needed. */
import { blockSize, noiseOf, type Instance } from '../instance.ts';
import type { NoiseSource } from '../../src/index.ts';

/** The instance's noise with every number changed. */
export function altered(instance: Instance, change: (normal: number) => number): NoiseSource {
  const source = noiseOf(instance);
  return {
    fill(out) {
      source.fill(out);
      for (let i = 0; i < out.length; i++) out[i] = change(out[i]!);
    },
  };
}

/** The instance's first block of noise, in every step. */
export function sameEveryStep(instance: Instance): NoiseSource {
  const block = new Float64Array(blockSize(instance));
  noiseOf(instance).fill(block);
  let used = 0;
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = block[used++ % block.length]!;
    },
  };
}

/** P(|N(0, 1)| > 5). */
const RARE = 5.733031437583878e-7;

/** From a normal number, one of mean 0 and variance 1 that is 0 nearly always. */
export const seldom = (normal: number): number => (Math.abs(normal) > 5 ? Math.sign(normal) / Math.sqrt(RARE) : 0);
