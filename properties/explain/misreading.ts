/** A way to misread the algorithm, and functions to write misreadings. */
import { Matrix } from 'ml-matrix';
import { gradient, type Factors } from '../../src/index.ts';
import { perturb } from '../oracles/formula.ts';
import { type Step } from './recording.ts';

export interface Misreading {
  /** Completes "it is"; `p` are the unknown numbers in words. */
  readonly text: (p: readonly string[], step: Step) => string;
  /** The next iterate; undefined if the misreading makes no difference or no sense. */
  readonly next: (step: Step, p: readonly number[]) => Factors | undefined;
  /** The same for a whole descent: a function that takes the steps in order and stores the state that it needs. */
  readonly begin?: () => Misreading['next'];
  /** Such steps identify it; the others fit simpler misreadings as well, which are not listed. Default: all steps. */
  readonly decisive?: (step: Step) => boolean;
  /** The values of the unknown numbers in a correct step. */
  readonly unknown?: readonly number[];
  /** The advice to the author of the solver, in a sentence. */
  readonly advice?: string;
  /** It reads the solver's next iterate, so that no solver can be made of it. */
  readonly looks?: true;
}

export const plus = (a: Factors, b: Factors, scale = 1): Factors => ({
  X: Matrix.add(a.X, Matrix.mul(b.X, scale)),
  Y: Matrix.add(a.Y, Matrix.mul(b.Y, scale)),
});
export const times = ({ X, Y }: Factors, c1: number, c2 = c1): Factors => ({
  X: Matrix.mul(X, c1),
  Y: Matrix.mul(Y, c2),
});
/** The matrix of a function of the entries at the same index. */
export const each = (of: (...entries: number[]) => number, first: Matrix, ...more: readonly Matrix[]): Matrix =>
  new Matrix(first.to2DArray().map((row, i) => row.map((entry, j) => of(entry, ...more.map((A) => A.get(i, j))))));

/** Standard normals of this step or another as blocks of the shapes of X and Y, row by row; sigma1 xi1 and sigma2 xi2. */
export const normals = ({ at, block }: Step, numbers = block): Factors =>
  perturb(times(at, 0), { sigma1: 1, sigma2: 1 }, numbers);
export const noise = (step: Step, numbers = step.block): Factors => perturb(times(step.at, 0), step, numbers);

/** From `at` along the gradient at `at` plus a perturbation: the correct step, for the correct perturbation. */
export const along = ({ target, eta, at }: Step, perturbation: Factors): Factors =>
  plus(at, gradient(target, plus(at, perturbation)), -eta);

export const noisy = ({ sigma1, sigma2 }: Step): boolean => sigma1 > 0 || sigma2 > 0;
export const always = (text: string) => (): string => text;

/** A step along the gradient at another perturbation. */
export const perturbedBy = (text: string, perturbation: (step: Step) => Factors): Misreading => ({
  text: always(text),
  next: (step) => (noisy(step) ? along(step, perturbation(step)) : undefined),
});

/** A step along something else than the gradient at the perturbed point. */
export const movedBy = (text: string, slope: (step: Step, perturbed: Factors) => Factors | undefined): Misreading => ({
  text: always(text),
  next: (step) => {
    const along = slope(step, plus(step.at, noise(step)));
    return along && plus(step.at, along, -step.eta);
  },
});
