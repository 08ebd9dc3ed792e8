/** Two runs under the same noise: bounds on their distance by rounding. */
import type { Descent, Factors } from '../../src/index.ts';
import { pairDistance, perturb } from './formula.ts';
import { blockSize, iterate, matrix, startOf, type Instance } from '../model/instance.ts';
import { conversion, stepGrowth, stepRounding } from './rounding.ts';
import { squaredSize } from './scales.ts';

/**
 * A bound on the distance of two runs of one solver under one noise by rounding: each step adds its own rounding and
 * multiplies the earlier rounding by the step's growth. The first value is the rounding of the start. The factor 2
 * covers the terms of second order.
 */
export function* envelope(instance: Instance, tape: Float64Array, path: Iterable<Factors>): Generator<number> {
  const [target, block] = [matrix(instance.M), blockSize(instance)];
  let error: number | undefined;
  let t = 0;
  for (const at of path) {
    error ??= conversion(instance) * Math.sqrt(squaredSize(at));
    yield 2 * error;
    const perturbed = perturb(at, instance, tape.subarray(t * block, (t + 1) * block));
    error = error * stepGrowth(target, perturbed, instance.eta) + stepRounding(target, at, perturbed, instance);
    t++;
  }
  yield 2 * (error ?? 0);
}

/** The distance of a run from the instance's start. */
export const travelled = (instance: Instance, at: Factors): number => pairDistance(at, startOf(instance));

/** The iterates of a run, the start first; the last one is left out. */
export function* path(descent: Descent, steps: number): Generator<Factors> {
  for (let t = 0; t < steps; t++) {
    yield iterate(descent);
    descent.advance(1);
  }
}
