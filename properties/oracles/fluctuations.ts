/** The runs of the study settle for SETTLE slowest time constants and average over AVERAGE of them (docs/theory/studies.md#experiments). */
import type { Matrix } from 'ml-matrix';
import { penalties, type NoiseScales } from '../../src/index.ts';

export const SETTLE = 10;
export const AVERAGE = 16;

interface Setting extends NoiseScales {
  readonly eta: number;
}

/** Slowest time constant in steps, (gamma + 1/gamma) / (4 eta lambda). */
export function timeConstant(target: Matrix, run: Setting): number {
  const { gamma, lambda } = penalties(target, run);
  return (gamma + 1 / gamma) / (4 * run.eta * lambda);
}
