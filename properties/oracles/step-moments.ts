/** Second moments of a perturbed step, from which claims about means over runs take their tolerances. */
import { Matrix } from 'ml-matrix';
import {
  gradient,
  gram,
  penalties,
  residual,
  smoothedGradient,
  squaredNorm,
  type Factors,
  type NoiseScales,
} from '../../src/index.ts';
import { size } from './scales.ts';

/** Bounds for a step from one point, per eta^2 (docs/theory.md#step-moments). */
export interface StepMoments {
  /** Of E(|dX|^2 + |dY|^2). */
  readonly move: number;
  /** Of the variance of X'dX + dX'X - Y'dY - dY'Y, summed over its entries; exact for r = 1. */
  readonly turn: number;
}

export function stepMoments(target: Matrix, at: Factors, scales: NoiseScales): StepMoments {
  const { alpha, beta } = penalties(target, scales);
  const plain = gradient(target, at);
  const R2 = squaredNorm(residual(target, at));
  const onX = { own: at.X, other: at.Y, slope: plain.X, ofOwn: beta, ofOther: alpha, v: scales.sigma2 ** 2 };
  const onY = { own: at.Y, other: at.X, slope: plain.Y, ofOwn: alpha, ofOther: beta, v: scales.sigma1 ** 2 };
  const r = at.X.columns;
  const products = 4 * r * onX.v * onY.v * squaredNorm(at.X) * squaredNorm(at.Y);
  return {
    move: size(smoothedGradient(target, at, scales)) + spreadOfGradient(onX, R2) + spreadOfGradient(onY, R2),
    turn: 4 * (turnFrom(onX, onY.v) + turnFrom(onY, onX.v) + (r === 1 ? 0 : products)),
  };
}

/** One factor's share. Its own noise makes the penalty `ofOwn`, the other's noise, of variance v, makes `ofOther`. */
interface Share {
  readonly own: Matrix;
  readonly other: Matrix;
  readonly slope: Matrix;
  readonly ofOwn: number;
  readonly ofOther: number;
  readonly v: number;
}

/** Of the perturbed gradient on `own`. */
function spreadOfGradient({ own, other, ofOwn, ofOther, v }: Share, R2: number): number {
  const r = own.columns;
  const [x, y] = [squaredNorm(own), squaredNorm(other)];
  const wishart = (r + 1) * ofOther * v;
  const linear = squaredNorm(gram(other).add(Matrix.eye(r).mul(ofOther)));
  return 2 * v * (r * R2 + x * y) + ofOwn * (linear + r * wishart + 4 * r * v * y) + wishart * x;
}

/** Of the part of the turn in which the other factor's noise, of variance v, comes an odd number of times or squared. */
function turnFrom({ own, slope, ofOther, v }: Share, ownV: number): number {
  const r = own.columns;
  const wishart = (r + 1) * ofOther * v;
  const linear = squaredNorm(Matrix.sub(slope, Matrix.mul(own, ofOther)));
  return r * ownV * (linear + wishart * squaredNorm(own)) + wishart * squaredNorm(gram(own));
}
