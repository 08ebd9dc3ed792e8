/** Shared by the variants: X and Y as one array of parameters, row by row, and an optimiser's step as a `Solver`. */
import { Matrix, type Solver } from 'flat-minima';

/** Entries of X, row by row, then those of Y. */
export type Weights = Float64Array;

export interface Problem {
  /** The gradient of |X Y' - M|^2 / 2. */
  readonly gradient: (weights: Weights) => Weights;
  /** Fresh standard normal numbers, one for each weight; zeros without noise. */
  readonly normals: () => Weights;
  /** The scale of the noise on each weight. */
  readonly sigma: Weights;
  readonly stepSize: number;
  /** Numbers in a row. */
  readonly rank: number;
}

/** The solver whose descent calls `begin` once and takes each step with the function that it returns. */
export function optimiser(begin: (problem: Problem) => (weights: Weights) => Weights): Solver {
  return ({ target: M, start, stepSize, noise }) => {
    const { rows, columns: rank } = start.X;
    let weights = flat(start.X, start.Y);
    const X = (at: Weights): Matrix => Matrix.from1DArray(rows, rank, at.subarray(0, rows * rank));
    const Y = (at: Weights): Matrix => Matrix.from1DArray(start.Y.rows, rank, at.subarray(rows * rank));
    const step = begin({
      gradient(at) {
        const [P, Q] = [X(at), Y(at)];
        const residual = P.mmul(Q.transpose()).sub(M);
        return flat(residual.mmul(Q), residual.transpose().mmul(P));
      },
      normals() {
        const numbers = new Float64Array(weights.length);
        noise?.source.fill(numbers);
        return numbers;
      },
      sigma: weights.map((_, i) => (i < rows * rank ? noise?.sigma1 : noise?.sigma2) ?? 0),
      stepSize,
      rank,
    });
    return {
      get X() {
        return X(weights);
      },
      get Y() {
        return Y(weights);
      },
      advance(steps) {
        for (let i = 0; i < steps; i++) weights = step(weights);
      },
    };
  };
}

const flat = (X: Matrix, Y: Matrix): Weights => new Float64Array(X.to1DArray().concat(Y.to1DArray()));

/** The weights with fresh noise of their scales. */
export function perturbed(weights: Weights, { sigma, normals }: Problem): Weights {
  const z = normals();
  return weights.map((w, i) => w + sigma[i]! * z[i]!);
}

/** The weights with noise of their scales times the norm of the row that they stand in. */
export function perturbedByRowNorm(weights: Weights, { sigma, normals, rank }: Problem): Weights {
  const z = normals();
  const rowNorm = (i: number): number => norm(weights.subarray(i - (i % rank), i - (i % rank) + rank));
  return weights.map((w, i) => w + sigma[i]! * rowNorm(i) * z[i]!);
}

export const norm = (weights: Weights): number => Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0));
