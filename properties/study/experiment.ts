/** An experiment is repeated in independent units, each with random numbers of its own; each unit gives a value of each quantity. */
import type { Solver } from '../../src/index.ts';
import type { Problem } from './problems.ts';

/** The prediction of the theory to leading order, and a bound on the next order. */
export interface Prediction {
  /** To leading order. */
  readonly value: number;
  /** A bound on the next order. */
  readonly within: number;
}

/** The predictions for two algorithms. */
export interface Predictions {
  /** For gradient descent. */
  readonly gd?: Prediction;
  /** For perturbed gradient descent. */
  readonly perturbed?: Prediction;
}

export interface QuantityDesign {
  /** Such as `balance/rate`. */
  readonly id: string;
  /** A description in a few words. */
  readonly text: string;
  /** The median over units, or the probability of a 1. */
  readonly kind: 'median' | 'share';
  /** The width of an interval that decides the questions about it. */
  readonly resolution: number;
  /** Whether that width is relative to the estimate. */
  readonly relative?: boolean;
  /** An interval around 0 that is no larger than this decides that it is negligible. */
  readonly negligible?: (problem: Problem) => number;
  readonly theory?: (problem: Problem) => Predictions;
}

/** Values of the quantities by their ids; NaN if a unit does not have one. */
export type Values = Readonly<Record<string, number>>;

export interface Experiment {
  readonly name: string;
  /** Whether it is made on a problem. */
  readonly on: (problem: Problem) => boolean;
  readonly quantities: (problem: Problem) => readonly QuantityDesign[];
  /** The number of units, as a multiple of that of the other experiments (default: 1). */
  readonly times?: number;
  /** Steps of the optimiser that a unit takes, at most. */
  readonly steps: (problem: Problem) => number;
  readonly unit: (solver: Solver, problem: Problem, key: string) => Values;
}
