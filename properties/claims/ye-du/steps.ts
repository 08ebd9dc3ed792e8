/**
 * The number of steps that gradient descent needs from a small random start, and its probability
 * (docs/theory/related-papers.md#ye-du-steps).
 */
import type { Matrix } from 'ml-matrix';
import { atMost, claim, equal, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { withNoise } from '../../instances/designs.ts';
import { moderate } from '../../instances/large-targets.ts';
import { gaussians } from '../../instances/gaussians.ts';
import { descend, matrix, startOf, type Instance } from '../../model/instance.ts';
import { binomialCdf } from '../../oracles/quantiles.ts';
import { stepSize } from '../../run/violations.ts';
import { decompose, norm, rank, residual, singularValues, squaredNorm, type Solver } from '../../../src/index.ts';
import { ofTrial, smallStarts, type SmallStart } from './small-starts.ts';

/** The factor by which the second start is smaller than the first. */
const SMALLER = 16;
/** It has fitted when the residual is this share of the least singular value. */
const FITTED = 1 / 4;

/** Steps until |R| <= FITTED s_k, with the share of the last one by the logarithm of |R|; NaN if that takes more than `most`. */
function stepsToFit(solver: Solver, run: Instance, most: number): number {
  const target = matrix(run.M);
  const goal = FITTED * singularValues(target)[rank(target) - 1]!;
  const descent = descend(solver, run);
  let before = norm(residual(target, startOf(run)));
  for (let t = 1; t <= most; t++) {
    descent.advance(1);
    const now = norm(residual(target, descent));
    if (now <= goal) return t - 1 + Math.log(before / goal) / Math.log(before / now);
    before = now;
  }
  return NaN;
}

/** Steps of a call: a solver that takes one too many in each call is a quarter faster, which 48 starts resolve. */
const CALL = 4;

/** Whether stepsToFit is at most `most`, for a residual that falls at every step: it is looked at around the last one alone. */
function fitsWithin(solver: Solver, run: Instance, most: number): boolean {
  const target = matrix(run.M);
  const goal = FITTED * singularValues(target)[rank(target) - 1]!;
  const descent = descend(solver, run);
  for (let left = Math.floor(most); left > 0; left -= CALL) descent.advance(Math.min(CALL, left));
  const before = norm(residual(target, descent));
  if (before <= goal) return true;
  descent.advance(1);
  const now = norm(residual(target, descent));
  return now <= goal && Math.log(before / goal) / Math.log(before / now) <= most % 1;
}

const smaller = (run: Instance): Instance => ({
  ...run,
  X0: run.X0.map((row) => row.map((x) => x / SMALLER)),
  Y0: run.Y0.map((row) => row.map((y) => y / SMALLER)),
});

/** Steps that the smaller start takes longer, and log(16) / log(1 + eta s_k). */
function delays(solver: Solver, run: Instance): [found: number, predicted: number] {
  const target = matrix(run.M);
  const sk = singularValues(target)[rank(target) - 1]!;
  const predicted = Math.log(SMALLER) / Math.log(1 + run.eta * sk);
  const first = stepsToFit(solver, run, 4 * run.steps);
  return [stepsToFit(solver, smaller(run), 4 * run.steps + 4 * predicted) - first, predicted];
}

/**
 * The allowed error of the delay: a quarter of a step for the interpolation, and the effect of terms of third order in
 * the start on its weakest amplitude (docs/theory/related-papers.md#ye-du-steps).
 */
function toleranceOf(run: Instance): number {
  const [target, { X, Y }] = [matrix(run.M), startOf(run)];
  const { U, s, V } = decompose(target);
  const k = rank(target);
  const top = (A: Matrix): Matrix => A.subMatrix(0, A.rows - 1, 0, k - 1).transpose();
  const amplitude = singularValues(
    top(U)
      .mmul(X)
      .add(top(V).mmul(Y))
      .mul(1 / 2),
  )[k - 1]!;
  const square = (squaredNorm(X) + squaredNorm(Y)) / s[0]!;
  const relative = square * run.eta * s[0]! * run.steps + square ** 1.5 / (amplitude / Math.sqrt(s[0]!));
  return 1 / 4 + relative / Math.log(1 + run.eta * s[k - 1]!);
}

const delayed = (compare: typeof atMost, solver: Solver, run: Instance): Comparison =>
  compare('delay', ...delays(solver, run), toleranceOf(run));

const rankOne: Design<SmallStart> = { ...smallStarts, size: { ...smallStarts.size, k: [1, 1] } };

export const delay = claim<SmallStart>({
  id: 'ye-du/steps',
  statement:
    'A start that is c times smaller delays gradient descent by at most log(c) / log(1 + eta s_k) steps: the number of steps grows with the logarithm of 1/eps and with s_1/s_k, both with exponent one.',
  formula: String.raw`T(\epsilon/c) - T(\epsilon) \le \frac{\log c}{\log(1 + \eta s_k)} \approx \frac{\log c}{\eta s_k}`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('no noise', changed(smallStarts, withNoise(1 / 4))),
    dropping('a small start', { ...rankOne, picks: { start: [1, 1 / 2] } }, (solver, run) =>
      equal('delay', ...delays(solver, ofTrial(run)), 1),
    ),
  ],
  bound: {
    tight: 'where M has rank one',
    on: {
      instances: design(rankOne),
      check: (solver, run) => delayed(equal, solver, ofTrial(run)),
    },
  },
  source:
    'Ye and Du 2021 (abstract: a polynomial rate); our formula and proof, to leading order in the size of the start',
  proof: 'ye-du-steps',
  items: ['8.1'],
  // As for ye-du/global: the weakest amplitude would have to be of a higher order than the start (docs/theory/related-papers.md#ye-du-steps).
  random: {
    basis: 'leading order',
    shift: stepSize(
      -0.3,
      'it bounds the number of steps from above, by a start whose weakest amplitude is known up to a factor',
    ),
  },
  instances: design(moderate(smallStarts)),
  check: (solver, run) => delayed(atMost, solver, ofTrial(run)),
});

/** P(|N(0, 1)| <= MEDIAN) = 1/2. */
const MEDIAN = 0.6744897501960817;
const STARTS = 48;
/** Chance of a correct trial to be outside, both tails together. */
const OUTSIDE = 1e-4;

/** The number of starts that need more steps than the amplitude at the median of |N(0, 1)| would. */
function slowStarts(solver: Solver, run: Instance, spread: number): number {
  const target = matrix(run.M);
  const [s1, size] = [singularValues(target)[0]!, startScale(run)];
  // From w with w^2 < s the product reaches p at log((1/w^2 - 1/s) / (1/p - 1/s)) / (2 log(1 + eta s)) steps.
  const w2 = (MEDIAN * size) ** 2 / 2;
  const p = s1 * (1 - FITTED);
  const median = Math.log((1 / w2 - 1 / s1) / (1 / p - 1 / s1)) / (2 * Math.log(1 + run.eta * s1));
  const draws = gaussians({ ...run, size: { r: STARTS } }, [target.rows, target.columns], 'starts');
  return Array.from({ length: STARTS }, (_, i) => {
    const [X0, Y0] = draws.map((G) =>
      G.getColumnVector(i)
        .mul(spread * size)
        .to2DArray(),
    ) as [number[][], number[][]];
    return fitsWithin(solver, { ...run, X0, Y0 }, median);
  }).filter((isFast) => !isFast).length;
}

/** The standard deviation of the entries of the starts: a small part of sqrt(s_1). */
const startScale = ({ M }: Instance): number => Math.sqrt(singularValues(matrix(M))[0]!) / 256;

/** The count against the quantiles of a binomial distribution with probability 1/2. */
function halfAreSlow(solver: Solver, run: Instance, spread = 1): Comparison {
  const slow = slowStarts(solver, run, spread);
  let allowed = 0;
  while (2 * binomialCdf(STARTS / 2 - allowed - 1, STARTS, 1 / 2) > OUTSIDE) allowed++;
  return equal('starts that take longer than the median', slow, STARTS / 2, allowed);
}

const singles: Design<Instance> = {
  ...rankOne,
  size: { d1: [1, 5], d2: [1, 5], r: [1, 1], k: [1, 1] },
  excludes: ({ target, rank: r }) =>
    r === 1 && rank(matrix(target)) === 1 ? undefined : 'it needs a target of rank one and factors of one column',
};

export const probability = claim({
  id: 'ye-du/probability',
  statement:
    'From a small Gaussian start at rank one the number of steps is random through one normal number: half of the starts take longer than its median amplitude predicts.',
  formula: String.raw`P\left(T > T_0 + \frac{\log(1/\delta)}{\log(1 + \eta s)}\right) \to P(|N(0,1)| \le \delta),\quad w_0 = \tfrac12(u'X_0 + v'Y_0) \sim N(0, \epsilon^2/2)`,
  kind: 'statistical',
  needs: 'law',
  hypotheses: [
    dropping('a start of the size that the statement assumes', (solver, run) => halfAreSlow(solver, run, 1 / 4)),
    dropping('no noise', changed(singles, withNoise(1 / 2))),
  ],
  source: 'Ye and Du 2021 (with high probability); our distribution, to leading order in the size of the start',
  proof: 'ye-du-steps',
  items: ['8.1'],
  // An exact binomial tail of 1e-4, for the distribution to leading order in the size of the start.
  random: {
    basis: 'leading order',
    shift: stepSize(-0.2, '48 starts resolve shares that differ by a third'),
  },
  instances: design(singles),
  check: (solver, run) => halfAreSlow(solver, run),
});
