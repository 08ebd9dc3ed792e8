/**
 * src against values computed elsewhere: by NumPy, LAPACK and exact fractions (fixtures/reference). The allowed error
 * of src is in units of u = 2^-53 times a scale, that is in ulps of the scale: an ulp of x lies between u |x| and 2 u
 * |x|. The counts follow from docs/theory/setting.md#rounding: a term that passes through n operations is off by n u
 * times its size. One unit is for the rounding of the stored value, one for terms of second order in u.
 */
import { readFileSync } from 'node:fs';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  decompose,
  gradient,
  hessian,
  imbalance,
  loss,
  minimumSpectrum,
  penalties,
  perturbedGradientDescent,
  rank,
  residual,
  scriptedNoise,
  singularValues,
  smoothedGradient,
  smoothedGradientDescent,
  smoothedHessian,
  smoothedLoss,
  smoothedMinimiser,
  squaredNorm,
  type Descent,
  type Factors,
} from 'flat-minima';
import { path } from '../oracles/coupling.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { blockSize, matrix, startOf, type Grid, type Instance } from '../model/instance.ts';
import { stepGrowth, u } from '../oracles/rounding.ts';
import { invariants } from '../instances/trajectories.ts';
import { norm } from '../../src/index.ts';

interface Pair {
  X: Grid;
  Y: Grid;
}
type Seen = Pair & { step: number };

interface Stored {
  M: Grid;
  X: Grid;
  Y: Grid;
  eta: number;
  sigma1: number;
  sigma2: number;
  gamma: number;
  noiseSeed: number;
  loss: number;
  gradient: Pair;
  smoothedLoss: number;
  smoothedGradient: Pair;
  imbalance: Grid;
  gammaImbalance: Grid;
  hessian?: Grid;
  spectrum: number[];
  smoothedSpectrum: number[];
  minimumSpectrum?: number[];
  singularValues: number[];
  nuclearNorm: number;
  rank: number;
  topProduct?: Grid;
  minimiser?: { XX: Grid; YY: Grid; XY: Grid; value: number };
  descent: Seen[];
  perturbed: Seen[];
  smoothed: Seen[];
}

const file = new URL('../../fixtures/reference/reference.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Record<string, Stored> };

/** The largest |found - stored| in units of u times the scale, entry by entry; NaN if any value is. */
function ulps(found: Matrix, stored: Matrix, scale: Matrix | number): number {
  expect([found.rows, found.columns]).toEqual([stored.rows, stored.columns]);
  let most = 0;
  for (let i = 0; i < found.rows; i++) {
    for (let j = 0; j < found.columns; j++) {
      const off = Math.abs(found.get(i, j) - stored.get(i, j));
      const one = u * (typeof scale === 'number' ? scale : scale.get(i, j));
      most = Math.max(most, off === 0 ? 0 : off / one);
    }
  }
  return most;
}

/** A test of a value that is stored only if it is unique, or small. */
function testOn<T>(stored: T | undefined, name: string, run: (stored: T) => void): void {
  if (stored !== undefined) test(name, () => run(stored));
}

const ulpsOf = (found: number, stored: number, scale: number): number => ulps(row([found]), row([stored]), scale);
const row = (values: readonly number[]): Matrix => Matrix.rowVector([...values]);
const eigenvalues = (H: Matrix): Matrix =>
  row(new EigenvalueDecomposition(H, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => b - a));

/** The problem of a stored case, and the same with all entries positive, which bounds the sizes of all terms. */
function problem({ M, X, Y, sigma1, sigma2 }: Stored) {
  const [target, at] = [matrix(M), { X: matrix(X), Y: matrix(Y) }];
  const [d1, d2, r] = [target.rows, target.columns, at.X.columns];
  const sizes = { X: Matrix.abs(at.X), Y: Matrix.abs(at.Y) };
  // The residual of (|X|, |Y|) at -|M| is |X||Y|' + |M|: the sizes of the terms of R.
  const negative = Matrix.abs(target).neg();
  return { target, at, d1, d2, r, scales: { sigma1, sigma2 }, sizes, negative, most: Math.max(d1, d2) };
}

describe.each(Object.entries(cases))('%s', (_, stored) => {
  const { target, at, d1, d2, r, scales, sizes, negative, most } = problem(stored);

  test('loss', () => {
    // r + 1 operations behind an entry of R, which its square doubles; d1 d2 for squaring and adding up.
    expect(ulpsOf(loss(target, at), stored.loss, loss(negative, sizes))).toBeLessThanOrEqual(d1 * d2 + 2 * r + 4);
  });

  test('gradient', () => {
    // r + 1 operations behind an entry of R, d2 (for Y d1) for the inner product with it.
    const [found, scale] = [gradient(target, at), gradient(negative, sizes)];
    expect(ulps(found.X, matrix(stored.gradient.X), scale.X)).toBeLessThanOrEqual(d2 + r + 3);
    expect(ulps(found.Y, matrix(stored.gradient.Y), scale.Y)).toBeLessThanOrEqual(d1 + r + 3);
  });

  test('smoothed loss', () => {
    // The longest sum, 3 operations for a penalty and its weight, 3 to put the parts together.
    const found = smoothedLoss(target, at, scales);
    const scale = smoothedLoss(negative, sizes, scales);
    expect(ulpsOf(found, stored.smoothedLoss, scale)).toBeLessThanOrEqual(smoothedLossUlps(d1, d2, r));
  });

  test('smoothed gradient', () => {
    // As the gradient, with one addition more; a penalty has 4 operations itself.
    const [found, scale] = [smoothedGradient(target, at, scales), smoothedGradient(negative, sizes, scales)];
    expect(ulps(found.X, matrix(stored.smoothedGradient.X), scale.X)).toBeLessThanOrEqual(d2 + r + 4);
    expect(ulps(found.Y, matrix(stored.smoothedGradient.Y), scale.Y)).toBeLessThanOrEqual(d1 + r + 4);
  });

  test.each([1, stored.gamma])('imbalance, gamma = %d', (gamma) => {
    // An inner product of d1 or d2 terms, gamma squared, its product, the difference.
    const want = matrix(gamma === 1 ? stored.imbalance : stored.gammaImbalance);
    const scale = sizes.X.transpose().mmul(sizes.X);
    scale.add(
      sizes.Y.transpose()
        .mmul(sizes.Y)
        .mul(gamma * gamma),
    );
    expect(ulps(imbalance(at, gamma), want, scale)).toBeLessThanOrEqual(most + 4);
  });

  testOn(stored.hessian, 'Hessian', (want) => {
    // An inner product of d1 or d2 terms; or r + 1 operations behind an entry of R, a product, their sum.
    const scale = hessian(negative, sizes);
    expect(ulps(hessian(target, at), matrix(want), scale)).toBeLessThanOrEqual(Math.max(most, r + 2) + 2);
  });

  test('spectra of the Hessians', () => {
    // Backward error n u |H| for each of the two eigenvalue programs, n the order (LAPACK's guide promises a "modestly
    // growing function of n"; n is our choice of it), plus the entries' own rounding.
    const order = (d1 + d2) * r;
    const allowed = 2 * order + Math.max(most, r + 2) + 4;
    const [H, plainScale] = [hessian(target, at), norm(hessian(negative, sizes))];
    expect(ulps(eigenvalues(H), row(stored.spectrum), plainScale)).toBeLessThanOrEqual(allowed);
    const [smoothedH, scale] = [smoothedHessian(target, at, scales), norm(smoothedHessian(negative, sizes, scales))];
    expect(ulps(eigenvalues(smoothedH), row(stored.smoothedSpectrum), scale)).toBeLessThanOrEqual(allowed);
  });

  testOn(stored.minimumSpectrum, 'spectrum at a minimum', (want) => {
    // The stored one is of a matrix of order d1 d2 and norm at most the scale. Ours squares singular values, each
    // off by (d + r) u times the largest, which the square doubles.
    const scale = Math.sqrt(d2) * squaredNorm(at.X) + Math.sqrt(d1) * squaredNorm(at.Y);
    const nonzero = minimumSpectrum(at);
    const found = row([...nonzero, ...Array<number>(d1 * d2 - nonzero.length).fill(0)]);
    const allowed = d1 * d2 + r + 2 + 2 * (most + r) + 4;
    expect(ulps(found, row(want), scale)).toBeLessThanOrEqual(allowed);
  });

  test('singular values, nuclear norm, rank', () => {
    // Backward error (d1 + d2) u |M| for each of the two programs: M is half of a symmetric matrix of that order.
    const [s, size] = [singularValues(target), norm(target)];
    expect(ulps(row(s), row(stored.singularValues), size)).toBeLessThanOrEqual(2 * (d1 + d2));
    const sum = s.reduce((total, value) => total + value, 0);
    const terms = Math.min(d1, d2);
    expect(ulpsOf(sum, stored.nuclearNorm, terms * size)).toBeLessThanOrEqual(2 * (d1 + d2) + 2 * terms);
    expect(rank(target)).toBe(stored.rank);
  });

  testOn(stored.topProduct, 'product of the top r triples', (want) => {
    const { U, s, V } = decompose(target);
    const [left, right] = [U.subMatrix(0, d1 - 1, 0, r - 1), V.subMatrix(0, d2 - 1, 0, r - 1)];
    const found = left.mmul(Matrix.diag(s.slice(0, r))).mmul(right.transpose());
    const allowed = spectralUlps(d1, d2, steepness(s, r, 0));
    expect(ulps(found, matrix(want), norm(target))).toBeLessThanOrEqual(allowed);
  });

  testOn(stored.minimiser, 'minimisers of the smoothed objective', (want) => {
    const best = smoothedMinimiser(target, r, scales);
    const [{ lambda, gamma }, size] = [penalties(target, scales), norm(target)];
    const found = invariants(best);
    const steep = steepness(singularValues(target), r, lambda);
    expect(ulps(found.XY, matrix(want.XY), size)).toBeLessThanOrEqual(spectralUlps(d1, d2, steep));
    // Both entries (i, j) and (j, i) of a Gram matrix take part in a change of M: a factor of sqrt 2.
    const allowed = spectralUlps(d1, d2, Math.SQRT2 * steep);
    expect(ulps(found.XX, matrix(want.XX), gamma * size)).toBeLessThanOrEqual(allowed);
    expect(ulps(found.YY, matrix(want.YY), size / gamma)).toBeLessThanOrEqual(allowed);
  });

  testOn(stored.minimiser, 'least smoothed loss', (want) => {
    // At a stationary point the rounding of the minimiser counts in second order only. The stored value has squares of
    // singular values, each off by (d1 + d2) u |M|, which the square doubles.
    const best = smoothedMinimiser(target, r, scales);
    const bestSizes = { X: Matrix.abs(best.X), Y: Matrix.abs(best.Y) };
    const scale = smoothedLoss(negative, bestSizes, scales) + squaredNorm(target);
    const allowed = smoothedLossUlps(d1, d2, r) + 2 * (d1 + d2) * Math.min(d1, d2);
    expect(ulpsOf(smoothedLoss(target, best, scales), want.value, scale)).toBeLessThanOrEqual(allowed);
  });

  test.each(['descent', 'perturbed', 'smoothed'] as const)('%s', (kind) => {
    const { begin, bounds } = runOf(stored, kind);
    const descent = begin();
    let taken = 0;
    for (const { step, X, Y } of stored[kind]) {
      descent.advance(step - taken);
      taken = step;
      const [found, want] = [stacked(descent), stacked({ X: matrix(X), Y: matrix(Y) })];
      expect(norm(Matrix.sub(found, want))).toBeLessThanOrEqual(bounds[step]!);
      // A bound as wide as the iterate would say nothing.
      expect(bounds[step]!).toBeLessThanOrEqual(2 ** 13 * u * norm(want));
    }
  });
});

/** Operations behind a term of the smoothed loss: the longest of its sums, its weight, and putting the parts together. */
const smoothedLossUlps = (d1: number, d2: number, r: number): number =>
  Math.max(d1 * d2 + 2 * r, Math.max(d1, d2) * r) + 8;

/**
 * A product U f(S) V' computed from a decomposition of M + E, |E| <= (d1 + d2) u |M|, is off by `steepness` |E|, and by
 * |E| for vectors that are not quite orthonormal; 4 operations for f. Both programs do that.
 */
const spectralUlps = (d1: number, d2: number, steepness: number): number => 2 * (d1 + d2 + 4) * (steepness + 1);

/**
 * The factor by which M -> U_r (S_r - level)_+ V_r' stretches a small change of M: its derivative multiplies the parts
 * of the change by (f(s_i) - f(s_j)) / (s_i - s_j) and (f(s_i) + f(s_j)) / (s_i + s_j). All are at most 1, except the
 * first with i retained and j dropped above the level, which is largest at the gap.
 */
function steepness(s: readonly number[], r: number, level: number): number {
  const [kept, dropped] = [s[r - 1]!, s[r] ?? 0];
  return dropped > level ? (kept - level) / (kept - dropped) : 1;
}

/** The descent of that kind on a stored case, and the bound on its rounding after each step. */
function runOf(stored: Stored, kind: 'descent' | 'perturbed' | 'smoothed'): { begin: () => Descent; bounds: number[] } {
  const { M, X, Y, eta, sigma1, sigma2, noiseSeed } = stored;
  const steps = stored[kind].at(-1)!.step;
  const instance: Instance = { M, X0: X, Y0: Y, eta, sigma1, sigma2, steps, seed: noiseSeed };
  const options = { target: matrix(M), start: startOf(instance), stepSize: eta };
  const scales = { sigma1, sigma2 };
  // A block more than is used: the walk along the path ends one step later.
  const tape = kind === 'perturbed' ? lehmerNoise(noiseSeed, (steps + 1) * blockSize(instance)) : undefined;
  const begin = (): Descent =>
    kind === 'smoothed'
      ? smoothedGradientDescent({ ...options, noise: scales })
      : perturbedGradientDescent(
          tape === undefined ? options : { ...options, noise: { ...scales, source: scriptedNoise(tape) } },
        );
  const weights = kind === 'smoothed' ? penalties(options.target, scales) : { alpha: 0, beta: 0 };
  return { begin, bounds: [...roundingAlong(instance, weights, tape, path(begin(), steps + 1))] };
}

/** The noise of reference.py: n <- 48271 n mod (2^31 - 1) from the seed, and then (n mod 33 - 16) / 8. */
function lehmerNoise(seed: number, count: number): Float64Array {
  let n = seed;
  return Float64Array.from({ length: count }, () => {
    n = (48271 * n) % (2 ** 31 - 1);
    return ((n % 33) - 16) / 8;
  });
}

/**
 * A bound on the distance of a run from the exact one by rounding (docs/theory/setting.md#rounding): a step multiplies
 * the error by its growth, and adds its own. One unit is for the rounding of the stored iterate and one for terms of
 * second order.
 */
function* roundingAlong(
  instance: Instance,
  { alpha, beta }: { alpha: number; beta: number },
  tape: Float64Array | undefined,
  path: Iterable<Factors>,
): Generator<number> {
  const [target, block, { eta }] = [matrix(instance.M), blockSize(instance), instance];
  let [error, step] = [0, 0];
  for (const at of path) {
    yield error + 2 * u * norm(stacked(at));
    const tilted = tape === undefined ? at : perturb(at, instance, tape.subarray(step * block, ++step * block));
    const [X, Y, M] = [norm(tilted.X), norm(tilted.Y), norm(target)];
    // The terms of the gradient, each after at most max(d1, d2) + r + 4 operations, plus min(d1, d2) + 4 if thin factors
    // replace M (docs/theory/setting.md#residual-free), and one for the step size.
    const terms = Math.hypot((X * Y + M) * Y + alpha * X, (X * Y + M) * X + beta * Y);
    const operations = target.rows + target.columns + at.X.columns + 9;
    // The update is rounded once.
    const own = u * (eta * operations * terms + norm(stacked(at)) + eta * terms);
    // Noise is scaled and added: two roundings of the perturbed point, which the Hessian passes on.
    const curvature = X * X + Y * Y + norm(residual(target, tilted)) + Math.max(alpha, beta);
    const ofNoise = tape === undefined ? 0 : eta * curvature * u * (2 * norm(stacked(tilted)) + norm(stacked(at)));
    const growth = stepGrowth(target, tilted, eta) + eta * Math.max(alpha, beta);
    error = growth * error + own + ofNoise;
  }
}
