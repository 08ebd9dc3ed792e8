/** The lengths of calls and runs in claims about single steps and about `advance`. */
import type { Draft } from '../model/draft.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { longStep } from '../oracles/long-runs.ts';

/** Odd numbers from 101 to 200 001, evenly spaced on a logarithmic scale: no claim makes a longer call. */
const ODD = Array.from({ length: 10 }, (_, i) => Math.round(101 * 1980 ** (i / 9)) | 1);

/** Lengths at which a program may take other paths: multiples of 100, and powers of 2. */
const ROUND = [1, 2, 5].flatMap((digit) => [100, 1000, 10_000].map((unit) => digit * unit)).concat(100_000, 200_000);
const POWERS = Array.from({ length: 11 }, (_, i) => 2 ** (7 + i));

const LENGTHS: readonly number[] = [...ODD, ...ROUND, ...POWERS].sort((a, b) => a - b);

/** The lengths, each with `zeros` zeros: most runs have no long part. */
export const sometimesLong = (zeros: number): readonly number[] => [
  ...LENGTHS.flatMap(() => new Array<number>(zeros).fill(0)),
  ...LENGTHS,
];

/** The instance with a step size at which a run of `steps` steps is still on its way at the end. */
export function slowed<I extends Instance>(instance: I, steps: number): I {
  const scales = { sigma1: instance.sigma1, sigma2: instance.sigma2 };
  const most = longStep(matrix(instance.M), startOf(instance), scales, steps);
  return most < instance.eta ? { ...instance, eta: most } : instance;
}

/** Normals of a run, at most: a large problem has shorter long runs. */
const NORMALS = 2 ** 21;

/** The length that was chosen, or 0; shorter if a step of the problem takes many normals. */
export const lengthOf = (draft: Draft, name: string, { size: { d1, d2, r } } = draft): number =>
  Math.min(pick(draft, name), Math.floor(NORMALS / ((d1 + d2) * r)) | 1);

/** A choice of a draft, or 0 without it. */
export const pick = ({ picks }: Draft, name: string): number => picks[name] ?? 0;
