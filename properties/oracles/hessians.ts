/** Eigenvalues of the dense Hessian of the loss, with which closed formulas are compared. */
import { EVD, type Matrix } from 'ml-matrix';
import type { Given } from '../model/draft.ts';
import { matrix, startOf, type Instance } from '../model/instance.ts';
import { u } from './rounding.ts';
import { hessian, norm, singularValues, type Factors } from '../../src/index.ts';

/** Why a given target is too large for a dense Hessian, if it is. */
export const tooDense = ({ target, rank }: Given): string | undefined =>
  (target.length + target[0]!.length) * rank > 64 ? 'its Hessian is dense: it needs (d1 + d2) r <= 64' : undefined;

/** Eigenvalues of a symmetric matrix, largest first, each within `rounding` of the truth. */
export interface Spectrum {
  readonly values: readonly number[];
  readonly largest: number;
  readonly least: number;
  /** The smallest that is not 0; NaN if all are. */
  readonly smallestNonzero: number;
  readonly rounding: number;
}

/** Below this fraction of the largest an eigenvalue counts as 0: on the lattices here the others are far larger. */
const ZERO = 1e-9;

export function spectrumOf(H: Matrix): Spectrum {
  const values = new EVD(H, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => b - a);
  const largest = values[0]!;
  const smallestNonzero = values.findLast((value) => value > ZERO * largest) ?? NaN;
  // Backward stable eigenvalues are off by a modest multiple of n u |H|; 4 n covers it for n <= 64. The same amount is
  // allowed for the entries of H, if the factors are rounded because they come from singular vectors.
  return { values, largest, least: values.at(-1)!, smallestNonzero, rounding: 8 * H.rows * u * norm(H) };
}

/** The spectrum of the Hessian of F at the instance's start, with s_1 and s_r of its target. */
export function curvatureAt(instance: Instance): Spectrum & { at: Factors; s1: number; sr: number } {
  const [target, at] = [matrix(instance.M), startOf(instance)];
  const s = singularValues(target);
  return { ...spectrumOf(hessian(target, at)), at, s1: s[0]!, sr: s[at.X.columns - 1]! };
}

/** The spectrum of the Hessian of F~ at the origin, largest first, from the singular values of the target. */
export function spectrumAtOrigin(
  target: Matrix,
  r: number,
  { alpha, beta }: { alpha: number; beta: number },
): number[] {
  const s = singularValues(target);
  const p = s.length;
  const roots = s.flatMap((value) =>
    [1, -1].map((sign) => (alpha + beta + sign * Math.hypot(alpha - beta, 2 * value)) / 2),
  );
  const once = [...roots, ...repeat(alpha, target.rows - p), ...repeat(beta, target.columns - p)];
  return once.flatMap((value) => repeat(value, r)).sort((a, b) => b - a);
}

const repeat = (value: number, times: number): number[] => Array<number>(times).fill(value);
