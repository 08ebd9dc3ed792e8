/** The predictions for the present state, drawn next to it. */
import {
  criticalStep,
  imbalance,
  norm,
  rank,
  singularValues,
  smoothedMinimiser,
  stepSizeNote,
  type Factors,
  type Penalties,
} from '../../src/index.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { flowLimit, sidedness } from '../instances/rank-one.ts';
import { rankOneSpectrum } from '../claims/balance/local-spectra.ts';
import { measurer, type Measures } from './measure.ts';
import { isNoisy, penaltiesOf, type Start } from './state.ts';

/** A curve over steps. */
export interface Curve {
  readonly label: string;
  readonly at: (step: number) => number;
}

/** The limit of a run, up to rotation if it is a balanced point, or the reason why there is no prediction. */
export type Limit = { readonly at: Factors; readonly measures: Measures; readonly balanced: boolean } | string;

/** The limit of perturbed descent: the minimiser of the smoothed objective (docs/theory/minimisers.md#minimisers). */
export function noisyLimit(instance: Instance): Limit {
  const penalty = penaltiesOf(instance);
  if (penalty === undefined)
    return 'with one of the sigmas 0 the smoothed objective has no minimiser: no limit is predicted';
  const [target, r] = [matrix(instance.M), instance.X0[0]!.length];
  const s = singularValues(target);
  const next = s[r] ?? 0;
  if (r < rank(target) && s[r - 1]! - next <= 1e-9 * s[0]! && s[r - 1]! > penalty.lambda) {
    return 's_r = s_(r+1): chance determines which singular pairs are retained, so no limit is predicted';
  }
  return limitAt(instance, smoothedMinimiser(target, r, instance), true);
}

/** Whether the step size is above half of the critical one of the start, if that is known. */
export function isLargeStep({ M, eta }: Instance, start: Start): boolean {
  const { stepSize, exact } = criticalStep(matrix(M), startOf(start));
  return exact && eta > stepSize / 2;
}

/** On which side of the critical step size it is. */
const largeStepNote = ({ M, eta }: Instance, start: Start): string =>
  stepSizeNote(matrix(M), startOf(start), eta) ??
  'the step size is above half of the critical one of this start: plain descent converges, but to which minimum is not predicted';

/** The limit of plain descent with small steps, at rank one (docs/theory/gradient-descent.md#gd-limit). */
export function plainLimit(instance: Instance, start: Start): Limit {
  const target = matrix(instance.M);
  if (instance.X0[0]!.length > 1) return 'for r > 1 no formula for the limit of plain descent is known';
  if (rank(target) !== 1) return 'the limit of plain descent is known for targets of rank one';
  if (isLargeStep(instance, start)) return largeStepNote(instance, start);
  const from = startOf(start);
  const flow = flowLimit(target, from);
  const w = sidedness(flow, from);
  if (w === 0) return 'the start is on the stable set of the saddle: plain descent ends there';
  const sign = Math.sign(w);
  return limitAt(instance, { X: flow.u.mul(sign * flow.a), Y: flow.v.mul(sign * flow.b) }, false);
}

const limitAt = (instance: Instance, at: Factors, balanced: boolean): Limit => ({
  at,
  measures: withoutRounding(measurer(instance)(at, 0)),
  balanced,
});

/** Singular values that are 0 up to rounding, made 0. */
const withoutRounding = (of: Measures): Measures => ({
  ...of,
  values: of.values.map((value) => (value <= 1e-12 * of.trace ? 0 : value)),
});

/** The fall of the imbalance under noise, from each start, and the noise that is left of it. */
export function balancing(instance: Instance, starts: readonly Start[]): Curve[] {
  const penalty = penaltiesOf(instance);
  if (penalty === undefined || !isNoisy(instance)) return [];
  const rate = balancingRate(instance, penalty);
  const floor = noiseFloor(instance, penalty);
  const falls = starts.map(({ X0, Y0 }): Curve => {
    const D0 = norm(imbalance(startOf({ X0, Y0 }), penalty.gamma));
    return { label: rate?.label ?? '', at: (step) => D0 * (1 - instance.eta * (rate?.value ?? 0)) ** step };
  });
  return [
    ...(rate === undefined ? [] : falls),
    ...(floor === undefined ? [] : [{ label: 'the noise floor predicted, as a standard deviation', at: () => floor }]),
  ];
}

/** Per unit of eta t (docs/theory/limits.md#limit-noise). */
function balancingRate({ M, X0 }: Instance, penalty: Penalties): { value: number; label: string } | undefined {
  const { alpha, beta, lambda } = penalty;
  // Equal penalties, up to the rounding of the square roots that made them equal.
  if (Math.abs(alpha - beta) <= 1e-12 * (alpha + beta))
    return { value: 2 * lambda, label: '(1 − 2ηλ)ᵗ of the start’s, as predicted' };
  const target = matrix(M);
  if (X0[0]!.length > 1 || rank(target) !== 1 || !(lambda < singularValues(target)[0]!)) return undefined;
  return { value: rankOneSpectrum(target, penalty)[0]!, label: 'at the rate predicted near the limit' };
}

/** Standard deviation of the imbalance in the long run: rank one, gamma = 1, small lambda (docs/theory/limits.md#limit-noise). */
function noiseFloor({ M, X0, eta }: Instance, { gamma, lambda }: Penalties): number | undefined {
  const target = matrix(M);
  const s = singularValues(target)[0]!;
  if (X0[0]!.length > 1 || rank(target) !== 1 || Math.abs(gamma - 1) > 1e-12 || lambda > s / 4) return undefined;
  return s * Math.sqrt(2 * eta * lambda * (1 / target.rows + 1 / target.columns));
}

/**
 * The bound on the change of the imbalance of plain descent at each of these samples of a run, 2 eta (F_0 - F_t)
 * (docs/theory/gradient-descent.md#imbalance); undefined if a step may have been too long for that.
 */
export function driftBounds({ eta }: Instance, samples: readonly Measures[]): number[] | undefined {
  if (samples.some(({ curvature }) => eta * curvature > 1)) return undefined;
  return samples.map(({ loss }) => 2 * eta * Math.max(0, samples[0]!.loss - loss));
}
