/**
 * How far time averages of perturbed descent may be from the limit (docs/theory.md#experiments), for runs that settle for
 * SETTLE slowest time constants and average over AVERAGE of them.
 */
import { Matrix } from 'ml-matrix';
import { penalties, singularValues, type NoiseScales } from '../../src/index.ts';

export const SETTLE = 10;
export const AVERAGE = 16;

/**
 * Standard errors that are allowed. The averages are sums over many steps and nearly normal, so that one of them is this far
 * off with a chance of 1.2e-15; for several components together, as in a Frobenius norm, the chance is smaller still.
 */
const ERRORS = 8;

/** Variance of the mean of a process with a relaxation time over AVERAGE of them, as a share of its own variance. */
const SHARE = 2 / AVERAGE;

interface Run extends NoiseScales {
  readonly eta: number;
}

/** Slowest time constant in steps, (gamma + 1/gamma) / (4 eta lambda). */
export function timeConstant(target: Matrix, run: Run): number {
  const { gamma, lambda } = penalties(target, run);
  return (gamma + 1 / gamma) / (4 * run.eta * lambda);
}

/**
 * For gamma = 1 and r = rank(M): how far the time averages of XX', YY' and XY' may be from the limit. Half the fluctuation of the
 * imbalance, and no more from that of the product; half the mean imbalance; 4 r eta lambda s_1 for terms of second order.
 */
export function gramTolerance(target: Matrix, r: number, run: Run): number {
  const { lambda } = penalties(target, run);
  const s1 = singularValues(target)[0]!;
  const [perRow, perColumn] = [1 / target.rows, 1 / target.columns];
  const modes = r * (r + 1) + (2 * r * (r - 1)) / (target.rows + target.columns);
  const spread = s1 * Math.sqrt(run.eta * lambda * (perRow + perColumn) * modes);
  const bias = (r ** 1.5 * run.eta * s1 ** 2 * Math.abs(perRow - perColumn)) / 4 + 4 * r * run.eta * lambda * s1;
  return ERRORS * Math.sqrt(SHARE) * spread + bias;
}

/** For r = 1 and any gamma: how far log(|X|/|Y|) of the time averages may be from log gamma; the bias is counted twice. */
export function logGammaTolerance(target: Matrix, run: Run): number {
  const { lambda, gamma } = penalties(target, run);
  const s1 = singularValues(target)[0]!;
  const spread = 2 * Math.sqrt((run.eta * lambda * (1 / target.rows + 1 / target.columns)) / (4 * (gamma + 1 / gamma)));
  const bias = ((run.eta * s1) / 4) * (1 / gamma - gamma + (run.sigma2 ** 2 - run.sigma1 ** 2) / lambda);
  return ERRORS * Math.sqrt(SHARE) * spread + 2 * Math.abs(bias);
}
