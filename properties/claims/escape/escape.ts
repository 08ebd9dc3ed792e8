/** When perturbed descent leaves the origin. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { targetOf } from '../../instances/designs.ts';
import {
  amplitudeLaw,
  atOrigin,
  leading,
  arrival,
  leftBy,
  meanSquares,
  medianArrival,
  noPrediction,
  type Escape,
} from './escapes.ts';
import { matrix, type Grid, type Instance } from '../../model/instance.ts';
import { DEVIATIONS } from '../../oracles/hovering.ts';
import { AtOrigin } from '../../oracles/origin.ts';
import { powerOfTwoAtMost, shortBinary } from '../../oracles/scales.ts';
import { longGrids, noiseFor, nonzero } from '../../instances/trajectories.ts';
import { PER_TRIAL } from '../../run/chance.ts';
import { noiseOnBoth, noisePower, stepSize } from '../../run/violations.ts';
import { decompose, penalties, singularValues, smoothedMinimiser } from '../../../src/index.ts';

const ours = { needs: 'law', source: 'our proof', proof: 'escape', items: ['4.3'] } as const;

/** Amplitude that counts as having left, as a share of the minimiser's: small enough for the growth to be linear still. */
const LEFT = 1 / 4;
/**
 * Error of the prediction, in e-folds: below a quarter of the limit the growth falls short of the linear one by a
 * factor of less than 1 - 1/16, and the noise is multiplied by the iterate, which raises the variance by a share of
 * eta rate + lambda / s or so.
 */
const OFF = 1 / 8;
const RUNS = 25;

/** Targets with s_1 above the rest, noise for a lambda, and a step that resolves the escape. */
const escapes: Design<Halved> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2], k: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [1 / 8, 1 / 16, 1 / 4], balance: [1, 2, 1 / 2], halvings: [0, 48] },
  accepts: (draft) => nonzero(draft) && leads(targetOf(draft)),
  complete: (draft) => halved(targetOf(draft), draft),
  excludes: (given) =>
    noPrediction(given) ??
    (leads(given.target) ? undefined : 'it needs s_1 >= 1.5 s_2, so that one direction is the fastest'),
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

/** The scales of the noise in these runs are halved this number of times, which makes the time long and the growth linear. */
type Halved = Escape & { halvings: number };

const halved = (M: Grid, draft: Draft): Halved => ({ ...escape(M, draft), halvings: draft.picks['halvings'] ?? 0 });

/** With so little noise larger steps will do. */
const quieted = ({ halvings, ...instance }: Halved): Escape => ({
  ...quieter(instance, halvings),
  eta: halvings === 0 ? instance.eta : 4 * instance.eta,
});

const quieter = (instance: Escape, halvings: number): Escape => ({
  ...instance,
  sigma1: instance.sigma1 * 2 ** -halvings,
  sigma2: instance.sigma2 * 2 ** -halvings,
});

/** The amplitude LEFT; only a size if everything collapses. */
function levelOf(target: Matrix, instance: Instance): number {
  const { a, b, s } = leading(target, instance);
  const { gamma, lambda } = penalties(target, instance);
  return LEFT * (a * Math.sqrt(gamma) + b / Math.sqrt(gamma)) * Math.sqrt(Math.abs(s - lambda));
}

export const escapeTime: Claim<Halved> = {
  id: 'escape/median-time',
  statement:
    'From the origin, half of the runs of perturbed gradient descent have left at the predicted time, up to the random error of their median.',
  formula: String.raw`t_{1/2} = \frac{\log\frac{1}{\sigma\sqrt\eta} + O(1)}{\log(1 + \eta\rho)},\quad \rho = \tfrac12\Big(\sqrt{(\alpha-\beta)^2 + 4s_1^2} - (\alpha+\beta)\Big)`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    dropping(
      'X0 = 0 and Y0 = 0',
      changed(escapes, (instance) => startedAtMinimiser(instance, 1)),
    ),
    dropping('lambda < s_1', { ...escapes, picks: { share: [2, 4], balance: [1, 2, 1 / 2] } }),
    dropping('s_1 >= 1.5 s_2', {
      ...escapes,
      size: { d1: [24, 32], d2: [24, 32], r: [1, 1] },
      grids: {},
      picks: { ...escapes.picks, halvings: [0] },
      accepts: () => true,
      complete: (draft) => halved(Matrix.eye(draft.size.d1).to2DArray(), draft),
    }),
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: stepSize(-0.035) },
  instances: design(escapes),
  check(solver, given) {
    const instance = quieted(given);
    const target = matrix(instance.M);
    const level = levelOf(target, instance);
    const { median, earliest, latest, fold } = arrival(target, instance, level, PER_TRIAL);
    const [early, late] = [Math.max(0, Math.floor(earliest - OFF * fold)), Math.ceil(latest + OFF * fold)];
    const [before, after] = leftBy(solver, instance, level, [early, late]);
    const half = instance.runs / 2;
    return worst([
      atMost(`runs of ${instance.runs} that have left by step ${early}`, before!, half, 0, { median }),
      atLeast(`runs of ${instance.runs} that have left by step ${late}`, after!, half, 0, { median }),
    ]);
  },
};

function startedAtMinimiser<I extends Escape>(instance: I, share: number): I {
  const { X, Y } = smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance);
  return { ...instance, X0: X.mul(share).to2DArray(), Y0: Y.mul(share).to2DArray() };
}

/** Both scales of the noise are multiplied by 2^-QUIETER. */
const QUIETER = 80;

/** Noise so small that the descent is linear up to the level; therefore a step of 1 / s_1 is harmless. */
const decades: Design<Escape> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [2 ** -24, 2 ** -26], balance: [1, 2, 1 / 2] },
  accepts: nonzero,
  complete(draft) {
    const instance = escape(targetOf(draft), draft);
    const s = singularValues(matrix(instance.M))[0]!;
    return { ...instance, eta: powerOfTwoAtMost(1 / (2 * s)), steps: 6 * QUIETER };
  },
  excludes: noPrediction,
};

export const timeSlope: Claim<Escape> = {
  id: 'escape/time-slope',
  statement:
    'The median time to leave the origin, in e-folds, grows like the logarithm of the inverse of the noise, with slope 1 over twenty-four decades.',
  formula: String.raw`\frac{d\,\big(t_{1/2}\log(1 + \eta\rho)\big)}{d\log\frac{1}{\sigma\sqrt\eta}} = 1`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    dropping(
      'X0 = 0 and Y0 = 0',
      changed(decades, (instance) => startedAtMinimiser(instance, 2 ** -12)),
    ),
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: noisePower(0.05) },
  instances: design(decades),
  check(solver, instance) {
    const target = matrix(instance.M);
    const level = Math.sqrt(leading(target, instance).s) / 64;
    const ends = [instance, quieter(instance, QUIETER)].map((of) => {
      const { earliest, median, latest, fold } = arrival(target, of, level, PER_TRIAL / 2);
      return {
        folds: medianArrival(solver, of, level) / fold,
        off: Math.max(median - earliest, latest - median) / fold,
      };
    }) as [End, End];
    const [loud, quiet] = ends;
    // Times are rounded up to a step, log(growth) e-folds at most; the two medians are independent.
    const rounding = Math.log(amplitudeLaw(target, instance).growth);
    const range = QUIETER * Math.LN2;
    const tolerance = (Math.hypot(loud.off, quiet.off) + rounding) / range;
    return equal('slope', (quiet.folds - loud.folds) / range, 1, tolerance, { loud: loud.folds, quiet: quiet.folds });
  },
};

/** A median time in e-folds, and its allowed distance from the prediction. */
interface End {
  readonly folds: number;
  readonly off: number;
}

/** Runs from the origin under noise that collapses the target, until the amplitude has its stationary distribution. */
const collapses: Design<Escape> = {
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2] },
  grids: { A: longGrids.A, B: longGrids.B },
  picks: { share: [2, 4] },
  accepts: nonzero,
  complete: (draft) => settled(draft, 1),
  excludes: noPrediction,
};

/** A run from the origin over the given number of e-folds of the leading amplitude. */
function settled(draft: Draft, folds: number): Escape {
  const instance = escape(targetOf(draft), { ...draft, picks: { ...draft.picks, balance: 1 } });
  const target = matrix(instance.M);
  const { alpha, beta } = penalties(target, instance);
  const decay = Math.abs(leading(target, instance).rate);
  // A step multiplies E |A|^2 by 1 - 2 eta decay and, as the noise is multiplied by the iterate too, by about
  // 1 + 2 eta^2 (r + 1) (alpha^2 + beta^2) at most, which is to be a small part of that.
  const eta = Math.min(instance.eta, powerOfTwoAtMost(decay / (16 * (alpha ** 2 + beta ** 2))));
  return { ...instance, eta, runs: 24, steps: Math.ceil(folds / (eta * decay)) };
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

/** Looks at each run, evenly spaced: those at fast directions are independent. */
const LOOKS = 4;

export const noEscape: Claim<Escape> = {
  id: 'escape/collapse',
  statement:
    'If lambda exceeds s_1, perturbed gradient descent from the origin stays at the level of its noise, with the mean squares of a decaying linear process.',
  formula: String.raw`\lambda > s_1 \;\Rightarrow\; E\|A_t\|^2 \approx rV(1 - g^{2t}),\quad V = \frac{\eta^2q}{1 - g^2},\ g = 1 + \eta\rho < 1;\quad E\left[\alpha\|X_t\|^2 + \beta\|Y_t\|^2 - 2\langle M, X_tY_t'\rangle\right] = \mathrm{tr}\,HC_t`,
  kind: 'statistical',
  ...ours,
  hypotheses: [
    dropping('lambda > s_1', {
      ...collapses,
      picks: { share: [1 / 4, 1 / 8] },
      complete: (draft) => settled(draft, 12),
    }),
    dropping('X0 = 0 and Y0 = 0', changed(collapses, startedAbove)),
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: noiseOnBoth(0.07) },
  instances: design(collapses),
  check(solver, instance) {
    const { runs, steps } = instance;
    const stride = Math.ceil(steps / LOOKS);
    const found = meanSquares(solver, instance, LOOKS, stride);
    const origin = new AtOrigin(instance);
    const compared = (what: string, of: 'amplitude' | 'energy'): Comparison => {
      const { mean, variance } = origin.fromOrigin(of, LOOKS, stride);
      const deviation = Math.sqrt(variance / runs);
      const tolerance = DEVIATIONS * deviation * origin.widening + origin.excess ** 2 * mean;
      return equal(`mean of ${what} over ${runs} runs`, found[of], mean, tolerance, { deviation });
    };
    return worst([compared('|A|^2', 'amplitude'), compared("alpha |X|^2 + beta |Y|^2 - 2 <M, X Y'>", 'energy')]);
  },
};
