/** Spectra as characteristic polynomials, which are rational identities, unlike eigenvalues. */
import type { Matrix } from 'ml-matrix';
import { shapesUpTo, type Sides } from './identity.ts';

/** Small enough for characteristic polynomials of (d1 + d2) r and d1 d2 rows. */
export const SMALL = shapesUpTo(4, 2, { text: '(d1 + d2) r <= 12', holds: ({ d1, d2, r }) => (d1 + d2) * r <= 12 });

export const CHARACTERISTIC = 'det(t - H)';
/** The point at which characteristic polynomials are compared with the eigenvalues of an instance. */
export const SAMPLE = 1 / 2;

/** det(t - H) of both lists of eigenvalues that a claim compares, in a column each. */
export function fromRoots({ lhs, rhs, tolerance }: Omit<Sides, 'what'>): Sides {
  const roots = [lhs, rhs].map((side) => (side as Matrix).to1DArray());
  const [ours, theirs] = roots.map((values) => values.reduce((product, value) => product * (SAMPLE - value), 1));
  // Each root is off by no more than all together are.
  const sizes = roots.flat().map((value) => Math.abs(SAMPLE - value) + tolerance);
  const slopes = roots[0]!.map((_, i) =>
    sizes.slice(0, roots[0]!.length).reduce((all, size, j) => (i === j ? all : all * size), 1),
  );
  const bound = tolerance * slopes.reduce((sum, slope) => sum + slope, 0);
  return { what: CHARACTERISTIC, lhs: ours!, rhs: theirs!, tolerance: 2 * bound };
}
