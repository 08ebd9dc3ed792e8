/**
 * Gradient flow of a linear network of three layers, by its Taylor series (docs/theory/other-problems.md#deep): the field is a polynomial, so the
 * coefficients follow one another by sums of products.
 */
import { Matrix } from 'ml-matrix';
import { times, timesTransposed, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { convolution, sum } from '../../oracles/taylor.ts';
import { norm } from '../../../src/index.ts';

/** With this many terms a step of 1 / (64 w^4) is cut off below 8^-18 = 0.5 u of the layers' size. */
export const EXACT_ORDER = 18;

/** Such a step: 1 / (64 w^4) with w the largest of the layers' norms and |M|^(1/3); 1 if all are 0. */
export function deepFlowStep(target: Matrix, layers: readonly Matrix[]): number {
  const w = Math.max(...layers.map((L) => norm(L)), Math.cbrt(norm(target)));
  return w === 0 ? 1 : 1 / (64 * w ** 4);
}

/** The point at time h of the flow, by the Taylor polynomial of the given order; order 1 is a step of gradient descent. */
export function deepFlowFor(target: Matrix, [X0, C0, Z0]: readonly Matrix[], h: number, order: number): Matrix[] {
  // Z = Y', and coefficients of h^n with the power of h included, of XC, CZ, the residual R, RZ' and the layers.
  const [X, C, Z] = [[X0!], [C0!], [Z0!]];
  const XC: Matrix[] = [];
  const CZ: Matrix[] = [];
  const R: Matrix[] = [];
  const RZ: Matrix[] = [];
  for (let n = 0; n < order; n++) {
    XC.push(convolution(times, X, C, n));
    CZ.push(convolution(times, C, Z, n));
    const product = convolution(times, XC, Z, n);
    R.push(n === 0 ? product.sub(target) : product);
    RZ.push(convolution(timesTransposed, R, Z, n));
    const scale = -h / (n + 1);
    const next = [
      convolution(timesTransposed, R, CZ, n),
      convolution(transposedTimes, X, RZ, n),
      convolution(transposedTimes, XC, R, n),
    ];
    [X, C, Z].forEach((coefficients, i) => coefficients.push(next[i]!.mul(scale)));
  }
  return [X, C, Z].map(sum);
}
