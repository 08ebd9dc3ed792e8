/**
 * The experiments of the study as instances of claims: starts drawn around a setting, and the quantities that are
 * compared with the limits.
 */
import { withNoise, fromZero, faster } from '../../instances/designs.ts';
import { Matrix } from 'ml-matrix';
import { atLeast, equal, showing, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed } from '../../generate/design.ts';
import type { Design, Draft, GridDesign } from '../../model/draft.ts';
import {
  gammas,
  hyperbola,
  JITTER,
  LEANS,
  POINTS,
  ranks,
  starts,
  thinStart,
  THIN_SIZES,
  type Setting,
  type Start,
} from './study.ts';
import { SETTLE } from '../../oracles/fluctuations.ts';
import { advanceRounded } from '../../instances/imbalances.ts';
import { descend, descendPlainly, iterate, matrix, startOf, type Instance } from '../../model/instance.ts';
import { compare, expected } from '../limit/limits.ts';
import { flowLimit } from '../../instances/rank-one.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { invariants, timeAverage } from '../../instances/trajectories.ts';
import { loss, norm, type NoiseScales, type Solver } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';

/** A setting with starts of its own; `scales` are the noise that the limit is predicted from. */
export type Study = Instance & Setting & { scales: NoiseScales };

const study = (setting: Setting, own: readonly Start[], seed: number): Study => {
  const { sigma1, sigma2 } = setting;
  return { ...setting, starts: own, ...own[0]!, scales: { sigma1, sigma2 }, seed };
};

const ownSetting = (): string => 'it has the targets of its experiment';
const thinSize = { d1: [8, 8], d2: [2, 2], r: [1, 1], k: [1, 1] } as const;

/** Small random moves of the starts, entry by entry, one for each start. */
function moves(of: number): Record<string, GridDesign> {
  const { unit, most } = JITTER;
  const along = (dimension: 'd1' | 'd2'): GridDesign => ({ shape: [dimension, 'r'], unit, max: unit * most });
  const names = Array.from({ length: of }, (_, i) => i);
  return Object.fromEntries(names.flatMap((i) => [[`dX${i}`, along('d1')], [`dY${i}`, along('d2')]])); // prettier-ignore
}

const thinFrom = (sizes: number, { grids }: Draft, i: number): Start =>
  thinStart(THIN_SIZES[sizes]!, matrix(grids[`dX${i}`]!), matrix(grids[`dY${i}`]!));

export const fromManyStarts: Design<Study> = {
  size: thinSize,
  grids: moves(3),
  picks: { third: [2, 3, 4, 5, 6, 7] },
  // The first two sizes of the study are its most unbalanced ones.
  complete: (draft) =>
    study(
      starts.settings['8 x 2'],
      [0, 1, draft.picks['third']!].map((sizes, i) => thinFrom(sizes, draft, i)),
      draft.seed,
    ),
  excludes: ownSetting,
};

export const forEachGamma: Design<Study> = {
  size: thinSize,
  grids: moves(1),
  picks: { sizes: [0, 1], gamma: [1, 2, 1 / 2, 4, 1 / 4] },
  complete: (draft) => {
    const { gamma, sizes } = draft.picks as Record<'gamma' | 'sizes', number>;
    return study(gammas.settings[`gamma ${gamma}`]!, [thinFrom(sizes, draft, 0)], draft.seed);
  },
  excludes: ownSetting,
};

const entries = { unit: 1 / 8, max: 1 } as const;
export const ofBothRanks: Design<Study> = {
  size: { d1: [8, 8], d2: [4, 4], r: [1, 1], k: [3, 3] },
  grids: {
    X1: { shape: ['d1', 'r'], ...entries },
    Y1: { shape: ['d2', 'r'], ...entries },
    X3: { shape: ['d1', 'k'], ...entries },
    Y3: { shape: ['d2', 'k'], ...entries },
  },
  picks: { rank: [1, 3], lean: LEANS.map((_, i) => i) },
  complete: ({ grids, picks, seed }) => {
    const { rank, lean } = picks as { rank: 1 | 3; lean: number };
    const [ofX, ofY] = LEANS[lean]!;
    const X0 = matrix(grids[`X${rank}`]!).mul(2 * ofX);
    const Y0 = matrix(grids[`Y${rank}`]!).mul(2 * ofY);
    return study(ranks.settings[`rank ${rank}`], [{ X0: X0.to2DArray(), Y0: Y0.to2DArray() }], seed);
  },
  excludes: ownSetting,
};

export const onHyperbola: Design<Study> = {
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
  grids: moves(1),
  picks: { point: POINTS.map((_, i) => i) },
  complete: ({ grids, picks, seed }) => {
    const [x, y] = POINTS[picks['point']!]!;
    const start = { X0: [[x + grids['dX0']![0]![0]!]], Y0: [[y + grids['dY0']![0]![0]!]] };
    return study(hyperbola.settings['1 x 1'], [start], seed);
  },
  excludes: ownSetting,
};

/** The hypotheses of perturbed descent, with instances that violate them. */
export const assumed = (plan: Design<Study>): Hypothesis<Study>[] => [
  dropping('sigma1, sigma2 > 0', changed(plan, withNoise(0))),
  dropping('a stable step size', changed(plan, faster(64))),
  dropping(
    'time averages after the settling time',
    changed(plan, (made) => ({ ...made, burnIn: 0, steps: 256 })),
  ),
];

/** Gradient descent that starts at the saddle, the origin, stays there. */
export const fromOrigin = (plan: Design<Study>): Hypothesis<Study> =>
  dropping(
    'plain descent starts off the stable set of the saddle',
    changed(plan, (made) => {
      const { X0, Y0 } = fromZero(made);
      return { ...made, X0, Y0, starts: [{ X0, Y0 }, ...made.starts.slice(1)] };
    }),
  );

type Limit = ReturnType<typeof invariants>;

export const averageOf = (solver: Solver, run: Study, purpose?: string): Limit =>
  timeAverage(descend(solver, run, purpose), run, invariants);

/** A run with the noise that its limit is predicted from. */
export const asPredicted = (run: Study): Study => ({ ...run, ...run.scales });

/**
 * The time averages of perturbed descent from each start lie in a ball around the mean of its stationary distribution.
 */
export function* inOneBall(solver: Solver, instance: Study): Generator<Comparison> {
  const law = expected(asPredicted(instance));
  for (const [i, start] of instance.starts.entries()) {
    const found = averageOf(solver, { ...instance, ...start }, `noise ${i}`);
    // The mean imbalance decays at the slowest rate exactly, to e^-SETTLE of its start.
    const left = Math.exp(-SETTLE) * squaredSize(startOf(start));
    yield* compare(found, asPredicted(instance), { ...law, left: { XX: left, YY: left, XY: left } });
  }
}

/** Limits of plain descent at rank one: each is compared with its prediction from the start, as are their distances. */
export function* spread(solver: Solver, instance: Study): Generator<Comparison> {
  const target = matrix(instance.M);
  const ends = instance.starts.map((start) => {
    const run = { ...instance, ...start };
    const { u, v, a, b } = flowLimit(target, startOf(run));
    // The imbalance drifts by at most 2 eta F_0; e^-16 of the way is left after the steps, with room to begin slowly.
    const tolerance = 2 * instance.eta * loss(target, startOf(run)) + 1e-4;
    const found = descendPlainly(solver, run);
    const rounding = advanceRounded(found, target, run);
    return { found: iterate(found), XX: outerGram(u).mul(a * a), YY: outerGram(v).mul(b * b), tolerance, rounding };
  });
  for (const { found, XX, YY, tolerance, rounding } of ends) {
    yield showing(tolerance, equal("XX' where plain descent ends", outerGram(found.X), XX, tolerance), rounding);
    yield showing(tolerance, equal("YY' where plain descent ends", outerGram(found.Y), YY, tolerance), rounding);
  }
  const widest = (of: readonly Matrix[]): number =>
    Math.max(...of.flatMap((one) => of.map((other) => norm(Matrix.sub(one, other)))));
  const tolerance = 2 * Math.max(...ends.map((end) => end.tolerance));
  const [found, want] = [widest(ends.map((end) => outerGram(end.found.X))), widest(ends.map(({ XX }) => XX))];
  yield atLeast('spread of the limits of plain descent', found, want, tolerance);
}
