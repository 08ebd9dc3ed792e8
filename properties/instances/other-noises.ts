/** Short runs with one more scale: of noise on labels or on steps, a radius, a rate of decay. */
import type { Design } from '../model/draft.ts';
import type { Instance } from '../model/instance.ts';
import { plainRuns, shortRun } from './designs.ts';

/** `scale` is tau, s, rho or m. */
export type Scaled = Instance & { scale: number };

const SCALES = [1 / 2, 1 / 4, 1];

/** Runs without noise on the point, and the scale of something else. */
export function scaledRuns(steps: readonly number[], scales: readonly number[] = SCALES): Design<Scaled> {
  const runs = plainRuns(steps);
  return {
    ...runs,
    picks: { ...runs.picks, scale: scales },
    complete: (draft) => ({ ...shortRun(draft), scale: draft.picks['scale']! }),
  };
}

/** The same on targets with at most this many rows and columns: an average has 2 d1 d2 points. */
export const small = <I>(runs: Design<I>, most = 5): Design<I> => ({
  ...runs,
  size: { d1: [1, most], d2: [1, most], r: [1, 2] },
  excludes: ({ target, rank }) =>
    target.length * target[0]!.length * rank > 200
      ? 'it averages over 2 d1 d2 points: it needs d1 d2 r <= 200'
      : undefined,
});

/** The same with d1 = d2 or with d1 > d2. */
export const tall = (runs: Design<Scaled>): Design<Scaled> => ({
  ...small(runs),
  size: { d1: [3, 5], d2: [1, 2], r: [1, 1], k: [1, 1] },
});

/** With square targets. */
export const square = (runs: Design<Scaled>): Design<Scaled> => ({
  ...small(runs),
  accepts: ({ size }) => size.d1 === size.d2,
  excludes: ({ target, rank }) =>
    target.length !== target[0]!.length
      ? 'it is about square targets'
      : target.length ** 2 * rank > 200
        ? 'it averages over 2 d1 d2 points: it needs d1 d2 r <= 200'
        : undefined,
});
