/**
 * The mean of perturbed descent at a finite step size, and the distance of averages over a window of time from it, to first
 * order in the step size (docs/theory/limits.md#hovering): the mean and the covariance of X X', Y Y' and X Y'.
 */
import { Matrix } from 'ml-matrix';
import { decompose, singularValues } from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import { LimitBlocks, NAMES, type Each, type Pair, type Rows, type Setting } from './limit-blocks.ts';
import { unit, type Window } from './linear-process.ts';

/** The covariance of the entries of a matrix: its trace, and its largest eigenvalue. */
export interface Spread {
  readonly total: number;
  readonly largest: number;
}

export type { Each, Setting };

export class Hovering {
  readonly #of: Setting;
  readonly #blocks: LimitBlocks;

  constructor(setting: Setting) {
    this.#of = setting;
    this.#blocks = new LimitBlocks(setting);
  }

  /** The number of retained triples. */
  get kept(): number {
    return this.#blocks.kept.length;
  }

  /** The slowest rate that occurs in X X', Y Y' and X Y' to first order, per unit of eta t. */
  get slowest(): number {
    const rates = [this.#blocks.diagonal, ...this.#allPairs().map(({ pair }) => pair.process)].map(
      ({ slowest }) => slowest,
    );
    return Math.min(...rates);
  }

  /** Means of the entries (i, i) in the singular basis, up to first order in the step size; all others have mean 0. */
  mean(i: number): Each<number> {
    return i < this.#blocks.kept.length ? this.#keptMean(i) : this.#leftMean(i);
  }

  /**
   * A bound on the distance of the means from those of first order: 4 v^2 / t for each triple, with t = |s_i - lambda|
   * and v the mean square of its fluctuation; v for a triple that is nearer to the threshold than that.
   */
  get ofSecondOrder(): number {
    const { lambda, gamma } = this.#blocks.penalty;
    return this.#of.s.slice(0, this.#of.r).reduce((sum, s, i) => {
      const n = this.#blocks.kept.length;
      const [a, b] = i < n ? [unit(2 * n, [i, 1]), unit(2 * n, [n + i, 1])] : [unit(4, [0, 1]), unit(4, [2, 1])];
      const process = i < n ? this.#blocks.diagonal : this.#blocks.pair(i, this.#of.s.length).process;
      const C = process.covariance([a, b]);
      const v = C.get(0, 0) / gamma + C.get(1, 1) * gamma;
      return sum + Math.min(v, (4 * v * v) / Math.abs(s - lambda));
    }, 0);
  }

  /** The covariance of averages over a window: of all entries in the singular basis, or of those of the triples alone. */
  spread(window: Window, of: Rows = 'all'): Each<Spread> {
    const found = NAMES.map((name) => {
      const diagonal = this.#blocks.diagonal.averages(this.#blocks.diagonalChanges(name), window);
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
    const { alpha, beta } = this.#blocks.penalty;
    let [ofX, ofY] = [0, 0];
    for (const { i, inX, inY } of this.#blocks.rows()) {
      const { XX, YY } = this.#stepSquares(i);
      ofX += (eta / 2) * inX * XX;
      ofY += (eta / 2) * inY * YY;
    }
    const weights = this.#blocks.kept.map(() => ({ XX: alpha, YY: -beta, XY: 0 }));
    const own = this.#blocks.diagonal.averages(this.#changesOf(weights), window);
    let [total, largest] = [own.trace(), absoluteRowSum(own)];
    for (let i = 0; i < this.#blocks.kept.length; i++) {
      for (let j = i + 1; j < r; j++) {
        const [one, other] = [
          this.#blocks.level(i),
          j < this.#blocks.kept.length ? this.#blocks.level(j) : { x: 0, y: 0 },
        ];
        const change = [alpha * one.x, alpha * other.x, -beta * one.y, -beta * other.y];
        const pair = this.#blocks.entry(i, j);
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

  /** The contribution of the free columns among themselves: sums of squares of small entries. */
  #ofFreeColumns(window: Window): number {
    const free = this.#of.r - this.#blocks.kept.length;
    if (free === 0) return 0;
    const { alpha, beta } = this.#blocks.penalty;
    const perPair = this.#blocks.rows().reduce((sum, { i, inX, inY }) => {
      const { process } = this.#free(i);
      const C = process.covariance([unit(4, [0, alpha]), unit(4, [2, beta])]);
      const size = inX * (C.get(0, 0) / alpha) ** 2 + inY * (C.get(1, 1) / beta) ** 2;
      return sum + 2 * size * window.share((1 - this.#of.eta * process.slowest) ** 2);
    }, 0);
    return free * free * perPair;
  }

  /** The entries of a row in a free column. */
  #free(i: number): Pair {
    return this.#blocks.pair(i, this.#of.s.length);
  }

  /** The variance at rest of |X|^2 - |Y|^2 of the retained triples. */
  get varianceOfImbalance(): number {
    const changes = this.#changesOf(this.#blocks.kept.map(() => ({ XX: 1, YY: -1, XY: 0 })));
    return this.#blocks.diagonal.covariance(changes).sum();
  }

  /** For each retained triple the change of its weighted sum of (AA')_ii, (BB')_ii and (AB')_ii. */
  #changesOf(weights: readonly Each<number>[]): number[][] {
    const all = NAMES.map((name) => [name, this.#blocks.diagonalChanges(name)] as const);
    return weights
      .slice(0, this.#blocks.kept.length)
      .map((weight, i) => all.map(([name, changes]) => changes[i]!.map((entry) => weight[name] * entry)).reduce(plus));
  }

  /**
   * The standard deviation of averages of a sum over retained triples i of weights times (AA')_ii, (BB')_ii and
   * (AB')_ii.
   */
  deviation(weights: readonly Each<number>[], window: Window): number {
    const changes = this.#changesOf(weights);
    return changes.length === 0
      ? 0
      : Math.sqrt(this.#blocks.diagonal.averages([changes.reduce(plus)], window).get(0, 0));
  }

  /**
   * Each kind of pair of an index with a retained one: their number, and the changes of the entries (i, j) and (j, i).
   */
  #allPairs(rows: Rows = 'all'): { pair: Pair; times: number; changes: Each<number[][]> }[] {
    const { d1, d2 } = this.#of;
    const p = this.#of.s.length;
    return this.#blocks.kept.flatMap((_, j) => {
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

  #entry(i: number, j: number): { pair: Pair; of: Pair['of'] } {
    const pair = this.#blocks.pair(i, j);
    return { pair, of: pair.of };
  }

  /**
   * Means of the entries (i, i) of a retained triple: the three equations of balance (docs/theory/limits.md#hovering).
   */
  #keptMean(i: number): Each<number> {
    const { lambda, gamma } = this.#blocks.penalty;
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
    const own = NAMES.map((name) => this.#blocks.diagonalChanges(name)[i]!);
    const C = this.#blocks.diagonal.covariance(own);
    let [ofRow, ofColumn, ofBoth] = [C.get(2, 2), C.get(2, 2), C.get(2, 1) + C.get(0, 2)];
    for (const { i: k, inX, inY } of this.#blocks.rows()) {
      if (k === i) continue;
      const { process, of } = this.#blocks.pair(i, k);
      const V = process.covariance([of.XX, of.YY, of.XY, of.YX]);
      ofRow += inY * V.get(2, 2);
      ofColumn += inX * V.get(3, 3);
      ofBoth += inY * V.get(2, 1) + inX * V.get(0, 3);
    }
    return { ofRow, ofColumn, ofBoth };
  }

  /** Over eta^2, the means of the entries (i, i) of dA dA', dB dB' and dA dB'. */
  #stepSquares(i: number): Each<number> {
    const n = this.#blocks.kept.length;
    const { Q } = this.#blocks.diagonal;
    let [XX, YY, XY] = i < n ? [Q.get(i, i), Q.get(n + i, n + i), Q.get(i, n + i)] : [0, 0, 0];
    for (let c = 0; c < this.#of.r; c++) {
      if (c === i && i < n) continue;
      const { process } = this.#blocks.entry(i, c);
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
    return Array.from({ length: this.#of.r }, (_, c) => this.#blocks.entry(i, c).process.covariance(entries));
  }

  /** Between indices that are left out: the variance of averages of products of two small entries, at most. */
  #ofSecondOrder(name: keyof Each<unknown>, window: Window, of: Rows): number {
    const ofColumns = Array.from({ length: this.#of.r }, () => ({ X: 0, Y: 0, slowest: Infinity }));
    for (const { i, inX, inY } of this.#blocks.rows(of)) {
      if (i < this.#blocks.kept.length) continue;
      for (const [c, C] of this.#left(i).entries()) {
        const column = ofColumns[c]!;
        column.X += inX * C.get(0, 0);
        column.Y += inY * C.get(1, 1);
        const { process } = this.#blocks.entry(i, c);
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

/** The setting of a run on a target. */
export function settingOf({ M, X0, sigma1, sigma2, eta }: Instance): Setting {
  const [d1, d2, r] = [M.length, M[0]!.length, X0[0]!.length];
  return { s: singularValues(matrix(M)), d1, d2, r, sigma1, sigma2, eta };
}

/**
 * The allowed distance of a matrix of normal numbers from its mean: its norm has at most the root of the total variance
 * as its mean, and exceeds that by more than 3 standard deviations of its largest part with a chance below 1e-4
 * (docs/theory/limits.md#hovering).
 */
export const deviationOf = ({ total, largest }: Spread): number => Math.sqrt(total) + 3 * Math.sqrt(largest);

/** Four standard deviations of a number. */
export const DEVIATIONS = 4;

/** The remainder of any start after the settling time, as a share of s_1 (docs/theory/limits.md#limit-noise). */
export const LEFT = 1 / 512;

/** The means of X X', Y Y' and X Y' of a descent on the target. */
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
