import { Matrix } from 'ml-matrix';
import { gaussianNoise } from 'flat-minima';

/** rows x columns, standard normal. */
export function gaussian(rows: number, columns: number, seed: string): Matrix {
  const entries = new Float64Array(rows * columns);
  gaussianNoise(seed).fill(entries);
  return Matrix.from1DArray(rows, columns, entries);
}
