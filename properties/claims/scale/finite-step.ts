/** The mean and the fluctuation of perturbed descent at a finite step size if d is large (docs/theory/dimension-free.md#scale). */
import type { Penalties } from '../../../src/index.ts';

/** alpha, beta, gamma, lambda and the step size. */
export type Setting = Penalties & { readonly eta: number };

/** The limit of a triple: a^2, b^2 and a b on the diagonals of AA', BB' and AB'. */
export interface Kept {
  readonly AA: number;
  readonly BB: number;
  readonly AB: number;
}

/** The fixed point of the mean of a step in one triple, in the limit of many dimensions. */
export function keptAt(s: number, { alpha, beta, eta }: Setting): Kept {
  const lean = eta * s * s * (beta - alpha);
  const g = (lean + Math.sqrt(lean * lean + 16 * alpha * beta * s * s)) / (4 * beta);
  const h = (s * s) / g;
  const AA = h - (2 * beta) / (2 - eta * g);
  const BB = g - (2 * alpha) / (2 - eta * h);
  return AA > 0 && BB > 0 ? { AA, BB, AB: Math.sqrt(AA * BB) } : { AA: 0, BB: 0, AB: 0 };
}

/** The limit of (alpha X'X - beta Y'Y) / lambda for a retained triple: of first order in the step size. */
export const imbalanceKept = (s: number, { alpha, beta, lambda, eta }: Setting): number =>
  (eta * s * s * (alpha - beta)) / (2 * lambda);

/**
 * The same for a free column, which would be 0 without noise: |c|^2 = |e|^2 solves 2 c = eta (alpha + c) (beta + c).
 */
export function imbalanceFree({ alpha, beta, lambda, eta }: Setting): number {
  const b = 2 - eta * (alpha + beta);
  const c = (2 * eta * alpha * beta) / (b + Math.sqrt(b * b - 4 * eta * eta * alpha * beta));
  return ((alpha - beta) * c) / lambda;
}
