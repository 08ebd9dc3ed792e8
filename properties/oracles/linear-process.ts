/** The recursion z+ = (I - eta H) z + eta e at rest, e having the covariance Q: its covariance, and that of its averages over time. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface Linear {
  /** Covariance of e. */
  readonly Q: Matrix;
  /** The smallest eigenvalue of H that is not 0. */
  readonly slowest: number;
  /** Covariance at rest of the functionals z -> c'z. */
  covariance(functionals: readonly number[][]): Matrix;
  /** That of their averages. */
  averages(functionals: readonly number[][], window: Window): Matrix;
}

/** Looks at a run, `stride` steps apart. */
export class Window {
  readonly #looks: number;
  readonly #stride: number;

  constructor(looks: number, stride: number) {
    [this.#looks, this.#stride] = [looks, stride];
  }

  /** The variance of the average of a process of variance 1, which is multiplied by `keep` in a step. */
  share(keep: number): number {
    const [n, b] = [this.#looks, keep ** this.#stride];
    // Over a small part of its time constant a process is constant.
    if (n * (1 - b) < 1e-4) return 1;
    // n + 2 sum over k < n of (n - k) b^k, over n^2.
    return (n * (1 - b * b) - 2 * b * (1 - b ** n)) / (n * n * (1 - b) ** 2);
  }
}

/** Eigenvalues below this share of the largest are 0: rotations of the factors. */
const STILL = 1e-9;

/** The process, of which the directions in which H is 0 are left out: no functional may depend on them. */
export function linear(H: Matrix, Q: Matrix, eta: number): Linear {
  if (H.rows === 0)
    return { Q, slowest: Infinity, covariance: () => new Matrix(0, 0), averages: () => new Matrix(0, 0) };
  const { realEigenvalues: rates, eigenvectorMatrix: W } = new EigenvalueDecomposition(H, { assumeSymmetric: true });
  const largest = Math.max(...rates.map(Math.abs));
  const moves = rates.map((rate) => Math.abs(rate) > STILL * largest);
  const turned = W.transpose().mmul(Q).mmul(W);
  const entries = (of: (i: number, j: number) => number): Matrix =>
    Matrix.from1DArray(
      rates.length,
      rates.length,
      rates.flatMap((_, i) => rates.map((_, j) => (moves[i]! && moves[j]! ? of(i, j) : 0))),
    );
  const C = entries((i, j) => (eta * turned.get(i, j)) / (rates[i]! + rates[j]! - eta * rates[i]! * rates[j]!));
  const through = (inner: Matrix, functionals: readonly number[][]): Matrix => {
    if (functionals.length === 0) return new Matrix(0, 0);
    const L = new Matrix(functionals.map((each) => [...each])).mmul(W);
    return L.mmul(inner).mmul(L.transpose());
  };
  return {
    Q,
    slowest: Math.min(...rates.filter((_, i) => moves[i])),
    covariance: (functionals) => through(C, functionals),
    averages(functionals, window) {
      const shares = rates.map((rate) => window.share(1 - eta * rate));
      return through(
        entries((i, j) => (C.get(i, j) * (shares[i]! + shares[j]!)) / 2),
        functionals,
      );
    },
  };
}

/** The sum of weight * l l' over vectors l. */
export function forms(size: number, terms: readonly (readonly [number, readonly number[]])[]): Matrix {
  const sum = Matrix.zeros(size, size);
  for (const [weight, l] of terms) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) sum.set(i, j, sum.get(i, j) + weight * l[i]! * l[j]!);
    }
  }
  return sum;
}

/** A vector with these entries, and 0 elsewhere. */
export function unit(length: number, ...entries: readonly (readonly [number, number])[]): number[] {
  const vector = Array.from({ length }, () => 0);
  for (const [at, value] of entries) vector[at] = value;
  return vector;
}
