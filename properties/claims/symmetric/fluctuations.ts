/**
 * Perturbed descent on the symmetric problem around a limit of rank one, to first order in the step size: the mean of X X', and
 * the covariance of its averages over a window of time (docs/theory/other-problems.md#symmetric-fluctuations).
 */
import { Matrix } from 'ml-matrix';
import { symmetricRidge } from '../../../src/index.ts';
import { eigenpairs } from '../../../src/linear-algebra/geometry.ts';
import { norm } from '../../../src/linear-algebra/matrices.ts';
import { matrix, type Instance } from '../../model/instance.ts';
import type { Spread } from '../../oracles/hovering.ts';
import type { Window } from '../../oracles/linear-process.ts';

/** A coordinate at rest: its variance, and the share of its distance from the mean that is left after a step. */
interface Relaxing {
  readonly variance: number;
  readonly keep: number;
}

/** A row of X that the noise shrinks to 0: along the retained column, and across it. */
interface Shrunk {
  readonly along: Relaxing;
  readonly across: Relaxing;
}

export class SymmetricFluctuations {
  readonly #U: Matrix;
  readonly #r: number;
  /** s - mu, the retained eigenvalue at the limit, and its size. */
  readonly #limit: number;
  readonly #p: number;
  /** The entry of X that is sqrt(p). */
  readonly #retained: Relaxing;
  readonly #shrunk: readonly Shrunk[];
  /** The mean of u'X X'u minus its limit. */
  readonly #shift: number;

  /** Only the largest eigenvalue of M is above mu. */
  constructor({ M, X0, eta, sigma1 }: Instance) {
    const { values, U } = eigenpairs(matrix(M));
    const [d, r, v] = [M.length, X0[0]!.length, sigma1 ** 2];
    const mu = symmetricRidge({ rows: d, columns: r }, sigma1);
    const s = values[0]!;
    // An ablation has s below mu: its sizes are those of a limit as far above it.
    const p = Math.abs(s - mu);
    [this.#U, this.#r, this.#p, this.#limit] = [U, r, p, s - mu];
    const cubic = v * v * (d * r + d + r + 3);
    /** At this rate, under noise whose variance in a step is eta^2 `noise` v. */
    const relaxing = (rate: number, noise: number): Relaxing => ({
      variance: (eta * v * (noise + cubic)) / (rate * (2 - eta * rate)),
      keep: 1 - eta * rate,
    });
    const [ownNoise, turning] = [4 * p * p + 2 * p * v * (d + r + 7), p * v * (d + 3)];
    this.#retained = relaxing(2 * p, ownNoise);
    this.#shrunk = values.slice(1).map((lambda) => ({
      along: relaxing(s - lambda, (s - lambda) ** 2 + p * v * (r + 3)),
      across: relaxing(mu - lambda, (mu - lambda) ** 2 + p * v),
    }));
    const widening = (r - 1) * (turning + cubic) - (ownNoise + cubic);
    const besides = this.#shrunk.reduce((sum, { along }) => sum + along.variance, 0);
    this.#shift = (eta * v * widening) / (2 * p) - besides;
  }

  /** The mean of u'X X'u. */
  get top(): number {
    return this.#limit + this.#shift;
  }

  /** The standard deviation of its averages. */
  topDeviation(window: Window): number {
    return Math.sqrt(this.#ofTop(window));
  }

  /** The mean of X X'. */
  get mean(): Matrix {
    const others = this.#shrunk.map(({ along, across }) => along.variance + (this.#r - 1) * across.variance);
    return this.#U.mmul(Matrix.diag([this.top, ...others])).mmul(this.#U.transpose());
  }

  /** A bound on the distance of the means from these: eta times the fastest rate, the size of the next order, is below 1/16. */
  get bias(): number {
    const limit = this.#U.getColumnVector(0);
    return norm(Matrix.sub(this.mean, limit.mmul(limit.transpose()).mul(this.#limit))) / 8;
  }

  /** The covariance of averages of X X'. */
  spread(window: Window): Spread {
    const sizes = [this.#ofTop(window), ...this.#shrunk.flatMap((row, i) => this.#ofRow(row, i, window))];
    return { total: sizes.reduce((sum, size) => sum + size, 0), largest: Math.max(...sizes) };
  }

  #ofTop(window: Window): number {
    const own = this.#retained;
    return 4 * this.#p * own.variance * window.share(own.keep) + 2 * product(own, own, window);
  }

  /** The variances of its entries below the first row, and of those above the diagonal that are equal to them. */
  #ofRow(row: Shrunk, i: number, window: Window): number[] {
    const { along } = row;
    const withTop = 2 * this.#p * along.variance * window.share(along.keep);
    const both = (other: Shrunk): number =>
      2 * (product(along, other.along, window) + (this.#r - 1) * product(row.across, other.across, window));
    return [withTop + 2 * product(this.#retained, along, window), ...this.#shrunk.slice(0, i + 1).map(both)];
  }
}

/** The variance of the averages of the product of two independent ones. */
const product = (a: Relaxing, b: Relaxing, window: Window): number =>
  a.variance * b.variance * window.share(a.keep * b.keep);
