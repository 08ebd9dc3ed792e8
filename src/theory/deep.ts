/**
 * Linear networks of any depth: F(L_1, ..., L_N) = |L_1 ... L_N - M|^2 / 2, and its mean under independent noise of scale sigma_j on
 * every entry of layer j (docs/theory/other-problems.md#deep). Depth 2 is the factorization, with L_2 = Y'.
 */
import { Matrix } from 'ml-matrix';
import { inner, plus, squaredNorm, times, timesTransposed, transposedTimes } from '../linear-algebra/matrices.ts';

/**
 * L_1 ... L_N.
 *
 * @example
 * ```ts
 * deepProduct([new Matrix([[2]]), new Matrix([[3]]), new Matrix([[1]])]); // [[6]]
 * ```
 */
export const deepProduct = (layers: readonly Matrix[]): Matrix => layers.slice(1).reduce(times, layers[0]!.clone());

/**
 * F.
 *
 * @example
 * ```ts
 * deepLoss(new Matrix([[1]]), [new Matrix([[2]]), new Matrix([[1]]), new Matrix([[1]])]); // 0.5
 * ```
 */
export const deepLoss = (target: Matrix, layers: readonly Matrix[]): number =>
  squaredNorm(deepProduct(layers).sub(target)) / 2;

/**
 * The gradient at each layer, (L_1 ... L_{j-1})' R (L_{j+1} ... L_N)'.
 *
 * @example
 * ```ts
 * deepGradient(new Matrix([[1]]), [new Matrix([[2]]), new Matrix([[1]]), new Matrix([[1]])])[1]; // [[2]]
 * ```
 */
export function deepGradient(target: Matrix, layers: readonly Matrix[]): Matrix[] {
  // L_1 ... L_j, and L_j ... L_N.
  const [before, after] = [[...layers], [...layers]];
  for (let j = 1; j < layers.length; j++) before[j] = times(before[j - 1]!, layers[j]!);
  for (let j = layers.length - 2; j > 0; j--) after[j] = times(layers[j]!, after[j + 1]!);
  const R = Matrix.sub(before.at(-1)!, target);
  return layers.map((_, j) => {
    const left = j === 0 ? R : transposedTimes(before[j - 1]!, R);
    return j === layers.length - 1 ? left : timesTransposed(left, after[j + 1]!);
  });
}

/** E[(L~_1 ... L~_{j-1})'(L~_1 ... L~_{j-1})] for each j: A_1 = I, A_{j+1} = L_j'A_j L_j + sigma_j^2 tr(A_j) I. */
function meansBefore(layers: readonly Matrix[], sigmas: readonly number[]): Matrix[] {
  const means = [Matrix.eye(layers[0]!.rows)];
  layers.forEach((L, j) => {
    const A = means[j]!;
    means.push(plus(transposedTimes(L, times(A, L)), Matrix.eye(L.columns), sigmas[j]! ** 2 * A.trace()));
  });
  return means;
}

/** E[(L~_j ... L~_N)(L~_j ... L~_N)'] for each j, and I at the end: T_j = L_j T_{j+1} L_j' + sigma_j^2 tr(T_{j+1}) I. */
function meansAfter(layers: readonly Matrix[], sigmas: readonly number[]): Matrix[] {
  const transposed = layers.map((L) => L.transpose()).toReversed();
  return meansBefore(transposed, sigmas.toReversed()).toReversed();
}

/**
 * E F, for noise of these scales.
 *
 * @example
 * ```ts
 * smoothedDeepLoss(new Matrix([[1]]), [new Matrix([[1]]), new Matrix([[1]])], [0.5, 0.5]); // 0.2813
 * ```
 */
export function smoothedDeepLoss(target: Matrix, layers: readonly Matrix[], sigmas: readonly number[]): number {
  const meanSquare = meansAfter(layers, sigmas)[0]!.trace();
  return (meanSquare - 2 * inner(deepProduct(layers), target) + squaredNorm(target)) / 2;
}

/**
 * Its gradient at each layer, A_j L_j T_{j+1} - (L_1 ... L_{j-1})' M (L_{j+1} ... L_N)'.
 *
 * @example
 * ```ts
 * smoothedDeepGradient(new Matrix([[1]]), [new Matrix([[1]]), new Matrix([[1]])], [0.5, 0.5])[0]; // [[0.25]]
 * ```
 */
export function smoothedDeepGradient(target: Matrix, layers: readonly Matrix[], sigmas: readonly number[]): Matrix[] {
  const [before, after] = [meansBefore(layers, sigmas), meansAfter(layers, sigmas)];
  const zero = layers.map((L) => L.clone().mul(0));
  return layers.map((L, j) => {
    // The gradient of F at layer j with that layer set to 0: only the term with the target remains.
    const pulled = deepGradient(target, layers.with(j, zero[j]!))[j]!;
    return times(times(before[j]!, L), after[j + 1]!).add(pulled);
  });
}
