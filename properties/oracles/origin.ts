/**
 * Perturbed descent around the origin under noise that collapses the target: the second moments of the iterate at a finite step
 * size, and the variance of sums of squares (docs/theory/minimisers.md#collapse).
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { penalties, singularValues } from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import { GradientSquares, type Moments, type Plane, type Shape } from './gradient-squares.ts';
import type { Window } from './linear-process.ts';

/**
 * A sum of squares of the iterate: |A|^2, the squared amplitude along the slowest direction; |X|^2 + |Y|^2; or the energy
 * alpha |X|^2 + beta |Y|^2 - 2 <M, X Y'>, twice the quadratic part of the smoothed loss.
 */
export type Squares = 'amplitude' | 'size' | 'energy';

/** Mean and variance of an average over looks at a run. */
export interface Average {
  readonly mean: number;
  readonly variance: number;
}

/** Directions of one column that move together: their rates, the moments along them, and the number of their rows. */
interface Modes {
  readonly rates: readonly number[];
  readonly C: Matrix;
  readonly rows: number;
}

/** Rounds until the moments at rest stand still: a round changes them by the share `excess` or so of the last change. */
const ROUNDS = 16;

export class AtOrigin {
  readonly #of: Shape;
  readonly #eta: number;
  readonly #noise: { readonly x: number; readonly y: number };
  readonly #penalties: readonly [alpha: number, beta: number];
  readonly #origin: Moments;

  /** An ablation has singular values above lambda: its sizes are those of values as many times below it. */
  constructor({ M, X0, sigma1, sigma2, eta }: Omit<Instance, 'steps'>) {
    const target = matrix(M);
    const { alpha, beta, lambda } = penalties(target, { sigma1, sigma2 });
    const s = singularValues(target).map((each) => Math.min(each, lambda ** 2 / each));
    this.#of = { s, r: X0[0]!.length, lonely: { x: target.rows - s.length, y: target.columns - s.length } };
    this.#eta = eta;
    this.#noise = { x: sigma1 ** 2, y: sigma2 ** 2 };
    this.#penalties = [alpha, beta];
    this.#origin = { planes: s.map(() => ({ x: 0, y: 0, xy: 0 })), x: 0, y: 0 };
  }

  /** The slowest rate at which the iterate shrinks, per unit of eta. */
  get rate(): number {
    const [alpha, beta] = this.#penalties;
    return (alpha + beta - Math.hypot(alpha - beta, 2 * this.#of.s[0]!)) / 2;
  }

  /** The share, at most, by which the noise that is multiplied by the iterate raises the moments. */
  get excess(): number {
    const [alpha, beta] = this.#penalties;
    return ((this.#of.r + 1) * this.#eta * (alpha ** 2 + beta ** 2)) / this.rate;
  }

  /** The factor, at most, by which noise that is multiplied by the iterate, or is not normal, widens sums of squares. */
  get widening(): number {
    return 1 + (5 / 2) * this.excess;
  }

  /** The mean of |X|^2 + |Y|^2 at rest, to first order in the step size. */
  get floor(): number {
    return this.#sum('size', this.#settled(this.#origin), () => 1).mean;
  }

  get #rest(): Moments {
    let at = this.#origin;
    for (let round = 0; round < ROUNDS; round++) at = this.#settled(at);
    return at;
  }

  /** The average over a window at rest. */
  atRest(of: Squares, window: Window): Average {
    return this.#sum(of, this.#rest, (keep) => window.share(keep));
  }

  /** The average over looks that are `stride` steps apart, in a run from the origin. */
  fromOrigin(of: Squares, looks: number, stride: number): Average {
    let [at, mean, variance] = [this.#origin, 0, 0];
    for (let look = 1; look <= looks; look++) {
      for (let t = 0; t < stride; t++) at = this.#step(at);
      // With itself, and twice with each later look.
      const after = (keep: number): number => {
        let share = 1;
        for (let later = 1; later <= looks - look; later++) share += 2 * keep ** (later * stride);
        return share;
      };
      const seen = this.#sum(of, at, after);
      [mean, variance] = [mean + seen.mean / looks, variance + seen.variance / looks ** 2];
    }
    return { mean, variance };
  }

  /** E z+ z+' = C - eta (C H + H C) + eta^2 E g g', with H the mean Hessian. */
  #step(at: Moments): Moments {
    const eta = this.#eta;
    const squares = this.#around(at);
    const { alpha, beta, lone } = squares;
    return {
      planes: at.planes.map((C, i) => {
        const across = squares.across(i);
        const { x, y, xy } = squares.plane(i);
        return {
          x: C.x - 2 * eta * (alpha * C.x + across * C.xy) + eta ** 2 * x,
          y: C.y - 2 * eta * (beta * C.y + across * C.xy) + eta ** 2 * y,
          xy: C.xy - eta * ((alpha + beta) * C.xy + across * (C.x + C.y)) + eta ** 2 * xy,
        };
      }),
      x: at.x * (1 - 2 * eta * alpha) + eta ** 2 * lone.x,
      y: at.y * (1 - 2 * eta * beta) + eta ** 2 * lone.y,
    };
  }

  /** The C with C H + H C = eta E g g', H and g being those around `at`: eta (det(H) Q + adj(H) Q adj(H)) / (2 tr(H) det(H)). */
  #settled(at: Moments): Moments {
    const squares = this.#around(at);
    const { alpha, beta, lone } = squares;
    return {
      planes: at.planes.map((_, i) => {
        const across = squares.across(i);
        const { x, y, xy } = squares.plane(i);
        const determinant = alpha * beta - across ** 2;
        const share = this.#eta / (2 * (alpha + beta) * determinant);
        return {
          x: share * (determinant * x + beta ** 2 * x - 2 * beta * across * xy + across ** 2 * y),
          y: share * (determinant * y + alpha ** 2 * y - 2 * alpha * across * xy + across ** 2 * x),
          xy: share * (2 * alpha * beta * xy - across * (beta * x + alpha * y)),
        };
      }),
      x: (this.#eta * lone.x) / (2 * alpha),
      y: (this.#eta * lone.y) / (2 * beta),
    };
  }

  /** The gradient at a perturbed point, if the iterate has these moments. */
  #around({ planes, x, y }: Moments): GradientSquares {
    const noise = this.#noise;
    return new GradientSquares(this.#of, {
      planes: planes.map((C) => ({ x: C.x + noise.x, y: C.y + noise.y, xy: C.xy })),
      x: x + noise.x,
      y: y + noise.y,
    });
  }

  #all({ planes, x, y }: Moments): Modes[] {
    const [alpha, beta] = this.#penalties;
    const { lonely } = this.#of;
    return [
      ...planes.map((C, i) => this.#modes(C, i)),
      { rates: [alpha], C: new Matrix([[x]]), rows: lonely.x },
      { rates: [beta], C: new Matrix([[y]]), rows: lonely.y },
    ];
  }

  /** The eigenvectors of the Hessian at the origin in a plane. */
  #modes({ x, y, xy }: Plane, i: number): Modes {
    const [alpha, beta] = this.#penalties;
    const s = this.#of.s[i]!;
    const H = new Matrix([[alpha, -s], [-s, beta]]); // prettier-ignore
    const { realEigenvalues: rates, eigenvectorMatrix: W } = new EigenvalueDecomposition(H, { assumeSymmetric: true });
    const C = new Matrix([[x, xy], [xy, y]]); // prettier-ignore
    return { rates, C: W.transpose().mmul(C).mmul(W), rows: 1 };
  }

  /** Its mean and variance; the covariance 2 C_mn^2 of two squares counts `share` times, which depends on the factor of a step. */
  #sum(of: Squares, at: Moments, share: (keep: number) => number): Average {
    const { r } = this.#of;
    let [mean, variance] = [0, 0];
    for (const { rates, C, rows } of of === 'amplitude' ? [this.#modes(at.planes[0]!, 0)] : this.#all(at)) {
      const slowest = Math.min(...rates);
      const weights = rates.map((rate) => (of === 'energy' ? rate : of === 'size' || rate === slowest ? 1 : 0));
      for (const [m, weight] of weights.entries()) {
        mean += r * rows * weight * C.get(m, m);
        const own = 2 * r * rows * weight * share((1 - this.#eta * rates[m]!) ** 2);
        variance += weights.reduce((sum, other, n) => sum + own * other * C.get(m, n) ** 2, 0);
      }
    }
    return { mean, variance };
  }
}
