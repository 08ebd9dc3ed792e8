/** Long runs of perturbed descent on the symmetric problem. */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { gaussians } from '../../instances/gaussians.ts';
import { matrix, noiseOf, type Instance } from '../../model/instance.ts';
import { added, type LongRun } from '../../instances/trajectories.ts';
import { Window } from '../../oracles/linear-process.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { loweredEigenvalues, norm, rank, squaredNorm, symmetricRidge } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import { SymmetricFluctuations } from './fluctuations.ts';
import { descendSymmetrically, notSymmetric, scaleFor, signs, symmetric, wignerNoise, type Noisy } from './problems.ts';

/** Settling and averaging, in units of the slowest time constant. */
const [SETTLE, AVERAGE] = [8, 8];
/** Looks at a run that make its time average. */
export const LOOKS = 128;

/** The time average of X X', with noise of this scale. */
export function averageOf(run: LongRun, sigma = run.sigma1): Matrix {
  const descent = descendSymmetrically(run, { sigma, source: noiseOf(run) });
  descent.advance(run.burnIn);
  const { looks, stride } = looksAt(run);
  let sum: Matrix | undefined;
  for (let look = 0; look < looks; look++) {
    descent.advance(stride);
    sum = added(outerGram(descent.X), sum);
  }
  return sum!.mul(1 / looks);
}

function looksAt({ burnIn, steps }: LongRun): { looks: number; stride: number } {
  const stride = Math.max(1, Math.floor((steps - burnIn) / LOOKS));
  return { looks: Math.floor((steps - burnIn) / stride), stride };
}

/** The distribution of the average, and the remainder of the start. */
export interface AtRest {
  readonly fluctuations: SymmetricFluctuations;
  readonly window: Window;
  readonly left: number;
}

export function atRest(run: LongRun): AtRest {
  const { looks, stride } = looksAt(run);
  return {
    fluctuations: new SymmetricFluctuations(run),
    window: new Window(looks, stride),
    // The slowest entries, across the retained column, are e^-8 of themselves then, and X X' has their products.
    left: Math.exp(-2 * SETTLE) * squaredNorm(matrix(run.X0)),
  };
}

/** M = a a', a whole vector; mu is about a share of its eigenvalue. */
export const limitRuns: Design<LongRun> = {
  size: { d1: [1, 3], r: [1, 2] },
  grids: {
    a: { shape: ['d1', 'one'], unit: 1, max: 2 },
    X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 1 },
  },
  picks: { share: [1 / 4, 1 / 8] },
  accepts: ({ grids, target }) => target !== undefined || grids['a']!.some(([entry]) => entry !== 0),
  complete: limitRun,
  excludes: (given) =>
    notSymmetric(given) ??
    (rank(matrix(given.target)) === 1 && matrix(given.target).trace() > 0
      ? undefined
      : 'its target is a positive semidefinite matrix of rank one'),
};

function limitRun({ grids, picks, size, seed, target }: Draft): LongRun {
  const a = matrix(grids['a']!);
  const M = target ?? a.mmul(a.transpose()).to2DArray();
  const s = matrix(M).trace();
  const sigma = scaleFor(s * picks['share']!, M.length, size.r);
  const eta = powerOfTwoAtMost(1 / (128 * (s + squaredNorm(matrix(grids['X0']!)))));
  // The start is near the signal: at the origin, a saddle, only the noise moves the iterate.
  const X0 = matrix(M)
    .mmul(Matrix.ones(M.length, size.r))
    .mul(1 / s);
  const constant = 1 / (eta * symmetricRidge(X0, sigma));
  const start = Matrix.add(X0, matrix(grids['X0']!)).to2DArray();
  return {
    ...symmetric(M, start, sigma, eta, Math.ceil((SETTLE + AVERAGE) * constant), seed),
    burnIn: Math.ceil(SETTLE * constant),
  };
}

/** Noise of variance 1 in every entry of M, a signal of signs, r = d; mu above the edge 2 sqrt(d) of its eigenvalues. */
export const recoveryRuns: Design<Noisy & LongRun> = {
  size: { d1: [3, 5], d2: [5, 5] },
  grids: {},
  picks: { edge: [3, 5 / 2] },
  complete: (draft) => noisyRun(draft, draft.size.d1, draft.picks['edge']!),
  excludes: () => 'it makes its own signal and noise',
};

/** A run at this dimension: mu is at least `edge` sqrt(d), and the signal a few times as large. */
export function noisyRun(draft: Pick<Draft, 'seed'>, d: number, edge: number): Noisy & LongRun {
  const E = wignerNoise(draft, d, 1);
  // The conditions on the drawn noise under which only the descent is random.
  const top = norm(loweredEigenvalues(E, d, 0));
  const mu = Math.max(edge * Math.sqrt(d), (4 / 3) * top);
  const sigma = scaleFor((9 / 8) * mu, d, d);
  const signal = signs(d, 3 * mu);
  const M = signal.mmul(signal.transpose()).add(E);
  const [X0] = gaussians({ seed: draft.seed, size: { r: d } }, [d]);
  const eta = powerOfTwoAtMost(1 / (32 * norm(M)));
  // Fluctuations in directions that the noise shrinks to 0 decay at the rate eta (mu - lambda) at least.
  const constant = 1 / (eta * (symmetricRidge(X0!, sigma) - top));
  return {
    ...symmetric(M.to2DArray(), X0!.to2DArray(), sigma, eta, Math.ceil((SETTLE + AVERAGE) * constant), draft.seed),
    burnIn: Math.ceil(SETTLE * constant),
    signal: signal.to2DArray(),
  };
}

/** The signal's eigenvalue, in units of edge sqrt(d). */
export const SIGNAL = 8;

/** mu = edge d^power for noise of variance 1. */
export type Slopes = Instance & { edge: number; power: number };

/** The known parts that are subtracted from the errors of one draw: those for (M - mu I)+ and for the plain limit. */
export type Control = (E: Matrix, mu: number) => readonly [perturbed: number, plain: number];

/**
 * The squared errors less their means, to leading order in |E| / s, for noise of variance 1
 * (docs/theory/other-problems.md#symmetric-recovery); of mean 0 exactly.
 */
export const leadingOrder: Control = (E, mu) => {
  const d = E.rows;
  const u = signs(d, 1);
  const Eu = E.mmul(u);
  const along = u.dot(Eu);
  const rowAndColumn = 2 * squaredNorm(Eu) - along ** 2;
  return [rowAndColumn - 2 * mu * along - 2 * d, (squaredNorm(E) + rowAndColumn - d * (d + 3)) / 2];
};

/** Mean squared errors per entry at one dimension of (M - mu I)+ and of the plain limit, its r largest eigenvalues cut at 0. */
export function meanErrors(
  { edge, power, ...of }: Pick<Slopes, 'edge' | 'power' | 'seed' | 'trial'>,
  d: number,
  draws: number,
  { r = d, control = () => [0, 0] }: { r?: number; control?: Control } = {},
): [perturbed: number, plain: number] {
  const mu = edge * d ** power;
  const a = signs(d, SIGNAL * edge * Math.sqrt(d));
  const signal = a.mmul(a.transpose());
  const sums: [number, number] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const E = wignerNoise({ ...of, seed: of.seed + i / draws + d }, d, 1);
    const M = Matrix.add(E, signal);
    const known = control(E, mu);
    [mu, 0].forEach((lowering, k) => {
      const error = squaredNorm(loweredEigenvalues(M, k === 0 ? d : r, lowering).sub(signal));
      sums[k]! += (error - known[k]!) / (d * d * draws);
    });
  }
  return sums;
}
