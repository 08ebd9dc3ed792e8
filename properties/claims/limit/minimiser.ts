/** The minimiser of the smoothed objective: its value, its attraction, its uniqueness, and when it does not exist. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import {
  faster,
  noisePicks,
  shortRun,
  startGrids,
  targetGrids,
  targetPicks,
  fromZero,
} from '../../instances/designs.ts';
import { matrix, startOf, zeros, type Grid, type Instance } from '../../model/instance.ts';
import { objectiveRounding } from '../../oracles/rounding.ts';
import { AT_REST, settled, settlingRuns, tiedRuns } from './settling.ts';
import {
  gaussian,
  OWN_SPECTRUM,
  rotated,
  rotation,
  singularVectors,
  spectral,
  type Spectral,
} from '../../instances/chosen-spectra.ts';
import { invariants } from '../../instances/trajectories.ts';
import {
  orbitDistance,
  penalties,
  singularValues,
  smoothedLoss,
  smoothedMinimiser,
  squaredNorm,
  type Factors,
} from '../../../src/index.ts';

/** F~ without its constant against the least value that r columns allow. */
function value(compare: typeof atLeast, { M, X0, ...noise }: Instance, at: Factors): Comparison {
  const target = matrix(M);
  const { alpha, beta, lambda } = penalties(target, noise);
  const gained = singularValues(target).map((s, i) => s * s - (i < X0[0]!.length ? Math.max(s - lambda, 0) ** 2 : 0));
  const least = gained.reduce((sum, term) => sum + term, 0) / 2;
  const found = smoothedLoss(target, at, noise) - (at.X.columns * alpha * beta) / 2;
  return compare('F~ without its constant', found, least, objectiveRounding(target, at, noise), { lambda });
}

/** A minimiser, rotated at random. */
function someMinimiser(instance: Instance, r = instance.X0[0]!.length): Factors {
  return rotated(smoothedMinimiser(matrix(instance.M), r, instance), rotation(r, instance.seed));
}

type Probe = Instance & { off: number };

/** The point of the check: a minimiser, if it exists, plus the start scaled by `off`. */
function probe(instance: Probe): Factors {
  const { X, Y } = startOf(instance);
  const moved = { X: X.mul(instance.off), Y: Y.mul(instance.off) };
  if (instance.sigma1 * instance.sigma2 === 0) return moved;
  const from = someMinimiser(instance);
  return { X: from.X.add(moved.X), Y: from.Y.add(moved.Y) };
}

const probes: Design<Probe> = {
  grids: { ...targetGrids, ...startGrids },
  picks: { ...targetPicks, ...noisePicks, off: [1, 1 / 16, 1 / 256] },
  complete: (draft) => ({ ...shortRun(draft), off: draft.picks['off']! }),
};

export const minimumValue = claim<Probe>({
  id: 'limit/minimum-value',
  statement:
    'The smoothed objective is at least its value at the minimisers, which the soft-thresholded singular values give.',
  formula: String.raw`\tilde F(X,Y) - c \ge \tfrac12\textstyle\sum_i s_i^2 - \tfrac12\sum_{i\le r}(s_i - \lambda)_+^2`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping(
      'X and Y have at most r columns',
      {
        ...tiedRuns,
        picks: { ...tiedRuns.picks, fall: [1 / 2, 1] },
        complete: (draft) => ({ ...spectral(draft), off: 0 }),
      },
      (_, instance) => value(atLeast, instance, someMinimiser(instance, 2)),
    ),
  ],
  bound: {
    tight: 'at the minimisers, however rotated',
    on: {
      instances: design<Probe>({
        ...probes,
        picks: { ...targetPicks, sigma1: [1 / 2, 1, 1 / 8], sigma2: [1 / 2, 1, 1 / 8], off: [0] },
      }),
      check: (_, instance) => value(equal, instance, someMinimiser(instance)),
    },
  },
  proof: 'minimisers',
  items: ['3.2'],
  instances: design(probes),
  check: (_, instance) => value(atLeast, instance, probe(instance)),
});

/** The limit of smoothed descent against the formula, as invariants and as a point up to rotation. */
function ends(instance: Spectral): Comparison {
  const [target, end] = [matrix(instance.M), settled(instance)];
  const limit = smoothedMinimiser(target, end.X.columns, instance);
  const [found, want] = [invariants(end), invariants(limit)];
  const gamma = penalties(target, instance).gamma;
  return worst([
    equal("X X' at rest", found.XX, want.XX, AT_REST, { gamma }),
    equal("Y Y' at rest", found.YY, want.YY, AT_REST, { gamma }),
    equal("X Y' at rest", found.XY, want.XY, AT_REST, { gamma }),
    atMost('distance from the orbit of minimisers', orbitDistance(end, limit), 0, AT_REST),
  ]);
}

/** The same runs from the origin, which is a saddle as lambda is below s_1. */
const atSaddle = <I extends Spectral>(plan: Design<I>): Design<I> => ({
  ...changed(plan, fromZero),
  picks: { ...plan.picks, share: [3 / 8, 1 / 8] },
});

export const attracting = claim<Spectral>({
  id: 'limit/attracting',
  statement:
    'Gradient descent on the smoothed objective converges linearly to its minimiser, which is unique up to rotation.',
  formula: String.raw`(X_t, Y_t) \to \left(\sqrt\gamma\,U_q(S_q-\lambda)_+^{1/2}Q,\ \gamma^{-1/2}V_q(S_q-\lambda)_+^{1/2}Q\right)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('r >= k, or s_r > s_{r+1}, or s_r <= lambda', tiedRuns),
    dropping('the start is off the stable sets of the saddles', atSaddle(settlingRuns)),
    dropping('no s_i is lambda', {
      ...changed(settlingRuns, (run) => ({
        ...run,
        sigma1: run.M.length ** -0.5,
        sigma2: run.M[0]!.length ** -0.5,
      })),
      picks: { ...settlingRuns.picks, fall: [1], balance: [1] },
      accepts: () => true,
    }),
    dropping('a stable step size', changed(settlingRuns, faster(64))),
  ],
  proof: 'minimisers',
  items: ['3.2'],
  instances: design(settlingRuns),
  check: (_, instance) => ends(instance),
});

type TwoStarts = Spectral & { X1: Grid; Y1: Grid };

/** The same design with another start of the same kind. */
const twice = (plan: Design<Spectral>): Design<TwoStarts> => ({
  ...plan,
  complete(draft) {
    const run = plan.complete(draft);
    const scale = draft.picks['start']!;
    const other = (like: Grid, purpose: string): Grid =>
      gaussian(like.length, like[0]!.length, run.seed, purpose, scale);
    // The step size is for the first start: half of it leaves room for the second.
    return { ...run, eta: run.eta / 2, X1: other(run.X0, 'X1'), Y1: other(run.Y0, 'Y1') };
  },
});

const rankOne: Design<Spectral> = { ...settlingRuns, size: { ...settlingRuns.size, r: [1, 1] } };

export const commonSign = claim<TwoStarts>({
  id: 'limit/common-sign',
  statement:
    'With factors of one column smoothed descent converges to the same point from any two starts, up to a common sign.',
  formula: String.raw`(x_\infty, y_\infty) = \pm(x_\infty^\circ, y_\infty^\circ)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping(
      'r = 1',
      twice({
        ...settlingRuns,
        size: { ...settlingRuns.size, d1: [2, 4], d2: [2, 4], r: [2, 2] },
        picks: { ...settlingRuns.picks, share: [3 / 8, 1 / 8] },
      }),
    ),
    dropping('s_1 > s_2, or s_1 <= lambda', twice(tiedRuns)),
    dropping('the starts are off the stable sets of the saddles', atSaddle(twice(rankOne))),
  ],
  proof: 'minimisers',
  items: ['3.2'],
  instances: design(twice(rankOne)),
  check(_, instance) {
    const [one, two] = [settled(instance), settled({ ...instance, X0: instance.X1, Y0: instance.Y1 })];
    const sign = one.X.transpose().mmul(two.X).trace() + one.Y.transpose().mmul(two.Y).trace() < 0 ? -1 : 1;
    return worst([
      equal('x from the two starts', one.X, two.X.mul(sign), 2 * AT_REST),
      equal('y from the two starts', one.Y, two.Y.mul(sign), 2 * AT_REST),
    ]);
  },
});

type OneSided = Spectral & { side: number };

/** `side` says which factor is perturbed; `ablated` noise on the other one too. */
const oneSidedRuns = (other: number): Design<OneSided> => ({
  grids: { ...settlingRuns.grids, ...startGrids },
  picks: { ...settlingRuns.picks, side: [0, 1] },
  complete(draft) {
    const [run, side] = [spectral(draft), draft.picks['side']!];
    const start = { X0: draft.grids['X0']!, Y0: draft.grids['Y0']! };
    const scales = { sigma1: run.sigma1 * (side === 0 ? 1 : other), sigma2: run.sigma2 * (side === 1 ? 1 : other) };
    return { ...run, ...start, ...scales, side };
  },
  excludes: () => OWN_SPECTRUM,
});

const withoutTarget = (run: OneSided): OneSided => ({ ...run, M: zeros(run.M), s: run.s.map(() => 0) });

/** The factor that is perturbed and its partner, grown and shrunk by 2^j: the product stays. */
const stretched = ({ X, Y }: Factors, side: number, j: number): Factors => ({
  X: Matrix.mul(X, 2 ** (side === 0 ? j : -j)),
  Y: Matrix.mul(Y, 2 ** (side === 0 ? -j : j)),
});

/** The excess over the least loss along the stretched best approximations of rank r, and from the start. */
function* descents(instance: OneSided): Generator<Comparison> {
  const { s, side } = instance;
  const [target, { U, V }, start] = [matrix(instance.M), singularVectors(instance), startOf(instance)];
  const q = Math.min(start.X.columns, s.length);
  const roots = Matrix.diag(s.slice(0, q).map(Math.sqrt));
  const best = {
    X: U.subMatrix(0, U.rows - 1, 0, q - 1).mmul(roots),
    Y: V.subMatrix(0, V.rows - 1, 0, q - 1).mmul(roots),
  };
  const infimum = s.slice(q).reduce((sum, value) => sum + value * value, 0) / 2;
  const { alpha, beta } = penalties(target, instance);
  const penalty = ({ X, Y }: Factors): number => (side === 0 ? beta * squaredNorm(Y) : alpha * squaredNorm(X)) / 2;
  for (const j of [0, 1, 2, 4, 8, 16]) {
    const at = stretched(best, side, j);
    const left = penalty(best) / 4 ** j;
    yield equal(
      `F~ at stretch 2^${j}`,
      smoothedLoss(target, at, instance),
      infimum + left,
      objectiveRounding(target, at, instance),
      { j },
    );
  }
  // Each stretch divides the excess over the least loss by 4, so that it is never 0; for M = 0 it is 0 at 0.
  const above = (at: Factors): number => smoothedLoss(target, at, instance) - infimum;
  const next = stretched(best, side, 1);
  const rounded = objectiveRounding(target, best, instance) + objectiveRounding(target, next, instance);
  yield equal(
    'share of the excess over the least loss after a stretch',
    above(next) / above(best),
    1 / 4,
    rounded / above(best),
  );
  const further = stretched(start, side, 1);
  const gained = smoothedLoss(target, start, instance) - smoothedLoss(target, further, instance);
  const rounding = objectiveRounding(target, start, instance) + objectiveRounding(target, further, instance);
  yield equal('decrease of F~ by stretching', gained, (3 / 4) * penalty(start), rounding);
}

export const oneSided = claim<OneSided>({
  id: 'limit/one-sided',
  statement:
    'With noise on one factor only the smoothed objective has no minimiser: its infimum is the least loss, approached as the other factor shrinks and this one grows.',
  formula: String.raw`\sigma_2 = 0:\ \tilde F(X/\epsilon, \epsilon Y) = F(X,Y) + \tfrac{\epsilon^2\beta}2\|Y\|^2 \to \tfrac12\textstyle\sum_{i>r}s_i^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('one of sigma1 and sigma2 is 0', oneSidedRuns(1)),
    dropping('M is not 0', changed(oneSidedRuns(0), withoutTarget)),
  ],
  proof: 'minimisers',
  items: ['3.2'],
  instances: design(oneSidedRuns(0)),
  check: (_, instance) => worst(descents(instance)),
});
