/** A problem of a given size, drawn at random, with the noise and the step size that the theory's time scales suggest. */
import { gaussianNoise } from '../../src/index.ts';
import type { Grid } from '../model/instance.ts';
import { longRun } from '../instances/trajectories.ts';
import { noiseSeed } from '../model/seeds.ts';
import { paceFor, stateOf, type State } from './state.ts';

/** A target of rank r at most, on halves, with an unbalanced start; the same for the same seed. r <= min(d1, d2). */
export function randomProblem(d1: number, d2: number, r: number, seed: number): State {
  const source = gaussianNoise(noiseSeed({ seed }, 'problem'));
  const grid = (rows: number): Grid => {
    const entries = new Float64Array(rows * r);
    source.fill(entries);
    // No entry is 0, so that the target is not 0.
    const lattice = Array.from(entries, (z) => Math.sign(z) * Math.min(2, Math.ceil(2 * Math.abs(z)) / 2));
    return Array.from({ length: rows }, (_, i) => lattice.slice(i * r, (i + 1) * r));
  };
  const grids = { A: grid(d1), B: grid(d2), X0: grid(d1), Y0: grid(d2) };
  const size = { d1, d2, r, k: r, one: 1 };
  const { M, X0, Y0, eta, sigma1, sigma2, steps } = longRun({
    size,
    grids,
    picks: { balance: 1, share: 1 / 8, lean: 1 },
    seed,
  });
  return stateOf({ M, X0, Y0, eta, sigma1, sigma2, steps, seed }, { pace: paceFor(steps) });
}
