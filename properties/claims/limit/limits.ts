/** What claims about the limit of perturbed descent share: their runs, what is compared, and what goes wrong without. */
import { Matrix } from 'ml-matrix';
import {
  decompose,
  penalties,
  rank,
  singularValues,
  smoothedMinimiser,
  type NoiseSource,
  type Solver,
} from '../../../src/index.ts';
import { frameOf, seenIn, within, type Frame } from '../../instances/frames.ts';
import { reflection } from '../../instances/chosen-spectra.ts';
import { equal, type Evidence, type Hypothesis } from '../../model/claim.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Given } from '../../model/draft.ts';
import { targetOf, faster } from '../../instances/designs.ts';
import {
  DEVIATIONS,
  deviationOf,
  Hovering,
  LEFT,
  meansOf,
  settingOf,
  type Each,
  type Spread,
} from '../../oracles/hovering.ts';
import { matrix, noiseOf, optionsOf, startOf, type Instance } from '../../model/instance.ts';
import {
  GAP,
  invariants,
  longGrids,
  longPicks,
  longRun,
  nonzero,
  SETTLE,
  timeAverage,
  windowOf,
  type LongRun,
} from '../../instances/trajectories.ts';

const DETERMINED = 'r >= rank(M), or s_r - s_{r+1} >= s_1 / 8';

/** Whether the limit is unique and settles within the run. */
function determines(target: Matrix, r: number): boolean {
  const s = singularValues(target);
  return r >= rank(target) || s[r - 1]! - s[r]! >= s[0]! / GAP;
}

/** Why a given target has no limit to speak of, if it has none. */
export const undetermined = ({ target, rank: r }: Given): string | undefined =>
  zeroTarget({ target }) ?? (determines(matrix(target), r) ? undefined : `it needs ${DETERMINED}`);

export const zeroTarget = ({ target }: Pick<Given, 'target'>): string | undefined =>
  target.flat().every((entry) => entry === 0) ? 'its noise is scaled by s_1 > 0' : undefined;

/** A triple that is less than this share of s_1 above lambda is within what is tolerated for it. */
const MATTERS = 1 / 32;

/**
 * The triples that matter have to leave the saddles without them, each at the rate by which it leaves the origin
 * (docs/theory.md#escape), and then to settle. Seven e-folds do for leaving from a start that overlaps with all of them,
 * unless early noise cancels the overlap: sqrt(V) is below s/32 or so, and e^-4 of that is left with a chance below 1/50. A start
 * without overlap has to wait for the noise: sqrt(V) is above s/50, and 14 e-folds are too few with a chance of
 * P(|N(0, 1)| < 50 e^-14 e^4) < 1/400.
 */
const LEAVE = { overlapping: 7, waiting: 14 } as const;

function patient(run: LongRun): LongRun {
  const [target, start] = [matrix(run.M), startOf(run)];
  const { alpha, beta, lambda } = penalties(target, run);
  const { U, s, V } = decompose(target);
  const kept = s.slice(0, start.X.columns).filter((value) => value - lambda > MATTERS * s[0]!);
  if (kept.length === 0) return run;
  const leaving = (Math.hypot(alpha - beta, 2 * kept.at(-1)!) - alpha - beta) / 2;
  const rows = Array.from(kept, (_, i) => i);
  const overlap = U.subMatrixColumn(rows)
    .transpose()
    .mmul(start.X)
    .add(V.subMatrixColumn(rows).transpose().mmul(start.Y));
  const overlaps = singularValues(overlap).at(-1)! >= Math.sqrt(s[0]!) / 32;
  const waiting = (overlaps ? LEAVE.overlapping : LEAVE.waiting) / (run.eta * leaving);
  const burnIn = Math.ceil(Math.max(run.burnIn, waiting + run.burnIn / 2, SETTLE / (run.eta * leaving)));
  return { ...run, burnIn, steps: burnIn + run.steps - run.burnIn };
}

/** With half of s_1 for lambda the weaker singular values vanish. */
export const limitRuns: Design<LongRun> = {
  grids: longGrids,
  picks: { ...longPicks, share: [1 / 4, 1 / 8, 1 / 2] },
  accepts: (draft) => nonzero(draft) && determines(matrix(targetOf(draft)), draft.size.r),
  complete: (draft) => patient(longRun(draft)),
  excludes: undetermined,
};

export type Invariants = ReturnType<typeof invariants>;

/** The time-averaged X X', Y Y' and X Y' of a run, with noise from a source in place of the instance's own. */
export function limitOf(
  solver: Solver,
  run: LongRun,
  source: NoiseSource = noiseOf(run),
  frame: Frame = frameOf(run),
): Invariants {
  return timeAverage(solver(optionsOf(run, source)), run, (at, sums) => invariants(within(frame, at), sums));
}

/** X X', Y Y' and X Y' at the minimiser of the smoothed objective. */
export const predicted = ({ M, X0, Y0, ...noise }: Instance, frame: Frame = frameOf({ M, X0, Y0 })): Invariants =>
  invariants(within(frame, smoothedMinimiser(matrix(M), X0[0]!.length, noise)));

/** Where the averages of a run are expected, and how far they may be from there. */
export interface Expected {
  readonly want: Invariants;
  /** Of the means: what the first order in the step size leaves. */
  readonly bias: Each<number>;
  /** What the start leaves after the settling time. */
  readonly left: Each<number>;
  readonly spread: Each<Spread>;
  /** The sum of what is left of the kept singular values, u_i'X Y'v_i: it fluctuates least. */
  readonly sum: { readonly want: number; readonly deviation: number; readonly kept: number };
}

/** X X', Y Y' and X Y' of two limits, each within a share of its natural size. */
export function compare(
  found: Invariants,
  want: Invariants,
  instance: Instance,
  frame: Frame = frameOf(instance),
): Evidence[] {
  const target = matrix(instance.M);
  const { gamma, lambda } = penalties(target, instance);
  const tolerance = SHARE * singularValues(target)[0]!;
  const seen = { gamma, lambda };
  const where = seenIn(frame);
  return [
    equal(`time-averaged X X'${where}`, found.XX, want.XX, gamma * tolerance, seen),
    equal(`time-averaged Y Y'${where}`, found.YY, want.YY, tolerance / gamma, seen),
    equal(`time-averaged X Y'${where}`, found.XY, want.XY, tolerance, seen),
  ];
}

/** The sum of u_i'Z v_i over the kept triples. */
export function sumOfKept(Z: Matrix, target: Matrix, { sum: { kept } }: Expected): number {
  const { U, V } = decompose(target);
  const inBases = U.transpose().mmul(Z).mmul(V);
  return Array.from({ length: kept }, (_, i) => inBases.get(i, i)).reduce((sum, each) => sum + each, 0);
}

/** Starts that are a hundred times larger in one factor than in the other. */
export const leaning = <I>(plan: Design<I>): Design<I> => ({ ...plan, picks: { ...plan.picks, lean: [1, -1] } });

/** Targets with s_1 = s_2, of which one column can keep only one. */
const tied = <I>(plan: Design<I>): Design<I> => ({
  ...plan,
  size: { d1: [2, 2], d2: [2, 2], r: [1, 1] },
  grids: { ...plan.grids, P: { shape: ['d1', 'one'], unit: 1, max: 2 } },
  accepts: () => true,
  complete: (draft) => plan.complete({ ...draft, target: reflection(matrix(draft.grids['P']!)).to2DArray() }),
});

/** The first 1/256 of the run. */
export const tooEarly = <I extends LongRun>(run: I): I => ({ ...run, burnIn: 0, steps: Math.ceil(run.steps / 256) });

/** Hypotheses of every claim about the limit, each with what is refuted without it. */
export const settledHypotheses = <I extends LongRun>(plan: Design<I>): Hypothesis<I>[] => [
  {
    text: DETERMINED,
    without: { instances: design(tied(plan)) },
  },
  {
    text: 'a stable step size',
    without: { instances: design(changed(plan, faster(64))) },
  },
  {
    text: 'time averages after the settling time',
    without: { instances: design(changed(leaning(plan), tooEarly)) },
  },
];

/** The difference of two limits. */
export const difference = (a: Invariants, b: Invariants): Invariants => ({
  XX: Matrix.sub(a.XX, b.XX),
  YY: Matrix.sub(a.YY, b.YY),
  XY: Matrix.sub(a.XY, b.XY),
});
