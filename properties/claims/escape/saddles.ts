/** Gradient descent stays at a saddle, perturbed descent leaves it. */
import { Matrix } from 'ml-matrix';
import { equal, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { plainRuns, fromZero, noisyRuns } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { descend, descendPlainly, iterate, matrix, startOf, type Instance } from '../../model/instance.ts';
import { deviationOf, Hovering, LEFT, meansOf, settingOf } from '../../oracles/hovering.ts';
import { Window } from '../../oracles/linear-process.ts';
import { powerOfTwoAtMost, squaredSize } from '../../oracles/scales.ts';
import { invariants, noiseFor } from '../../instances/trajectories.ts';
import { noiseOnX } from '../../run/violations.ts';
import { norm, penalties, smoothedMinimiser, squaredNorm, type Descent, type Factors } from '../../../src/index.ts';

const ours = { needs: 'law', source: 'our proof', proof: 'escape', items: ['4.3'] } as const;

/** The last iterate of the descent against its start. */
function stays(descent: Descent, { X0, Y0, steps }: Instance): Comparison {
  descent.advance(steps);
  return equal('(X; Y)', stacked(iterate(descent)), stacked(startOf({ X0, Y0 })), 0);
}

export const origin: Claim = {
  id: 'escape/gd-stays',
  statement: 'Gradient descent that starts at the origin never leaves it.',
  formula: String.raw`(X_0, Y_0) = (0, 0) \;\Rightarrow\; (X_t, Y_t) = (0, 0)`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    dropping('no noise', changed(noisyRuns([1, 8, 64]), fromZero), (solver, instance) =>
      stays(descend(solver, instance), instance),
    ),
    dropping('X0 = 0 and Y0 = 0', plainRuns([1, 8, 64])),
  ],
  bound: 'equality',
  instances: design(changed(plainRuns([1, 8, 64]), fromZero)),
  check: (solver, instance) => stays(descendPlainly(solver, instance), instance),
};

/** The strong singular value of the targets below. */
const STRONG = 4;

/**
 * M has two entries that are not 0, STRONG and `weak`, up to sign; the start retains the weak triple as (t, 1 / t)
 * times its root. All of it is dyadic, so that the gradient of the loss is 0 without rounding.
 */
const saddles: Design<Instance> = {
  size: { d1: [2, 5], d2: [2, 5], r: [1, 2] },
  grids: {},
  picks: {
    weak: [1, 1 / 4],
    t: [1, 2, 1 / 2],
    row: [0, 1],
    column: [0, 1],
    sign: [1, -1],
    // Clear of the weak triples.
    share: [3 / 32, 1 / 32],
    balance: [1, 2, 1 / 2],
  },
  complete: atSaddle,
  excludes: () => 'it starts at a saddle on the lattice, with a target that it makes itself',
};

function atSaddle({ size: { d1, d2, r }, picks, seed }: Draft): Instance {
  const [weak, t, row, column] = [picks['weak']!, picks['t']!, picks['row']!, picks['column']!];
  const M = Matrix.zeros(d1, d2);
  M.set(1 - row, 1 - column, STRONG);
  M.set(row, column, picks['sign']! * weak);
  const [X, Y] = [Matrix.zeros(d1, r), Matrix.zeros(d2, r)];
  X.set(row, 0, t * Math.sqrt(weak));
  Y.set(column, 0, (picks['sign']! * Math.sqrt(weak)) / t);
  const target = M.to2DArray();
  const noise = noiseFor(target, STRONG * picks['share']!, picks['balance']!);
  const eta = powerOfTwoAtMost(1 / (16 * (squaredSize({ X, Y }) + 3 * STRONG)));
  const { alpha, beta } = penalties(matrix(target), noise);
  const balancing = (4 * alpha * beta) / (alpha + beta);
  const steps = Math.ceil(FOLDS / (eta * strongRate({ X, Y })) + SETTLE / (eta * balancing));
  return { M: target, X0: X.to2DArray(), Y0: Y.to2DArray(), eta, ...noise, steps, seed };
}

/**
 * Time enough in units of the rate at which the strong triple comes in: some 5 for it to grow from the noise to its
 * size, 8 to fit. A run needs more than the other 11 with a chance of P(|N| < e^-11) < 2e-5.
 */
const FOLDS = 24;
/** And then to balance: e^-7 of the imbalance is left. */
const SETTLE = 7;

/** Minus the lower eigenvalue of [[|Y|^2, -s], [-s, |X|^2]], the block of the strong triple and the column in use. */
const strongRate = ({ X, Y }: Factors): number =>
  (Math.hypot(squaredNorm(X) - squaredNorm(Y), 2 * STRONG) - squaredSize({ X, Y })) / 2;

const briefly = (instance: Instance): Instance => ({ ...instance, steps: 64 });

/** A little off the saddle. */
const offSaddle = (draft: Draft): Instance => {
  const instance = atSaddle(draft);
  return {
    ...instance,
    X0: matrix(instance.X0)
      .mul(9 / 8)
      .to2DArray(),
  };
};

export const staysAtSaddle: Claim = {
  id: 'escape/gd-stays-at-saddle',
  statement: 'Gradient descent that starts at a saddle with a weak triple in place of a strong one never leaves it.',
  formula: String.raw`\nabla F(X_0, Y_0) = 0 \;\Rightarrow\; (X_t, Y_t) = (X_0, Y_0)`,
  kind: 'identity',
  ...ours,
  hypotheses: [
    dropping('no noise', (solver, instance) => stays(descend(solver, instance), briefly(instance))),
    dropping('the gradient is 0 at the start', { ...saddles, complete: offSaddle }),
  ],
  bound: 'equality',
  instances: design(saddles),
  check: (solver, instance) => stays(descendPlainly(solver, instance), briefly(instance)),
};

/** The last iterate against the mean of the run at rest, with the largest allowed distance of one iterate. */
function endsNearMinimiser(descent: Descent, instance: Instance): Comparison {
  descent.advance(instance.steps);
  const end = iterate(descent);
  const hovering = new Hovering(settingOf(instance));
  const means = meansOf(matrix(instance.M), hovering);
  const limit = invariants(smoothedMinimiser(matrix(instance.M), instance.X0[0]!.length, instance));
  const spread = hovering.spread(new Window(1, 1));
  const { gamma } = penalties(matrix(instance.M), instance);
  const scale = { XX: gamma, YY: 1 / gamma, XY: 1 };
  const found = invariants(end);
  return worst(
    (['XX', 'YY', 'XY'] as const).map((name) => {
      const bias =
        norm(Matrix.sub(means[name], limit[name])) / 8 + scale[name] * (hovering.ofSecondOrder + 2 * LEFT * STRONG);
      return equal(`${name[0]} ${name[1]}' at the end`, found[name], means[name], deviationOf(spread[name]) + bias);
    }),
  );
}

export const leavesSaddle: Claim = {
  id: 'escape/saddles',
  statement:
    'Perturbed gradient descent that starts at a saddle with a weak triple in place of a strong one leaves it and converges to the minimiser.',
  formula: String.raw`\nabla F(X_0, Y_0) = 0,\ X_0Y_0' = s_2u_2v_2' \;\Rightarrow\; X_TY_T' \approx U_r(S_r - \lambda)_+V_r'`,
  kind: 'stochastic trajectory',
  ...ours,
  hypotheses: [
    dropping('sigma1, sigma2 > 0', (solver, instance) => endsNearMinimiser(descendPlainly(solver, instance), instance)),
  ],
  bound: 'equality',
  random: { basis: 'leading order', shift: noiseOnX(0.1) },
  instances: design(saddles),
  check: (solver, instance) => endsNearMinimiser(descend(solver, instance), instance),
};
