/** The theory at a thousand, a million and a billion dimensions, by the reduced descent. */
import { Matrix } from 'ml-matrix';
import {
  claim,
  equal,
  worst,
  type Claim,
  type Comparison,
  type Hypothesis,
  type Randomness,
} from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { drift } from '../gd/imbalance.ts';
import { fromZero, withNoise } from '../../instances/designs.ts';
import { diagonal, type Wide } from '../../instances/dimensions.ts';
import { atScale, endAtScale, penaltiesAtScale, plainAtScale } from './scale-instances.ts';
import { imbalanceFree, imbalanceKept, keptAt, type Setting } from './finite-step.ts';
import { deviationOf, Hovering, type Each } from '../../oracles/hovering.ts';
import { Window } from '../../oracles/linear-process.ts';
import { headOf } from '../../oracles/reduced-moments.ts';
import { gram, norm, type Factors } from '../../../src/index.ts';

/** The remainder of the start after 12 time constants. */
const UNSETTLED = 2 ** -18;

const settingOf = (run: Wide): Setting => ({ ...penaltiesAtScale(run), eta: run.eta });

const hoveringAt = (run: Wide): Hovering => new Hovering({ ...run, s: diagonal(run.M), r: run.X0[0]!.length });

/** One iterate. */
const NOW = new Window(1, 1);

/** Error of a mean in units of s_1: terms of relative order 1/d, and the unsettled part. */
const offMean = (run: Wide, { eta, lambda }: Setting): number => (8 * eta * lambda * run.M.length) / run.d1 + UNSETTLED;

/** Deviations are to first order in the step size, and a share of at most eta s_1 larger. */
const finite = (run: Wide): number => 1 + run.eta;

/**
 * Allowed distances of the blocks of a settled iterate from their stationary means
 * (docs/theory/dimension-free.md#scale).
 */
function allowed(run: Wide, iterates = 1): Each<number> {
  const setting = settingOf(run);
  const { gamma } = setting;
  const spread = hoveringAt(run).spread(NOW, 'triples');
  const off = iterates === 1 ? offMean(run, setting) : 2 * UNSETTLED;
  const of = (name: keyof Each<unknown>, scale: number): number =>
    Math.sqrt(iterates) * finite(run) * deviationOf(spread[name]) + scale * off;
  return { XX: of('XX', gamma), YY: of('YY', 1 / gamma), XY: of('XY', 1) };
}

/** The size of (alpha X'X - beta Y'Y) / lambda at the end of a run, against its value by the theory. */
function balanceOf(run: Wide, { X, Y }: Factors): Comparison {
  const setting = settingOf(run);
  const { alpha, beta, lambda } = setting;
  const found = norm(
    gram(X)
      .mul(alpha / lambda)
      .sub(gram(Y).mul(beta / lambda)),
  );
  const kept = diagonal(run.M).slice(0, X.columns);
  const free = Array.from({ length: X.columns - kept.length }, () => imbalanceFree(setting));
  const want = Math.hypot(...kept.map((s) => imbalanceKept(s, setting)), ...free);
  const { spread } = hoveringAt(run).imbalance(NOW);
  const tolerance = (finite(run) * deviationOf(spread)) / lambda + 2 * offMean(run, setting);
  return equal("|alpha X'X - beta Y'Y| / lambda", found, want, tolerance, { alpha, beta });
}

/** Runs that violate a hypothesis of the theory: they refute the claim in the ablations. */
type Change = (run: Wide) => Wide;
const early: Change = (run) => ({ ...run, steps: Math.ceil(run.steps / 64) });
const fast: Change = (run) => ({ ...run, eta: 64 * run.eta });
const wider: Change = (run) => ({ ...run, d1: 4 * run.d1, d2: 4 * run.d2 });
const louder = (run: Wide, share: number): Wide => ({ ...run, sigma1: (1 + share) * run.sigma1 });

/** The common part of all claims about settled runs; `end` compares the end of a run. */
function settled(end: (run: Wide, actual: Wide) => Comparison): Pick<Claim<Wide>, 'hypotheses' | 'random' | 'check'> {
  const instead = (text: string, change: Change): Hypothesis<Wide> => dropping(text, (_, run) => end(run, change(run)));
  const random: Randomness<Wide> = {
    basis: 'leading order',
    shift: {
      text: 'sigma1',
      finds: 0.005,
      by: (share) => ({ text: `sigma1 times ${1 + share}`, check: (_, run) => end(run, louder(run, share)) }),
    },
  };
  return {
    hypotheses: [
      instead('sigma1, sigma2 > 0', withNoise(0)),
      instead('d sigma^2 is the same at every dimension', wider),
      instead('after the settling time', early),
      instead('a stable step size', fast),
    ],
    random,
    check: (_, run) => end(run, run),
  };
}

export const emerges: Claim<Wide> = {
  id: 'scale/balance-emerges',
  statement:
    'At every dimension, with d sigma^2 held fixed, perturbed gradient descent makes the factors gamma-balanced, up to a known share of the step size and the more exactly the larger d is.',
  formula: String.raw`\tfrac1\lambda|\alpha X'X - \beta Y'Y| = \tfrac12\eta\,|s^2|\,|\gamma - \tfrac1\gamma| + O(d^{-1/2}) \text{ for } r \le k`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  ...settled((run, actual) => balanceOf(run, endAtScale(actual))),
  bound: 'equality',
  source: 'Liu et al. 2021 (balance emerges); our proof at every dimension',
  proof: 'scale',
  items: ['7.2'],
  instances: atScale(),
};

interface Blocks {
  readonly AA: Matrix;
  readonly BB: Matrix;
  readonly AB: Matrix;
}

function blocksAt(run: Wide, purpose?: string): Blocks {
  const { X, Y } = endAtScale(run, purpose);
  const [A, B] = [headOf(X, diagonal(run.M).length), headOf(Y, diagonal(run.M).length)];
  return { AA: A.mmul(A.transpose()), BB: B.mmul(B.transpose()), AB: A.mmul(B.transpose()) };
}

function limitOf(run: Wide): Blocks {
  const r = run.X0[0]!.length;
  const kept = diagonal(run.M).map((s, i) => (i < r ? keptAt(s, settingOf(run)) : { AA: 0, BB: 0, AB: 0 }));
  const of = (name: keyof Blocks): Matrix => Matrix.diag(kept.map((triple) => triple[name]));
  return { AA: of('AA'), BB: of('BB'), AB: of('AB') };
}

function compared(run: Wide, found: Blocks, want: Blocks, tolerance: Each<number>): Comparison {
  const { gamma, lambda } = settingOf(run);
  const seen = { gamma, lambda };
  return worst([
    equal("U'XX'U", found.AA, want.AA, tolerance.XX, seen),
    equal("V'YY'V", found.BB, want.BB, tolerance.YY, seen),
    equal("U'XY'V", found.AB, want.AB, tolerance.XY, seen),
  ]);
}

/** Started at 0, with d so large that the noise, of size d^(-1/2), takes long to excite the triples. */
function lost(run: Wide): Wide {
  const [d, { alpha, beta }] = [2 ** 52, penaltiesAtScale(run)];
  return { ...fromZero(run), d1: d, d2: d, sigma1: Math.sqrt(beta / d), sigma2: Math.sqrt(alpha / d) };
}

const FOUND: Hypothesis<Wide> = {
  text: 'the start has a component in the top r triples',
  ablation: { instances: atScale(lost) },
};

const limit = settled((run, actual) => compared(run, blocksAt(actual), limitOf(run), allowed(run)));

export const closedForm: Claim<Wide> = {
  id: 'scale/closed-form',
  statement:
    'At every dimension, with d sigma^2 held fixed, perturbed gradient descent converges to the gamma-balanced factors of the target with its top r singular values soft-thresholded, by lambda and a known share of the step size, and within a distance of order d^(-1/2).',
  formula: String.raw`U'XY'V = \mathrm{diag}\,(a_ib_i) + O(d^{-1/2}),\quad a_i^2 = b_i^2 = s_i - \frac\lambda{1 - \eta s_i/2} \text{ for } \gamma = 1`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  ...limit,
  hypotheses: [...limit.hypotheses, FOUND],
  bound: 'equality',
  source: 'Liu et al. 2021 (the noise determines the limit); our proof of the formula',
  proof: 'scale',
  items: ['7.2'],
  instances: atScale(),
};

/** Two runs from different starts: the second has X0 and Y0 exchanged. */
const twoEnds = settled((run, actual) => {
  const other = { ...run, X0: run.Y0, Y0: run.X0 };
  return compared(run, blocksAt(actual), blocksAt(other, 'second start'), allowed(run, 2));
});

export const forgets: Claim<Wide> = {
  id: 'scale/forgets-start',
  statement:
    'At every dimension two runs of perturbed gradient descent, from starts with opposite imbalance and with independent noise, converge to the same factors up to rotation.',
  formula: String.raw`XX',\ YY',\ XY' \text{ from } (X_0, Y_0) = \text{those from } (X_0^\circ, Y_0^\circ) + O(d^{-1/2})`,
  kind: 'stochastic trajectory',
  needs: 'theory',
  ...twoEnds,
  bound: 'equality',
  source: 'Liu et al. 2021 (the limit does not depend on the start)',
  proof: 'scale',
  items: ['7.2'],
  instances: atScale(),
};

export const keeps = claim<Wide>({
  id: 'scale/gd-keeps-imbalance',
  statement:
    'At every dimension plain gradient descent conserves the imbalance of its start up to the sum of its squared steps.',
  formula: drift.formula,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('no noise', (_, run) => drift.check(plainAtScale(run), run)),
    {
      text: 'eta (|X|^2 + |Y|^2 + |R|) <= 1 along the run',
      ablation: { instances: atScale((run) => ({ ...run, eta: 128 * run.eta, steps: 1 })) },
    },
  ],
  bound: 'valid',
  proof: 'imbalance',
  items: ['4.1', '7.2'],
  instances: atScale((run) => ({ ...run, steps: 64 })),
  check: (_, run) => drift.check(plainAtScale(run), withNoise(0)(run)),
});
