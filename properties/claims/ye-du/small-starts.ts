/**
 * Gradient descent from a small random start: well-conditioned targets, and the number of steps
 * (docs/theory/related-papers.md#ye-du).
 */
import { Matrix } from 'ml-matrix';
import type { Design, Draft } from '../../model/draft.ts';
import { gaussians } from '../../instances/gaussians.ts';
import { matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { decompose, rank, singularValues, type Factors } from '../../../src/index.ts';

/** The share of a singular value that the time allowed for it leaves. */
const LEFT = 2 ** -10;
/** Beyond this many steps a given target is out of reach. */
const AFFORDABLE = 2 ** 16;

/** `scale`: the standard deviation of the entries of the start. */
export type SmallStart = Instance & { scale: number };

export const smallStarts: Design<SmallStart> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 3], k: [1, 2] },
  grids: {
    A: { shape: ['d1', 'k'], unit: 1 / 4, max: 1 / 4 },
    B: { shape: ['d2', 'k'], unit: 1 / 4, max: 1 / 4 },
  },
  picks: { start: [2 ** -6, 2 ** -8] },
  complete: (draft) => smallRandomStart(draft, Math.min(draft.size.k, draft.size.r)),
  excludes({ target, rank: r }) {
    const M = matrix(target);
    const k = rank(M);
    if (k === 0 || k > r) return `its target has rank ${k}: it needs one from 1 to the factors' ${r}`;
    const s = singularValues(M);
    return 256 * (s[0]! / s[k - 1]!) > AFFORDABLE ? 'its condition number asks for too many steps' : undefined;
  },
};

/**
 * M = (I + A)(I + B)' of rank k on the lattice, I being the first columns of the identity: at most 5 x 2 quarters cannot make it
 * singular. X_0 and Y_0 are Gaussian, of a standard deviation that is a small part of sqrt(s_1).
 */
export function smallRandomStart(draft: Draft, k: number): SmallStart {
  const M = draft.target ?? nearIdentity(draft, k).to2DArray();
  const s1 = singularValues(matrix(M))[0]!;
  const scale = draft.picks['start']! * powerOfTwoAtMost(Math.sqrt(s1));
  const [X0, Y0] = drawn(draft, M, scale);
  const eta = powerOfTwoAtMost(1 / (4 * s1));
  const steps = stepsNeeded(matrix(M), startOf({ X0, Y0 }), eta);
  return { M, X0, Y0, eta, sigma1: 0, sigma2: 0, steps, seed: draft.seed, scale };
}

const drawn = (of: Parameters<typeof gaussians>[0], M: Grid, scale: number): [Grid, Grid] =>
  gaussians(of, [M.length, M[0]!.length]).map((A) => A.mul(scale).to2DArray()) as [Grid, Grid];

/**
 * The instance of a trial: each trial after the first draws its own start, and takes the number of steps that this
 * start needs.
 */
export function ofTrial(run: SmallStart): SmallStart {
  const { M, X0, scale, eta, trial = 0 } = run;
  if (trial === 0 || scale === 0) return run;
  const [X, Y] = drawn({ ...run, size: { r: X0[0]!.length } }, M, scale);
  const needed = (at: Pick<Instance, 'X0' | 'Y0'>): number => stepsNeeded(matrix(M), startOf(at), eta);
  const share = run.steps / needed(run);
  return { ...run, X0: X, Y0: Y, steps: Math.ceil(share * needed({ X0: X, Y0: Y })) };
}

function nearIdentity({ grids }: Draft, k: number): Matrix {
  const shifted = (name: string): Matrix => {
    const A = matrix(grids[name]!);
    return Matrix.eye(A.rows, k).add(A.subMatrix(0, A.rows - 1, 0, k - 1));
  };
  return shifted('A').mmul(shifted('B').transpose());
}

/**
 * Twice the time after which the weakest triple is fitted up to LEFT, log(s_1 / (a^2 LEFT)) / (2 s_k), where a is the
 * least singular value of W_0 = (U'X_0 + V'Y_0) / 2: the start's weakest amplitude in the growing directions.
 */
function stepsNeeded(target: Matrix, { X, Y }: Factors, eta: number): number {
  const { U, s, V } = decompose(target);
  const k = rank(target);
  const top = (A: Matrix): Matrix => A.subMatrix(0, A.rows - 1, 0, k - 1).transpose();
  const amplitudes = singularValues(
    top(U)
      .mmul(X)
      .add(top(V).mmul(Y))
      .mul(1 / 2),
  );
  const weakest = amplitudes[amplitudes.length - 1]!;
  return Math.ceil(Math.log(s[0]! / (weakest * weakest * LEFT)) / (eta * s[k - 1]!));
}
