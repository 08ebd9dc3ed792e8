/** Noise that breaks one of the assumptions on it, to show that the assumption is needed. */
import { blockSize, noiseOf, type Instance } from '../model/instance.ts';
import type { NoiseSource } from '../../src/index.ts';

/** Numbers that are not of mean 0, and numbers that are not of variance 1. */
export const shifted = (normal: number): number => normal + 1;
export const doubled = (normal: number): number => 2 * normal;
/** No change. */
export const usual = (normal: number): number => normal;

/** Assumptions on the noise of a mean, each with numbers that violate it. */
export const MOMENTS = [
  { text: 'noise of mean 0', change: shifted },
  { text: 'noise of variance sigma^2', change: doubled },
] as const;

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

/** The instance's noise, in which every second block is minus the one before. */
export function alternating(instance: Instance): NoiseSource {
  return blockwise(instance, (block, before) => (before === undefined ? block : before.map((normal) => -normal)));
}

/** The instance's noise with the first row of each factor's block in every row. */
export function alike(instance: Instance): NoiseSource {
  const [rank, ofX] = [instance.X0[0]!.length, instance.X0.length * instance.X0[0]!.length];
  return blockwise(instance, (block) => block.map((_, i) => block[i < ofX ? i % rank : ofX + ((i - ofX) % rank)]!));
}

/** Noise that is made block by block; `before` is the block before in every second step. */
function blockwise(
  instance: Instance,
  make: (fresh: readonly number[], before: readonly number[] | undefined) => readonly number[],
): NoiseSource {
  const source = noiseOf(instance);
  let block: readonly number[] = [];
  let before: readonly number[] | undefined;
  let used = 0;
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++, used++) {
        if (used === block.length) {
          const fresh = new Float64Array(blockSize(instance));
          source.fill(fresh);
          before = before === undefined && block.length > 0 ? block : undefined;
          [block, used] = [make([...fresh], before), 0];
        }
        out[i] = block[used]!;
      }
    },
  };
}
