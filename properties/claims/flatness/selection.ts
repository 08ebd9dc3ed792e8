/** Which minimum is flattest, by which measure, and which noise selects it. */
import { atLeast, atMost, claim, equal, worst } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { operatorNorm } from '../../oracles/column-space.ts';
import {
  compared,
  CONDITION,
  measured,
  MEASURES,
  nuclear,
  sumRounding,
  swapped,
  TRACE,
  type Measured,
} from './flatness-measures.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import {
  atBalance,
  atMinima,
  balancedMinimum,
  minima,
  minimaOfFullRank,
  selectedMinimum,
  startedAt,
} from './minima.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { hessian, imbalance, penalties, smoothedLoss, smoothedMinimiser, squaredNorm } from '../../../src/index.ts';

export const nuclearNorm = claim({
  id: 'flatness/nuclear-norm',
  statement: 'Factors of M are at least as large as its nuclear norm: half of |X|^2 + |Y|^2 is no less than |M|_*.',
  formula: String.raw`\tfrac12(\|X\|^2 + \|Y\|^2) \ge \|M\|_*`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  bound: {
    tight: 'at balanced points',
    on: {
      instances: design(changed(minima, (instance) => atBalance(instance))),
      check(_, instance) {
        const at = startOf(instance);
        return equal(
          '(|X|^2 + |Y|^2) / 2',
          squaredSize(at) / 2,
          nuclear(matrix(instance.M)),
          sumRounding(at) * squaredSize(at),
        );
      },
    },
  },
  proof: 'flatness',
  items: ['6.3'],
  instances: design(minima),
  check(_, instance) {
    const at = startOf(instance);
    return atLeast(
      '(|X|^2 + |Y|^2) / 2',
      squaredSize(at) / 2,
      nuclear(matrix(instance.M)),
      sumRounding(at) * squaredSize(at),
    );
  },
});

const tall = minimaOfFullRank(['tall', 'tall']);

/** The minimum that noise of one size on both factors selects. */
function underEqualNoise(instance: Instance): Instance {
  const noise = { sigma1: 1 / 4, sigma2: 1 / 4 };
  return startedAt(instance, selectedMinimum(matrix(instance.M), instance.X0[0]!.length, noise));
}

/** The trace of the Hessian at the start, the least that the target allows it, and the rounding of both. */
function traces({ M, X0, Y0 }: Instance): [trace: number, least: number, rounding: number] {
  const [target, at] = [matrix(M), startOf({ X0, Y0 })];
  const trace = hessian(target, at).trace();
  return [trace, 2 * Math.sqrt(M.length * M[0]!.length) * nuclear(target), sumRounding(at) * trace];
}

export const traceMinimal = claim({
  id: 'flatness/trace-minimal',
  statement: 'At a global minimum the trace of the Hessian is at least 2 sqrt(d1 d2) |M|_*, which equal noise attains.',
  formula: String.raw`\mathrm{tr}\,\nabla^2F = d_2\|X\|^2 + d_1\|Y\|^2 \ge 2\sqrt{d_1d_2}\,\|M\|_*`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [atMinima(minima)],
  bound: {
    tight: 'at the minimum that noise with sigma1 = sigma2 selects',
    on: {
      instances: design(changed(tall, underEqualNoise)),
      check: (_, instance) => equal('trace', ...traces(instance)),
    },
  },
  proof: 'flatness',
  items: ['6.3'],
  instances: design(minima),
  check: (_, instance) => atLeast('trace', ...traces(instance)),
});

const differentDimensions: Design<Measured> = { ...measured(tall), size: { d1: [1, 2], d2: [3, 5] } };

export const whichNoise = claim<Measured>({
  id: 'flatness/which-noise',
  statement:
    'Of all minima with a given product equal noise selects the one with the least trace of the Hessian, and noise with d1 sigma1^2 = d2 sigma2^2 the one with the least largest eigenvalue and condition number.',
  formula: String.raw`\sigma_1 = \sigma_2:\ \min\mathrm{tr}\,\nabla^2F;\qquad d_1\sigma_1^2 = d_2\sigma_2^2:\ \min\lambda_{\max},\ \min\kappa`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('the noise that belongs to the measure, not the other one', changed(differentDimensions, swapped)),
    dropping(
      'd1, d2 > r, for the condition number',
      measured(
        changed(minimaOfFullRank(['square', 'tall']), (instance) => atBalance(instance, 2)),
        [CONDITION],
      ),
    ),
  ],
  bound: {
    tight: 'at the balanced point, and for the trace at that with gamma^2 = d1 / d2',
    on: {
      instances: design(
        changed(measured(tall), (instance) =>
          atBalance(instance, instance.measure === TRACE ? Math.sqrt(instance.X0.length / instance.Y0.length) : 1),
        ),
      ),
      check(_, instance) {
        const { selected, other } = compared(instance);
        return equal(MEASURES[instance.measure]!, selected.value, other.value, selected.rounding + other.rounding);
      },
    },
  },
  proof: 'flatness',
  items: ['6.3'],
  instances: design(measured(tall)),
  check(_, instance) {
    const { selected, other } = compared(instance);
    return atMost(MEASURES[instance.measure]!, selected.value, other.value, selected.rounding + other.rounding);
  },
});

/** The mean loss under the noise at the start, and the least over all factors of M: that of the gamma-balanced ones. */
function noisyLosses(instance: Instance): { here: number; balanced: number; rounding: number } {
  const [target, at] = [matrix(instance.M), startOf(instance)];
  const { gamma } = penalties(target, instance);
  const here = smoothedLoss(target, at, instance);
  const balanced = smoothedLoss(target, balancedMinimum(target, at.X.columns, gamma), instance);
  return { here, balanced, rounding: sumRounding(at) * (here + balanced) };
}

/** The cost of the noise at the start beyond the least cost, and the lower bound on it that the imbalance gives. */
function excessOf(instance: Instance): [excess: number, least: number, rounding: number] {
  const [{ X, Y }, { here, balanced, rounding }] = [startOf(instance), noisyLosses(instance)];
  const { lambda, gamma } = penalties(matrix(instance.M), instance);
  const scale = gamma * (operatorNorm(X) / gamma + operatorNorm(Y)) ** 2;
  const D = imbalance({ X, Y }, gamma).mul(1 / gamma);
  return [(here - balanced) * scale, (lambda / 2) * squaredNorm(D), rounding * scale];
}

const SHARPNESS = 'excess of E F(X + xi1, Y + xi2) times gamma (|X| / gamma + |Y|)^2';

export const ownSharpness = claim({
  id: 'flatness/own-sharpness',
  statement:
    'Among all factors of M the mean loss under the noise is least exactly at the gamma-balanced ones: it grows with the squared gamma-imbalance.',
  formula: String.raw`E F(X+\xi_1, Y+\xi_2) - \tfrac r2\alpha\beta - \lambda\|M\|_* \ge \frac{\lambda\,\|D_\gamma\|^2}{2\gamma\,(\|X\|_{op} + \gamma\|Y\|_{op})^2}`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping(
      "X Y' = M",
      changed(minima, (instance) =>
        startedAt(instance, smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance)),
      ),
    ),
  ],
  bound: {
    tight: 'where r = 1',
    on: {
      instances: design({ ...minima, size: { r: [1, 1] } }),
      check: (_, instance) => equal(SHARPNESS, ...excessOf(instance)),
    },
  },
  proof: 'flatness',
  items: ['6.4'],
  instances: design(minima),
  check(_, instance) {
    const target = matrix(instance.M);
    const { lambda, alpha, beta } = penalties(target, instance);
    const { balanced, rounding } = noisyLosses(instance);
    const least = lambda * nuclear(target) + (instance.X0[0]!.length * alpha * beta) / 2;
    return worst([
      atLeast(SHARPNESS, ...excessOf(instance)),
      equal('E F(X + xi1, Y + xi2) at the gamma-balanced point', balanced, least, rounding),
    ]);
  },
});
