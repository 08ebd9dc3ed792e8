/** The quantities of an iterate that the page shows. */
import { Matrix } from 'ml-matrix';
import {
  hessian,
  imbalance,
  loss,
  norm,
  product,
  residual,
  singularValues,
  squaredNorm,
  type Factors,
} from '../../src/index.ts';
import { matrix, type Instance } from '../model/instance.ts';
import { spectrumOf } from '../oracles/hessians.ts';
import { projectionOf, type Point } from './projection.ts';
import { penaltiesOf } from './state.ts';

export interface Measures {
  /** Steps taken. */
  readonly step: number;
  /** F. */
  readonly loss: number;
  /** X'X - gamma^2 Y'Y, r x r; gamma is 1 if the noise does not define it. */
  readonly D: Matrix;
  /** Largest eigenvalue of the Hessian of F; NaN if that is too large to be dense. */
  readonly largest: number;
  /** Trace of the Hessian of F. */
  readonly trace: number;
  /** The leading r singular values of X Y'. */
  readonly values: readonly number[];
  /** The points at which the iterate is drawn. */
  readonly points: readonly Point[];
  /**
   *  |X|^2 + |Y|^2 + |R|: plain descent provably conserves its imbalance if eta times that is at most 1.
   */
  readonly curvature: number;
}

export type Measurer = (at: Factors, step: number) => Measures;

/** Rows of a Hessian that is decomposed several times a frame. */
const MOST_ROWS = 64;

export function measurer(instance: Instance): Measurer {
  const target = matrix(instance.M);
  const [d1, d2, r] = [target.rows, target.columns, instance.X0[0]!.length];
  const gamma = penaltiesOf(instance)?.gamma ?? 1;
  const projection = projectionOf(instance.M, r);
  return (at, step) => ({
    step,
    loss: loss(target, at),
    D: imbalance(at, gamma),
    largest: (d1 + d2) * r <= MOST_ROWS ? largestOf(hessian(target, at)) : NaN,
    trace: d2 * squaredNorm(at.X) + d1 * squaredNorm(at.Y),
    values: valuesOf(product(at), r),
    points: projection.pointsOf(at),
    curvature: squaredNorm(at.X) + squaredNorm(at.Y) + norm(residual(target, at)),
  });
}

// Libraries throw or loop on numbers that overflow, as they do just before a run diverges.
const isTame = (A: Matrix): boolean => Number.isFinite(norm(A));
const largestOf = (H: Matrix): number => (isTame(H) ? spectrumOf(H).largest : NaN);
const valuesOf = (A: Matrix, r: number): number[] =>
  isTame(A) ? singularValues(A).slice(0, r) : Array<number>(r).fill(NaN);

/** Time averages over the later half of a run, as claims about limits take them. */
export interface Averages {
  /** Norm of the averaged imbalance. */
  readonly imbalance: number;
  readonly loss: number;
  readonly largest: number;
  readonly trace: number;
  readonly values: readonly number[];
}

/** `samples` at equal distances in time, in its order; the averages of those in the later half of the time. */
export function laterHalf(samples: readonly Measures[]): Averages {
  const later = samples.filter(({ step }) => 2 * step >= samples.at(-1)!.step);
  const mean = (of: (each: Measures) => number): number =>
    later.reduce((sum, each) => sum + of(each), 0) / later.length;
  const D = later.reduce((sum, each) => Matrix.add(sum, each.D), Matrix.zeros(later[0]!.D.rows, later[0]!.D.columns));
  return {
    imbalance: norm(Matrix.div(D, later.length)),
    loss: mean((each) => each.loss),
    largest: mean((each) => each.largest),
    trace: mean((each) => each.trace),
    values: later[0]!.values.map((_, i) => mean((each) => each.values[i]!)),
  };
}
