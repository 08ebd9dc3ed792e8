/** Runs of the optimiser under study. A run that diverges is a result; any other fault ends the study. */
import type { Matrix } from 'ml-matrix';
import { gaussianNoise, product, type Descent, type Factors, type Solver } from '../../src/index.ts';
import { outerGram } from '../../src/linear-algebra/geometry.ts';
import { SolverFault } from '../run/guard.ts';
import type { Problem } from './problems.ts';

/** The differences of a run from the problem's own step size and noise. */
export interface Changes {
  readonly stepSize?: number;
  /** Factor on both scales of the noise. */
  readonly noise?: number;
}

/** Starts a run with the problem's noise, whose random numbers the key determines. */
export function begin(
  solver: Solver,
  { target, stepSize, scales }: Problem,
  start: Factors,
  key: string,
  changes: Changes = {},
): Descent {
  const by = changes.noise ?? 1;
  return solver({
    target,
    start,
    stepSize: changes.stepSize ?? stepSize,
    noise: { sigma1: by * scales.sigma1, sigma2: by * scales.sigma2, source: gaussianNoise(key) },
  });
}

/** The result, or undefined if the run left the finite numbers. */
export function unlessDiverged<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof SolverFault && error.wrongAnswer) return undefined;
    throw error;
  }
}

/** Averages over time of rotation-invariant matrices. */
export interface Grams {
  /** XX', d1 x d1. */
  readonly XX: Matrix;
  /** YY', d2 x d2. */
  readonly YY: Matrix;
  /** XY', d1 x d2. */
  readonly XY: Matrix;
}

export const gramsOf = (at: Factors): Grams => ({ XX: outerGram(at.X), YY: outerGram(at.Y), XY: product(at) });

/** Averages over the next steps, with a look every few of them. */
export function average(descent: Descent, steps: number, every: number): Grams {
  const looks = Math.max(1, Math.round(steps / every));
  const sum = gramsOf(advanced(descent, every));
  for (let i = 1; i < looks; i++) {
    const { XX, YY, XY } = gramsOf(advanced(descent, every));
    sum.XX.add(XX);
    sum.YY.add(YY);
    sum.XY.add(XY);
  }
  for (const each of Object.values(sum) as Matrix[]) each.div(looks);
  return sum;
}

/** The iterate after the steps. */
export function advanced(descent: Descent, steps: number): Factors {
  descent.advance(steps);
  return { X: descent.X, Y: descent.Y };
}
