/** Effect of the noise on the limit: its scales move it, its distribution does not, and large noise shrinks it to 0. */
import { Matrix } from 'ml-matrix';
import { faster } from '../../instances/designs.ts';
import { atLeast, claim, equal, worst, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { descend, noiseOf, matrix, startOf, type Instance } from '../../model/instance.ts';
import {
  compare,
  difference,
  expected,
  leaning,
  limitOf,
  limitRuns,
  settledHypotheses,
  tooEarly,
  zeroTarget,
  type Invariants,
} from './limits.ts';
import { altered, sameEveryStep } from '../../instances/noise-variants.ts';
import { DEVIATIONS, deviationOf } from '../../oracles/hovering.ts';
import { AtOrigin } from '../../oracles/origin.ts';
import { powerOfTwoAtMost } from '../../oracles/scales.ts';
import { noiseSeed } from '../../model/seeds.ts';
import {
  invariants,
  longPicks,
  longRun,
  nonzero,
  timeAverage,
  windowOf,
  type LongRun,
} from '../../instances/trajectories.ts';
import { noiseOnBoth, noiseOnX } from '../../run/violations.ts';
import {
  norm,
  penalties,
  rademacherNoise,
  singularValues,
  uniformNoise,
  type NoiseSource,
  type Solver,
} from '../../../src/index.ts';

/** The same start with noise of two kinds: `other` holds the parameters of the second run. */
type TwoNoises = LongRun & { other: Pick<LongRun, 'sigma1' | 'sigma2' | 'eta' | 'burnIn' | 'steps'> };

/** `moved`: 0 for lambda from one to five eighths of s_1, 1 and 2 for a gamma four times larger or smaller. */
const twoNoises: Design<TwoNoises> = {
  ...limitRuns,
  size: { d1: [1, 4], d2: [1, 4], r: [1, 2], k: [1, 2] },
  picks: { moved: [0, 1, 2], lean: longPicks.lean },
  complete(draft) {
    const moved = draft.picks['moved']!;
    const withNoise = (share: number, balance: number): LongRun =>
      limitRuns.complete({ ...draft, picks: { ...draft.picks, share, balance } });
    const [one, two] =
      moved === 0
        ? [withNoise(1 / 8, 1), withNoise(5 / 8, 1)]
        : [withNoise(1 / 4, moved === 1 ? 1 / 2 : 2), withNoise(1 / 4, moved === 1 ? 2 : 1 / 2)];
    const { sigma1, sigma2, eta, burnIn, steps } = two;
    return { ...one, other: { sigma1, sigma2, eta, burnIn, steps } };
  },
};

/** The difference of the limits under the two noises, found and predicted. */
function movement(solver: Solver, run: TwoNoises, sourceOf: (run: Instance) => NoiseSource = noiseOf): Comparison {
  const other = { ...run, ...run.other };
  const found = difference(limitOf(solver, other, sourceOf(other)), limitOf(solver, run, sourceOf(run)));
  const laws = [expected(run), expected(other)];
  // Independent averages: their variances add up, and so do the biases of their means and the remainders of their starts.
  const allowed = (name: keyof Invariants): number =>
    Math.hypot(...laws.map(({ spread }) => deviationOf(spread[name]))) +
    laws.reduce((sum, { bias, left }) => sum + bias[name] + left[name], 0);
  const want = difference(laws[1]!.want, laws[0]!.want);
  const s1 = singularValues(matrix(run.M))[0]!;
  return worst([
    equal("movement of X X'", found.XX, want.XX, allowed('XX')),
    equal("movement of Y Y'", found.YY, want.YY, allowed('YY')),
    equal("movement of X Y'", found.XY, want.XY, allowed('XY')),
    atLeast("distance between the two X X'", norm(found.XX), s1 / 16, 0),
  ]);
}

export const movesIt = claim<TwoNoises>({
  id: 'limit/noise-moves-it',
  statement: 'From the same start, other scales of the noise move the limit by the amount of the closed form.',
  formula: String.raw`\lim XX'|_{\sigma^\circ} - \lim XX'|_\sigma = \gamma^\circ U_r(S_r - \lambda^\circ)_+U_r' - \gamma\,U_r(S_r-\lambda)_+U_r' \ne 0`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('fresh noise in every step', (solver, run) => movement(solver, run, sameEveryStep)),
    ...settledHypotheses(twoNoises),
  ],
  source: 'Liu et al. 2021 (the noise determines the limit); our proof of the formula',
  proof: 'minimisers',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOnX(0.1) },
  instances: design(twoNoises),
  check: (solver, run) => movement(solver, run),
});

type WithLaw = LongRun & { law: number };

const LAWS = [rademacherNoise, uniformNoise] as const;
const lawOf = (run: WithLaw): NoiseSource => LAWS[run.law]!(noiseSeed(run, 'other distribution'));

const withLaw: Design<WithLaw> = {
  ...limitRuns,
  size: { d1: [1, 6], d2: [1, 6] },
  picks: { ...limitRuns.picks, law: [0, 1] },
  complete: (draft) => ({ ...limitRuns.complete(draft), law: draft.picks['law']! }),
};

/**
 * Signs and uniform numbers have smaller fourth moments than normal ones, so that averages fluctuate by no more, and
 * the error of the means is at most the first order of normal numbers: nine eighths of it, with the eighth that is
 * allowed anyway.
 */
function lawLimit(solver: Solver, run: WithLaw, source: NoiseSource): Comparison {
  const at = expected(run);
  const bias = { XX: 9 * at.bias.XX, YY: 9 * at.bias.YY, XY: 9 * at.bias.XY };
  return worst(compare(limitOf(solver, run, source), run, { ...at, bias }));
}

const strong: Design<WithLaw> = { ...withLaw, picks: { ...withLaw.picks, share: [1 / 2] } };

/** At 1 x 1, (z^2 - 1)/sqrt 2 on x and z on y: uncorrelated, but not independent. */
function dependent(run: Instance): NoiseSource {
  const [normals, z] = [noiseOf(run), new Float64Array(1)];
  let used = 0;
  const next = (): number => {
    if (used++ % 2 === 1) return z[0]!;
    normals.fill(z);
    return (z[0]! ** 2 - 1) / Math.SQRT2;
  };
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) out[i] = next();
    },
  };
}

/** M = 1, which is every target at 1 x 1 up to scale. */
const scalar: Design<WithLaw> = {
  ...strong,
  size: { d1: [1, 1], d2: [1, 1] },
  accepts: () => true,
  complete: (draft) => withLaw.complete({ ...draft, target: [[1]] }),
};

/** Drops one assumption on the numbers; half of s_1 for lambda makes the difference large. */
const otherNumbers = (text: string, source: (run: WithLaw) => NoiseSource): Hypothesis<WithLaw> =>
  dropping(text, strong, (solver, run) => lawLimit(solver, run, source(run)));

export const noiseLaw = claim<WithLaw>({
  id: 'limit/noise-law',
  statement: 'Random signs and uniform noise have the same limit as Gaussian noise of the same scales.',
  formula: String.raw`\xi_{ij}/\sigma \in \{\pm1\} \text{ or } \xi_{ij}/\sigma \sim U(-\sqrt3, \sqrt3):\quad XX' \to \gamma\,U_r(S_r-\lambda)_+U_r'`,
  kind: 'stochastic trajectory',
  needs: 'injected noise',
  hypotheses: [
    otherNumbers('mean 0', (run) => altered(run, (normal) => normal + 1)),
    otherNumbers('variances sigma1^2 and sigma2^2', (run) => altered(run, (normal) => normal / 2)),
    dropping('xi1 and xi2 are independent', scalar, (solver, run) => lawLimit(solver, run, dependent(run))),
    ...settledHypotheses(withLaw),
  ],
  proof: 'minimisers',
  items: ['2.4', '3.2'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.05) },
  instances: design(withLaw),
  check: (solver, run) => lawLimit(solver, run, lawOf(run)),
});

/** The noise floor is at most an eighth of half of the limit that a small lambda has, so that the two are distinguishable. */
const WILD = 8;
/** Settling and averaging times in units of the slowest time constant. */
const [UNTIL_REST, AT_REST] = [5, 24];

/** A step size for which even `WILD` times the noise floor is at most half of the limit that a small lambda has. */
function collapsing(draft: Draft): LongRun {
  const run = longRun(draft);
  const origin = new AtOrigin(run);
  const { rate } = origin;
  const { gamma } = penalties(matrix(run.M), run);
  const ordinary = singularValues(matrix(run.M))[0]! * (gamma + 1 / gamma);
  const eta = Math.min(run.eta, powerOfTwoAtMost((ordinary * run.eta) / (2 * WILD * origin.floor)));
  const burnIn = Math.ceil(UNTIL_REST / (eta * rate));
  return { ...run, eta, burnIn, steps: burnIn + Math.ceil(AT_REST / (eta * rate)) };
}

const collapsingRuns: Design<LongRun> = {
  ...limitRuns,
  size: { d1: [1, 3], d2: [1, 3], r: [1, 2], k: [1, 2] },
  picks: { balance: [1, 2, 1 / 2], share: [2, 3], lean: [0] },
  accepts: nonzero,
  complete: collapsing,
  excludes: zeroTarget,
};

/** |X|^2 + |Y|^2, and the energy, of an iterate or of averages. */
function sizesOf(run: LongRun, { XX, YY, XY }: Invariants): { size: number; energy: number } {
  const target = matrix(run.M);
  const { alpha, beta } = penalties(target, run);
  const [X, Y] = [XX.trace(), YY.trace()];
  return { size: X + Y, energy: alpha * X + beta * Y - 2 * Matrix.mul(target, XY).sum() };
}

export const collapse = claim<LongRun>({
  id: 'limit/collapse',
  statement:
    'With lambda >= s_1 perturbed gradient descent converges to 0, up to a noise floor of order eta with known mean squares, and the target is lost.',
  formula: String.raw`\lambda \ge s_1:\quad \overline{\|X\|^2 + \|Y\|^2} = \mathrm{tr}\,C = O(\eta),\quad \overline{\alpha\|X\|^2 + \beta\|Y\|^2 - 2\langle M, XY'\rangle} = \mathrm{tr}\,HC,\quad \bar HC + C\bar H = \eta\,E\,GG'`,
  kind: 'stochastic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('lambda >= s_1', { ...collapsingRuns, picks: { ...collapsingRuns.picks, share: [1 / 4, 1 / 8] } }),
    dropping('a stable step size', changed(collapsingRuns, faster(1024))),
    dropping('time averages after the settling time', changed(leaning(collapsingRuns), tooEarly)),
  ],
  proof: 'collapse',
  items: ['3.2'],
  random: { basis: 'leading order', shift: noiseOnBoth(0.07) },
  instances: design(collapsingRuns),
  check(solver, run) {
    const found = sizesOf(run, timeAverage(descend(solver, run), run, invariants));
    const start = sizesOf(run, invariants(startOf(run)));
    const origin = new AtOrigin(run);
    // The average of the remainder of a start's squares, which shrink at twice the slowest rate at least.
    const left = Math.exp(-2 * UNTIL_REST) / (2 * AT_REST);
    const compared = (what: string, of: 'size' | 'energy'): Comparison => {
      const { mean, variance } = origin.atRest(of, windowOf(run));
      const deviation = Math.sqrt(variance);
      const tolerance = DEVIATIONS * deviation * origin.widening + origin.excess ** 2 * mean + left * start[of];
      return equal(`time-averaged ${what}`, found[of], mean, tolerance, { deviation });
    };
    return worst([compared('|X|^2 + |Y|^2', 'size'), compared("alpha |X|^2 + beta |Y|^2 - 2 <M, X Y'>", 'energy')]);
  },
});
