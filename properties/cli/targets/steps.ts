/** One line about step sizes for a target: which are known to be too large, and which to be safe. */
import { Matrix } from 'ml-matrix';
import { criticalStep, norm } from '../../../src/index.ts';
import type { Given } from '../../model/draft.ts';

/**
 * Such as `step sizes: above 0.333 (1/s_1) all minima repel gradient descent, 0.0303 is safe from a small start`. The target
 * is that of `given`, in ordinary units; undefined for a target of 0.
 */
export function stepText({ target, scale = 0 }: Given, s1: number | undefined): string | undefined {
  const M = new Matrix(target);
  if (norm(M) === 0) return undefined;
  const small = { X: Matrix.zeros(M.rows, 1), Y: Matrix.zeros(M.columns, 1) };
  const safe = criticalStep(M, small).stepSize * 2 ** -scale * 2 ** -scale;
  const most = s1 === undefined ? '' : `above ${shown(1 / s1)} (1/s_1) all minima repel gradient descent, `;
  return `step sizes: ${most}${shown(safe)} is safe from a small start; criticalStep computes more for other starts`;
}

/** To three digits. */
const shown = (value: number): string => value.toPrecision(3);
