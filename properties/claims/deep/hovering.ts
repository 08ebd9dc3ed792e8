/**
 * Perturbed descent on a linear network of width one, around the minimiser of its smoothed objective, to first order in the step
 * size (docs/theory/other-problems.md#deep-hovering).
 */
import { Matrix, solve } from 'ml-matrix';
import { grid, HERMITE } from '../../oracles/cubature.ts';
import { linear, unit, type Linear, type Window } from '../../oracles/linear-process.ts';
import type { Hovered } from './narrow.ts';

/** A quantity of the iterate: its mean, and the standard deviation of its averages. */
export interface Quantity {
  readonly mean: number;
  /** At eta = 0. */
  readonly limit: number;
  deviation(window: Window): number;
}

/** In the plane of x along u, c, and y along v, and in the directions of x and of y across it. */
export class NarrowHovering {
  readonly #of: Hovered;
  readonly #at: readonly [x: number, c: number, y: number];
  readonly #inPlane: Linear;
  readonly #covariance: Matrix;
  readonly #shift: readonly number[];
  /** An entry of x, and one of y, across the plane: its variance, and the factor of its mean in a step. */
  readonly #across: readonly { variance: number; keep: number }[];

  /** At the point with this tau. */
  constructor(of: Hovered, tau: number) {
    this.#of = of;
    this.#at = of.penalties.map((each) => Math.sqrt(tau * each)) as [number, number, number];
    const { H, Q, across } = this.#local();
    this.#inPlane = linear(H, Q, of.eta);
    this.#covariance = this.#inPlane.covariance([0, 1, 2].map((i) => unit(3, [i, 1])));
    this.#across = across.map(({ rate, noise }) => ({
      variance: (of.eta * noise) / (rate * (2 - of.eta * rate)),
      keep: 1 - of.eta * rate,
    }));
    const pull = Matrix.columnVector(this.#thirdOrder());
    this.#shift = solve(H, pull)
      .mul(-1 / 2)
      .to1DArray();
  }

  /** The slowest rate at which the process relaxes, per unit of eta. */
  get slowest(): number {
    const rates = this.#across.map(({ keep }) => (1 - keep) / this.#of.eta);
    return Math.min(this.#inPlane.slowest, ...rates);
  }

  /** The squared norms of the layers, and the product along u and v. */
  get quantities(): readonly Quantity[] {
    const { rows, columns } = this.#of;
    const [x, c, y] = this.#at;
    const square = (i: number, others: number, side: number): Quantity =>
      this.#quantity(this.#at[i]! ** 2, unit(3, [i, 2 * this.#at[i]!]), Matrix.diag(unit(3, [i, 2])), others, side);
    const bends = new Matrix([
      [0, y, c],
      [y, 0, x],
      [c, x, 0],
    ]);
    return [
      square(0, rows - 1, 0),
      square(1, 0, 0),
      square(2, columns - 1, 1),
      this.#quantity(x * c * y, [c * y, x * y, x * c], bends, 0, 0),
    ];
  }

  /** A function with this value, slope and second derivative in the plane, plus the squares of `others` entries across it. */
  #quantity(limit: number, slope: number[], bend: Matrix, others: number, side: number): Quantity {
    const { variance, keep } = this.#across[side]!;
    const C = this.#covariance;
    const bent = bend.mmul(C);
    const moved = slope.reduce((sum, each, i) => sum + each * this.#shift[i]!, 0);
    return {
      limit,
      mean: limit + moved + bent.trace() / 2 + others * variance,
      deviation: (window) => {
        const first = this.#inPlane.averages([slope], window).get(0, 0);
        const slowest = window.share((1 - this.#of.eta * this.#inPlane.slowest) ** 2);
        const second = (bent.mmul(bent).trace() / 2) * slowest + 2 * others * variance ** 2 * window.share(keep ** 2);
        return Math.sqrt(first + second);
      },
    };
  }

  /** The Hessian of F~ in the plane, the covariance of a gradient there, and both across it. */
  #local(): { H: Matrix; Q: Matrix; across: { rate: number; noise: number }[] } {
    const {
      penalties: [a, b, e],
      s,
    } = this.#of;
    const [x, c, y] = this.#at;
    const [A, B, E] = [x * x + a, c * c + b, y * y + e];
    const [xc, xy, cy] = [2 * x * c * E - s * y, 2 * x * y * B - s * c, 2 * c * y * A - s * x];
    const H = new Matrix([
      [B * E, xc, xy],
      [xc, A * E, cy],
      [xy, cy, A * B],
    ]);
    const { Q, acrossX, acrossY } = this.#noise();
    return {
      H,
      Q,
      across: [
        { rate: B * E, noise: acrossX },
        { rate: A * B, noise: acrossY },
      ],
    };
  }

  /** The sum of F~_kij C_ij over all directions i, j, for each k. */
  #thirdOrder(): number[] {
    const {
      penalties: [a, b, e],
      s,
      rows,
      columns,
    } = this.#of;
    const [x, c, y] = this.#at;
    const [A, B, E] = [x * x + a, c * c + b, y * y + e];
    const C = (i: number, j: number): number => this.#covariance.get(i, j);
    const [ofX, ofY] = this.#across.map(({ variance }) => variance) as [number, number];
    // All of |x|^2 and |y|^2: F~ depends on these.
    const [xx, yy] = [C(0, 0) + (rows - 1) * ofX, C(2, 2) + (columns - 1) * ofY];
    const mixed = 4 * x * c * y - s;
    return [
      4 * c * E * C(0, 1) + 4 * y * B * C(0, 2) + 2 * x * E * C(1, 1) + 2 * x * B * yy + 2 * mixed * C(1, 2),
      4 * x * E * C(0, 1) + 4 * y * A * C(1, 2) + 2 * c * E * xx + 2 * c * A * yy + 2 * mixed * C(0, 2),
      4 * x * B * C(0, 2) + 4 * c * A * C(1, 2) + 2 * y * B * xx + 2 * y * A * C(1, 1) + 2 * mixed * C(0, 1),
    ];
  }

  /** Averages over the noise: three normal numbers in the plane, and two sums of squares across it. */
  #noise(): { Q: Matrix; acrossX: number; acrossY: number } {
    const {
      s,
      rows,
      columns,
      sigmas: [ofX, ofC, ofY],
    } = this.#of;
    const [x, c, y] = this.#at;
    const mean = [0, 0, 0];
    const squares = Matrix.zeros(3, 3);
    let [acrossX, acrossY] = [0, 0];
    for (const [n, weight] of grid(3, HERMITE)) {
      for (const [moreX, moreY, share] of pairs(rows - 1, columns - 1)) {
        const [p, q, t] = [x + ofX * n[0]!, c + ofC * n[1]!, y + ofY * n[2]!];
        const [pp, tt] = [p * p + ofX ** 2 * moreX, t * t + ofY ** 2 * moreY];
        const gradient = [p * q * q * tt - s * q * t, q * pp * tt - s * p * t, t * q * q * pp - s * p * q];
        gradient.forEach((each, i) => {
          mean[i]! += weight * share * each;
          gradient.forEach((other, j) => squares.set(i, j, squares.get(i, j) + weight * share * each * other));
        });
        acrossX += weight * share * (ofX * q * q * tt) ** 2;
        acrossY += weight * share * (ofY * q * q * pp) ** 2;
      }
    }
    const outer = Matrix.columnVector(mean).mmul(Matrix.rowVector(mean));
    return { Q: squares.sub(outer), acrossX, acrossY };
  }
}

/** Points of a rule for two sums of m and n squares of normal numbers: exact up to the degree 2 in each. */
function* pairs(m: number, n: number): Generator<readonly [number, number, number]> {
  const points = (k: number): number[] => [k - Math.sqrt(2 * k), k + Math.sqrt(2 * k)];
  for (const p of points(m)) for (const q of points(n)) yield [p, q, 1 / 4];
}
