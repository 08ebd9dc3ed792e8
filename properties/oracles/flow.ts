/**
 * Gradient flow X' = -RY, Y' = -R'X, integrated by its Taylor series (docs/theory/related-papers.md#du). The field is a cubic polynomial,
 * so the coefficients follow one another by sums of products, and a short enough step is exact up to rounding.
 */
import { Matrix } from 'ml-matrix';
import { norm, type Factors } from '../../src/index.ts';
import { times, timesTransposed, transposedTimes } from '../../src/linear-algebra/matrices.ts';
import { convolution, sum } from './taylor.ts';

/** With this many terms a step of 1 / (32 w^2) is cut off below 8^-18 = 0.5 u of the factors' size. */
export const EXACT_ORDER = 18;

/** Such a step: 1 / (32 w^2), w^2 = max(|X|^2, |Y|^2, |M|), which bounds the curvature; 1 if all are 0. */
export function flowStep(target: Matrix, { X, Y }: Factors): number {
  const curvature = Math.max(norm(X) ** 2, norm(Y) ** 2, norm(target));
  return curvature === 0 ? 1 : 1 / (32 * curvature);
}

/** The point at time h of the flow from (X, Y), by the Taylor polynomial of the given order; order 1 is a step of GD. */
export function flowFor(target: Matrix, start: Factors, h: number, order: number): Factors {
  const X = [start.X];
  const Y = [start.Y];
  const R: Matrix[] = [];
  for (let n = 0; n < order; n++) {
    // Coefficients of h^n, the power of h included: R_n = sum X_i Y_{n-i}' - [n = 0] M.
    const product = convolution(timesTransposed, X, Y, n);
    R.push(n === 0 ? product.sub(target) : product);
    X.push(convolution(times, R, Y, n).mul(-h / (n + 1)));
    Y.push(convolution(transposedTimes, R, X, n).mul(-h / (n + 1)));
  }
  return { X: sum(X), Y: sum(Y) };
}
