/** Runs of perturbed descent at 1 x 1 until they diverge, counted (docs/theory/limits.md#no-stationary-law). */
import { plausibleCounts } from './binomial.ts';
import { atLeast, atMost, worst, type Comparison } from '../../model/claim.ts';
import type { Design } from '../../model/draft.ts';
import { SolverFault } from '../../run/guard.ts';
import { iterate, optionsOf, type Instance } from '../../model/instance.ts';
import { norm, type Descent, type NoiseSource, type Solver } from '../../../src/index.ts';

/** Runs from the minimum x = y = sqrt(M) at 1 x 1, step size 0.3/M, noise of scale sigma sqrt(M): a row of the table. */
export type Diverging = Instance & { row: number };

/**
 * Shares of runs that have diverged by a number of steps, from 10^5 runs and more of an independent simulation. The
 * distribution does not depend on M (docs/theory/escape.md#symmetries).
 */
const SHARES = [
  { sigma: 1, runs: 96, horizons: [5, 20, 80], shares: [0.063, 0.567, 0.979] },
  { sigma: 3 / 4, runs: 64, horizons: [10, 50, 200], shares: [0.051, 0.334, 0.821] },
  { sigma: 5 / 8, runs: 48, horizons: [20, 100, 500], shares: [0.025, 0.145, 0.556] },
  { sigma: 1 / 2, runs: 40, horizons: [100, 1000, 10_000], shares: [0.008, 0.078, 0.554] },
] as const;

/** More than six standard errors of the simulated shares. */
const UNCERTAINTY = 0.01;

export const unstable: Design<Diverging> = {
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
  grids: {},
  // The last row is the most expensive by far: one instance in ten takes it.
  picks: { row: [0, 1, 2, 0, 1, 2, 0, 1, 2, 3], scale: [1, 2, 1 / 2, 4, 1 / 4] },
  complete({ picks, seed }) {
    const c = picks['scale']!;
    const row = picks['row']!;
    const { sigma, horizons } = SHARES[row]!;
    const start = { M: [[c * c]], X0: [[c]], Y0: [[c]], eta: 0.3 / (c * c) };
    return { ...start, sigma1: c * sigma, sigma2: c * sigma, steps: horizons[2], seed, row };
  },
  excludes: () => 'it counts runs at 1 x 1 from a start of its own',
};

/** For each run the first of the horizons by which it has diverged: it threw, or is no number, or is beyond return. */
function divergedBy(solver: Solver, instance: Diverging, source: NoiseSource, runs: number): number[] {
  const options = optionsOf(instance, source);
  const all = Array.from({ length: runs }, () => ({ descent: solver(options), end: Infinity }));
  let taken = 0;
  for (const horizon of SHARES[instance.row]!.horizons) {
    const left = all.filter(({ end }) => end === Infinity);
    // All of them advance before the first is looked at: a program takes them together.
    for (const run of left) if (!advances(run.descent, horizon - taken)) run.end = horizon;
    for (const run of left) if (!isNear(run.descent, instance)) run.end = horizon;
    taken = horizon;
  }
  return all.map(({ end }) => end);
}

const advances = (descent: Descent, steps: number): boolean =>
  succeeds(() => {
    descent.advance(steps);
    return true;
  });

const isNear = (descent: Descent, { X0 }: Instance): boolean =>
  succeeds(() => norm(iterate(descent).X) < BEYOND_RETURN * X0[0]![0]!);

/** Whether it is true, and the solver does not throw. */
function succeeds(look: () => boolean): boolean {
  try {
    return look();
  } catch (error) {
    if (error instanceof SolverFault && error.diverged) return false;
    throw error;
  }
}

/** From here each step cubes the iterate, at eta = 0.3 and noise of order 1. */
const BEYOND_RETURN = 1000;

/**
 * The number of runs, all on one stream of noise, that have diverged by each horizon; `chance` is that of all tails.
 */
export function divergedShares(solver: Solver, instance: Diverging, source: NoiseSource, chance: number): Comparison {
  const { runs, horizons, shares } = SHARES[instance.row]!;
  const ends = divergedBy(solver, instance, source, runs);
  const verdicts = horizons.flatMap((horizon, i) => {
    const share = shares[i]!;
    // Six tails: three horizons, two sides.
    const [least, most] = plausibleCounts(runs, [share - UNCERTAINTY, share + UNCERTAINTY], chance / 6);
    const count = ends.filter((end) => end <= horizon).length;
    const what = `runs of ${runs} that have diverged by step ${horizon}`;
    return [atLeast(what, count, least, 1 / 2, { share }), atMost(what, count, most, 1 / 2, { share })];
  });
  return worst(verdicts);
}
