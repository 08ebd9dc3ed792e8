/** Long runs of the reduced descent at d1 = d2 = d, up to a billion and more, with d sigma^2 held fixed (docs/theory/dimension-free.md#scale). */
import {
  reducedPerturbedGradientDescent,
  type Penalties,
  type ReducedDescent,
  type Solver,
} from '../../../src/index.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft, InstanceSource } from '../../model/draft.ts';
import { finite } from '../../run/guard.ts';
import { noiseOf, startOf, type Grid } from '../../model/instance.ts';
import { powerOfTwoAtMost, squaredSize } from '../../oracles/scales.ts';
import { diagonal, diagonalGrid, reducedOptions, type Wide } from '../../instances/dimensions.ts';

/** Rows of a start: k and up to 2 r - 1 more, the number that the reduced descent stores. */
const MOST_ROWS = 8;

/** The singular values, lambda below them all, and the largest step size that is taken. */
const SPECTRUM = [1, 3 / 4, 1 / 2] as const;
const LAMBDA = 1 / 4;
const LARGEST_STEP = 1 / 8;

/** The smaller factor of a leaning start, as a share of the other. */
const LEAST = 1 / 16;

/** Below this dimension the step is shorter by the same factor, so that the fluctuations are no larger than there. */
const FEW = 1000;

/** Time until the run has settled, in units of the slowest rate. */
const SETTLE = 12;

const plan: Design<Wide> = {
  size: { d1: [MOST_ROWS, MOST_ROWS], d2: [MOST_ROWS, MOST_ROWS] },
  grids: {
    X0: { shape: ['d1', 'r'], unit: 1 / 8, max: 1 / 4 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 8, max: 1 / 4 },
  },
  picks: { dimension: [1e3, 1e6, 1e9], gamma: [1, 2, 1 / 2], lean: [0, 1, -1] },
  complete: scaleRun,
  excludes: () => 'its instances have dimensions of their own',
};

/** Runs at a thousand, a million and a billion dimensions, or at the dimension that the user gave. */
export const atScale =
  <J extends Wide = Wide>(change: (run: Wide) => J = (run) => run as J): InstanceSource<J> =>
  (given) =>
    design(changed(given !== undefined && 'dimension' in given ? planAt(given.dimension) : plan, change))(
      given !== undefined && 'dimension' in given ? undefined : given,
    );

function planAt(dimension: number): Design<Wide> {
  const rows = Math.min(MOST_ROWS, dimension);
  return {
    ...plan,
    size: { d1: [rows, rows], d2: [rows, rows] },
    picks: { ...plan.picks, dimension: [dimension] },
  };
}

/** A start in which A and B overlap with every triple; if it leans, one factor is 16 times as large as the other. */
function scaleRun({ grids, picks, size: { k, r }, seed }: Draft): Wide {
  const [d, gamma, lean] = [picks['dimension']!, picks['gamma']!, picks['lean']!];
  const n = d - k;
  const rows = k + (n < 2 * r ? n : r);
  const start = (grid: Grid, factor: number): Grid =>
    grid.slice(0, rows).map((row, i) => row.map((entry, j) => factor * (entry + (i === j && i < k ? 1 : 0))));
  const [X0, Y0] = [start(grids['X0']!, lean < 0 ? LEAST : 1), start(grids['Y0']!, lean > 0 ? LEAST : 1)];
  return {
    M: diagonalGrid(SPECTRUM.slice(0, k), rows, rows),
    X0,
    Y0,
    ...schedule({ X0, Y0 }, d, gamma),
    sigma1: Math.sqrt((LAMBDA * gamma) / d),
    sigma2: Math.sqrt(LAMBDA / gamma / d),
    seed,
    d1: d,
    d2: d,
  };
}

/** The slowest rates are alpha and beta, those of free columns; a step may be the inverse of a bound on the curvature. */
function schedule(start: Pick<Wide, 'X0' | 'Y0'>, d: number, gamma: number): Pick<Wide, 'eta' | 'steps'> {
  const curvature = squaredSize(startOf(start)) + gamma + 1 / gamma;
  const eta = powerOfTwoAtMost(Math.min(LARGEST_STEP, 1 / curvature, LARGEST_STEP * Math.max(d / FEW, 2 ** -7)));
  return { eta, steps: Math.ceil(SETTLE / (eta * LAMBDA * Math.min(gamma, 1 / gamma))) };
}

/** alpha, beta, gamma and lambda of the problem, whose dimensions those of M are not. */
export function penaltiesAtScale({ d1, d2, sigma1, sigma2 }: Wide): Penalties {
  const [alpha, beta] = [d2 * sigma2 ** 2, d1 * sigma1 ** 2];
  return { alpha, beta, lambda: Math.sqrt(alpha * beta), gamma: Math.sqrt(beta / alpha) };
}

/** The reduced descent after the run's steps. */
export function endAtScale(run: Wide, purpose = 'noise'): ReducedDescent {
  const descent = reducedPerturbedGradientDescent(reducedOptions(run, noiseOf(run, purpose)));
  finite(() => descent.advance(run.steps));
  return descent;
}

/** The reduced descent at the run's dimension, as a solver of the small problem. */
export const plainAtScale =
  ({ M, d1, d2 }: Wide): Solver =>
  (options) =>
    reducedPerturbedGradientDescent({ ...options, dimensions: { d1, d2 }, singularValues: diagonal(M) });
