/**
 * The seed policy, all of it. A run has one seed; every stream of random numbers is keyed by it together with the claim,
 * the instance and the purpose, so no two streams are shared and the order of work does not matter.
 */
import seedrandom from 'seedrandom';

/** A fresh seed for a run, below 2^31: the default, always printed. */
export const freshSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;

/** The seed from which fast-check draws one instance of one claim. */
export function instanceSeed(runSeed: number, claim: string, instance: number): number {
  return seedrandom(`${runSeed}/${claim}/${instance}`).int32();
}

/**
 * Seed of one stream of noise of an instance, whose own seed was drawn from its claim's and its index's stream. Each further
 * trial of the instance has streams of its own.
 */
export const noiseSeed = ({ seed, trial = 0 }: { seed: number; trial?: number }, purpose: string): string =>
  trial === 0 ? `${seed}/${purpose}` : `${seed}/${purpose}/${trial}`;

/** Seed of one random point of the proof of a claim's identity at one shape (identities/prove.ts). */
export const proofSeed = (runSeed: number, claim: string, shape: object, point: number): string =>
  `${runSeed}/${claim}/${Object.values(shape).join(' x ')}/point ${point}`;
