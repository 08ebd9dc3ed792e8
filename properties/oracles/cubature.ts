/** Exact averages over the noise: the points of a rule are driven through the solver itself (docs/theory/noise.md#smoothing). */
import { Matrix } from 'ml-matrix';
import { loss, penalties, scriptedNoise, smoothedGradient, type Solver } from '../../src/index.ts';
import type { Given } from '../model/draft.ts';
import { perturb, stacked } from './formula.ts';
import { matrix, optionsOf, startOf, type Instance } from '../model/instance.ts';
import { stepRoundingOf, u } from './rounding.ts';
import { norm, plus } from '../../src/linear-algebra/matrices.ts';

/** A rule: points in noise space with weights that add up to 1. */
export type Cubature = Iterable<readonly [point: Float64Array, weight: number]>;

/** The points +-sqrt(n) e_i with equal weights: exact for N(0, I_n) up to degree 3. */
export function* axes(n: number): Generator<readonly [Float64Array, number]> {
  for (let i = 0; i < n; i++) {
    for (const sign of [1, -1]) {
      const point = new Float64Array(n);
      point[i] = sign * Math.sqrt(n);
      yield [point, 1 / (2 * n)];
    }
  }
}

/** Why a step on a given target is not averaged over the axes. */
export const tooManyAxes = ({ target, rank: r }: Given): string | undefined =>
  (target.length + target[0]!.length) * r > 512
    ? 'it averages over 2 (d1 + d2) r points: it needs (d1 + d2) r <= 512'
    : undefined;

/** The n + 1 corners of a regular simplex around the origin, from Helmert's matrix: exact for N(0, I_n) up to degree 2. */
export function* simplex(n: number): Generator<readonly [Float64Array, number]> {
  for (let corner = 0; corner <= n; corner++) {
    const entry = (j: number): number => (corner < j ? 1 : corner === j ? -j : 0);
    const point = Float64Array.from({ length: n }, (_, i) => entry(i + 1) * Math.sqrt((n + 1) / ((i + 1) * (i + 2))));
    yield [point, 1 / (n + 1)];
  }
}

/** The origin, +-sqrt(3) e_i and +-sqrt(3) e_i +- sqrt(3) e_j: exact for N(0, I_n) up to degree 5 (docs/theory/limits.md#martingale). */
export function* planes(n: number): Generator<readonly [Float64Array, number]> {
  const far = [Math.sqrt(3), -Math.sqrt(3)];
  const at = (...entries: readonly (readonly [number, number])[]): Float64Array => {
    const point = new Float64Array(n);
    for (const [i, value] of entries) point[i] = value;
    return point;
  };
  yield [at(), 1 + (n * (n - 7)) / 18];
  for (let i = 0; i < n; i++) {
    for (const a of far) {
      yield [at([i, a]), (4 - n) / 18];
      for (let j = 0; j < i; j++) for (const b of far) yield [at([i, a], [j, b]), 1 / 36];
    }
  }
}

/** The product of a rule for xi1 and one for xi2: exact up to the degree of either in its own block. */
export function* blocks(ofX: Cubature, ofY: Cubature): Generator<readonly [Float64Array, number]> {
  const second = [...ofY];
  for (const [first, weight1] of ofX) {
    for (const [other, weight2] of second) yield [Float64Array.of(...first, ...other), weight1 * weight2];
  }
}

/** The same rule with every entry of its points changed. */
export const changedRule = (rule: Cubature, change: (entry: number) => number): Cubature =>
  [...rule].map(([point, weight]) => [point.map(change), weight] as const);

/** A rule on the line. */
export type LineRule = readonly (readonly [node: number, weight: number])[];

/** Signs: of mean 0 and variance 1, but not normal. */
export const SIGNS: LineRule = [
  [1, 1 / 2],
  [-1, 1 / 2],
];

/** All points of a product of one rule on the line. */
export function* grid(n: number, nodes: LineRule): Generator<readonly [Float64Array, number]> {
  const digits = new Array<number>(n).fill(0);
  for (let count = nodes.length ** n; count > 0; count--) {
    const chosen = digits.map((digit) => nodes[digit]!);
    yield [Float64Array.from(chosen, ([node]) => node), chosen.reduce((product, [, weight]) => product * weight, 1)];
    for (let i = 0; i < n; i++) {
      digits[i] = (digits[i]! + 1) % nodes.length;
      if (digits[i] !== 0) break;
    }
  }
}

/** The solver's step averaged over a rule, with the rounding that this can gather. */
export function meanStep(solver: Solver, instance: Instance, rule: Cubature): { mean: Matrix; rounding: number } {
  const options = optionsOf(instance, scriptedNoise([]));
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const [M, from] = [norm(target), Math.hypot(norm(start.X), norm(start.Y))];
  let mean = Matrix.zeros(start.X.rows + start.Y.rows, start.X.columns);
  let [ofSteps, sizes, points] = [0, 0, 0];
  for (const [point, weight] of rule) {
    const source = scriptedNoise(point);
    const descent = solver({ ...options, ...(options.noise && { noise: { ...options.noise, source } }) });
    descent.advance(1);
    const after = stacked(descent);
    const { X, Y } = perturb(start, instance, point);
    mean = plus(mean, after, weight);
    ofSteps +=
      Math.abs(weight) * stepRoundingOf(target, start.X.columns, from, { X: norm(X), Y: norm(Y), M }, instance);
    sizes += Math.abs(weight) * norm(after);
    points++;
  }
  // A weighted sum of n terms, added one by one, rounds by at most (n + 1) u of their sizes; one more is for the rounded
  // nodes.
  return { mean, rounding: ofSteps + (points + 2) * u * sizes };
}

/** The noise's contribution to the mean step: eta (alpha X, beta Y); the step itself if that is 0. */
export function smoothing(instance: Instance): number {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const { alpha, beta } = penalties(target, instance);
  const added = instance.eta * Math.hypot(alpha * norm(start.X), beta * norm(start.Y));
  return added > 0 ? added : instance.eta * norm(stacked(smoothedGradient(target, start, instance)));
}

/** The loss averaged over a rule, with the rounding of its sums of squares. */
export function meanLoss(instance: Instance, rule: Cubature): { mean: number; rounding: number } {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  let [mean, size, points] = [0, 0, 0];
  for (const [normals, weight] of rule) {
    const point = perturb(start, instance, normals);
    mean += weight * loss(target, point);
    size += weight * (norm(point.X) * norm(point.Y) + norm(target)) ** 2;
    points++;
  }
  return { mean, rounding: (points + target.rows * target.columns + 8) * u * size };
}

/** Gauss-Hermite, three nodes, for N(0, 1), exact up to degree 5. */
export const HERMITE: LineRule = [
  [0, 2 / 3],
  [Math.sqrt(3), 1 / 6],
  [-Math.sqrt(3), 1 / 6],
];
