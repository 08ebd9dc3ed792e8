/** Sharpness-aware minimisation: a perturbation that is chosen, not drawn, and its effect on the imbalance. */
import { Matrix } from 'ml-matrix';
import {
  atLeast,
  atMost,
  atStep,
  claim,
  equal,
  firstRefuted,
  showing,
  worst,
  type Comparison,
} from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { matrix, startOf } from '../../model/instance.ts';
import { scaledRuns, type Scaled } from '../../instances/other-noises.ts';
import { lead, samRavines, sharpnessAware, type Ravine } from './ravines.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { transitions } from '../../oracles/transitions.ts';
import { gradient, imbalance, norm, residual, type Factors } from '../../../src/index.ts';
import { plus, times, transposedTimes } from '../../../src/linear-algebra/matrices.ts';

/** The perturbation of a step at this point, and a bound on its rounding. */
function perturbation(target: Matrix, at: Factors, radius: number, normalised: boolean): Factors & { error: number } {
  const slope = gradient(target, at);
  const length = Math.sqrt(squaredSize(slope));
  const share = normalised ? radius / (length || 1) : radius;
  const error = 2 * share * stepRounding(target, at, at, { eta: 1 });
  return { X: slope.X.mul(share), Y: slope.Y.mul(share), error: length === 0 ? 0 : error };
}

/** D - eta (P + P') + eta^2 [(R~Y~)'(R~Y~) - (R~'X~)'(R~'X~)], P = X'R~B - A'R~Y, with a factor before the first term. */
function* steps(instance: Scaled, normalised: boolean, first = 1): Generator<Comparison> {
  const [target, { eta }] = [matrix(instance.M), instance];
  for (const { before, after, t } of transitions(sharpnessAware(instance, normalised), instance.steps)) {
    const { X: A, Y: B, error } = perturbation(target, before, instance.scale, normalised);
    const there = { X: plus(before.X, A), Y: plus(before.Y, B) };
    const [R, slope] = [residual(target, there), gradient(target, there)];
    const P = transposedTimes(before.X, times(R, B)).sub(transposedTimes(A, times(R, before.Y)));
    const pulled = Matrix.add(P, P.transpose()).mul(first * eta);
    const expected = imbalance(before)
      .sub(pulled)
      .add(imbalance(slope).mul(eta ** 2));
    const [x, y] = [norm(there.X) + norm(before.X), norm(there.Y) + norm(before.Y)];
    // The Hessian at the perturbed point carries the error of the perturbation into the step.
    const carried = eta * (x * x + y * y + x * y + norm(target)) * error;
    const ofStep = 2 * stepRounding(target, before, there, { eta }) + carried;
    const rounding =
      4 * (target.rows + target.columns + 16) * u * (squaredSize(before) + squaredSize(after)) + 4 * (x + y) * ofStep;
    yield atStep(t, showing(norm(pulled) || 1, equal(`D after step ${t}`, imbalance(after), expected, rounding)));
  }
}

const bothForms = (instance: Scaled, first = 1): Comparison =>
  worst([
    firstRefuted(steps(instance, true, first)),
    // The perturbation is at most as long as a step: a larger share of the gradient would diverge.
    firstRefuted(steps({ ...instance, scale: instance.scale * instance.eta }, false, first)),
  ]);

const OURS = 'our proof';

export const perturbedStep = claim<Scaled>({
  id: 'noise/sharpness-step',
  statement:
    'With the gradient taken at any point nearby, as sharpness-aware minimisation takes it, a step moves the imbalance by a term of first order in the step size, exactly.',
  formula: String.raw`D^+ = D - \eta(P + P') + \eta^2\left[(\tilde R\tilde Y)'(\tilde R\tilde Y) - (\tilde R'\tilde X)'(\tilde R'\tilde X)\right],\quad P = X'\tilde RB - A'\tilde RY`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('the perturbation counts in full', (_, instance) => bothForms(instance, 1 / 2))],
  source: OURS,
  proof: 'sam',
  items: ['9.4'],
  instances: design(scaledRuns([1, 4, 16], [1 / 4, 1 / 16, 1])),
  check: (_, instance) => bothForms(instance),
});

/** log(D_0 / D_T) after settling, against the sum of 2 eta rho^2 / (1 - eta S / 2)^2, or of that without the bounce. */
function samRate(instance: Ravine, normalised: boolean): Comparison {
  const run = sharpnessAware(instance, normalised);
  run.advance(instance.burnIn);
  const [first, { eta, scale, steps: count }] = [lead(run), instance];
  let predicted = 0;
  for (let t = 0; t < count; t++) {
    predicted += (2 * eta * scale ** 2) / (1 - (eta * squaredSize(run)) / 2) ** 2;
    run.advance(1);
  }
  // The neglected terms are of the relative order rho^2 / S, at most 1/128; four times that is allowed (docs/theory/other-methods.md#sam).
  const S = squaredSize(startOf(instance));
  return equal('log(D_0 / D_T)', Math.log(first / lead(run)), predicted, ((4 * scale ** 2) / S) * predicted);
}

export const samBalances = claim<Ravine>({
  id: 'noise/sharpness-rate',
  statement:
    'Sharpness-aware minimisation does not converge to a point: it oscillates across the minima and balances at the rate of noise with sigma = rho, so that its limit does not depend on the start.',
  formula: String.raw`\log\frac{D_t}{D_{t+1}} = \frac{2\eta\rho^2}{(1 - \eta S/2)^2}\left(1 + O(\rho^2/S)\right),\quad S = \|x\|^2 + \|y\|^2`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [dropping('the gradient is divided by its norm', (_, instance) => samRate(instance, false))],
  source: `${OURS}; Bartlett, Long and Bousquet 2023 (abstract read: SAM oscillates across the minimum and drifts to wider ones)`,
  proof: 'sam',
  items: ['9.4'],
  instances: design(samRavines),
  check: (_, instance) => samRate(instance, true),
});

/**
 * 1 x 1, x > y > 0 and not balanced, at a stable step. The residual falls by eta (x^2 + y^2) of it in a step. While
 * half of the imbalance remains, that share is 1/32 at least, at the start and at the minimum of all of these: the
 * residual falls to less than e^-32. With the norm the imbalance falls more slowly, so that LONGER times the steps are
 * needed.
 */
const LONGER = 8;
const scalarRuns: Design<Scaled> = {
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1] },
  grids: {},
  picks: { x: [2, 3 / 2, 3], y: [1 / 2, 1 / 4, 1], mu: [1, 1 / 2, 2], scale: [1 / 16, 1 / 32] },
  accepts: ({ picks }) => picks['x']! * picks['y']! !== picks['mu']!,
  complete({ picks, seed }) {
    const { x, y, mu, scale } = picks as Record<'x' | 'y' | 'mu' | 'scale', number>;
    const S = x * x + y * y + 2 * mu;
    return { M: [[mu]], X0: [[x]], Y0: [[y]], eta: 1 / (8 * S), sigma1: 0, sigma2: 0, steps: 1024, seed, scale };
  },
  excludes: () => 'it is about targets of one entry that it makes itself',
};

/** D_T / D_0 against its bound by the residual along the run, exp of -8 rho times the sum of eta r^2. */
function samKept(instance: Scaled, normalised: boolean): Comparison {
  const run = sharpnessAware(instance, normalised);
  const first = lead(startOf(instance));
  let squares = 0;
  for (let t = 0; t < instance.steps; t++) {
    squares += residual(matrix(instance.M), run).get(0, 0) ** 2;
    run.advance(1);
  }
  const S = squaredSize(startOf(instance)) + 2 * instance.M[0]![0]!;
  // Each step leaves at least 1 - (2 eta rho (1 + rho S) + eta^2 (1 + rho S)^2) r^2 of D (docs/theory/other-methods.md#sam), and log(1 - z) >= -2z.
  const each =
    2 * instance.eta * instance.scale * (1 + instance.scale * S) + (instance.eta * (1 + instance.scale * S)) ** 2;
  const least = Math.exp(-2 * each * squares);
  return worst([
    atLeast('D_T / D_0', lead(run) / first, normalised ? 1 / 2 : least, 1e-9),
    atMost('|residual| at the end', Math.abs(residual(matrix(instance.M), run).get(0, 0)), 1e-9, 0),
  ]);
}

export const samWithoutNorm = claim<Scaled>({
  id: 'noise/sharpness-unnormalised',
  statement:
    'Without the division by the norm of the gradient, sharpness-aware minimisation stops at a minimum that depends on its start.',
  formula: String.raw`\delta = \rho\nabla F:\quad D_\infty \ge D_0\,e^{-2c\sum_tr_t^2},\quad c = 2\eta\rho(1 + \rho S) + \eta^2(1 + \rho S)^2`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping(
      'the gradient is not divided by its norm',
      changed(scalarRuns, (run) => ({ ...run, steps: LONGER * run.steps })),
      (_, instance) => samKept(instance, true),
    ),
  ],
  bound: 'valid',
  source: OURS,
  proof: 'sam',
  items: ['9.4'],
  instances: design(scalarRuns),
  check: (_, instance) => samKept(instance, false),
});

/** Included as a false form: SAM with a radius of constant size ends at the first minimum that it reaches. */
export const samRemembers = claim<Ravine>({
  id: 'noise/sharpness-remembers',
  statement:
    'Sharpness-aware minimisation conserves at least half of its imbalance, because its pull fades with the residual.',
  formula: String.raw`|D_T| \ge \tfrac12|D_0|`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  bound: 'valid',
  source: 'an argument to leading order in the residual, which does not fade',
  proof: 'sam',
  items: ['9.4'],
  expected: 'refuted',
  instances: design({ ...samRavines, picks: { ...samRavines.picks, pace: [1 / 2] } }),
  check(_, instance) {
    const run = sharpnessAware(instance);
    run.advance(instance.burnIn + 8 * instance.steps);
    return atLeast('|D_T| / |D_0|', Math.abs(lead(run) / lead(startOf(instance))), 1 / 2, 1e-9);
  },
});
