/**
 * The plan of a descent: the offsets of its numbers in a kernel's memory. The plan is stored there as well, as numbers.
 */

/**
 * One factor, dimension x rank, and the offsets of its numbers. The iterate and its noise are padded like the panel.
 */
export interface FactorState {
  /** The iterate. */
  at: number;
  /** The noise of the present step, in units of sigma, without padding; that of Y directly after that of X. */
  xi: number;
  /** The perturbed point, next to -M (-M' for Y) or next to -L (V for Y). */
  panel: number;
  /** The matrix by which the panel is multiplied to give the slope, width x rank. */
  coefficients: number;
  readonly dimension: number;
  /** With the padding. */
  readonly rows: number;
  /** Columns of the panel. */
  readonly width: number;
  /** Scale of the noise. */
  readonly sigma: number;
}

export interface Plan {
  readonly rank: number;
  readonly stepSize: number;
  /** Whether the target comes in thin factors. */
  readonly isThin: boolean;
  readonly x: FactorState;
  readonly y: FactorState;
}

/** Numbers of a factor, and of a plan. */
const STATE_LENGTH = 8;
export const PLAN_LENGTH = 3 + 2 * STATE_LENGTH;

/** assembly/descent.ts knows the order. */
export function written({ rank, stepSize, isThin, x, y }: Plan): number[] {
  return [rank, stepSize, Number(isThin), ...state(x), ...state(y)];
}

const state = ({ at, xi, panel, coefficients, dimension, rows, width, sigma }: FactorState): number[] => [at, xi, panel, coefficients, dimension, rows, width, sigma]; // prettier-ignore

export function read(memory: Float64Array, from: number): Plan {
  const [rank, stepSize, isThin] = memory.subarray(from, from + 3) as unknown as [number, number, number];
  const [x, y] = [readState(memory, from + 3), readState(memory, from + 3 + STATE_LENGTH)];
  return { rank, stepSize, isThin: isThin !== 0, x, y };
}

function readState(memory: Float64Array, from: number): FactorState {
  const [at, xi, panel, coefficients, dimension, rows, width, sigma] = memory.subarray(from, from + STATE_LENGTH);
  return {
    at: at!,
    xi: xi!,
    panel: panel!,
    coefficients: coefficients!,
    dimension: dimension!,
    rows: rows!,
    width: width!,
    sigma: sigma!,
  };
}
