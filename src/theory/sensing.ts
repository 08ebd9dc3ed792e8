/**
 * Matrix sensing: M is seen through measurements b_i = <A_i, M>, and F(X, Y) = 1/2 sum_i (<A_i, X Y'> - b_i)^2, with its mean under
 * noise (docs/theory/other-problems.md#sensing). Full observation has the unit matrices as A_i, completion some of them.
 */
import { Matrix } from 'ml-matrix';
import type { Factors, NoiseScales } from '../contract.ts';
import { product, rank } from '../linear-algebra/geometry.ts';
import { inner, plus, squaredNorm, times, timesTransposed, transposedTimes } from '../linear-algebra/matrices.ts';

/** Linear measurements of a d1 x d2 matrix. */
export interface Measurements {
  /** The A_i, d1 x d2 each. */
  readonly matrices: readonly Matrix[];
  /** The b_i, one for each A_i. */
  readonly values: readonly number[];
}

/**
 * The measurements of a matrix by the given A_i.
 *
 * @example
 * ```ts
 * measured([new Matrix([[1, 1]])], new Matrix([[2, 3]])).values; // [5]
 * ```
 */
export const measured = (matrices: readonly Matrix[], M: Matrix): Measurements => ({
  matrices,
  values: matrices.map((A) => inner(A, M)),
});

/**
 * <A_i, Z> - b_i.
 *
 * @example
 * ```ts
 * misfits(measured([new Matrix([[1, 1]])], new Matrix([[2, 3]])), new Matrix([[2, 2]])); // [-1]
 * ```
 */
export const misfits = ({ matrices, values }: Measurements, Z: Matrix): number[] =>
  matrices.map((A, i) => inner(A, Z) - values[i]!);

/**
 * F.
 *
 * @example
 * ```ts
 * sensingLoss(measured([new Matrix([[1]])], new Matrix([[1]])), { X: new Matrix([[2]]), Y: new Matrix([[1]]) }); // 0.5
 * ```
 */
export const sensingLoss = (measurements: Measurements, factors: Factors): number =>
  misfits(measurements, product(factors)).reduce((sum, misfit) => sum + misfit * misfit, 0) / 2;

/**
 * sum_i w_i A_i.
 *
 * @example
 * ```ts
 * combined([new Matrix([[1, 0]]), new Matrix([[0, 1]])], [2, 3]); // [[2, 3]]
 * ```
 */
export function combined(matrices: readonly Matrix[], weights: readonly number[]): Matrix {
  const total = Matrix.zeros(matrices[0]!.rows, matrices[0]!.columns);
  matrices.forEach((A, i) => total.add(Matrix.mul(A, weights[i]!)));
  return total;
}

/**
 * grad F = (G Y, G'X) with G = sum_i (<A_i, X Y'> - b_i) A_i.
 *
 * @example
 * ```ts
 * const measurements = measured([new Matrix([[1]])], new Matrix([[1]]));
 * sensingGradient(measurements, { X: new Matrix([[2]]), Y: new Matrix([[1]]) }).X; // [[1]]
 * ```
 */
export function sensingGradient(measurements: Measurements, { X, Y }: Factors): Factors {
  const G = combined(measurements.matrices, misfits(measurements, product({ X, Y })));
  return { X: times(G, Y), Y: transposedTimes(G, X) };
}

/** Sums of products of the measurement matrices. */
export interface SensingGrams {
  /** sum A_i'A_i, d2 x d2. */
  readonly P: Matrix;
  /** sum A_iA_i', d1 x d1. */
  readonly Q: Matrix;
}

/**
 * P and Q: d1 I and d2 I for full observation, counts per column and row for completion.
 *
 * @example
 * ```ts
 * sensingGrams({ matrices: [new Matrix([[1, 2]])] }).P; // [[1, 2], [2, 4]]
 * ```
 */
export function sensingGrams({ matrices }: Pick<Measurements, 'matrices'>): SensingGrams {
  const [d1, d2] = [matrices[0]!.rows, matrices[0]!.columns];
  const [P, Q] = [Matrix.zeros(d2, d2), Matrix.zeros(d1, d1)];
  for (const A of matrices) {
    transposedTimes(A, A, P);
    timesTransposed(A, A, Q);
  }
  return { P, Q };
}

/**
 * E F(X + xi1, Y + xi2) = F + sigma1^2/2 tr Y'PY + sigma2^2/2 tr X'QX + r/2 sigma1^2 sigma2^2 tr P.
 *
 * @example
 * ```ts
 * const measurements = measured([new Matrix([[1]])], new Matrix([[1]]));
 * smoothedSensingLoss(measurements, { X: new Matrix([[1]]), Y: new Matrix([[1]]) }, { sigma1: 0.5, sigma2: 0.5 }); // 0.2813
 * ```
 */
export function smoothedSensingLoss(
  measurements: Measurements,
  { X, Y }: Factors,
  { sigma1, sigma2 }: NoiseScales,
): number {
  const { P, Q } = sensingGrams(measurements);
  const penalty = sigma1 ** 2 * inner(Y, times(P, Y)) + sigma2 ** 2 * inner(X, times(Q, X));
  const constant = X.columns * sigma1 ** 2 * sigma2 ** 2 * P.trace();
  return sensingLoss(measurements, { X, Y }) + (penalty + constant) / 2;
}

/**
 * Its gradient, (G Y + sigma2^2 Q X, G'X + sigma1^2 P Y): the mean of the gradient at the perturbed point.
 *
 * @example
 * ```ts
 * const measurements = measured([new Matrix([[1]])], new Matrix([[1]]));
 * smoothedSensingGradient(measurements, { X: new Matrix([[1]]), Y: new Matrix([[1]]) }, { sigma1: 0.5, sigma2: 0.5 }).X; // [[0.25]]
 * ```
 */
export function smoothedSensingGradient(
  measurements: Measurements,
  { X, Y }: Factors,
  { sigma1, sigma2 }: NoiseScales,
): Factors {
  const { P, Q } = sensingGrams(measurements);
  const plain = sensingGradient(measurements, { X, Y });
  return { X: plus(plain.X, times(Q, X), sigma2 ** 2), Y: plus(plain.Y, times(P, Y), sigma1 ** 2) };
}

/**
 * Warnings about the measurements for readers of a solution, one sentence each.
 *
 * @example
 * ```ts
 * sensingRemarks({ matrices: [new Matrix([[1]])] }); // []
 * ```
 */
export function sensingRemarks({ matrices }: Pick<Measurements, 'matrices'>): string[] {
  const [d1, d2] = [matrices[0]!.rows, matrices[0]!.columns];
  const { P, Q } = sensingGrams({ matrices });
  const [ofP, ofQ] = [rank(P), rank(Q)];
  return [
    ...(matrices.length < d1 * d2
      ? [
          `there are ${matrices.length} measurements of ${d1 * d2} entries: only a small rank can decide between the matrices that fit`,
        ]
      : []),
    ...(ofP < d2
      ? [`P has rank ${ofP} of ${d2}: noise does not penalise some rows of Y, on which no measurement depends`]
      : []),
    ...(ofQ < d1
      ? [`Q has rank ${ofQ} of ${d1}: noise does not penalise some rows of X, on which no measurement depends`]
      : []),
  ];
}

/**
 * sum_i |A_i|^2, an upper bound on the curvature of the measurements.
 *
 * @example
 * ```ts
 * sensingSize({ matrices: [new Matrix([[3, 4]])] }); // 25
 * ```
 */
export const sensingSize = ({ matrices }: Pick<Measurements, 'matrices'>): number =>
  matrices.reduce((sum, A) => sum + squaredNorm(A), 0);
