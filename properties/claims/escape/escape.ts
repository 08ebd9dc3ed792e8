/** When perturbed descent leaves the origin. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim } from '../../model/claim.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import {
  amplitudeLaw,
  atOrigin,
  leading,
  leftBy,
  medianArrival,
  medianTime,
  noPrediction,
  type Escape,
} from './escapes.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { powerOfTwoAtMost, shortBinary } from '../../oracles/scales.ts';
import { longGrids, noiseFor, nonzero } from '../../instances/trajectories.ts';
import { noiseOnBoth, noisePower, stepSize } from '../../run/violations.ts';
import { decompose, penalties, singularValues, smoothedMinimiser } from '../../../src/index.ts';

const ours = { needs: 'law', source: 'our proof', proof: 'escape', items: ['4.3'] } as const;

/** Amplitude that counts as having left, as a share of the minimiser's: small enough for the growth to be linear still. */
const LEFT = 1 / 4;
/** The O(1) of the theory, in e-folds of the amplitude, to either side. */
const SHIFT = 2.5;
const RUNS = 25;

/** Targets with s_1 above the rest, noise for a lambda, and a step that resolves the escape. */
const escapes: Design<Escape> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2], k: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [1 / 8, 1 / 16, 1 / 4], balance: [1, 2, 1 / 2] },
  accepts: (draft) => nonzero(draft) && leads(targetOf(draft)),
  complete: (draft) => escape(targetOf(draft), draft),
  excludes: (given) =>
    noPrediction(given) ??
    (leads(given.target) ? undefined : 'it needs s_1 >= 1.5 s_2, so that one direction leads the escape'),
};

function leads(M: Grid): boolean {
  const s = singularValues(matrix(M));
  return s[0]! >= 1.5 * (s[1] ?? 0);
}

function escape(M: Grid, { size: { r }, picks, seed }: Draft): Escape {
  const target = matrix(M);
  const noise = noiseFor(M, singularValues(target)[0]! * picks['share']!, picks['balance']!);
  const eta = shortBinary(1 / (32 * Math.abs(leading(target, noise).rate)));
  return { M, ...atOrigin(M, r), eta, ...noise, steps: 0, runs: RUNS, seed };
}

/** The amplitude LEFT; where everything collapses it has no meaning but its size. */
function levelOf(target: Matrix, instance: Instance): number {
  const { a, b, s } = leading(target, instance);
  const { gamma, lambda } = penalties(target, instance);
  return LEFT * (a * Math.sqrt(gamma) + b / Math.sqrt(gamma)) * Math.sqrt(Math.abs(s - lambda));
}

export const escapeTime: Claim<Escape> = {
  id: 'escape/median-time',
  statement:
    'From the origin, half of the runs of perturbed gradient descent have left at the predicted time, up to 2.5 e-folds.',
  formula: String.raw`t_{1/2} = \frac{\log\frac{1}{\sigma\sqrt\eta} + O(1)}{\log(1 + \eta\rho)},\quad \rho = \tfrac12\Big(\sqrt{(\alpha-\beta)^2 + 4s_1^2} - (\alpha+\beta)\Big)`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    {
      text: 'X0 = 0 and Y0 = 0',
      without: {
        instances: design(changed(escapes, (instance) => startedAtMinimiser(instance, 1))),
      },
    },
    {
      text: 'lambda < s_1',
      without: { instances: design({ ...escapes, picks: { share: [2, 4], balance: [1, 2, 1 / 2] } }) },
    },
    {
      text: 's_1 >= 1.5 s_2',
      without: {
        // Many triples lead together, and the first of them may get little of what there is.
        instances: design({
          ...escapes,
          size: { d1: [24, 32], d2: [24, 32], r: [1, 1] },
          grids: {},
          accepts: () => true,
          complete: (draft) => escape(Matrix.eye(draft.size.d1).to2DArray(), draft),
        }),
      },
    },
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: stepSize(-0.5) },
  instances: design(escapes),
  check(solver, instance) {
    const target = matrix(instance.M);
    const level = levelOf(target, instance);
    const { median, fold } = medianTime(target, instance, level);
    const [early, late] = [Math.max(0, Math.floor(median - SHIFT * fold)), Math.ceil(median + SHIFT * fold)];
    const [before, after] = leftBy(solver, instance, level, [early, late]);
    // For r = 1 a run has left too early with a chance below P(|N| > 0.67 e^2.5 = 8.2) and not at the late time with one
    // below P(|N| < 0.67 e^-2.5) = 0.044, for r > 1 with smaller ones; that 13 of 25 runs do has a chance below
    // 25! / (13! 12!) 0.044^13 = 1e-11.
    const half = instance.runs / 2;
    return worst([
      atMost(`runs of ${instance.runs} that have left by step ${early}`, before!, half, 0, { median }),
      atLeast(`runs of ${instance.runs} that have left by step ${late}`, after!, half, 0, { median }),
    ]);
  },
};

function startedAtMinimiser(instance: Escape, share: number): Escape {
  const { X, Y } = smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance);
  return { ...instance, X0: X.mul(share).to2DArray(), Y0: Y.mul(share).to2DArray() };
}

/** Both scales of the noise are 2^-QUIETER of what they were. */
const QUIETER = 40;

/** Noise so small that the descent is linear up to the level, which is what makes a step of 1 / s_1 harmless. */
const decades: Design<Escape> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [2 ** -24, 2 ** -26], balance: [1, 2, 1 / 2] },
  accepts: nonzero,
  complete(draft) {
    const instance = escape(targetOf(draft), draft);
    const s = singularValues(matrix(instance.M))[0]!;
    return { ...instance, eta: powerOfTwoAtMost(1 / s), steps: 4 * QUIETER };
  },
  excludes: noPrediction,
};

const quieter = (instance: Escape): Escape => ({
  ...instance,
  sigma1: instance.sigma1 * 2 ** -QUIETER,
  sigma2: instance.sigma2 * 2 ** -QUIETER,
});

export const timeSlope: Claim<Escape> = {
  id: 'escape/time-slope',
  statement:
    'The median time to leave the origin, in e-folds, grows like the logarithm of the inverse of the noise, with slope 1 over twelve decades.',
  formula: String.raw`\frac{d\,\big(t_{1/2}\log(1 + \eta\rho)\big)}{d\log\frac{1}{\sigma\sqrt\eta}} = 1`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    {
      text: 'X0 = 0 and Y0 = 0',
      without: {
        instances: design(changed(decades, (instance) => startedAtMinimiser(instance, 2 ** -12))),
      },
    },
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: noisePower(0.15) },
  instances: design(decades),
  check(solver, instance) {
    const target = matrix(instance.M);
    const level = Math.sqrt(leading(target, instance).s) / 64;
    const folds = (of: Escape): number => medianArrival(solver, of, level) * Math.log(amplitudeLaw(target, of).growth);
    const [loud, quiet] = [folds(instance), folds(quieter(instance))];
    // The time of a run is log(level / (|N| sqrt V)) rounded up to a step, log 2 e-folds at most. Of 25 |N| the median
    // is below 0.055 only if 13 are, each with chance 0.044, and above 2.01 only if 13 are, each with chance 0.044: that is
    // 1e-11 each, for two medians. It lies within -2.5 and 1.1 e-folds of 0.67; for r > 1 norms vary less.
    const tolerance = (2.5 + 1.1 + Math.LN2) / (QUIETER * Math.LN2);
    return equal('slope', (quiet - loud) / (QUIETER * Math.LN2), 1, tolerance, { loud, quiet });
  },
};

/** Runs from the origin under noise that collapses the target, until the amplitude has its stationary law. */
const collapses: Design<Escape> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [2, 4] },
  accepts: nonzero,
  complete: (draft) => settled(draft, 3 / 2),
  excludes: noPrediction,
};

/** A run from the origin over so many e-folds of the leading amplitude. */
function settled(draft: Draft, folds: number): Escape {
  const instance = escape(targetOf(draft), { ...draft, picks: { ...draft.picks, balance: 1 } });
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  const decay = Math.abs(leading(target, instance).rate);
  // A step multiplies E |A|^2 by 1 - 2 eta decay and, as the noise is multiplied by the iterate too, by about
  // 1 + 2 eta^2 (r + 1) (alpha^2 + beta^2) at most, which is to be a small part of that.
  const eta = Math.min(instance.eta, powerOfTwoAtMost(decay / (16 * (alpha ** 2 + beta ** 2))));
  return { ...instance, eta, runs: 13, steps: Math.ceil(folds / (eta * decay)) };
}

/** The level that collapsing runs stay below: 10 standard deviations of the amplitude. */
const floorOf = (instance: Escape): number =>
  10 * amplitudeLaw(matrix(instance.M), instance).deviation * Math.sqrt(instance.X0[0]!.length);

/** The first step from four times that level, along the leading direction. */
function startedAbove(instance: Escape): Escape {
  const target = matrix(instance.M);
  const { a, b } = leading(target, instance);
  const { U, V } = decompose(target);
  const far = (B: Matrix, share: number): Grid =>
    B.getColumn(0).map((entry) => instance.X0[0]!.map((_, c) => (c === 0 ? 4 * floorOf(instance) * share * entry : 0)));
  return { ...instance, X0: far(U, a), Y0: far(V, b), steps: 1 };
}

export const noEscape: Claim<Escape> = {
  id: 'escape/collapse',
  statement: 'Where lambda exceeds s_1, perturbed gradient descent from the origin stays at the level of its noise.',
  formula: String.raw`\lambda > s_1 \;\Rightarrow\; E\|A_t\|^2 \lesssim rV,\quad V = \frac{\eta^2q}{1 - (1 + \eta\rho)^2},\ \rho < 0`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    {
      text: 'lambda > s_1',
      without: {
        instances: design({
          ...collapses,
          picks: { share: [1 / 4, 1 / 8] },
          complete: (draft) => settled(draft, 12),
        }),
      },
    },
    { text: 'X0 = 0 and Y0 = 0', without: { instances: design(changed(collapses, startedAbove)) } },
  ],
  bound: 'valid',
  random: { basis: 'leading order', shift: noiseOnBoth(3) },
  instances: design(collapses),
  check(solver, instance) {
    const { deviation } = amplitudeLaw(matrix(instance.M), instance);
    const [, after] = leftBy(solver, instance, floorOf(instance), [0, instance.steps]);
    // By Chebyshev's inequality a run is at the level with a chance of at most 1 / 100, and 7 of 13 with one below
    // 13! / (7! 6!) 100^-7 = 2e-11; it would take a mean square 1.25 times too large to make that 1e-10.
    return atMost(`runs of ${instance.runs} at 10 standard deviations`, after!, instance.runs / 2, 0, { deviation });
  },
};
