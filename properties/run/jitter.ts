/** The effect of rounding on a solver, by trial: the same solver with every number that it is given changed by a little. */
import { Matrix } from 'ml-matrix';
import { rademacherNoise, type NoiseSource, type Solver } from '../../src/index.ts';

/**
 * The solver on inputs (target, start, noise) whose entries are changed by this relative amount, up or down at random and
 * again in each descent.
 */
export function jittered(solver: Solver, amount: number, seed: string): Solver {
  const signs = rademacherNoise(seed);
  const change = (entries: Float64Array): Float64Array => {
    const sign = new Float64Array(entries.length);
    signs.fill(sign);
    return entries.map((entry, i) => entry * (1 + amount * sign[i]!));
  };
  const changed = (A: Matrix): Matrix =>
    Matrix.from1DArray(A.rows, A.columns, change(Float64Array.from(A.to1DArray())));
  const noisier = (source: NoiseSource): NoiseSource => ({
    fill(out) {
      source.fill(out);
      out.set(change(out));
    },
  });
  return ({ target, start, stepSize, noise }) =>
    solver({
      target: changed(target),
      start: { X: changed(start.X), Y: changed(start.Y) },
      stepSize,
      ...(noise === undefined ? {} : { noise: { ...noise, source: noisier(noise.source) } }),
    });
}
