/** Chi-square numbers made of standard normals, so that one stream of normals is all a run needs. */
import type { NoiseSource } from '../contract.ts';
import { log } from '../kernel/elementary.ts';

/** Normals that `chiSquare` is given; a candidate that it refuses costs the same number again. */
export const CHI_SQUARE_NORMALS = 3;

/**
 * The square of the length of a vector of `freedom` standard normals, freedom a whole number from 1, at a cost that does not
 * depend on it. `normals` has CHI_SQUARE_NORMALS fresh ones from `at` on; they are overwritten where more are needed.
 *
 * Marsaglia and Tsang (2000b): with d = freedom / 2 - 1/3, x normal and v = (1 + x / sqrt(9 d))^3, the number 2 d v is accepted
 * with probability exp(x^2/2 + d - d v + d log v), which is 84 % at one degree of freedom and more at others. Half the squared
 * length of two normals is exponential and stands in for minus the logarithm of a uniform number.
 *
 * @example
 * ```ts
 * const normals = new Float64Array(CHI_SQUARE_NORMALS);
 * const source = gaussianNoise('seed');
 * source.fill(normals);
 * chiSquare(5, normals, 0, source) > 0; // true
 * ```
 */
export function chiSquare(freedom: number, normals: Float64Array, at: number, source: NoiseSource): number {
  const d = freedom / 2 - 1 / 3;
  const scale = 1 / Math.sqrt(9 * d);
  for (;;) {
    const [x, y, z] = [normals[at]!, normals[at + 1]!, normals[at + 2]!];
    const root = 1 + scale * x;
    const v = root * root * root;
    if (v > 0 && (y * y + z * z) / 2 >= d * (v - 1 - log(v)) - (x * x) / 2) return 2 * d * v;
    source.fill(normals.subarray(at, at + CHI_SQUARE_NORMALS));
  }
}
