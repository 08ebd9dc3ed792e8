/**
 * Linear networks of three layers and width one: the minimiser of the smoothed objective in closed form
 * (docs/theory/other-problems.md#deep-limit).
 */
import { Matrix } from 'ml-matrix';
import { matrix } from '../../model/instance.ts';
import { decompose, singularValues } from '../../../src/index.ts';
import type { Deep } from './networks.ts';

/** E|noise|^2 of the three layers, d1 sigma1^2, sigmaC^2 and d2 sigma2^2, and the largest singular value of the target. */
export interface Narrow {
  readonly penalties: readonly [a: number, b: number, e: number];
  readonly s: number;
}

const product = ([a, b, e]: Narrow['penalties']): number => a * b * e;

/** The least s with a stationary point other than 0, in units of sqrt(a b e): the least of (1 + t^2)^2 / t. */
const THRESHOLD = 16 / (3 * Math.sqrt(3));

/** k = s / sqrt(a b e). */
const ratio = ({ penalties, s }: Narrow): number => s / Math.sqrt(product(penalties));

/** The larger tau with (1 + tau)^2 = k sqrt(tau); undefined for small k. */
export function largerRoot(of: Narrow): number | undefined {
  const k = ratio(of);
  if (!(k > THRESHOLD)) return undefined;
  // Newton's method for t = sqrt(tau) from above: (1 + t^2)^2 - k t is convex, and positive at t^3 = k.
  let t = Math.cbrt(k);
  for (let last = Infinity; t < last;) {
    last = t;
    t -= ((1 + t * t) ** 2 - k * t) / (4 * t * (1 + t * t) - k);
  }
  return t * t;
}

/** The smaller one, by bisection: (1 + t^2)^2 - k t falls until it. */
export function smallerRoot(of: Narrow): number | undefined {
  const k = ratio(of);
  if (!(k > THRESHOLD)) return undefined;
  let [low, high] = [0, Math.sqrt(1 / 3)];
  for (let i = 0; i < 60; i++) {
    const t = (low + high) / 2;
    if ((1 + t * t) ** 2 > k * t) low = t;
    else high = t;
  }
  return low * low;
}

/** F~ - |M|^2 / 2 at |x|^2 = tau a, c^2 = tau b, |y|^2 = tau e along the top singular pair. */
export const valueAt = ({ penalties, s }: Narrow, tau: number): number =>
  (product(penalties) * (1 + tau) ** 3) / 2 - s * Math.sqrt(product(penalties)) * tau ** 1.5;

/** Layers x u, c, y v' with one noise scale for the entries of each, and the step size of a run around them. */
export interface Hovered extends Narrow {
  readonly rows: number;
  readonly columns: number;
  readonly sigmas: readonly [number, number, number];
  readonly eta: number;
}

const penaltiesOf = ({ M, sigma1, sigmaC, sigma2 }: Deep): Narrow['penalties'] => [
  M.length * sigma1 ** 2,
  sigmaC ** 2,
  M[0]!.length * sigma2 ** 2,
];

export function hovered(instance: Deep): Hovered {
  const { M, sigma1, sigmaC, sigma2, eta } = instance;
  const [rows, columns] = [M.length, M[0]!.length];
  const s = singularValues(matrix(M))[0]!;
  return { penalties: penaltiesOf(instance), s, rows, columns, sigmas: [sigma1, sigmaC, sigma2], eta };
}

/** x = sqrt(tau a) u, c = sqrt(tau b), y = sqrt(tau e) v; all 0 if there is no tau. */
export function layersAt(instance: Deep, tau = 0): [X: Matrix, C: Matrix, Yt: Matrix] {
  const { U, V } = decompose(matrix(instance.M));
  const [x, c, y] = penaltiesOf(instance).map((each) => Math.sqrt(tau * each)) as [number, number, number];
  return [U.getColumnVector(0).mul(x), new Matrix([[c]]), V.getColumnVector(0).mul(y).transpose()];
}
