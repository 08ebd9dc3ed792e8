/** The problems that an optimiser is studied on: generated ones, or a given target. All scales follow from the largest singular value. */
import { Matrix } from 'ml-matrix';
import { decompose, InvalidInput, type Decomposition, type NoiseScales } from '../../src/index.ts';

/** A target, the rank of the factors, and the noise and the step size that the optimiser gets. */
export interface Problem {
  /** Such as `tall` or `given`. */
  readonly name: string;
  /** Such as `8 x 2, rank 1`. */
  readonly text: string;
  /** M, d1 x d2. */
  readonly target: Matrix;
  /** r, the columns of both factors. */
  readonly rank: number;
  /** The singular triples of M; the factors can fit the first r. */
  readonly svd: Decomposition;
  /** s_1, ..., s_r. */
  readonly values: readonly number[];
  /** lambda, the size of the penalties that the noise is scaled for. */
  readonly lambda: number;
  /** sigma1^2 = lambda / d1 and sigma2^2 = lambda / d2, so that gamma = 1 for perturbed descent. */
  readonly scales: NoiseScales;
  /** eta = step / s_1. */
  readonly stepSize: number;
}

/** lambda / s_1. Both it and eta s_1 are small: the theory is of leading order in them. */
const NOISE = 1 / 16;

/** The length of averages at the limit, in time constants of perturbed descent. */
export const AVERAGE = 8;

/** eta s_1, if no other is asked for. */
export const STEP = 1 / 16;

interface Shape {
  readonly name: string;
  readonly d1: number;
  readonly d2: number;
  readonly values: readonly number[];
}

/** In the order of importance: a slow optimiser is studied on the first ones only. */
const SHAPES: readonly Shape[] = [
  { name: 'square', d1: 6, d2: 6, values: [1] },
  { name: 'tall', d1: 8, d2: 2, values: [1] },
  { name: 'wide', d1: 2, d2: 8, values: [1] },
  { name: 'condition 1', d1: 5, d2: 4, values: [1, 1, 1] },
  { name: 'condition 10', d1: 5, d2: 4, values: [1, Math.sqrt(1 / 10), 1 / 10] },
];

/** The generated problems. `step` is eta s_1. */
export const generated = (step = STEP): Problem[] =>
  SHAPES.map(({ name, d1, d2, values }) => {
    const S = Matrix.zeros(d1, d2);
    values.forEach((value, i) => S.set(i, i, value));
    const target = reflection(d1).mmul(S).mmul(reflection(d2));
    return problem(name, target, values.length, step);
  });

/** A problem with a target of the user's. */
export const givenProblem = (target: Matrix, rank: number, step = STEP): Problem =>
  problem('given', target, rank, step);

/** A gap below this share of s_1 needs longer runs than a study has. */
const LEAST_GAP = 1 / 16;

/** The problem, if its singular values leave a gap behind the r-th. Throws `InvalidInput`. */
export function checked(problem: Problem): Problem {
  const { svd, rank } = problem;
  const s = svd.s;
  const gap = (r: number): number => (s[r - 1]! - (s[r] ?? 0)) / s[0]!;
  if (!(s[0]! > 0)) throw new InvalidInput('the target is zero, so nothing can be fitted: give another target');
  if (gap(rank) >= LEAST_GAP) return problem;
  const better = s.map((_, i) => i + 1).filter((r) => gap(r) >= LEAST_GAP);
  const which = better.length === 0 ? 'another target' : `--rank ${better.slice(0, 3).join(' or ')}`;
  throw new InvalidInput(
    `the target has no gap behind its singular value ${rank}: s_${rank} = ${s[rank - 1]!.toPrecision(3)} and s_${rank + 1} = ${(s[rank] ?? 0).toPrecision(3)}, and s_1 / 16 is needed: give ${which}`,
  );
}

function problem(name: string, target: Matrix, rank: number, step: number): Problem {
  const svd = decompose(target);
  const [s1, lambda] = [svd.s[0]!, NOISE * svd.s[0]!];
  return {
    name,
    text: `${target.rows} x ${target.columns}, rank ${rank}`,
    target,
    rank,
    svd,
    values: svd.s.slice(0, rank),
    lambda,
    scales: { sigma1: Math.sqrt(lambda / target.rows), sigma2: Math.sqrt(lambda / target.columns) },
    stepSize: step / s1,
  };
}

/** I - 2 w w' for a w that mixes all axes: singular vectors off the axes, which Adam and other entrywise methods distinguish. */
function reflection(d: number): Matrix {
  const w = Array.from({ length: d }, (_, i) => i + 1);
  const squared = w.reduce((sum, each) => sum + each * each, 0);
  return new Matrix(w.map((a, i) => w.map((b, j) => (i === j ? 1 : 0) - (2 * a * b) / squared)));
}
