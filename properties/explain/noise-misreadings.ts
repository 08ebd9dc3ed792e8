/** Misreadings of the noise. */
import { Matrix } from 'ml-matrix';
import { type Step } from './recording.ts';
import { times, normals, noise, perturbedBy, type Misreading } from './misreading.ts';

export const NOISE: readonly Misreading[] = [
  // Before the one that is without noise everywhere, and fits the same steps.
  perturbedBy('the step without noise if one of its two scales is 0', (s) =>
    times(noise(s), s.sigma1 === 0 || s.sigma2 === 0 ? 0 : 1),
  ),
  perturbedBy('plain gradient descent: the gradient at (X, Y) itself, without noise', (s) => times(noise(s), 0)),
  perturbedBy('the step with noise on X only: xi2 never reaches Y', (s) => times(noise(s), 1, 0)),
  perturbedBy('the step with noise on Y only: xi1 never reaches X', (s) => times(noise(s), 0, 1)),
  perturbedBy('the step with sigma1 for both factors', (s) => times(normals(s), s.sigma1)),
  perturbedBy('the step with sigma2 for both factors', (s) => times(normals(s), s.sigma2)),
  perturbedBy('the step with sigma1 and sigma2 swapped', (s) => times(normals(s), s.sigma2, s.sigma1)),
  perturbedBy(
    'the step whose noise has variance sigma, not sigma^2: standard deviations sqrt(sigma1), sqrt(sigma2)',
    (s) => times(normals(s), Math.sqrt(s.sigma1), Math.sqrt(s.sigma2)),
  ),
  perturbedBy(
    'the step whose noise on X has variance sigma1, not sigma1^2: a standard deviation of sqrt(sigma1)',
    (s) => times(normals(s), Math.sqrt(s.sigma1), s.sigma2),
  ),
  perturbedBy(
    'the step whose noise on Y has variance sigma2, not sigma2^2: a standard deviation of sqrt(sigma2)',
    (s) => times(normals(s), s.sigma1, Math.sqrt(s.sigma2)),
  ),
  perturbedBy('the step whose noise has standard deviation sigma^2, not sigma', (s) =>
    times(normals(s), s.sigma1 ** 2, s.sigma2 ** 2),
  ),
  perturbedBy('the step whose noise on X has standard deviation sigma1^2, not sigma1', (s) =>
    times(normals(s), s.sigma1 ** 2, s.sigma2),
  ),
  perturbedBy('the step whose noise on Y has standard deviation sigma2^2, not sigma2', (s) =>
    times(normals(s), s.sigma1, s.sigma2 ** 2),
  ),
  perturbedBy('the step with the noise of the first step again: it is drawn once, not in every step', (s) =>
    noise(s, s.first),
  ),
  perturbedBy('the step with the noise of the step before', (s) => noise(s, s.earlier)),
  perturbedBy('the step with minus the noise of the step before', (s) => times(noise(s, s.earlier), -1)),
  // With sigma2 = 0 each step is right, and the next one has other numbers.
  perturbedBy(
    'the step that draws no numbers for a factor whose scale of noise is 0: the other one gets its numbers',
    (s) => noise(s, s.sigma1 === 0 ? yFirst(s) : s.block),
  ),
  perturbedBy('the step whose noise is drawn for Y first, then for X', (s) => noise(s, yFirst(s))),
  perturbedBy('the step whose noise is dealt out column by column, not row by row', (s) => noise(s, byColumns(s))),
  perturbedBy('the step with noise relative to the entries: each is perturbed by xi times itself', (s) => ({
    X: Matrix.mul(noise(s).X, s.at.X),
    Y: Matrix.mul(noise(s).Y, s.at.Y),
  })),
  perturbedBy("the step in which Y is perturbed by X's random numbers again: xi1 and xi2 are not independent", (s) => ({
    X: noise(s).X,
    Y: rows(s.at.Y.rows, (i) => normals(s).X.getRow(i % s.at.X.rows)).mul(s.sigma2),
  })),
  perturbedBy('the step in which all rows of a factor are perturbed alike, by the numbers of the first row', (s) => ({
    X: rows(s.at.X.rows, () => noise(s).X.getRow(0)),
    Y: rows(s.at.Y.rows, () => noise(s).Y.getRow(0)),
  })),
];

const yFirst = ({ at, block }: Step): Float64Array => {
  const ofY = at.Y.rows * at.Y.columns;
  return Float64Array.from([...block.subarray(ofY), ...block.subarray(0, ofY)]);
};

function byColumns({ at: { X, Y }, block }: Step): Float64Array {
  const across = ({ rows, columns }: Matrix, part: Float64Array): number[] =>
    Matrix.from1DArray(columns, rows, part).transpose().to1DArray();
  const ofX = X.rows * X.columns;
  return Float64Array.from([...across(X, block.subarray(0, ofX)), ...across(Y, block.subarray(ofX))]);
}

const rows = (count: number, row: (i: number) => number[]): Matrix =>
  new Matrix(Array.from({ length: count }, (_, i) => row(i)));
