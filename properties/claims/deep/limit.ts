/** The limit of perturbed descent on a linear network of three layers of width one. */
import { Matrix } from 'ml-matrix';
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { faster } from '../../instances/designs.ts';
import { moderate } from '../../instances/large-targets.ts';
import { looksAt, windowOf, type LongRun } from '../../instances/trajectories.ts';
import { matrix, noiseOf } from '../../model/instance.ts';
import { DEVIATIONS } from '../../oracles/hovering.ts';
import { shortBinary } from '../../oracles/scales.ts';
import { finite } from '../../run/guard.ts';
import { deepPerturbedDescent, norm, rank, squaredNorm } from '../../../src/index.ts';
import { inner, plus } from '../../../src/linear-algebra/matrices.ts';
import { layersOf, sigmasOf, SOURCE, type Deep } from './networks.ts';
import { NarrowHovering } from './hovering.ts';
import { hovered, largerRoot, layersAt } from './narrow.ts';

/** Settling and averaging, in units of the slowest time constant. */
const [SETTLE, AVERAGE] = [6, 12];

/** The remainder of the start, at which a layer is at most twice, and its square four times, as large as at the limit. */
const LEFT = 4 * Math.exp(-SETTLE);

const limitRuns: Design<Deep & LongRun> = {
  size: { d1: [1, 4], d2: [1, 4], r: [1, 1] },
  grids: {
    p: { shape: ['d1', 'one'], unit: 1, max: 2 },
    q: { shape: ['d2', 'one'], unit: 1, max: 2 },
    X0: { shape: ['d1', 'one'], unit: 1 / 4, max: 1 },
    Y0: { shape: ['d2', 'one'], unit: 1 / 4, max: 1 },
  },
  picks: { tau: [4, 3], ofX: [1, 2, 1 / 2], ofC: [1, 2, 1 / 2], lean: [1, 2, 1 / 2] },
  accepts: ({ grids, target }) =>
    target !== undefined || ['p', 'q'].every((name) => grids[name]!.some(([entry]) => entry !== 0)),
  complete: limitRun,
  excludes: ({ target }) => (rank(matrix(target)) === 1 ? undefined : 'it needs a target of rank one'),
};

/** From near the limit, with one layer larger and another one smaller. */
function limitRun({ grids, picks, seed, target }: Draft): Deep & LongRun {
  const M = target ?? matrix(grids['p']!).mmul(matrix(grids['q']!).transpose()).to2DArray();
  const [d1, d2, s] = [M.length, M[0]!.length, norm(matrix(M))];
  const { tau, ofX, ofC, lean } = picks as Record<'tau' | 'ofX' | 'ofC' | 'lean', number>;
  const each = Math.cbrt((s * Math.sqrt(tau)) / (1 + tau) ** 2) ** 2;
  const [sigma1, sigmaC, sigma2] = [(each * ofX) / d1, each * ofC, each / (ofX * ofC * d2)].map((square) =>
    shortBinary(Math.sqrt(square)),
  ) as [number, number, number];
  const noise = { sigma1, sigmaC, sigma2 };
  const rest = { M, X0: M, C0: M, Y0: M, eta: 1, ...noise, steps: 0, seed };
  const root = largerRoot(hovered(rest))!;
  const [A, B, E] = hovered(rest).penalties.map((penalty) => penalty * (1 + root)) as [number, number, number];
  const eta = shortBinary(1 / (32 * (A * B + A * E + B * E)));
  const constant = 1 / (eta * new NarrowHovering(hovered({ ...rest, eta }), root).slowest);
  const [X, C, Yt] = layersAt(rest, root);
  const start = {
    X0: plus(X.mul(lean), matrix(grids['X0']!), norm(X) / 4).to2DArray(),
    C0: C.mul(1 / lean).to2DArray(),
    Y0: plus(Yt.transpose(), matrix(grids['Y0']!), norm(Yt) / 4).to2DArray(),
  };
  const burnIn = Math.ceil(SETTLE * constant);
  return { ...rest, ...start, eta, burnIn, steps: burnIn + Math.ceil(AVERAGE * constant) };
}

/** Averages of |x|^2, c^2, |y|^2 and u'x c y'v against their means, with the scales of the noise times `factor`. */
function hovers(run: Deep & LongRun, factor = 1): Comparison {
  const of = hovered(run);
  const sigmas = sigmasOf(run).map((sigma) => factor * sigma);
  const averages = finite(() => averagesOf(run, sigmas));
  const { quantities } = new NarrowHovering(of, largerRoot(of)!);
  const window = windowOf(run);
  return worst(
    quantities.map((quantity, i) => {
      const { mean, limit } = quantity;
      const allowed = DEVIATIONS * quantity.deviation(window) + Math.abs(mean - limit) / 4 + LEFT * limit;
      return equal(`time-averaged ${NAMES[i]!}`, averages[i]!, mean, allowed, { limit });
    }),
  );
}
const NAMES = ['|x|^2', 'c^2', '|y|^2', "u'x c y'v"] as const;

function averagesOf(run: Deep & LongRun, sigmas: readonly number[]): number[] {
  const target = matrix(run.M);
  const noise = { sigmas, source: noiseOf(run) };
  const descent = deepPerturbedDescent({ target, start: layersOf(run), stepSize: run.eta, noise });
  descent.advance(run.burnIn);
  const { looks, stride } = looksAt(run);
  const sums = [0, 0, 0, 0];
  for (let look = 0; look < looks; look++) {
    descent.advance(stride);
    const [x, c, yt] = descent.layers as [Matrix, Matrix, Matrix];
    const along = (c.get(0, 0) * inner(x.mmul(yt), target)) / norm(target);
    [squaredNorm(x), c.get(0, 0) ** 2, squaredNorm(yt), along].forEach((each, i) => (sums[i]! += each / looks));
  }
  return sums;
}

export const limit = claim<Deep & LongRun>({
  id: 'deep/limit',
  statement:
    'The time average of perturbed descent on a network of three layers of width one is the minimiser of its smoothed objective: near it the noise alone determines the size of each layer, not the start.',
  formula: String.raw`\overline{\|x\|^2} : \overline{c^2} : \overline{\|y\|^2} \to d_1\sigma_1^2 : \sigma_C^2 : d_2\sigma_2^2,\qquad \overline{u'x\,c\,y'v} \to \tau^{3/2}\sqrt{d_1d_2}\,\sigma_1\sigma_C\sigma_2`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('noise on every layer', (_, run) => hovers(run, 0)),
    dropping('a stable step size', changed(limitRuns, faster(256))),
    dropping(
      'time averages after the settling time',
      changed(limitRuns, (run) => ({ ...run, burnIn: 0, steps: 256, eta: run.eta / 64 })),
    ),
  ],
  source: SOURCE,
  proof: 'deep-limit',
  items: ['10.4'],
  // Four standard deviations of the averages on this instance (docs/theory/other-problems.md#deep-limit).
  random: {
    basis: 'leading order',
    shift: {
      text: 'the scales of the noise',
      finds: 0.05,
      by: (share) => ({ text: 'the scales of the noise too large', check: (_, run) => hovers(run, 1 + share) }),
    },
  },
  instances: design(moderate(limitRuns)),
  check: (_, run) => hovers(run),
});
