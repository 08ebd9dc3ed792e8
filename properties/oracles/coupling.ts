/** Two runs under the same noise: how far rounding may take them apart. */
import type { Descent, Factors } from '../../src/index.ts';
import { perturb } from './formula.ts';
import { blockSize, iterate, matrix, type Instance } from '../instance.ts';
import { stepGrowth, stepRounding } from './rounding.ts';

/**
 * How far two runs of one solver under one noise may drift apart by rounding: each step adds its own rounding and
 * multiplies what was there by the step's growth. The factor 2 covers the terms of second order.
 */
export function* envelope(instance: Instance, tape: Float64Array, path: Iterable<Factors>): Generator<number> {
  const [target, block] = [matrix(instance.M), blockSize(instance)];
  let error = 0;
  let t = 0;
  for (const at of path) {
    yield 2 * error;
    const perturbed = perturb(at, instance, tape.subarray(t * block, (t + 1) * block));
    error = error * stepGrowth(target, perturbed, instance.eta) + stepRounding(target, at, perturbed, instance.eta);
    t++;
  }
  yield 2 * error;
}

/** Where a run is after each of its steps, the start first; the last of them is left out. */
export function* path(descent: Descent, steps: number): Generator<Factors> {
  for (let t = 0; t < steps; t++) {
    yield iterate(descent);
    descent.advance(1);
  }
}
