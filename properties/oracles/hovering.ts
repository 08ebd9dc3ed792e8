/**
 * Where perturbed descent hovers at a finite step size, and how far averages over a window of time are from there, to first
 * order in the step size (docs/theory.md#hovering): the mean and the covariance of X X', Y Y' and X Y'. In the singular basis
 * of the target the linearised step has small blocks: one of the diagonal entries, and one for each pair of indices.
 */
import { Matrix } from 'ml-matrix';
import { decompose, singularValues, type NoiseScales, type Penalties } from '../../src/index.ts';
import { matrix, type Instance } from '../instance.ts';
import { forms, linear, type Linear, type Window } from './linear-process.ts';

/** X X', Y Y' and X Y', or one number for each. */
export interface Each<T> {
  readonly XX: T;
  readonly YY: T;
  readonly XY: T;
}

/** The covariance of the entries of a matrix: its trace, and its largest eigenvalue. */
export interface Spread {
  readonly total: number;
  readonly largest: number;
}

type Rows = 'all' | 'triples';

const NAMES = ['XX', 'YY', 'XY'] as const;

/** An index of the singular basis: a triple, or a row or column without a partner, or a column of the factors without a triple. */
interface Level {
  readonly x: number;
  readonly y: number;
  /** Minus the residual at the limit. */
  readonly rho: number;
}

/** Coordinates of a pair of indices: the entries (i, j) and (j, i) of A = U'X, then those of B = V'Y. */
interface Pair {
  readonly process: Linear;
  /** First-order changes of the entries (i, j) of A A', B B' and A B', and (j, i) of the last. */
  readonly of: Each<number[]> & { readonly YX: number[] };
}

/** What the laws depend on: the singular values of the target, of which those that are 0 may be left out, and the sizes. */
export interface Setting extends NoiseScales {
  readonly s: readonly number[];
  readonly d1: number;
  readonly d2: number;
  readonly r: number;
  readonly eta: number;
  /**
   * Where noise is on one factor at a time: `both` factors move at each step, with the scales times sqrt 2, or only the
   * `other` one does, and then a step is two of these (docs/theory.md#orvieto).
   */
  readonly inTurn?: 'both' | 'other';
}

export class Hovering {
  readonly #of: Setting;
  readonly #penalty: Penalties;
  readonly #kept: readonly Level[];
  readonly #sizes: { readonly X: number; readonly Y: number };
  readonly #diagonal: Linear;
  readonly #pairs = new Map<number, Pair>();

  constructor(setting: Setting) {
    const { s, d1, d2, r, sigma1, sigma2 } = setting;
    const [alpha, beta] = [d2 * sigma2 ** 2, d1 * sigma1 ** 2];
    const [lambda, gamma] = [Math.sqrt(alpha * beta), Math.sqrt(beta / alpha)];
    this.#of = setting;
    this.#penalty = { alpha, beta, lambda, gamma };
    this.#kept = s
      .slice(0, r)
      .filter((each) => each > lambda)
      .map((each) => ({ x: Math.sqrt(gamma * (each - lambda)), y: Math.sqrt((each - lambda) / gamma), rho: lambda }));
    const total = (of: (level: Level) => number): number => this.#kept.reduce((sum, level) => sum + of(level) ** 2, 0);
    this.#sizes = { X: total(({ x }) => x), Y: total(({ y }) => y) };
    this.#diagonal = this.#diagonalProcess();
  }

  /** How many triples are kept. */
  get kept(): number {
    return this.#kept.length;
  }

  /** The slowest rate of what X X', Y Y' and X Y' see to first order, per unit of eta t. */
  get slowest(): number {
    const rates = [this.#diagonal, ...this.#allPairs().map(({ pair }) => pair.process)].map(({ slowest }) => slowest);
    return Math.min(...rates);
  }

  /** Means of the entries (i, i) in the singular basis, with what is of first order in the step size; 0 is the mean of all others. */
  mean(i: number): Each<number> {
    return i < this.#kept.length ? this.#keptMean(i) : this.#leftMean(i);
  }

  /**
   * How far the means may be from those of first order, at most: 4 v^2 / t for each triple, t = |s_i - lambda| and v the mean
   * square of what it fluctuates by; of a triple that is nearer to the threshold than that, v.
   */
  get ofSecondOrder(): number {
    const { lambda, gamma } = this.#penalty;
    return this.#of.s.slice(0, this.#of.r).reduce((sum, s, i) => {
      const n = this.#kept.length;
      const [a, b] = i < n ? [unit(2 * n, [i, 1]), unit(2 * n, [n + i, 1])] : [unit(4, [0, 1]), unit(4, [2, 1])];
      const process = i < n ? this.#diagonal : this.#pair(i, this.#of.s.length).process;
      const C = process.covariance([a, b]);
      const v = C.get(0, 0) / gamma + C.get(1, 1) * gamma;
      return sum + Math.min(v, (4 * v * v) / Math.abs(s - lambda));
    }, 0);
  }

  /** The covariance of averages over a window: of all entries in the singular basis, or of those of the triples alone. */
  spread(window: Window, of: Rows = 'all'): Each<Spread> {
    const found = NAMES.map((name) => {
      const diagonal = this.#diagonal.averages(this.#diagonalChanges(name), window);
      let total = diagonal.trace();
      let largest = absoluteRowSum(diagonal);
      for (const { pair, times, changes } of this.#allPairs(of)) {
        if (times === 0) continue;
        const block = pair.process.averages(changes[name], window);
        total += times * block.trace();
        largest = Math.max(largest, absoluteRowSum(block));
      }
      return [name, { total: total + this.#ofSecondOrder(name, window, of), largest }] as const;
    });
    return Object.fromEntries(found) as unknown as Each<Spread>;
  }

  /**
   * alpha X'X - beta Y'Y: the mean of its trace, of first order in the step size, the size of the two parts of that, and the
   * covariance of averages. It follows from the noise of a step alone, whether the singular values are apart or not.
   */
  imbalance(window: Window): {
    readonly trace: number;
    readonly parts: number;
    readonly deviation: number;
    readonly spread: Spread;
  } {
    const { r, eta } = this.#of;
    const { alpha, beta } = this.#penalty;
    let [ofX, ofY] = [0, 0];
    for (const { i, inX, inY } of this.#rows()) {
      const { XX, YY } = this.#stepSquares(i);
      ofX += (eta / 2) * inX * XX;
      ofY += (eta / 2) * inY * YY;
    }
    const weights = this.#kept.map(() => ({ XX: alpha, YY: -beta, XY: 0 }));
    const own = this.#diagonal.averages(this.#changesOf(weights), window);
    let [total, largest] = [own.trace(), absoluteRowSum(own)];
    for (let i = 0; i < this.#kept.length; i++) {
      for (let j = i + 1; j < r; j++) {
        const [one, other] = [this.#level(i), j < this.#kept.length ? this.#level(j) : { x: 0, y: 0 }];
        const change = [alpha * one.x, alpha * other.x, -beta * one.y, -beta * other.y];
        const pair = this.#pair(i, j < this.#kept.length ? j : this.#of.s.length);
        // The entries (i, j) and (j, i) are the same.
        const both = 2 * pair.process.averages([change], window).get(0, 0);
        total += both;
        largest = Math.max(largest, both);
      }
    }
    total += this.#ofFreeColumns(window);
    return {
      trace: ofX - ofY,
      parts: ofX + ofY,
      deviation: this.deviation(weights, window),
      spread: { total, largest },
    };
  }

  /** What free columns add among themselves: sums of squares of small entries. */
  #ofFreeColumns(window: Window): number {
    const free = this.#of.r - this.#kept.length;
    if (free === 0) return 0;
    const { alpha, beta } = this.#penalty;
    const perPair = this.#rows().reduce((sum, { i, inX, inY }) => {
      const { process } = this.#restOf(i);
      const C = process.covariance([unit(4, [0, alpha]), unit(4, [2, beta])]);
      const size = inX * (C.get(0, 0) / alpha) ** 2 + inY * (C.get(1, 1) / beta) ** 2;
      return sum + 2 * size * window.share((1 - this.#of.eta * process.slowest) ** 2);
    }, 0);
    return free * free * perPair;
  }

  /**
   * |X|^2 + |Y|^2 where nothing is kept: its mean, the standard deviation of its averages, and the largest weight of a square in
   * these, as bounds: every square is correlated as the slowest one.
   */
  collapsed(window: Window): { readonly mean: number; readonly deviation: number; readonly largest: number } {
    const { r, eta } = this.#of;
    const share = window.share((1 - eta * this.#restOf(0).process.slowest) ** 2);
    let [mean, variance, largest] = [0, 0, 0];
    for (const { i, inX, inY } of this.#rows()) {
      const C = this.#restOf(i).process.covariance([unit(4, [0, 1]), unit(4, [2, 1])]);
      const [a, b, c] = [C.get(0, 0), C.get(1, 1), C.get(0, 1)];
      mean += r * (inX * a + inY * b);
      variance += 2 * r * share * (inX * a * a + inY * b * b + 2 * c * c);
      largest = Math.max(largest, (a + b) * share);
    }
    return { mean, deviation: Math.sqrt(variance), largest };
  }

  /** The entries of a row in a free column. */
  #restOf(i: number): Pair {
    return this.#pair(i, this.#of.s.length);
  }

  /** The covariance at rest of |X|^2 - |Y|^2 of the kept triples. */
  get varianceOfImbalance(): number {
    const changes = this.#changesOf(this.#kept.map(() => ({ XX: 1, YY: -1, XY: 0 })));
    return this.#diagonal.covariance(changes).sum();
  }

  /** For each kept triple the change of its weighted sum of (AA')_ii, (BB')_ii and (AB')_ii. */
  #changesOf(weights: readonly Each<number>[]): number[][] {
    const all = NAMES.map((name) => [name, this.#diagonalChanges(name)] as const);
    return weights
      .slice(0, this.#kept.length)
      .map((weight, i) => all.map(([name, changes]) => changes[i]!.map((entry) => weight[name] * entry)).reduce(plus));
  }

  /** The standard deviation of averages of a sum over kept triples i of weights times (AA')_ii, (BB')_ii and (AB')_ii. */
  deviation(weights: readonly Each<number>[], window: Window): number {
    const changes = this.#changesOf(weights);
    return changes.length === 0 ? 0 : Math.sqrt(this.#diagonal.averages([changes.reduce(plus)], window).get(0, 0));
  }

  /** The diagonal entries of A and of B, those of the kept triples. */
  #diagonalProcess(): Linear {
    const [kept, n] = [this.#kept, this.#kept.length];
    const { alpha, beta, lambda } = this.#penalty;
    const { d1, d2 } = this.#of;
    const [v1, v2] = [this.#of.sigma1 ** 2, this.#of.sigma2 ** 2];
    const at = (a: number, b: number, i: number): number[] => unit(2 * n, [i, a], [n + i, b]);
    const both = kept.flatMap((_, i) => [
      [alpha, at(1, 0, i)],
      [beta, at(0, 1, i)],
      [lambda, at(1, -1, i)],
      [-lambda, at(1, 0, i)],
      [-lambda, at(0, 1, i)],
    ]) as [number, number[]][];
    const product = kept.map(({ x, y }, i) => [1, at(y, x, i)] as [number, number[]]);
    const H = forms(2 * n, [...product, ...both]);
    const sums = unit(2 * n, ...kept.flatMap(({ x, y }, i) => [[i, x] as const, [n + i, y] as const]));
    const onX = unit(2 * n, ...kept.map(({ x }, i) => [i, x] as const));
    const onY = unit(2 * n, ...kept.map(({ y }, i) => [n + i, y] as const));
    const kappa = this.#of.inTurn === undefined ? v1 * v2 : 0;
    const Q = forms(2 * n, [
      ...kept.flatMap(({ x, y }, i): [number, number[]][] => [
        [2 * this.#squares * d2 * v2 * v2 * x * x, at(1, 0, i)],
        [2 * this.#squares * d1 * v1 * v1 * y * y, at(0, 1, i)],
        [kappa * ((this.#of.r + 1) * alpha + this.#sizes.Y), at(1, 0, i)],
        [kappa * ((this.#of.r + 1) * beta + this.#sizes.X), at(0, 1, i)],
        [kappa * (this.#of.r + 2), at(y, x, i)],
      ]),
      // 2 <P, X> <Q, Y>
      [kappa, sums],
      [-kappa, onX],
      [-kappa, onY],
    ]);
    return linear(H, Q.add(this.#throughHessian(H, n)), this.#of.eta);
  }

  /** Squares of the noise count twice where all of it, of twice the variance, comes at every second step. */
  get #squares(): number {
    return this.#of.inTurn === 'both' ? 2 : 1;
  }

  /** H Sigma H, where the first `half` coordinates have the noise of X; of the other's noise alone, where only that is felt. */
  #throughHessian(H: Matrix, half: number): Matrix {
    const { sigma1, sigma2, inTurn } = this.#of;
    const isOfX = (i: number): boolean => i < half;
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

  #diagonalChanges(name: keyof Each<unknown>): number[][] {
    const n = this.#kept.length;
    return this.#kept.map(({ x, y }, i) => {
      if (name === 'XY') return unit(2 * n, [i, y], [n + i, x]);
      return name === 'XX' ? unit(2 * n, [i, 2 * x]) : unit(2 * n, [n + i, 2 * y]);
    });
  }

  /** The level of a row of A and of B; those past the last triple have the residual 0. */
  #level(i: number): Level {
    return this.#kept[i] ?? { x: 0, y: 0, rho: this.#of.s[i] ?? 0 };
  }

  /** A column of the factors that keeps no triple has the index of the first row without one. */
  #pair(i: number, j: number): Pair {
    const p = this.#of.s.length;
    const [one, other] = [Math.min(i, p), Math.min(j, p)];
    const key = one * (p + 1) + other;
    let found = this.#pairs.get(key);
    if (found === undefined) this.#pairs.set(key, (found = this.#pairOf(this.#level(one), this.#level(other))));
    return found;
  }

  #pairOf(one: Level, other: Level): Pair {
    const { alpha, beta } = this.#penalty;
    const { d1, d2 } = this.#of;
    const [v1, v2] = [this.#of.sigma1 ** 2, this.#of.sigma2 ** 2];
    const kappa = this.#of.inTurn === undefined ? v1 * v2 : 0;
    // The entries (i, j) and (j, i) of dX Y' + X dY'.
    const ofProduct = [
      [other.y, 0, 0, one.x],
      [0, one.y, other.x, 0],
    ];
    const squares = (a: number, b: number): [number, number[]][] => [
      [a, [1, 0, 0, 0]],
      [a, [0, 1, 0, 0]],
      [b, [0, 0, 1, 0]],
      [b, [0, 0, 0, 1]],
    ];
    const H = forms(4, [...ofProduct.map((change): [number, number[]] => [1, change]), ...squares(alpha, beta)]);
    for (const [i, { rho }] of [one, other].entries()) {
      H.set(i, i + 2, H.get(i, i + 2) - rho);
      H.set(i + 2, i, H.get(i + 2, i) - rho);
    }
    const Q = forms(4, [
      [this.#squares * d2 * v2 * v2, [one.x, other.x, 0, 0]],
      [this.#squares * d1 * v1 * v1, [0, 0, one.y, other.y]],
      ...squares(kappa * ((this.#of.r + 1) * alpha + this.#sizes.Y), kappa * ((this.#of.r + 1) * beta + this.#sizes.X)),
      ...ofProduct.map((change): [number, number[]] => [kappa * (this.#of.r + 2), change]),
    ]);
    return {
      process: linear(H, Q.add(this.#throughHessian(H, 2)), this.#of.eta),
      of: {
        XX: [other.x, one.x, 0, 0],
        YY: [0, 0, other.y, one.y],
        XY: ofProduct[0]!,
        YX: ofProduct[1]!,
      },
    };
  }

  /** Each kind of pair of an index with a kept one: how many there are, and the changes of the entries (i, j) and (j, i). */
  #allPairs(rows: Rows = 'all'): { pair: Pair; times: number; changes: Each<number[][]> }[] {
    const { d1, d2 } = this.#of;
    const p = this.#of.s.length;
    return this.#kept.flatMap((_, j) => {
      const triples = Array.from({ length: p - 1 - j }, (_, k) => {
        const { of, ...rest } = this.#entry(j + 1 + k, j);
        return { ...rest, times: 1, changes: { XX: [of.XX, of.XX], YY: [of.YY, of.YY], XY: [of.XY, of.YX] } };
      });
      // Rows without a partner are rows of one factor only.
      const { of, ...rest } = this.#entry(p, j);
      const ofX = { ...rest, times: d1 - p, changes: { XX: [of.XX, of.XX], YY: [], XY: [of.XY] } };
      const ofY = { ...rest, times: d2 - p, changes: { XX: [], YY: [of.YY, of.YY], XY: [of.YX] } };
      return rows === 'all' ? [...triples, ofX, ofY] : triples;
    });
  }

  /** Each triple, and the rows of A and of B past the last one, which are all alike. */
  #rows(of: Rows = 'all'): { i: number; inX: number; inY: number }[] {
    const { s, d1, d2 } = this.#of;
    const triples = s.map((_, i) => ({ i, inX: 1, inY: 1 }));
    return of === 'all' ? [...triples, { i: s.length, inX: d1 - s.length, inY: d2 - s.length }] : triples;
  }

  #entry(i: number, j: number): { pair: Pair; of: Pair['of'] } {
    const pair = this.#pair(i, j);
    return { pair, of: pair.of };
  }

  /** Means of the entries (i, i) of a kept triple: the three equations of balance (docs/theory.md#hovering). */
  #keptMean(i: number): Each<number> {
    const { lambda, gamma } = this.#penalty;
    const [s, eta] = [this.#of.s[i]!, this.#of.eta];
    const { ofRow, ofColumn, ofBoth } = this.#variances(i);
    const { XX, YY, XY } = this.#stepSquares(i);
    const e1 = (eta * XX) / 2 - ofRow;
    const e2 = (eta * YY) / 2 - ofColumn;
    const e3 = eta * XY - ofBoth;
    const h = (e3 + gamma * e1 + e2 / gamma) / (2 * (s - lambda) * (gamma + 1 / gamma));
    const t = s - lambda;
    return {
      XX: gamma * t + (gamma / lambda) * (e1 - (s - 2 * lambda) * h),
      YY: t / gamma + (e2 - (s - 2 * lambda) * h) / (lambda * gamma),
      XY: t + h,
    };
  }

  /** Sums over k of Var (AB')_ik, Var (AB')_ki, and Cov((AB')_ik, (BB')_ki) + Cov((AA')_ik, (AB')_ki). */
  #variances(i: number): { ofRow: number; ofColumn: number; ofBoth: number } {
    const own = NAMES.map((name) => this.#diagonalChanges(name)[i]!);
    const C = this.#diagonal.covariance(own);
    let [ofRow, ofColumn, ofBoth] = [C.get(2, 2), C.get(2, 2), C.get(2, 1) + C.get(0, 2)];
    for (const { i: k, inX, inY } of this.#rows()) {
      if (k === i) continue;
      const { process, of } = this.#pair(i, k);
      const V = process.covariance([of.XX, of.YY, of.XY, of.YX]);
      ofRow += inY * V.get(2, 2);
      ofColumn += inX * V.get(3, 3);
      ofBoth += inY * V.get(2, 1) + inX * V.get(0, 3);
    }
    return { ofRow, ofColumn, ofBoth };
  }

  /** Over eta^2, the means of the entries (i, i) of dA dA', dB dB' and dA dB'. */
  #stepSquares(i: number): Each<number> {
    const n = this.#kept.length;
    const { Q } = this.#diagonal;
    let [XX, YY, XY] = i < n ? [Q.get(i, i), Q.get(n + i, n + i), Q.get(i, n + i)] : [0, 0, 0];
    for (let c = 0; c < this.#of.r; c++) {
      if (c === i && i < n) continue;
      const { process } = this.#pair(i, c < n ? c : this.#of.s.length);
      XX += process.Q.get(0, 0);
      YY += process.Q.get(2, 2);
      XY += process.Q.get(0, 2);
    }
    return { XX, YY, XY };
  }

  /** Means of the entries (i, i) of a triple that is left out, or of a row without one. */
  #leftMean(i: number): Each<number> {
    let [XX, YY, XY] = [0, 0, 0];
    for (const C of this.#left(i)) {
      XX += C.get(0, 0);
      YY += C.get(1, 1);
      XY += C.get(0, 1);
    }
    return { XX, YY, XY };
  }

  /** Covariances of the entries (i, c) of A and of B, for each column c. */
  #left(i: number): Matrix[] {
    const entries = [unit(4, [0, 1]), unit(4, [2, 1])];
    return Array.from({ length: this.#of.r }, (_, c) =>
      this.#pair(i, c < this.#kept.length ? c : this.#of.s.length).process.covariance(entries),
    );
  }

  /** Between indices that are left out: the variance of averages of products of two small entries, at most. */
  #ofSecondOrder(name: keyof Each<unknown>, window: Window, of: Rows): number {
    const ofColumns = Array.from({ length: this.#of.r }, () => ({ X: 0, Y: 0, slowest: Infinity }));
    for (const { i, inX, inY } of this.#rows(of)) {
      if (i < this.#kept.length) continue;
      for (const [c, C] of this.#left(i).entries()) {
        const column = ofColumns[c]!;
        column.X += inX * C.get(0, 0);
        column.Y += inY * C.get(1, 1);
        const { process } = this.#pair(i, c < this.#kept.length ? c : this.#of.s.length);
        column.slowest = Math.min(column.slowest, process.slowest);
      }
    }
    return ofColumns.reduce((sum, { X, Y, slowest }) => {
      const keep = (1 - this.#of.eta * slowest) ** 2;
      const size = name === 'XY' ? X * Y : name === 'XX' ? X * X : Y * Y;
      return size === 0 ? sum : sum + 2 * size * window.share(keep);
    }, 0);
  }
}

const absoluteRowSum = (C: Matrix): number =>
  Math.max(0, ...C.to2DArray().map((row) => row.reduce((sum, entry) => sum + Math.abs(entry), 0)));

const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((entry, i) => entry + b[i]!);

/** A vector with these entries, and 0 elsewhere. */
function unit(length: number, ...entries: readonly (readonly [number, number])[]): number[] {
  const vector = Array.from({ length }, () => 0);
  for (const [at, value] of entries) vector[at] = value;
  return vector;
}

/** The setting of a run on a target. */
export function settingOf({ M, X0, sigma1, sigma2, eta }: Instance): Setting {
  const [d1, d2, r] = [M.length, M[0]!.length, X0[0]!.length];
  return { s: singularValues(matrix(M)), d1, d2, r, sigma1, sigma2, eta };
}

/**
 * How far a matrix of normal numbers may be from its mean: its norm has at most the root of the total variance as its mean, and
 * exceeds that by more than 3 standard deviations of its largest part with a chance below 1e-4 (docs/theory.md#hovering).
 */
export const deviationOf = ({ total, largest }: Spread): number => Math.sqrt(total) + 3 * Math.sqrt(largest);

/** Four standard deviations of a number. */
export const DEVIATIONS = 4;

/** What the settling time leaves of any start, as a share of s_1 (docs/theory.md#limit-noise). */
export const LEFT = 1 / 512;

/** Where X X', Y Y' and X Y' of a descent on the target hover. */
export function meansOf(target: Matrix, hovering: Hovering): Each<Matrix> {
  const { U, s, V } = decompose(target);
  const [all, rest] = [s.map((_, i) => hovering.mean(i)), hovering.mean(s.length)];
  const turned = (L: Matrix, values: readonly number[], R: Matrix): Matrix =>
    L.mmul(Matrix.diag([...values])).mmul(R.transpose());
  // Rows past the last triple are all alike.
  const symmetric = (L: Matrix, name: 'XX' | 'YY'): Matrix => {
    const others = L.rows > s.length ? rest[name] : 0;
    return turned(
      L,
      all.map((each) => each[name] - others),
      L,
    ).add(Matrix.eye(L.rows).mul(others));
  };
  return {
    XX: symmetric(U, 'XX'),
    YY: symmetric(V, 'YY'),
    XY: turned(
      U,
      all.map(({ XY }) => XY),
      V,
    ),
  };
}
