/** Orvieto et al. 2022: noise as nuclear-norm regularisation, here with noise on one factor at a time. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, worst, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { finite } from '../../run/guard.ts';
import {
  axes,
  meanStep,
  changedRule,
  type Cubature,
  meanLoss,
  blocks,
  smoothing,
  tooManyAxes,
} from '../../oracles/cubature.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { faster, shortRuns, targetOf } from '../../instances/designs.ts';
import { tooEarly } from '../limit/limits.ts';
import { doubled, shifted, usual } from '../../instances/noise-variants.ts';
import { stacked } from '../../oracles/formula.ts';
import {
  blockSize,
  matrix,
  noiseOf,
  optionsOf,
  startOf,
  type Instance,
  type Grid,
  entriesOf,
} from '../../model/instance.ts';
import {
  added,
  longGrids,
  longPicks,
  longRun,
  nonzero,
  looksAt,
  timeAverage,
  type LongRun,
} from '../../instances/trajectories.ts';
import { DEVIATIONS, Hovering, LEFT, settingOf } from '../../oracles/hovering.ts';
import { Window } from '../../oracles/linear-process.ts';
import { noiseOnBoth, scaledNoise } from '../../run/violations.ts';
import {
  loss,
  norm,
  otherFactorNoiseDescent,
  penalties,
  product,
  rank,
  smoothedGradient,
  squaredNorm,
  type Descent,
  type Solver,
} from '../../../src/index.ts';
import { oneFactorAtATime } from '../../../src/solvers/one-factor-noise.ts';

const SOURCE = 'our proof; noise layer by layer is proposed by Orvieto et al. 2022';

const onX = (instance: Instance): Instance => ({ ...instance, sigma2: 0 });
const onY = (instance: Instance): Instance => ({ ...instance, sigma1: 0 });
/** With these scales simultaneous noise has half the penalties. */
const halved = ({ sigma1, sigma2 }: Instance): Pick<Instance, 'sigma1' | 'sigma2'> => ({
  sigma1: sigma1 * Math.SQRT1_2,
  sigma2: sigma2 * Math.SQRT1_2,
});

const mean = (solver: Solver, instance: Instance, change = usual): { mean: Matrix; rounding: number } =>
  meanStep(solver, instance, changedRule(axes(blockSize(instance)), change));

/** The start after a gradient step on F~ with penalties of these scales. */
function smoothedStep(instance: Instance, scales: Pick<Instance, 'sigma1' | 'sigma2'>): Matrix {
  const start = startOf(instance);
  const slope = smoothedGradient(matrix(instance.M), start, scales);
  return stacked(start).sub(stacked(slope).mul(instance.eta));
}

const loud = { sigma1: [1 / 2, 1 / 4], sigma2: [1 / 2, 1 / 4] } as const;
const oneStep: Design<Instance> = { ...shortRuns([1]), excludes: tooManyAxes };
const loudStep: Design<Instance> = { ...oneStep, picks: { ...oneStep.picks, ...loud } };

const IN_TURN = 'noise on one factor at a time';

/** Assumptions on the random numbers of the noise, each with numbers that violate it. */
const MOMENTS = [
  { text: 'noise of mean 0', change: shifted },
  { text: "E xi1'xi1 = beta I and E xi2'xi2 = alpha I", change: doubled },
] as const;

export const oneFactorMean = claim({
  id: 'orvieto/mean',
  statement:
    'Noise on X alone penalises Y alone and the other way round; alternating between them has, on average, half the penalties of noise on both.',
  formula: String.raw`\xi_2 = 0: E[\tilde R\tilde Y] = RY,\ E[\tilde R'\tilde X] = R'X + \beta Y;\quad \xi_1 = 0: RY + \alpha X,\ R'X;\quad \text{on average } RY + \tfrac\alpha2X,\ R'X + \tfrac\beta2Y`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    {
      text: IN_TURN,
      ablation: {
        instances: design(loudStep),
        check(solver, instance) {
          const both = mean(solver, instance);
          return equal('mean of (X; Y)', both.mean, smoothedStep(instance, halved(instance)), both.rounding);
        },
      },
    },
    ...MOMENTS.map(({ text, change }) =>
      dropping(text, loudStep, (solver: Solver, instance: Instance) => meansInTurn(solver, instance, change)),
    ),
  ],
  source: SOURCE,
  proof: 'orvieto',
  items: ['8.4'],
  instances: design(oneStep),
  check: (solver, instance) => meansInTurn(solver, instance),
});

/** The mean steps with noise on one factor, whose numbers are changed, and their average. */
function meansInTurn(solver: Solver, instance: Instance, change = usual): Comparison {
  const [X, Y] = [mean(solver, onX(instance), change), mean(solver, onY(instance), change)];
  const average = Matrix.add(X.mean, Y.mean).mul(1 / 2);
  const [both, rounding] = [smoothedStep(instance, halved(instance)), (X.rounding + Y.rounding) / 2];
  return worst([
    equal('mean of (X; Y) with noise on X', X.mean, smoothedStep(instance, onX(instance)), X.rounding),
    equal('mean of (X; Y) with noise on Y', Y.mean, smoothedStep(instance, onY(instance)), Y.rounding),
    showing(smoothing(instance) / 2, equal('average of the two', average, both, rounding)),
  ]);
}

/** The loss averaged over noise on both factors, or on those whose scale is not 0; F is of degree 2 in each block. */
function lossOverNoise(instance: Instance, change = usual): ReturnType<typeof meanLoss> {
  const rule = (grid: Grid, sigma: number): Cubature =>
    sigma === 0 ? [[new Float64Array(entriesOf(grid)), 1]] : changedRule(axes(entriesOf(grid)), change);
  return meanLoss(instance, blocks(rule(instance.X0, instance.sigma1), rule(instance.Y0, instance.sigma2)));
}

const small: Design<Instance> = {
  ...oneStep,
  size: { d1: [1, 5], d2: [1, 5] },
  excludes: ({ target, rank: r }) =>
    (target.length + target[0]!.length) * r > 200 ? 'it averages over 2 (d1 + d2) r points: at most 400' : undefined,
};

/** F + alpha/4 |X|^2 + beta/4 |Y|^2. */
function halfPenalised(instance: Instance): number {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const { alpha, beta } = penalties(target, instance);
  return loss(target, start) + (alpha * squaredNorm(start.X) + beta * squaredNorm(start.Y)) / 4;
}

export const oneFactorObjective = claim({
  id: 'orvieto/objective',
  statement:
    'Averaged over noise on one factor at a time the loss has half the ridge penalties, and no constant from the product of the noises.',
  formula: String.raw`\tfrac12E F(X+\xi_1, Y) + \tfrac12E F(X, Y+\xi_2) = F + \tfrac\alpha4\|X\|^2 + \tfrac\beta4\|Y\|^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    {
      text: IN_TURN,
      ablation: {
        instances: design({ ...small, size: { d1: [1, 3], d2: [1, 3] }, picks: loudStep.picks! }),
        check(_, instance) {
          const both = lossOverNoise(instance);
          return equal('mean of F', both.mean, halfPenalised(instance), both.rounding);
        },
      },
    },
    ...MOMENTS.map(({ text, change }) =>
      dropping(text, { ...small, picks: loudStep.picks! }, (_: Solver, instance: Instance) =>
        lossInTurn(instance, change),
      ),
    ),
  ],
  source: SOURCE,
  proof: 'orvieto',
  items: ['8.4'],
  instances: design(small),
  check: (_, instance) => lossInTurn(instance),
});

/** The loss averaged over noise on either factor, whose numbers are changed. */
function lossInTurn(instance: Instance, change = usual): Comparison {
  const [X, Y] = [lossOverNoise(onX(instance), change), lossOverNoise(onY(instance), change)];
  return equal('mean of F', (X.mean + Y.mean) / 2, halfPenalised(instance), X.rounding + Y.rounding);
}

/** A target s u v' whose triple is far above the threshold, so that its shrinkage can be measured. */
const rankOne: Pick<Design<LongRun>, 'size' | 'grids' | 'picks' | 'accepts' | 'excludes'> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2], k: [1, 1] },
  grids: longGrids,
  picks: longPicks,
  accepts: nonzero,
  excludes: ({ target }) => (rank(matrix(target)) === 1 ? undefined : 'it needs a target of rank one'),
};

/**
 * Noise on one factor at a time has half the penalties, so with sqrt 2 times the scales they equal those of the time
 * scales. Half the step size lowers the fluctuations.
 */
function runInTurn(draft: Draft): LongRun {
  const { eta, burnIn, steps, sigma1, sigma2, ...run } = longRun(draft);
  const scales = { sigma1: Math.SQRT2 * sigma1, sigma2: Math.SQRT2 * sigma2 };
  return { ...run, ...scales, eta: eta / 2, burnIn: 2 * burnIn, steps: 2 * steps };
}

/**
 * Each factor moves at every other step: the settling time is that of other runs, the averaging time half of theirs.
 */
function runOfOther(draft: Draft): LongRun {
  const run = longRun(draft);
  return { ...run, burnIn: 2 * run.burnIn, steps: run.steps + run.burnIn };
}

/** With noise on one factor at a time, which factors move: both, or the other one. */
type Turns = 'both' | 'other';

/** The mean of u'X Y'v with noise on one factor at a time, and the allowed distance of its average. */
function shrunkLaw(instance: LongRun, turns: Turns): { want: number; off: number } {
  const given = settingOf(instance);
  const [{ s }, half] = [given, turns === 'both' ? Math.SQRT1_2 : 1];
  const hovering = new Hovering({ ...given, sigma1: half * given.sigma1, sigma2: half * given.sigma2, inTurn: turns });
  const { looks, stride } = looksAt(instance);
  // If one factor moves at a time, a step of both is two steps.
  const window = new Window(looks, turns === 'both' ? stride : stride / 2);
  const [want, limit] = [hovering.mean(0).XY, s[0]! - half ** 2 * penalties(matrix(instance.M), instance).lambda];
  const deviation = hovering.deviation([{ XX: 0, YY: 0, XY: 1 }], window);
  const bias = Math.abs(want - limit) / 4 + hovering.ofSecondOrder + LEFT * s[0]!;
  return { want, off: DEVIATIONS * deviation + bias };
}

/**
 * u' X Y' v on average, for M = s u v', against s minus a share of lambda: half if both factors move, all if only the
 * other does.
 */
function shrunk(descent: Descent, instance: LongRun, turns: Turns): Comparison {
  const target = matrix(instance.M);
  const s = norm(target);
  const { lambda } = penalties(target, instance);
  const { XY } = timeAverage<'XY'>(descent, instance, (at, sums) => ({ XY: added(product(at), sums?.XY) }));
  const { want, off } = shrunkLaw(instance, turns);
  return equal("time-averaged u'X Y'v", XY.mul(target).sum() / s, want, off, { s, lambda });
}

const inTurn = (solver: Solver, instance: Instance): Descent =>
  solver(optionsOf(instance, oneFactorAtATime(noiseOf(instance), startOf(instance))));

const ofRankTwo = (draft: Draft): boolean => rank(matrix(targetOf(draft))) === 2;

/** Assumptions on a long run, each with runs that violate it; both limits share them. */
const longHypotheses = (plan: Design<LongRun>): Hypothesis<LongRun>[] => [
  dropping('M of rank one', { ...plan, size: { d1: [2, 5], d2: [2, 5], r: [1, 1], k: [2, 2] }, accepts: ofRankTwo }),
  dropping('a stable step size', changed(plan, faster(64))),
  dropping(
    'time averages after the settling time',
    changed({ ...plan, picks: { ...plan.picks, lean: [1, -1] } }, tooEarly),
  ),
];

const inTurnRuns: Design<LongRun> = { ...rankOne, complete: runInTurn };

export const oneFactorLimit = claim<LongRun>({
  id: 'orvieto/limit',
  statement:
    'With noise on one factor at a time, and both factors moving at each step, the limit has its singular value lowered by lambda / 2.',
  formula: String.raw`\overline{u'XY'v} \to s - \tfrac\lambda2,\quad \lambda = \sqrt{d_1d_2}\,\sigma_1\sigma_2`,
  kind: 'stochastic trajectory',
  needs: 'injected noise',
  hypotheses: [
    dropping(IN_TURN, (solver, instance) => shrunk(solver(optionsOf(instance, noiseOf(instance))), instance, 'both')),
    dropping('both factors move at each step', (_, instance) =>
      shrunk(otherFactorNoiseDescent(optionsOf(instance, noiseOf(instance))), instance, 'both'),
    ),
    ...longHypotheses(inTurnRuns),
  ],
  source: SOURCE,
  proof: 'orvieto',
  items: ['8.4'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.05) },
  instances: design(inTurnRuns),
  check: (solver, instance) => shrunk(inTurn(solver, instance), instance, 'both'),
});

/** The descent's limit against s - lambda. */
const otherAlone = (instance: LongRun, descent: Solver): Comparison =>
  finite(() => shrunk(descent(optionsOf(instance, noiseOf(instance))), instance, 'other'));

const otherRuns: Design<LongRun> = {
  ...rankOne,
  picks: { ...longPicks, balance: [1, 0], share: [1 / 4] },
  complete: runOfOther,
};

export const otherFactorLimit = claim<LongRun>({
  id: 'orvieto/other-limit',
  statement:
    'With noise on one factor at a time, and only the other factor moving, the limit has its singular value lowered by lambda.',
  formula: String.raw`\overline{u'XY'v} \to s - \lambda,\quad \lambda = \sqrt{d_1d_2}\,\sigma_1\sigma_2`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('only the factor without noise moves', (solver, instance) =>
      shrunk(inTurn(solver, instance), instance, 'other'),
    ),
    ...longHypotheses(otherRuns),
  ],
  source: SOURCE,
  proof: 'orvieto',
  items: ['8.4'],
  random: {
    basis: 'leading order',
    shift: {
      text: 'sigma1 and sigma2',
      finds: 0.05,
      by: (share) => ({
        text: scaledNoise(1 + share, 1 + share).text,
        check: (_, instance) => otherAlone(instance, scaledNoise(1 + share, 1 + share).wrong(otherFactorNoiseDescent)),
      }),
    },
  },
  instances: design(otherRuns),
  check: (_, instance) => otherAlone(instance, otherFactorNoiseDescent),
});
