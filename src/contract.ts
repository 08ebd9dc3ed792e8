/**
 * The contract between a solver and its caller. The claims judge any solver that satisfies it.
 *
 * Shapes: the target M is d1 x d2, the factors X and Y are d1 x r and d2 x r with r <= min(d1, d2).
 */
import type { Matrix } from 'ml-matrix';

/** A stream of independent numbers of mean 0 and variance 1, in a fixed order. */
export interface NoiseSource {
  /** Fills all of `out` with the next numbers of the stream. */
  fill(out: Float64Array): void;
}

/** The factors: X is d1 x r, Y is d2 x r. */
export interface Factors {
  /** d1 x r. */
  X: Matrix;
  /** d2 x r. */
  Y: Matrix;
}

/** Standard deviations of the entries of xi1 (added to X) and xi2 (added to Y). */
export interface NoiseScales {
  /** The standard deviation of xi1. */
  sigma1: number;
  /** The standard deviation of xi2. */
  sigma2: number;
}

/** The options of a descent. */
export interface DescentOptions {
  /** M, d1 x d2. */
  target: Matrix;
  /** X0 (d1 x r) and Y0 (d2 x r). Never changed by a solver. */
  start: Factors;
  /** eta > 0. */
  stepSize: number;
  /**
   * Omitted: plain gradient descent. An iteration consumes the entries of xi1 (row by row), then those of xi2 (row by
   * row), in however many fills; both blocks are consumed unless both scales are 0, when either is allowed.
   */
  noise?: NoiseScales & {
    /** The source of the entries of xi1 / sigma1 and xi2 / sigma2. */
    source: NoiseSource;
  };
}

/**
 * A run under way. `X` and `Y` are the current iterate, as a copy or as a live view: a caller that stores them makes
 * copies.
 */
export interface Descent {
  /** The first factor, d1 x r. */
  readonly X: Matrix;
  /** The second factor, d2 x r. */
  readonly Y: Matrix;
  /** Takes this number of steps, an integer of at least 0. */
  advance(steps: number): void;
}

/** Starts a descent. It changes nothing that it is given and shares no state with other descents. */
export type Solver = (options: DescentOptions) => Descent;
