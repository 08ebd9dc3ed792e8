/**
 * The linearised step at the limit, in the singular basis of the target: a small block for the diagonal entries of the
 * retained triples, and one for each pair of indices (docs/theory/limits.md#hovering).
 */
import type { Matrix } from 'ml-matrix';
import type { NoiseScales, Penalties } from '../../src/index.ts';
import { forms, linear, unit, type Linear } from './linear-process.ts';

/** X X', Y Y' and X Y', or one number for each. */
export interface Each<T> {
  readonly XX: T;
  readonly YY: T;
  readonly XY: T;
}

export const NAMES = ['XX', 'YY', 'XY'] as const;

/** All rows of the factors in the singular basis, or those of the triples alone. */
export type Rows = 'all' | 'triples';

/** An index of the singular basis: a triple, or a row or column without a partner, or a column of the factors without a triple. */
export interface Level {
  readonly x: number;
  readonly y: number;
  /** Minus the residual at the limit. */
  readonly rho: number;
}

/** Coordinates of a pair of indices: the entries (i, j) and (j, i) of A = U'X, then those of B = V'Y. */
export interface Pair {
  readonly process: Linear;
  /** First-order changes of the entries (i, j) of A A', B B' and A B', and (j, i) of the last. */
  readonly of: Each<number[]> & { readonly YX: number[] };
}

/**
 * The parameters of the distributions: the singular values of the target, of which zeros may be left out, and the
 * sizes.
 */
export interface Setting extends NoiseScales {
  readonly s: readonly number[];
  readonly d1: number;
  readonly d2: number;
  readonly r: number;
  readonly eta: number;
  /**
   * The turns of noise on one factor at a time: `both` factors move at each step, with the scales times sqrt 2, or only the
   * `other` one does, and then a step is two of these (docs/theory/related-papers.md#orvieto).
   */
  readonly inTurn?: 'both' | 'other';
}

/** A weight and a vector l: the form weight * (l'z)^2. */
type Term = readonly [number, readonly number[]];

export class LimitBlocks {
  readonly penalty: Penalties;
  readonly kept: readonly Level[];
  /** The diagonal entries of A, then those of B, of the retained triples. */
  readonly diagonal: Linear;
  readonly #of: Setting;
  /** The factor of the terms of third and fourth order that noise on both factors makes. */
  readonly #kappa: number;
  readonly #sizes: { readonly X: number; readonly Y: number };
  readonly #pairs = new Map<number, Pair>();

  constructor(setting: Setting) {
    const { s, d1, d2, r, sigma1, sigma2 } = setting;
    const [alpha, beta] = [d2 * sigma2 ** 2, d1 * sigma1 ** 2];
    const [lambda, gamma] = [Math.sqrt(alpha * beta), Math.sqrt(beta / alpha)];
    this.#of = setting;
    this.penalty = { alpha, beta, lambda, gamma };
    this.kept = s
      .slice(0, r)
      .filter((each) => each > lambda)
      .map((each) => ({ x: Math.sqrt(gamma * (each - lambda)), y: Math.sqrt((each - lambda) / gamma), rho: lambda }));
    const total = (of: (level: Level) => number): number => this.kept.reduce((sum, level) => sum + of(level) ** 2, 0);
    this.#sizes = { X: total(({ x }) => x), Y: total(({ y }) => y) };
    this.#kappa = setting.inTurn === undefined ? (sigma1 * sigma2) ** 2 : 0;
    this.diagonal = this.#diagonalProcess();
  }

  #diagonalProcess(): Linear {
    const { kept } = this;
    const n = kept.length;
    const { ofX, ofY, onX, onY } = this.#weights;
    const at = (a: number, b: number, i: number): number[] => unit(2 * n, [i, a], [n + i, b]);
    const H = forms(
      2 * n,
      kept.map(({ x, y }, i): Term => [1, at(y, x, i)]),
    );
    this.#addPenalties(H, kept);
    const Q = forms(2 * n, [
      ...kept.flatMap(({ x, y }, i): Term[] => [
        [2 * ofX * x * x + onX, at(1, 0, i)],
        [2 * ofY * y * y + onY, at(0, 1, i)],
        [this.#kappa * (this.#of.r + 2), at(y, x, i)],
      ]),
      // 2 <P, X> <Q, Y>, as the square of the sum without the squares.
      [this.#kappa, [...kept.map(({ x }) => x), ...kept.map(({ y }) => y)]],
      [-this.#kappa, [...kept.map(({ x }) => x), ...kept.map(() => 0)]],
      [-this.#kappa, [...kept.map(() => 0), ...kept.map(({ y }) => y)]],
    ]);
    return linear(H, Q.add(this.#throughHessian(H)), this.#of.eta);
  }

  /** Weights of the squares of an entry of X'P and of Y'Q, and of one of P and of Q. */
  get #weights(): { ofX: number; ofY: number; onX: number; onY: number } {
    const { d1, d2, r, sigma1, sigma2, inTurn } = this.#of;
    const { alpha, beta } = this.penalty;
    // If all of the noise, of twice the variance, comes at every second step, its squares count twice.
    const twice = inTurn === 'both' ? 2 : 1;
    return {
      ofX: twice * d2 * sigma2 ** 4,
      ofY: twice * d1 * sigma1 ** 4,
      onX: this.#kappa * ((r + 1) * alpha + this.#sizes.Y),
      onY: this.#kappa * ((r + 1) * beta + this.#sizes.X),
    };
  }

  /**
   * The contribution of the residual and the penalties to a Hessian: coordinate i, of X, has these levels, and its partner is
   * one of Y.
   */
  #addPenalties(H: Matrix, levels: readonly Level[]): void {
    const { alpha, beta } = this.penalty;
    for (const [i, { rho }] of levels.entries()) {
      const j = i + levels.length;
      H.set(i, i, H.get(i, i) + alpha);
      H.set(j, j, H.get(j, j) + beta);
      H.set(i, j, H.get(i, j) - rho);
      H.set(j, i, H.get(j, i) - rho);
    }
  }

  /**
   * H Sigma H, in which the first half of the coordinates has the noise of X; with the other factor's noise alone, if
   * only that has an effect.
   */
  #throughHessian(H: Matrix): Matrix {
    const { sigma1, sigma2, inTurn } = this.#of;
    const isOfX = (i: number): boolean => i < H.rows / 2;
    const felt = H.clone();
    if (inTurn === 'other') {
      for (let i = 0; i < H.rows; i++) {
        for (let j = 0; j < H.rows; j++) if (isOfX(i) === isOfX(j)) felt.set(i, j, 0);
      }
    }
    const scaled = felt.transpose();
    for (let i = 0; i < H.rows; i++) scaled.mulRow(i, isOfX(i) ? sigma1 ** 2 : sigma2 ** 2);
    return felt.mmul(scaled);
  }

  /** First-order changes of the diagonal entries of A A', B B' or A B'. */
  diagonalChanges(name: keyof Each<unknown>): number[][] {
    const n = this.kept.length;
    return this.kept.map(({ x, y }, i) => {
      if (name === 'XY') return unit(2 * n, [i, y], [n + i, x]);
      return name === 'XX' ? unit(2 * n, [i, 2 * x]) : unit(2 * n, [n + i, 2 * y]);
    });
  }

  /** The level of a row of A and of B; those past the last triple have the residual 0. */
  level(i: number): Level {
    return this.kept[i] ?? { x: 0, y: 0, rho: this.#of.s[i] ?? 0 };
  }

  /** The pair of two indices. */
  pair(i: number, j: number): Pair {
    const p = this.#of.s.length;
    const [one, other] = [Math.min(i, p), Math.min(j, p)];
    const key = one * (p + 1) + other;
    let found = this.#pairs.get(key);
    if (found === undefined) this.#pairs.set(key, (found = this.#pairOf(this.level(one), this.level(other))));
    return found;
  }

  /** The pair of a row and a column of the factors; a column without a triple has the index of the first row without one. */
  entry(row: number, column: number): Pair {
    return this.pair(row, column < this.kept.length ? column : this.#of.s.length);
  }

  #pairOf(one: Level, other: Level): Pair {
    const { ofX, ofY, onX, onY } = this.#weights;
    // The entries (i, j) and (j, i) of dX Y' + X dY'.
    const [XY, YX] = [
      [other.y, 0, 0, one.x],
      [0, one.y, other.x, 0],
    ];
    const H = forms(4, [[1, XY], [1, YX]]); // prettier-ignore
    this.#addPenalties(H, [one, other]);
    const Q = forms(4, [
      [ofX, [one.x, other.x, 0, 0]],
      [ofY, [0, 0, one.y, other.y]],
      ...[onX, onX, onY, onY].map((weight, i): Term => [weight, unit(4, [i, 1])]),
      [this.#kappa * (this.#of.r + 2), XY],
      [this.#kappa * (this.#of.r + 2), YX],
    ]);
    return {
      process: linear(H, Q.add(this.#throughHessian(H)), this.#of.eta),
      of: { XX: [other.x, one.x, 0, 0], YY: [0, 0, other.y, one.y], XY, YX },
    };
  }

  /** Each triple, and the rows of A and of B past the last one, which are all alike. */
  rows(of: Rows = 'all'): { i: number; inX: number; inY: number }[] {
    const { s, d1, d2 } = this.#of;
    const triples = s.map((_, i) => ({ i, inX: 1, inY: 1 }));
    return of === 'all' ? [...triples, { i: s.length, inX: d1 - s.length, inY: d2 - s.length }] : triples;
  }
}
