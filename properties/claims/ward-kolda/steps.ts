/**
 * The number of steps that alternating descent needs from a large start in the column space: the theorem's exponents
 * are attained.
 */
import { claim, equal, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { targetGrids, targetOf, targetPicks } from '../../instances/designs.ts';
import { descendPlainly, matrix, zeros, type Instance } from '../../model/instance.ts';
import { finite } from '../../run/guard.ts';
import { alternatingGradientDescent, decompose, norm, rank, residual, singularValues } from '../../../src/index.ts';

/** eps, the share of |M|^2 that is left of |R|^2. */
type Aligned = Instance & { eps: number };

/** kappa^2 steps are made for each factor e^2 of eps. */
const MOST = 16;

/** X_0 = c M V_k = c U S, Y_0 = 0, eta = 1/|X_0|^2, with c^2 s_k >= 64. */
const aligned: Design<Aligned> = {
  size: { d1: [1, 6], d2: [1, 6], k: [1, 3] },
  grids: targetGrids,
  picks: { ...targetPicks, eps: [2 ** -8, 2 ** -16, 2 ** -24] },
  accepts: (draft) => isModerate(targetOf(draft)),
  complete: alignedStart,
  excludes: ({ target }) => (isModerate(target) ? undefined : `its target has a condition number of at most ${MOST}`),
};

function isModerate(M: number[][]): boolean {
  const s = singularValues(matrix(M));
  const k = rank(matrix(M));
  return k > 0 && s[0]! <= MOST * s[k - 1]!;
}

function alignedStart(draft: Draft): Aligned {
  const M = targetOf(draft);
  const { U, s, V } = decompose(matrix(M));
  const k = rank(matrix(M));
  let c = 1;
  while (c * c * s[k - 1]! < 64) c *= 2;
  const X0 = U.subMatrix(0, U.rows - 1, 0, k - 1)
    .mulRowVector(s.slice(0, k))
    .mul(c);
  const eta = 1 / (c * s[0]!) ** 2;
  const Y0 = zeros(V.subMatrix(0, V.rows - 1, 0, k - 1).to2DArray());
  return { M, X0: X0.to2DArray(), Y0, eta, sigma1: 0, sigma2: 0, steps: 0, seed: draft.seed, eps: draft.picks['eps']! };
}

/** The real t with sum s_i^2 (1 - s_i^2/s_1^2)^(2t) = eps sum s_i^2, by bisection. */
function predictedSteps(s: readonly number[], eps: number): number {
  const left = (t: number): number =>
    s.reduce((sum, value) => sum + value ** 2 * (1 - (value / s[0]!) ** 2) ** (2 * t), 0);
  const goal = eps * s.reduce((sum, value) => sum + value ** 2, 0);
  let [low, high] = [0, 1];
  while (left(high) > goal) high *= 2;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (left(middle) > goal) low = middle;
    else high = middle;
  }
  return high;
}

/** Steps until |R|^2 <= eps |M|^2 against the prediction, and that against kappa^2 log(1/eps) / 2. */
function steps(instance: Aligned): Comparison {
  const target = matrix(instance.M);
  const s = singularValues(target).slice(0, rank(target));
  const predicted = predictedSteps(s, instance.eps);
  const goal = Math.sqrt(instance.eps) * norm(target);
  const descent = descendPlainly(alternatingGradientDescent, instance);
  let taken = 0;
  finite(() => {
    for (; norm(residual(target, descent)) > goal && taken < 4 * predicted + 4; taken++) descent.advance(1);
  });
  // The factors move by at most 2^-12 of themselves; the last step may be nearly done.
  return equal('steps', taken, Math.ceil(predicted), 1 + predicted / 1024, { kappa: s[0]! / s.at(-1)! });
}

export const exponents = claim<Aligned>({
  id: 'ward-kolda/steps',
  statement:
    "From a large start that is aligned with the target alternating descent takes about (s_1/s_k)^2 log(1/eps) / 2 steps: the theorem's exponents, two of the condition number and one of the logarithm, are attained.",
  formula: String.raw`X_0 = cMV,\ Y_0 = 0,\ \eta = \|X_0\|_{op}^{-2}:\quad \textstyle\sum_i s_i^2\left(1 - s_i^2/s_1^2\right)^{2T} = \epsilon\,\|M\|^2,\quad T \approx \tfrac12(s_1/s_k)^2\log(1/\epsilon)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping(
      'a large start',
      changed({ ...aligned, size: { d1: [2, 6], d2: [2, 6], k: [2, 3] } }, (run) => ({
        ...run,
        X0: run.X0.map((row) => row.map((x) => x / 64)),
        eta: 4096 * run.eta,
      })),
    ),
    dropping(
      'eta = 1/|X_0|^2',
      changed(aligned, (run) => ({ ...run, eta: run.eta / 4 })),
    ),
  ],
  source: 'Ward and Kolda 2023 (abstract: C (s_1/s_r)^2 log(1/eps) steps from a random start); our formula and proof',
  proof: 'ward-kolda',
  items: ['8.2'],
  instances: design(aligned),
  check: (_, instance) => steps(instance),
});
