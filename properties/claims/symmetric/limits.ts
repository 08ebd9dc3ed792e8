/** The limit of perturbed descent on the symmetric problem, and the decrease of its error against a signal with the dimension. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, claim, equal, worst, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { faster } from '../../instances/designs.ts';
import { matrix } from '../../model/instance.ts';
import { type LongRun } from '../../instances/trajectories.ts';
import { DEVIATIONS, deviationOf } from '../../oracles/hovering.ts';
import { finite } from '../../run/guard.ts';
import { loweredEigenvalues, norm, symmetricRidge } from '../../../src/index.ts';
import {
  atRest,
  averageOf,
  limitRuns,
  leadingOrder,
  LOOKS,
  meanErrors,
  recoveryRuns,
  SIGNAL,
  type Slopes,
} from './runs.ts';
import { errorBound, partsOf, SOURCE, symmetric, type Noisy } from './problems.ts';

/** u'X X'u on average, for M = s u u', against s - mu, with the first order in the step size. */
function lowered(run: LongRun, sigma = run.sigma1): Comparison {
  const [target, X0] = [matrix(run.M), matrix(run.X0)];
  const [s, mu] = [target.trace(), symmetricRidge(X0, run.sigma1)];
  const found = finite(() => averageOf(run, sigma));
  const { fluctuations, window, left } = atRest(run);
  const allowed = DEVIATIONS * fluctuations.topDeviation(window) + fluctuations.bias + left;
  return equal("time-averaged u'X X'u", found.mul(target).sum() / s, fluctuations.top, allowed, { s, mu });
}

/** Assumptions on the length of a run and on its step size, each with runs that violate it. */
const settled = <I extends LongRun>(plan: Design<I>): Hypothesis<I>[] => [
  dropping('a stable step size', changed(plan, faster(256))),
  dropping(
    'time averages after the settling time',
    changed(plan, (run) => ({ ...run, burnIn: 0, steps: LOOKS, eta: run.eta / 64 })),
  ),
];

export const limit = claim<LongRun>({
  id: 'symmetric/limit',
  statement:
    'On the symmetric problem the time average of perturbed descent has the eigenvalue of the target lowered by (d + r + 1) sigma^2.',
  formula: String.raw`M = s\,uu':\quad \overline{u'XX'u} \to s - \mu,\quad \mu = (d + r + 1)\,\sigma^2`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('noise', (_, run) => lowered(run, 0)),
    ...settled(limitRuns),
    dropping(
      's above mu',
      changed(limitRuns, (run) => ({ ...run, sigma1: 3 * run.sigma1, sigma2: 3 * run.sigma2 })),
    ),
  ],
  source: SOURCE,
  proof: 'symmetric',
  items: ['10.1'],
  // Four standard deviations of the average on this instance (docs/theory/other-problems.md#symmetric-fluctuations).
  random: {
    basis: 'leading order',
    shift: {
      text: 'sigma',
      finds: 0.05,
      by: (share) => ({ text: 'sigma too large', check: (_, run) => lowered(run, (1 + share) * run.sigma1) }),
    },
  },
  instances: design(limitRuns),
  check: (_, run) => lowered(run),
});

/** The time average of X X' against (M - mu I)+; and its error against the bound on that of the limit. */
function recovered(run: Noisy & LongRun, sigma = run.sigma1): Comparison {
  const { target, signal, mu } = partsOf(run);
  const d = run.M.length;
  const found = finite(() => averageOf(run, sigma));
  const error = norm(Matrix.sub(found, signal));
  const { fluctuations, window, left } = atRest(run);
  const [{ mean, bias }, deviation] = [fluctuations, deviationOf(fluctuations.spread(window))];
  const fromLimit = norm(Matrix.sub(mean, loweredEigenvalues(target, d, mu)));
  return worst([
    equal("time-averaged X X'", found, mean, deviation + bias + left, { mu, d }),
    atMost("|X X' - a a'|", error, errorBound(run), fromLimit + deviation + bias + left, { mu, d }),
  ]);
}

/** The error of plain descent, at least the norm of the positive part of the noise outside the signal. */
function unrecovered(run: Noisy & LongRun): Comparison {
  const { signal, E, u: direction } = partsOf(run);
  const d = run.M.length;
  const P = Matrix.eye(d).sub(direction.mmul(direction.transpose()));
  const outside = P.mmul(E).mmul(P);
  const positive = norm(loweredEigenvalues(outside.add(outside.transpose()).mul(1 / 2), d, 0));
  const found = finite(() => averageOf(run, 0));
  const error = norm(Matrix.sub(found, signal));
  return atLeast("plain descent's |X X' - a a'|", error, positive, positive / 8);
}

export const recovery = claim<Noisy & LongRun>({
  id: 'symmetric/recovery',
  statement:
    'From noisy observations of a rank-one signal over-parameterised perturbed descent converges to the target with its eigenvalues lowered by mu, within the error bound of recovery, while plain descent retains the positive part of the noise in the observations.',
  formula: String.raw`\overline{XX'} \approx (aa' + E - \mu I)_+,\ \|\overline{XX'} - aa'\|^2 \lesssim 2\|Bu\|^2 - (u'Bu)^2;\qquad \|X_\infty X_\infty' - aa'\| \ge \|(PEP)_+\| \text{ without perturbation}`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  hypotheses: [dropping('noise', (_, run) => recovered(run, 0)), ...settled(recoveryRuns)],
  source: SOURCE,
  proof: 'symmetric-recovery',
  items: ['10.2'],
  // Four standard deviations of the average on this instance (docs/theory/other-problems.md#symmetric-fluctuations).
  random: {
    basis: 'leading order',
    shift: {
      text: 'sigma',
      finds: 0.05,
      by: (share) => ({ text: 'sigma too large', check: (_, run) => recovered(run, (1 + share) * run.sigma1) }),
    },
  },
  instances: design(recoveryRuns),
  check: (_, run) => worst([recovered(run), unrecovered(run)]),
});

/** Dimensions over a decade, and draws at each so that the logarithms of the mean errors of the limit are alike in variance. */
const DIMENSIONS = [4, 8, 16, 40] as const;
const ENTRIES = 80;

const slopeDraws: Design<Slopes> = {
  size: { d1: [1, 1], d2: [1, 1] },
  grids: {},
  picks: { edge: [3, 5 / 2, 4] },
  complete: ({ picks, seed }) => ({
    ...symmetric([[1]], [[0]], 0, 1, 0, seed),
    ...{ edge: picks['edge']!, power: 1 / 2 },
  }),
  excludes: () => 'it makes its own signal and noise',
};

/** The slope of a line through the logarithms, by least squares. */
function slopeOf(values: readonly number[]): number {
  const x = DIMENSIONS.map(Math.log);
  const [mx, my] = [mean(x), mean(values.map(Math.log))];
  const products = x.map((each, i) => (each - mx) * (Math.log(values[i]!) - my));
  return mean(products) / mean(x.map((each) => (each - mx) ** 2));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A mean squared error: its size, its mean, and the variance of one draw and the bias that the leading order leaves in it. */
interface Remainder {
  readonly size: number;
  readonly mean: number;
  readonly variance: number;
  /** It has one sign at all dimensions. */
  readonly bias: number;
}

/** For (M - mu I)+ at the dimension d, with mu = c sqrt(d). */
function ofLimit(d: number, c: number): Remainder {
  const size = (c * c + 2) * d;
  return {
    size,
    mean: size - (4 * (d - 1)) / SIGNAL,
    variance: (32 / SIGNAL ** 2) * (d - 1 + (d * d - 1) / (c * c * d)),
    bias: (3 * (d - 1) ** 2) / (d * (SIGNAL * c) ** 2),
  };
}

/** For the limit without noise. */
const ofPlain = (d: number, c: number): Remainder => ({
  size: (d * d) / 2,
  mean: (d * (d + 3)) / 2,
  variance: 2 * d * (d - 1),
  bias: (3 * (d - 1)) / (SIGNAL * c),
});

/** The distances of the logarithms of the dimensions from their mean. */
const APART = DIMENSIONS.map((d) => Math.log(d) - mean(DIMENSIONS.map(Math.log)));
const sumOf = (of: (apart: number, i: number) => number): number =>
  APART.reduce((sum, apart, i) => sum + of(apart, i), 0);

type Errors = readonly number[];

/** The slope of the mean errors in multiples of `mean / size`, up to four standard deviations and the bias. */
function slope(text: string, errors: Errors, expected: number, parts: readonly Remainder[], c: number): Comparison {
  const found = slopeOf(parts.map(({ mean, size }, i) => (errors[i]! * size) / mean));
  const variances = parts.map(({ variance, mean }, i) => (variance / mean ** 2) * (DIMENSIONS[i]! / ENTRIES));
  const deviation = Math.sqrt(sumOf((apart, i) => apart ** 2 * variances[i]!));
  // Relative errors between 0 and b are within b / 2 of a constant, which does not change the slope.
  const bias = Math.max(...parts.map((part) => part.bias / part.mean)) / 2;
  const allowed = (4 * deviation + bias * sumOf(Math.abs)) / sumOf((apart) => apart ** 2);
  return equal(text, found, expected, allowed, { c });
}

function slopes(instance: Slopes, ranks: (d: number) => number = (d) => d): Comparison {
  const { edge: c } = instance;
  const errors = DIMENSIONS.map((d) => meanErrors(instance, d, ENTRIES / d, { r: ranks(d), control: leadingOrder }));
  const parts = (of: typeof ofLimit): Remainder[] => DIMENSIONS.map((d) => of(d, c));
  return worst([
    slope(
      'slope of the error of the limit',
      errors.map(([each]) => each),
      -1,
      parts(ofLimit),
      c,
    ),
    slope(
      'slope of the error without noise',
      errors.map(([, each]) => each),
      0,
      parts(ofPlain),
      c,
    ),
  ]);
}

export const recoverySlopes = claim<Slopes>({
  id: 'symmetric/recovery-slopes',
  statement:
    'With mu a fixed multiple of the edge of the noise the mean square error per entry falls like 1/d, and without perturbation it does not.',
  formula: String.raw`\mu = c\,\nu\sqrt d:\quad E\|S_\star - aa'\|^2/d^2 \approx (c^2 + 2)\,\nu^2/d,\qquad E\|M_+ - aa'\|^2/d^2 \approx \tfrac12\nu^2(1 + 3/d)`,
  kind: 'statistical',
  needs: 'theory',
  hypotheses: [
    dropping(
      'mu grows like the square root of d',
      changed(slopeDraws, (draw) => ({ ...draw, power: 0 })),
    ),
    dropping('r = d', (_, draw) => slopes(draw, () => 1)),
  ],
  source: 'Liu, Li, Zhou and Zhao 2022 (abstract: O(s^2/d) against O(s^2)); our proof of the constants',
  proof: 'symmetric-recovery',
  items: ['10.2'],
  // Four standard deviations of the slope of this instance, and its bias.
  random: {
    basis: 'leading order',
    shift: {
      text: 'the power of d in mu',
      finds: 0.05,
      by: (share) => ({ text: 'another power of d', check: (_, draw) => slopes({ ...draw, power: (1 + share) / 2 }) }),
    },
  },
  instances: design(slopeDraws),
  check: (_, draw) => slopes(draw),
});
