/**
 * A target in other units: with c = 4^k the problem (c M, 2^k X0, 2^k Y0, 2^k sigma, eta / c) is (M, X0, Y0, sigma,
 * eta) again, and powers of two round nothing. Claims use a target of ordinary size, the solver gets the user's one.
 */
import { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Solver } from '../../src/index.ts';
import type { Given } from '../model/draft.ts';
import type { Grid } from '../model/instance.ts';

/** Sizes from the first to the second are ordinary: such a target is not rescaled. */
const ORDINARY = [2 ** -8, 2 ** 12] as const;

/** k with 4^k next to the size of the target, or 0 if that is ordinary. */
function scaleOf(target: Grid): number {
  const size = target.reduce((most, row) => row.reduce((max, entry) => Math.max(max, Math.abs(entry)), most), 0);
  if (size === 0 || (size >= ORDINARY[0] && size <= ORDINARY[1])) return 0;
  return Math.round(Math.log2(size) / 2);
}

/** The target of the user in units in which it has an ordinary size. */
export function inOrdinaryUnits(given: Given): Given {
  const scale = scaleOf(given.target);
  return scale === 0 ? given : { ...given, target: normalised(given.target, scale), scale };
}

/** The target divided by 4^k. */
const normalised = (target: Grid, k: number): Grid =>
  k === 0 ? target : target.map((row) => row.map((entry) => entry * 2 ** -k * 2 ** -k));

/** The solver for claims: it converts its arguments to the user's units, and its iterates back. */
export function rescaled(solver: Solver, k: number): Solver {
  if (k === 0) return solver;
  const up = (A: Matrix): Matrix => Matrix.mul(A, 2 ** k);
  const down = (A: Matrix): Matrix => Matrix.mul(A, 2 ** -k);
  return ({ target, start, stepSize, noise }: DescentOptions): Descent => {
    const scales = noise && { sigma1: 2 ** k * noise.sigma1, sigma2: 2 ** k * noise.sigma2 };
    const descent = solver({
      target: up(up(target)),
      start: { X: up(start.X), Y: up(start.Y) },
      stepSize: stepSize * 2 ** -k * 2 ** -k,
      ...(noise && { noise: { ...noise, ...scales } }),
    });
    return {
      get X() {
        return down(descent.X);
      },
      get Y() {
        return down(descent.Y);
      },
      advance: (steps) => descent.advance(steps),
    };
  };
}
