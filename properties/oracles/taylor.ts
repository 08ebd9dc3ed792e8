/** Taylor series of matrices. */
import { Matrix } from 'ml-matrix';

/** The coefficient of h^n of a product of two series. */
export function convolution(
  product: (A: Matrix, B: Matrix) => Matrix,
  A: readonly Matrix[],
  B: readonly Matrix[],
  n: number,
): Matrix {
  const total = product(A[0]!, B[n]!);
  for (let i = 1; i <= n; i++) total.add(product(A[i]!, B[n - i]!));
  return total;
}

/** From the smallest term to the largest. */
export const sum = (terms: readonly Matrix[]): Matrix => terms.reduceRight((total, term) => Matrix.add(total, term));
