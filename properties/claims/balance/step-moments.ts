/** Second moments of a perturbed step; claims about means over runs compute the expected values from them. */
import { Matrix } from 'ml-matrix';
import { gradient, gram, penalties, squaredNorm, type Factors, type NoiseScales } from '../../../src/index.ts';
import { sandwich } from '../../oracles/reduced-moments.ts';

/**
 * A bound on the variance of X'dX + dX'X - Y'dY - dY'Y, summed over its entries, per eta^2 (docs/theory/limits.md#step-moments); exact
 * for r = 1.
 */
export function varianceOfTurn(target: Matrix, at: Factors, scales: NoiseScales): number {
  const { alpha, beta } = penalties(target, scales);
  const plain = gradient(target, at);
  const onX = { own: at.X, slope: plain.X, ofOther: alpha, v: scales.sigma2 ** 2 };
  const onY = { own: at.Y, slope: plain.Y, ofOther: beta, v: scales.sigma1 ** 2 };
  const r = at.X.columns;
  const products = 4 * r * onX.v * onY.v * squaredNorm(at.X) * squaredNorm(at.Y);
  return 4 * (turnFrom(onX, onY.v) + turnFrom(onY, onX.v) + (r === 1 ? 0 : products));
}

/**
 * E(dX'dX - dY'dY), per eta^2: the difference between the mean imbalance after a step and its contraction, exactly and
 * at every step size (docs/theory/limits.md#step-moments).
 */
export function meanSquares(target: Matrix, at: Factors, scales: NoiseScales): Matrix {
  const transposed = target.transpose();
  const ofX = squareOfSlope(target, at.X, at.Y, scales.sigma1 ** 2, scales.sigma2 ** 2);
  return ofX.sub(squareOfSlope(transposed, at.Y, at.X, scales.sigma2 ** 2, scales.sigma1 ** 2));
}

/** E of the square of R~Y~ = X~G - M Y~, G = Y~'Y~, with noise of these variances. */
function squareOfSlope(M: Matrix, X: Matrix, Y: Matrix, ofX: number, ofY: number): Matrix {
  const eye = Matrix.eye(X.columns);
  const [P, d] = [gram(Y), Y.rows];
  const S = gram(X).add(Matrix.mul(eye, X.rows * ofX));
  const mixed = X.transpose().mmul(M);
  const along = mixed.mmul(Y);
  // E[G N Y~] for N = X'M.
  const cubic = P.mmul(along)
    .add(Matrix.mul(along, d * ofY))
    .add(along.transpose().mul(ofY))
    .add(Matrix.mul(eye, along.trace() * ofY));
  const MY = M.mmul(Y);
  return sandwich(P, S, d, ofY)
    .sub(cubic)
    .sub(cubic.transpose())
    .add(gram(MY))
    .add(eye.mul(ofY * squaredNorm(M)));
}

/** One factor's share: the other's noise, of variance v, makes the penalty `ofOther` on it. */
interface Share {
  readonly own: Matrix;
  readonly slope: Matrix;
  readonly ofOther: number;
  readonly v: number;
}

/** The moment of the part of the turn in which the other factor's noise, of variance v, comes an odd number of times or squared. */
function turnFrom({ own, slope, ofOther, v }: Share, ownV: number): number {
  const r = own.columns;
  const wishart = (r + 1) * ofOther * v;
  const linear = squaredNorm(Matrix.sub(slope, Matrix.mul(own, ofOther)));
  return r * ownV * (linear + wishart * squaredNorm(own)) + wishart * squaredNorm(gram(own));
}
