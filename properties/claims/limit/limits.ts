/** Shared by the claims about the limit of perturbed descent: runs, the compared quantities, and ablations. */
import { Matrix } from 'ml-matrix';
import {
  decompose,
  norm,
  penalties,
  rank,
  singularValues,
  smoothedMinimiser,
  type NoiseSource,
  type Solver,
} from '../../../src/index.ts';
import { transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import { frameOf, seenIn, within, type Frame } from './frames.ts';
import { reflection } from '../../instances/chosen-spectra.ts';
import { equal, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed } from '../../generate/design.ts';
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

/** Whether the limit is unique and reached within the run. */
function determines(target: Matrix, r: number): boolean {
  const s = singularValues(target);
  return r >= rank(target) || s[r - 1]! - s[r]! >= s[0]! / GAP;
}

/** The reason why a given target determines no limit, if so. */
export const undetermined = ({ target, rank: r }: Given): string | undefined =>
  zeroTarget({ target }) ?? (determines(matrix(target), r) ? undefined : `it needs ${DETERMINED}`);

export const zeroTarget = ({ target }: Pick<Given, 'target'>): string | undefined =>
  target.flat().every((entry) => entry === 0) ? 'its noise is scaled by s_1 > 0' : undefined;

/** A triple whose s_i - lambda is below this share of s_1 is within the tolerance. */
const MATTERS = 1 / 32;

/**
 * The triples that matter have to leave the saddles without them, each at the rate by which it leaves the origin
 * (docs/theory/escape.md#escape), and then to converge. Seven e-folds are enough for leaving from a start that overlaps
 * with all of them, unless early noise cancels the overlap: sqrt(V) is below s/32 or so, and the overlap is less than
 * e^-4 of that with a chance below 1/50. A start without overlap has to wait for the noise: sqrt(V) is above s/50, and
 * 14 e-folds are too few with a chance of P(|N(0, 1)| < 50 e^-14 e^4) < 1/400.
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
export const predicted = ({ M, X0, ...noise }: Instance): Invariants =>
  invariants(smoothedMinimiser(matrix(M), X0[0]!.length, noise));

/** The same products in the coordinates of a frame. */
function framed({ X, Y }: Frame, { XX, YY, XY }: Invariants): Invariants {
  const from = (Q: Matrix | undefined, Z: Matrix): Matrix => (Q === undefined ? Z : transposedTimes(Q, Z));
  const both = (P: Matrix | undefined, Z: Matrix, Q: Matrix | undefined): Matrix =>
    from(Q, from(P, Z).transpose()).transpose();
  return { XX: both(X, XX, X), YY: both(Y, YY, Y), XY: both(X, XY, Y) };
}

/** The expected averages of a run, and their allowed distances. */
export interface Expected {
  /** The measured quantities of the factors. */
  readonly frame: Frame;
  readonly want: Invariants;
  /** The bias of the means: the remainder after the first order in the step size. */
  readonly bias: Each<number>;
  /** The remainder of the start after the settling time. */
  readonly left: Each<number>;
  readonly spread: Each<Spread>;
  /** The sum of the shrunk retained singular values, u_i'X Y'v_i, which fluctuates least. */
  readonly sum: { readonly want: number; readonly deviation: number; readonly kept: number };
}

const EACH = ['XX', 'YY', 'XY'] as const;

/**
 * The distribution of the averages of a run in its window (docs/theory/limits.md#hovering); in a frame deviations are
 * no larger.
 */
export function expected(run: LongRun, frame: Frame = frameOf(run)): Expected {
  const target = matrix(run.M);
  const s = singularValues(target);
  const { gamma } = penalties(target, run);
  const hovering = new Hovering(settingOf(run));
  const window = windowOf(run);
  const want = meansOf(target, hovering);
  const limit = predicted(run);
  const scale = { XX: gamma, YY: 1 / gamma, XY: 1 };
  const each = (of: (name: keyof Invariants) => number): Each<number> =>
    Object.fromEntries(EACH.map((name) => [name, of(name)])) as unknown as Each<number>;
  const kept = Array.from({ length: hovering.kept }, (_, i) => i);
  return {
    frame,
    want: framed(frame, want),
    // The second order is a share of the first: that of the step in the time of the fastest rate, at most 1/8 or so.
    bias: each((name) => norm(Matrix.sub(want[name], limit[name])) / 8 + scale[name] * hovering.ofSecondOrder),
    left: each((name) => LEFT * scale[name] * s[0]!),
    spread: hovering.spread(window),
    sum: {
      want: kept.reduce((sum, i) => sum + hovering.mean(i).XY, 0),
      deviation: hovering.deviation(
        kept.map(() => ({ XX: 0, YY: 0, XY: 1 })),
        window,
      ),
      kept: kept.length,
    },
  };
}

/** X X', Y Y' and X Y' of a run's average, and the sum of its retained singular values. */
export function compare(found: Invariants, run: LongRun, at = expected(run)): Comparison[] {
  const target = matrix(run.M);
  const { gamma, lambda } = penalties(target, run);
  const seen = { gamma, lambda };
  const allowed = (name: keyof Invariants): number => deviationOf(at.spread[name]) + at.bias[name] + at.left[name];
  const sum = DEVIATIONS * at.sum.deviation + at.sum.kept * (at.bias.XY + at.left.XY);
  const where = seenIn(at.frame);
  return [
    equal(`time-averaged X X'${where}`, found.XX, at.want.XX, allowed('XX'), seen),
    equal(`time-averaged Y Y'${where}`, found.YY, at.want.YY, allowed('YY'), seen),
    equal(`time-averaged X Y'${where}`, found.XY, at.want.XY, allowed('XY'), seen),
    equal("time-averaged sum of u_i'X Y'v_i", sumOfKept(found.XY, target, at), at.sum.want, sum, seen),
  ];
}

/** The sum of u_i'Z v_i over the retained triples. */
export function sumOfKept(Z: Matrix, target: Matrix, { frame, sum: { kept } }: Expected): number {
  const triples = decompose(target);
  const { X: U, Y: V } = within(frame, { X: triples.U, Y: triples.V });
  const inBases = U.transpose().mmul(Z).mmul(V);
  return Array.from({ length: kept }, (_, i) => inBases.get(i, i)).reduce((sum, each) => sum + each, 0);
}

/** Starts that are a hundred times larger in one factor than in the other. */
export const leaning = <I>(plan: Design<I>): Design<I> => ({ ...plan, picks: { ...plan.picks, lean: [1, -1] } });

/** Targets with s_1 = s_2, of which one column can retain only one. */
const tied = <I>(plan: Design<I>): Design<I> => ({
  ...plan,
  size: { d1: [2, 2], d2: [2, 2], r: [1, 1] },
  grids: { ...plan.grids, P: { shape: ['d1', 'one'], unit: 1, max: 2 } },
  accepts: () => true,
  complete: (draft) => plan.complete({ ...draft, target: reflection(matrix(draft.grids['P']!)).to2DArray() }),
});

/** The first 1/256 of the run. */
export const tooEarly = <I extends LongRun>(run: I): I => ({ ...run, burnIn: 0, steps: Math.ceil(run.steps / 256) });

/** Hypotheses of every claim about the limit, each with its ablation. */
export const settledHypotheses = <I extends LongRun>(plan: Design<I>): Hypothesis<I>[] => [
  dropping(DETERMINED, tied(plan)),
  dropping('a stable step size', changed(plan, faster(64))),
  dropping('time averages after the settling time', changed(leaning(plan), tooEarly)),
];

/** The difference of two limits. */
export const difference = (a: Invariants, b: Invariants): Invariants => ({
  XX: Matrix.sub(a.XX, b.XX),
  YY: Matrix.sub(a.YY, b.YY),
  XY: Matrix.sub(a.XY, b.XY),
});
