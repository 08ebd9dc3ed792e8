/**
 * Gradient flow in closed form from a start with X'X - Y'Y = delta I, on the loss or with a ridge lambda on both factors
 * (docs/theory/gradient-descent.md#closed-flow): W = ZZ' of Z = (X; Y) at any time.
 */
import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { gram, imbalance, norm, type Factors } from '../../../src/index.ts';
import { times, timesTransposed, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { stacked } from '../../oracles/formula.ts';

/** F = [[delta/2 I, M], [M', -delta/2 I]] - lambda I. */
function generator(target: Matrix, delta: number, lambda: number): Matrix {
  const [d1, d2] = [target.rows, target.columns];
  const F = Matrix.zeros(d1 + d2, d1 + d2);
  for (let i = 0; i < d1; i++) F.set(i, i, delta / 2 - lambda);
  for (let j = 0; j < d2; j++) F.set(d1 + j, d1 + j, -delta / 2 - lambda);
  for (let i = 0; i < d1; i++) {
    for (let j = 0; j < d2; j++) {
      F.set(i, d1 + j, target.get(i, j));
      F.set(d1 + j, i, target.get(i, j));
    }
  }
  return F;
}

export interface FlowAt {
  readonly W: Matrix;
  /** The factor by which the inverse may increase rounding: its condition number. */
  readonly condition: number;
}

/** W(t) = e^(Ft) Z_0 [I + Z_0' (int_0^t e^(2Fs) ds) Z_0]^-1 Z_0' e^(Ft). */
export function closedFlow(target: Matrix, start: Factors, lambda = 0): (time: number) => FlowAt {
  const delta = imbalance(start).trace() / start.X.columns;
  const evd = new EigenvalueDecomposition(generator(target, delta, lambda), { assumeSymmetric: true });
  const [values, V] = [evd.realEigenvalues, evd.eigenvectorMatrix];
  const Z = transposedTimes(V, stacked(start));
  return (time) => {
    const N = Matrix.eye(Z.columns);
    const moved = Z.clone();
    for (const [i, f] of values.entries()) {
      const weight = f === 0 ? time : Math.expm1(2 * f * time) / (2 * f);
      const row = Matrix.rowVector(Z.getRow(i));
      N.add(gram(row).mul(weight));
      moved.mulRow(i, Math.exp(f * time));
    }
    const inside = inverse(N);
    const there = times(V, moved);
    return { W: timesTransposed(times(there, inside), there), condition: norm(N) * norm(inside) };
  };
}
