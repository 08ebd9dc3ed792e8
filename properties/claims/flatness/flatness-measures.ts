/** Measures of how flat a minimum is, and the noise that selects the flattest one by each (docs/theory/flatness.md#flatness). */
import type { Matrix } from 'ml-matrix';
import type { Design } from '../../model/draft.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import { selectedMinimum, startedAt } from './minima.ts';
import { u } from '../../oracles/rounding.ts';
import { hessian, singularValues, type Factors, type NoiseScales } from '../../../src/index.ts';

/** |A|_nuc. */
export const nuclear = (A: Matrix): number => singularValues(A).reduce((sum, s) => sum + s, 0);

/**
 * Rounding of sums of squares and of singular values, relative to the sum: at most d1 + d2 singular values, each off by
 * a modest multiple of (d1 + d2) u times the largest; sums of squares are off by less.
 */
export const sumRounding = ({ X, Y }: Factors): number => 4 * (X.rows + Y.rows) ** 2 * u;

/** The trace of the X block of the Hessian over d1 and that of the Y block over d2. */
export function scaledTrace(instance: Instance): number {
  const [ofX, diagonal] = [instance.X0.flat().length, hessian(matrix(instance.M), startOf(instance)).diagonal()];
  const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
  return sum(diagonal.slice(0, ofX)) / instance.X0.length + sum(diagonal.slice(ofX)) / instance.Y0.length;
}

export type Measured = Instance & { measure: number };
export const MEASURES = ['largest eigenvalue', 'condition number', 'trace'] as const;
export const [LARGEST, CONDITION, TRACE] = [0, 1, 2];

/** A measure of how sharp the minimum is, from the dense Hessian, with its rounding. */
function sharpness(measure: number, target: Matrix, at: Factors): { value: number; rounding: number } {
  const H = hessian(target, at);
  const found = spectrumOf(H);
  if (measure === TRACE) return { value: H.trace(), rounding: sumRounding(at) * H.trace() };
  if (measure === LARGEST) return { value: found.largest, rounding: found.rounding };
  const kappa = found.largest / found.smallestNonzero;
  const relative = found.rounding / found.largest + found.rounding / found.smallestNonzero;
  return { value: kappa, rounding: 2 * kappa * relative };
}

/** Equal noise for the trace, equal penalties d1 sigma1^2 = d2 sigma2^2 for the other two; or the wrong one of these. */
function noiseOf(equalNoise: boolean, { X0, Y0 }: Instance): NoiseScales {
  const sigma = 1 / 4;
  return equalNoise
    ? { sigma1: sigma, sigma2: sigma }
    : { sigma1: sigma / Math.sqrt(X0.length), sigma2: sigma / Math.sqrt(Y0.length) };
}

/** Any minimum, with the noise that belongs to a measure. */
export function measured(plan: Design<Instance>, measures = [LARGEST, CONDITION, TRACE]): Design<Measured> {
  return {
    ...plan,
    picks: { ...plan.picks, measure: measures },
    complete(draft) {
      const [instance, measure] = [plan.complete(draft), draft.picks['measure']!];
      return { ...instance, ...noiseOf(measure === TRACE, instance), measure };
    },
  };
}

/** The minimum that the noise of the measure selects, for comparison with the one that the other noise selects. */
export function swapped(instance: Measured): Measured {
  const flattest = selectedMinimum(matrix(instance.M), instance.X0[0]!.length, instance);
  return { ...startedAt(instance, flattest), ...noiseOf(instance.measure !== TRACE, instance) };
}

/** The minimum that the instance's noise selects, and the one at which the instance starts. */
export function compared(instance: Measured): Record<'selected' | 'other', ReturnType<typeof sharpness>> {
  const target = matrix(instance.M);
  const selected = selectedMinimum(target, instance.X0[0]!.length, instance);
  return {
    selected: sharpness(instance.measure, target, selected),
    other: sharpness(instance.measure, target, startOf(instance)),
  };
}
