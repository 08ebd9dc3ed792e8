/**
 * Matrix sensing: the penalty that noise adds, its equality with the flatness of Ding et al., and the reweighted
 * nuclear norm.
 */
import { Matrix } from 'ml-matrix';
import { atLeast, claim, equal, showing, worst, type Comparison, type Hypothesis } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { MOMENTS } from '../../instances/noise-variants.ts';
import { stacked } from '../../oracles/formula.ts';
import { matrix, startOf } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { nuclearNorm, powerOf } from './convex.ts';
import {
  norm,
  product,
  sensingGrams,
  sensingLoss,
  smoothedSensingGradient,
  smoothedSensingLoss,
  squaredNorm,
} from '../../../src/index.ts';
import { inner, times } from '../../../src/linear-algebra/matrices.ts';
import { averagedLoss, averagedStep, lossSize, visible, type Change } from './averages.ts';
import { cheapest, stretchOf } from './cheapest.ts';
import { isWeighted, matricesOf, measurementsOf, operatorOf, sensings, SOURCE, type Sensing } from './problems.ts';

/** The mean of a step against a step on the smoothed objective. */
function meanStep(instance: Sensing, change?: Change): Comparison {
  const [measurements, start, { eta }] = [measurementsOf(instance), startOf(instance), instance];
  const { mean, rounding: allowed } = averagedStep(instance, change);
  const slope = stacked(smoothedSensingGradient(measurements, start, instance));
  const want = Matrix.sub(stacked(start), Matrix.mul(slope, eta));
  return showing(eta * norm(slope) + allowed, equal('mean of (X; Y)', mean, want, allowed));
}

function meanLoss(instance: Sensing, change?: Change): Comparison {
  const { mean, rounding } = averagedLoss(instance, change);
  return equal('mean of F', mean, smoothedSensingLoss(measurementsOf(instance), startOf(instance), instance), rounding);
}

/** Assumptions on the noise of a mean, each with noise that violates it. */
const momentsOf = (
  mean: (instance: Sensing, change: (typeof MOMENTS)[number]['change']) => Comparison,
): Hypothesis<Sensing>[] =>
  MOMENTS.map(({ text, change }) =>
    dropping(text, { ...sensings, accepts: visible }, (_, instance) => mean(instance, change)),
  );

export const meanOfStep = claim<Sensing>({
  id: 'sensing/mean-step',
  statement:
    'In matrix sensing the mean of a perturbed step is a gradient step on the loss with penalties weighted by the measurements.',
  formula: String.raw`E[\tilde G\tilde Y] = GY + \sigma_2^2QX,\quad E[\tilde G'\tilde X] = G'X + \sigma_1^2PY,\quad P = \textstyle\sum_i A_i'A_i,\ Q = \sum_i A_iA_i'`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: momentsOf(meanStep),
  source: SOURCE,
  proof: 'sensing',
  items: ['10.5'],
  instances: design(sensings),
  check: (_, instance) => meanStep(instance),
});

export const objective = claim<Sensing>({
  id: 'sensing/objective',
  statement:
    'In matrix sensing, completion included, the mean loss under noise is the loss with quadratic penalties weighted by the measurements, and a constant.',
  formula: String.raw`E F(X+\xi_1, Y+\xi_2) = F + \tfrac{\sigma_1^2}2\mathrm{tr}\,Y'PY + \tfrac{\sigma_2^2}2\mathrm{tr}\,X'QX + \tfrac r2\sigma_1^2\sigma_2^2\textstyle\sum_i\|A_i\|^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: momentsOf(meanLoss),
  source: SOURCE,
  proof: 'sensing',
  items: ['10.5'],
  instances: design(sensings),
  check: (_, instance) => meanLoss(instance),
});

/** Traces of the blocks of the Hessian by second differences, which are exact: F is of degree 2 in each entry. */
function blockTraces(instance: Sensing): { ofX: number; ofY: number; rounding: number } {
  const [measurements, start] = [measurementsOf(instance), startOf(instance)];
  const here = sensingLoss(measurements, start);
  let rounding = 0;
  const traceOf = (block: 'X' | 'Y'): number => {
    let trace = 0;
    const A = start[block];
    for (let i = 0; i < A.rows; i++) {
      for (let k = 0; k < A.columns; k++) {
        for (const by of [1, -1]) {
          const moved = A.clone().set(i, k, A.get(i, k) + by);
          const there = { ...start, [block]: moved };
          trace += sensingLoss(measurements, there) - here;
          rounding += 8 * (instance.A[0]!.length + instance.A.length + 16) * u * lossSize(instance, there);
        }
      }
    }
    return trace;
  };
  return { ofX: traceOf('X'), ofY: traceOf('Y'), rounding };
}

/** Contribution of the noise to the mean loss, without the constant. */
function penaltyOf(instance: Sensing): number {
  const [measurements, start] = [measurementsOf(instance), startOf(instance)];
  const { P } = sensingGrams(measurements);
  const constant = (start.X.columns * instance.sigma1 ** 2 * instance.sigma2 ** 2 * P.trace()) / 2;
  return smoothedSensingLoss(measurements, start, instance) - sensingLoss(measurements, start) - constant;
}

/** The scales with sigma1^2 d1 = sigma2^2 d2. */
const fitted = (instance: Sensing): Sensing => ({
  ...instance,
  sigma2: instance.sigma1 * Math.sqrt(instance.M.length / instance.M[0]!.length),
});

/** The penalty against sigma1^2 d1 / 2 times the scaled trace. */
export const isFlatness = claim<Sensing>({
  id: 'sensing/flatness',
  statement:
    'In matrix sensing noise with sigma1^2 d1 = sigma2^2 d2 penalises the scaled trace of the Hessian, which Ding et al. call flatness.',
  formula: String.raw`\tilde F - F - c = \tfrac12\left(\sigma_1^2\,\mathrm{tr}\nabla^2_{XX}F + \sigma_2^2\,\mathrm{tr}\nabla^2_{YY}F\right) = \tfrac12\sigma_1^2d_1\left(\tfrac1{d_1}\mathrm{tr}\nabla^2_{XX}F + \tfrac1{d_2}\mathrm{tr}\nabla^2_{YY}F\right)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('sigma1^2 d1 = sigma2^2 d2', {
      ...sensings,
      accepts: visible,
      picks: { ...sensings.picks, sigma1: [1], sigma2: [1 / 4] },
    }),
  ],
  source: 'Ding, Drusvyatskiy, Fazel and Harchaoui 2022 (the measure of flatness); our proof',
  proof: 'sensing',
  items: ['10.5', '8.3'],
  instances: design(changed(sensings, fitted)),
  check(_, instance) {
    const { ofX, ofY, rounding } = blockTraces(instance);
    const [d1, d2] = [instance.M.length, instance.M[0]!.length];
    const weight = (instance.sigma1 ** 2 * d1) / 2;
    const size = lossSize(instance, startOf(instance));
    const allowed =
      weight * rounding + 64 * (instance.A[0]!.length + instance.A.length + 8) * u * (size + weight * (ofX + ofY));
    return equal('penalty of the noise', penaltyOf(instance), weight * (ofX / d1 + ofY / d2), allowed);
  },
});

/** The penalty at the start, and sigma1 sigma2 |Q^(1/2) X Y' P^(1/2)|_nuc. */
function penaltyAndNorm(instance: Sensing, { X, Y } = startOf(instance)): [number, number, number] {
  const { P, Q } = sensingGrams({ matrices: matricesOf(instance) });
  const { sigma1, sigma2 } = instance;
  const penalty = (sigma1 ** 2 * inner(Y, times(P, Y)) + sigma2 ** 2 * inner(X, times(Q, X))) / 2;
  const W = times(times(powerOf(Q, 1 / 2), product({ X, Y })), powerOf(P, 1 / 2));
  // Square roots of matrices that may be singular are exact up to the root of the rounding.
  const size = sigma1 * sigma2 * Math.sqrt(Q.trace() * P.trace()) * norm(X) * norm(Y);
  const rounding = 8 * Math.sqrt(64 * (P.rows + Q.rows) * u) * size + 64 * (P.rows + Q.rows) * u * penalty;
  return [penalty, sigma1 * sigma2 * nuclearNorm(W), rounding];
}

/** Four measurements of full rank weights. */
const weighted: Design<Sensing> = {
  ...sensings,
  size: { d1: [1, 3], d2: [1, 3] },
  picks: { ...sensings.picks, kind: [0], count: [4] },
  accepts: (draft) => isWeighted(operatorOf(draft), matrixOfDraft(draft)),
};

const matrixOfDraft = ({ size: { d1, d2 } }: Draft): number[][] => Matrix.zeros(d1, d2).to2DArray();

export const reweighted = claim<Sensing>({
  id: 'sensing/nuclear-norm',
  statement:
    'Over the factorisations of one matrix the penalty of the noise in matrix sensing is at least a nuclear norm reweighted by the measurements.',
  formula: String.raw`\tfrac12\left(\sigma_1^2\mathrm{tr}\,Y'PY + \sigma_2^2\mathrm{tr}\,X'QX\right) \ge \sigma_1\sigma_2\,\|Q^{1/2}\,XY'\,P^{1/2}\|_*`,
  kind: 'inequality',
  needs: 'theory',
  bound: {
    tight:
      "at X = g H^-1 U S^(1/2), Y = K^-1 V S^(1/2) / g, where H = Q^(1/2) and K = P^(1/2) are invertible and U S V' = H Z K",
    on: {
      instances: design(weighted),
      check(_, instance) {
        const at = cheapest(instance, matrix(instance.M));
        const [penalty, least, rounding] = penaltyAndNorm(instance, at);
        const M = matrix(instance.M);
        const { P, Q } = sensingGrams({ matrices: matricesOf(instance) });
        const stretch = stretchOf(P, Q);
        return worst([
          equal("X Y'", product(at), M, stretch * (norm(M) + 1)),
          equal('penalty of the noise', penalty, least, rounding + stretch * (penalty + least)),
        ]);
      },
    },
  },
  source: SOURCE,
  proof: 'sensing',
  items: ['10.5'],
  instances: design(sensings),
  check: (_, instance) => atLeast('penalty of the noise', ...penaltyAndNorm(instance)),
});

/** The diagonal of a matrix that should have nothing else, against counts. */
export const completion = claim<Sensing>({
  id: 'sensing/completion',
  statement:
    'In matrix completion the weights of the penalties are the numbers of observed entries in each row and in each column.',
  formula: String.raw`A_i = e_ae_b':\quad \mathrm{tr}\,X'QX = \textstyle\sum_a n_a\|x_a\|^2,\quad \mathrm{tr}\,Y'PY = \sum_b m_b\|y_b\|^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('unit matrices as measurements', {
      ...sensings,
      accepts: visible,
      picks: { ...sensings.picks, kind: [0] },
      size: { d1: [3, 4], d2: [3, 4] },
    }),
  ],
  source: SOURCE,
  proof: 'sensing',
  items: ['10.6'],
  instances: design({ ...sensings, picks: { ...sensings.picks, kind: [1] } }),
  check(_, instance) {
    const { P, Q } = sensingGrams({ matrices: matricesOf(instance) });
    const { X, Y } = startOf(instance);
    const counts = instance.A.reduce(
      (total, row) =>
        total.add(
          Matrix.from1DArray(
            X.rows,
            Y.rows,
            row.map((entry) => (entry === 0 ? 0 : 1)),
          ),
        ),
      Matrix.zeros(X.rows, Y.rows),
    );
    const weigh = (F: Matrix, weights: number[]): number =>
      weights.reduce((sum, weight, i) => sum + weight * squaredNorm(F.getRowVector(i)), 0);
    const rounding = 16 * (X.rows * Y.rows + X.columns) * u * (Q.trace() * squaredNorm(X) + P.trace() * squaredNorm(Y));
    return worst([
      equal("tr X'QX", inner(X, times(Q, X)), weigh(X, counts.sum('row')), rounding),
      equal("tr Y'PY", inner(Y, times(P, Y)), weigh(Y, counts.sum('column')), rounding),
    ]);
  },
});
