/**
 * Runs of many steps with an a priori bound on their rounding: small steps under bounded noise
 * (docs/theory/setting.md#rounding). Unlike the envelope of short runs, it does not follow the steps.
 */
import type { Matrix } from 'ml-matrix';
import { residual, type Factors, type NoiseScales } from '../../src/index.ts';
import { norm } from '../../src/linear-algebra/matrices.ts';
import type { Instance } from '../model/instance.ts';
import { conversion, stepRoundingOf } from './rounding.ts';
import { descentCurvature, powerOfTwoAtMost, squaredSize } from './scales.ts';

/** Bounds along a run: on |(X~, Y~)| and on |R~|. */
interface Reach {
  readonly pair: number;
  readonly residual: number;
}

/** Without noise: |R| falls, and |X|^2 + |Y|^2 is at most r times the bound on their operator norms. */
const quietReach = (target: Matrix, start: Factors): Reach => ({
  pair: Math.sqrt(start.X.columns * descentCurvature(target, start)),
  residual: norm(residual(target, start)),
});

/** Under signs |(xi1, xi2)| is always the same; with a long run's step size the pair at most doubles. */
function noisyReach(target: Matrix, start: Factors, { sigma1, sigma2 }: NoiseScales): Reach {
  const { rows: d1, columns: d2 } = target;
  const noise = Math.sqrt((d1 * sigma1 ** 2 + d2 * sigma2 ** 2) * start.X.columns);
  const pair = 2 * (Math.sqrt(squaredSize(start)) + noise);
  return { pair, residual: pair ** 2 / 2 + norm(target) };
}

const reachOf = (target: Matrix, start: Factors, scales: NoiseScales): Reach =>
  scales.sigma1 === 0 && scales.sigma2 === 0 ? quietReach(target, start) : noisyReach(target, start, scales);

/** The sum of eta |R~| over a long run without noise that has gone part of its way but has not arrived. */
const UNDER_WAY = 4;

/** A step size at which the bounds hold for a run of `steps` steps: of signs, or without noise. */
export function longStep(target: Matrix, start: Factors, scales: NoiseScales, steps: number): number {
  const { residual: largest } = reachOf(target, start, scales);
  if (scales.sigma1 > 0 || scales.sigma2 > 0) return powerOfTwoAtMost(1 / (2 * steps * largest));
  const stable = 1 / (2 * descentCurvature(target, start));
  return powerOfTwoAtMost(largest === 0 ? stable : Math.min(stable, UNDER_WAY / (steps * largest)));
}

/** A bound on the distance of two computations of such a run by rounding, after all its steps. */
export function longRounding(
  target: Matrix,
  start: Factors,
  run: Pick<Instance, 'sigma1' | 'sigma2' | 'eta' | 'steps' | 'u'>,
): number {
  const { pair, residual: R } = reachOf(target, start, run);
  // |X~| |Y~| is largest, and so is |X~| + |Y~|, if the two are equal.
  const sizes = { X: pair * Math.SQRT1_2, Y: pair * Math.SQRT1_2, M: norm(target) };
  const perStep = stepRoundingOf(target, start.X.columns, pair, sizes, run);
  // e+ <= (1 + eta |R~|) e + perStep; the factor 2 covers the terms of second order.
  return 2 * (conversion(run) * pair + run.steps * perStep) * Math.exp(run.steps * run.eta * R);
}
