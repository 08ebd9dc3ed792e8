/** Instances of the symmetric problem |X X' - M|^2 / 4: Y0 is X0, and sigma1 = sigma2 is the noise on X. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft, Given } from '../../model/draft.ts';
import { gaussians } from '../../instances/gaussians.ts';
import { matrix, noiseOf, type Grid, type Instance } from '../../model/instance.ts';
import { loweredEigenvalues, norm, symmetricPerturbedDescent, symmetricRidge } from '../../../src/index.ts';
import type { NoiseSource, SymmetricDescent } from '../../../src/index.ts';
import { shortBinary } from '../../oracles/scales.ts';

export const SOURCE = 'our proof; the problem is that of Liu, Li, Zhou and Zhao 2022 (abstract read)';

export const notSymmetric = ({ target }: Given): string | undefined =>
  matrix(target).isSymmetric() ? undefined : "its target is symmetric: give M with M = M'";

/** M = A A' - B B', on the lattice of quarters, or a given one. */
export const symmetricGrids = {
  A: { shape: ['d1', 'k'], unit: 1 / 2, max: 2 },
  B: { shape: ['d1', 'k'], unit: 1 / 2, max: 1 },
} as const;

export function symmetricTarget({ grids, target }: Draft): Grid {
  if (target !== undefined) return target;
  const outer = (name: string): Matrix => matrix(grids[name]!).mmul(matrix(grids[name]!).transpose());
  return outer('A').sub(outer('B')).to2DArray();
}

export const symmetric = (M: Grid, X0: Grid, sigma: number, eta: number, steps: number, seed: number): Instance => ({
  ...{ M, X0, Y0: X0, eta, sigma1: sigma, sigma2: sigma, steps, seed },
});

/** One step from anywhere, with noise. */
export const symmetricSteps: Design<Instance> = {
  size: { d1: [1, 4], r: [1, 2] },
  grids: { ...symmetricGrids, X0: { shape: ['d1', 'r'], unit: 1 / 4, max: 2 } },
  picks: { sigma: [1 / 2, 1 / 4, 1], eta: [1 / 16, 1 / 64] },
  complete: (draft) =>
    symmetric(symmetricTarget(draft), draft.grids['X0']!, draft.picks['sigma']!, draft.picks['eta']!, 1, draft.seed),
  excludes: (given) =>
    given.target.length * given.rank > 12
      ? 'its average over the noise has too many points: it needs d r <= 12'
      : notSymmetric(given),
};

/** The descent on the instance with its own noise, or another. */
export const descendSymmetrically = (
  instance: Instance,
  { sigma = instance.sigma1, source = noiseOf(instance) }: { sigma?: number; source?: NoiseSource } = {},
): SymmetricDescent =>
  symmetricPerturbedDescent({
    ...{ target: matrix(instance.M), start: matrix(instance.X0), stepSize: instance.eta },
    ...(sigma === 0 ? {} : { noise: { sigma, source } }),
  });

/** A signal a a' under symmetric noise E. */
export type Noisy = Instance & { signal: Grid };

/** The data of a recovery problem: M, its signal and its noise, mu, and the direction u of the signal. */
export function partsOf({
  M,
  X0,
  signal,
  sigma1,
}: Noisy): Record<'target' | 'signal' | 'E' | 'u', Matrix> & { mu: number } {
  const [target, a] = [matrix(M), matrix(signal)];
  const outer = a.mmul(a.transpose());
  const mu = symmetricRidge(matrix(X0), sigma1);
  return { target, signal: outer, E: Matrix.sub(target, outer), u: Matrix.div(a, norm(a)), mu };
}

/** |X X' - a a'| at the limit of perturbed descent. */
export function limitError(instance: Noisy): number {
  const { target, signal, mu } = partsOf(instance);
  return norm(loweredEigenvalues(target, instance.X0[0]!.length, mu).sub(signal));
}

/** sqrt(2 |B u|^2 - (u'B u)^2) with B = mu I - E: the bound on the error (docs/theory/other-problems.md#symmetric). */
export function errorBound(instance: Noisy): number {
  const { E, u, mu } = partsOf(instance);
  const Bu = Matrix.mul(u, mu).sub(E.mmul(u));
  return Math.sqrt(2 * norm(Bu) ** 2 - u.transpose().mmul(Bu).get(0, 0) ** 2);
}

/** E = nu (G + G') / sqrt 2 with G of independent normals: variance nu^2 off the diagonal, 2 nu^2 on it. */
export function wignerNoise(of: Pick<Instance, 'seed' | 'trial'>, d: number, nu: number): Matrix {
  const [G] = gaussians({ ...of, size: { r: d } }, [d]);
  return Matrix.add(G!, G!.transpose()).mul(nu / Math.SQRT2);
}

/** Signs, so that every entry of the signal has the same size: a a' has the norm s. */
export const signs = (d: number, s: number): Matrix =>
  Matrix.from1DArray(
    d,
    1,
    Array.from({ length: d }, (_, i) => (i % 2 === 0 ? 1 : -1) * Math.sqrt(s / d)),
  );

/** The scale at which (d + r + 1) sigma^2 is about mu, short enough to read. */
export const scaleFor = (mu: number, d: number, r: number): number => shortBinary(Math.sqrt(mu / (d + r + 1)));
