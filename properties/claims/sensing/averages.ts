/** Means over the noise in matrix sensing: of a step of the descent, and of F. */
import { Matrix } from 'ml-matrix';
import { axes, blocks, changedRule, type Cubature } from '../../oracles/cubature.ts';
import type { Draft } from '../../model/draft.ts';
import { usual } from '../../instances/noise-variants.ts';
import { perturb, stacked } from '../../oracles/formula.ts';
import { blockSize, entriesOf, iterate, matrix, startOf } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { norm, scriptedNoise, sensingDescent, sensingLoss, type Factors } from '../../../src/index.ts';
import { measurementsOf, operatorOf, seesSomething, slopeRounding, type Sensing } from './problems.ts';

/** A change of the numbers of the noise. */
export type Change = (normal: number) => number;

/** A step of the descent averaged over the noise. */
export function averagedStep(instance: Sensing, change = usual): { mean: Matrix; rounding: number } {
  const [measurements, start, { eta }] = [measurementsOf(instance), startOf(instance), instance];
  const mean = Matrix.zeros(start.X.rows + start.Y.rows, start.X.columns);
  let [rounding, points] = [0, 0];
  for (const [point, weight] of changedRule(axes(blockSize(instance)), change)) {
    const noise = { sigma1: instance.sigma1, sigma2: instance.sigma2, source: scriptedNoise(point) };
    const descent = sensingDescent({ measurements, start, stepSize: eta, noise });
    descent.advance(1);
    const after = stacked(iterate(descent));
    mean.add(Matrix.mul(after, weight));
    rounding += weight * (eta * slopeRounding(measurements, perturb(start, instance, point)) + 4 * u * norm(after));
    points++;
  }
  return { mean, rounding: 2 * rounding + eta * slopeRounding(measurements, start) + (points + 2) * u * norm(mean) };
}

/** F averaged over the noise; F is of degree 2 in each block. */
export function averagedLoss(instance: Sensing, change = usual): { mean: number; rounding: number } {
  const [measurements, start] = [measurementsOf(instance), startOf(instance)];
  const rule = (entries: number): Cubature => changedRule(axes(entries), change);
  let [mean, size, points] = [0, 0, 0];
  for (const [point, weight] of blocks(rule(entriesOf(instance.X0)), rule(entriesOf(instance.Y0)))) {
    const there = perturb(start, instance, point);
    mean += weight * sensingLoss(measurements, there);
    size += weight * lossSize(instance, there);
    points++;
  }
  return { mean, rounding: (points + 2 * instance.A[0]!.length + instance.A.length + 16) * 4 * u * size };
}

/** A bound on the squares that F is a sum of, before anything cancels. */
export function lossSize(instance: Sensing, { X, Y }: Factors): number {
  const { matrices, values } = measurementsOf(instance);
  const terms = matrices.map((A, i) => (norm(A) * norm(X) * norm(Y) + Math.abs(values[i]!)) ** 2);
  return terms.reduce((sum, each) => sum + each, 0);
}

/** Some penalty is there to be seen: no block of zeros, and no measurement of zeros only. */
export const visible = (draft: Draft): boolean =>
  seesSomething(draft) &&
  operatorOf(draft).every((row) => row.some((entry) => entry !== 0)) &&
  ['X0', 'Y0'].every((name) => norm(matrix(draft.grids[name]!)) > 1);
