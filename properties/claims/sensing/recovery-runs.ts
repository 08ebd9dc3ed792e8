/** Recovery of a random matrix of rank one from Gaussian measurements, by descents with factors of full size. */
import { Matrix } from 'ml-matrix';
import { gaussians } from '../../instances/gaussians.ts';
import { matrix, noiseOf, startOf } from '../../model/instance.ts';
import { norm, product, sensingDescent } from '../../../src/index.ts';
import { measurementsOf, type Sensing } from './problems.ts';

export type Recovery = Sensing;

const D = 4;
/** More than any draw has. */
const PROBLEMS = 64;
/** lambda = d sigma^2 next to |M| = 1. */
const LAMBDA = 1 / 24;
const [ETA, STEPS] = [1 / 32, 3072];
/** Sizes of the start: large next to |M| = 1, and not balanced. */
const [OF_X, OF_Y] = [4, 3];

/** A target u v' with random directions, `count` measurements with independent entries of variance 1/count, a random start. */
export function recoveryProblem(of: { seed: number; trial?: number }, count: number, number: number): Recovery {
  const draw = (purpose: string, rows: readonly number[], r: number): Matrix[] =>
    gaussians({ ...of, size: { r } }, rows, `${purpose} ${number}`);
  const [a, b] = draw('target', [D, D], 1) as [Matrix, Matrix];
  const M = a.mmul(b.transpose()).mul(1 / (norm(a) * norm(b)));
  const [A] = draw('measurements', [count], D * D) as [Matrix];
  const [X0, Y0] = draw('start', [D, D], D) as [Matrix, Matrix];
  const sigma = Math.sqrt(LAMBDA / D);
  return {
    M: M.to2DArray(),
    X0: X0.mul(OF_X / D).to2DArray(),
    Y0: Y0.mul(OF_Y / D).to2DArray(),
    A: A.mul(1 / Math.sqrt(count)).to2DArray(),
    ...{ eta: ETA, sigma1: sigma, sigma2: sigma, steps: STEPS, seed: of.seed + number / PROBLEMS },
  };
}

/** |X Y' - M| / |M| after the run, perturbed or plain; plain descent needs no time to balance. */
export function relativeError(run: Recovery, isPerturbed: boolean): number {
  const { sigma1, sigma2, eta, steps } = run;
  const descent = sensingDescent({
    ...{ measurements: measurementsOf(run), start: startOf(run), stepSize: eta },
    ...(isPerturbed ? { noise: { sigma1, sigma2, source: noiseOf(run) } } : {}),
  });
  descent.advance(isPerturbed ? steps : Math.ceil(steps / 3));
  return norm(Matrix.sub(product(descent), matrix(run.M))) / norm(matrix(run.M));
}
