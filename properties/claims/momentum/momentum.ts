/** Conserved quantities under momentum, weight decay, two step sizes and preconditioning. */
import { inverse, Matrix } from 'ml-matrix';
import { atStep, claim, equal, firstRefuted, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { moderate } from '../../instances/large-targets.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import {
  blockSize,
  descend,
  iterate,
  matrix,
  noiseTape,
  problemOf,
  startOf,
  type Grid,
  type Instance,
} from '../../model/instance.ts';
import { noisyRuns, plainRuns, shortRun, startGrids, targetGrids } from '../../instances/designs.ts';
import { scaledRuns, type Scaled } from '../../instances/other-noises.ts';
import { perturb } from '../../oracles/formula.ts';
import { nesterov, noisyHeavyBall, twist } from './momenta.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { transitions } from '../../oracles/transitions.ts';
import {
  gradient,
  gram,
  heavyBall,
  imbalance,
  norm,
  product,
  rank,
  residual,
  scaledGradientDescent,
  type Descent,
  type Factors,
  type HeavyBallOptions,
  type Solver,
} from '../../../src/index.ts';
import { plus, times, timesTransposed, transposedTimes } from '../../../src/linear-algebra/matrices.ts';

const OURS = 'our proof';

/** A run of two columns or more that begins with a velocity. */
type Pushed = Instance & { momentum: number; P: Grid; Q: Grid };

const pushedRuns: Design<Pushed> = {
  size: { d1: [2, 6], d2: [2, 6], r: [2, 3] },
  grids: { ...targetGrids, ...startGrids, P: startGrids.X0, Q: startGrids.Y0 },
  picks: { momentum: [1 / 2, 7 / 8, 1 / 8], steps: [4, 1, 32] },
  accepts: ({ grids }) => norm(twist(startOf(grids as never), startOf({ X0: grids['P']!, Y0: grids['Q']! }))) > 1 / 8,
  complete(draft) {
    const run = shortRun(draft);
    const { P, Q } = draft.grids as Record<'P' | 'Q', Grid>;
    return { ...run, eta: run.eta / 4, momentum: draft.picks['momentum']!, P, Q };
  },
  excludes: ({ rank: r }) => (r === 1 ? 'with one column A is always 0' : undefined),
};

/** A run that diverges is followed while products of its entries are far from overflow. */
const HUGE = 2 ** 200;

/** A after each step, from that before it. */
function* decays(begin: (options: HeavyBallOptions) => Descent, instance: Pushed): Generator<Comparison> {
  const { momentum, eta, P, Q } = instance;
  const [target, previous] = [matrix(instance.M), startOf({ X0: P, Y0: Q })];
  const run = begin({ ...problemOf(instance), momentum, previous });
  let earlier: Factors = previous;
  for (const { before, after, t } of transitions(run, instance.steps)) {
    if (squaredSize(after) > HUGE) return;
    const [old, found] = [twist(earlier, before), twist(before, after)];
    const sizes =
      Math.sqrt(squaredSize(before)) *
      (Math.sqrt(squaredSize(after)) + Math.sqrt(squaredSize(earlier)) + Math.sqrt(squaredSize(before)));
    const ofStep =
      stepRounding(target, before, before, { eta }) +
      8 * u * (Math.sqrt(squaredSize(earlier)) + Math.sqrt(squaredSize(after)));
    const rounding = 2 * Math.sqrt(squaredSize(before)) * ofStep + 4 * (target.rows + target.columns + 8) * u * sizes;
    yield atStep(t, showing(norm(old), equal(`A after step ${t}`, found, old.mul(momentum), rounding)));
    earlier = before;
  }
}

export const momentumDecay = claim<Pushed>({
  id: 'momentum/decay',
  statement:
    'Each step of heavy ball multiplies the antisymmetric part of successive iterates by the momentum, for every target and step size.',
  formula: String.raw`A_t = Z_t'Z_{t+1} - Z_{t+1}'Z_t \;\Rightarrow\; A_{t+1} = b\,A_t`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('the gradient is taken at the iterate, not at the point to which the momentum moves', (_, instance) =>
      firstRefuted(decays(nesterov, instance)),
    ),
  ],
  source: OURS,
  proof: 'momentum',
  items: ['9.6'],
  instances: design(pushedRuns),
  check: (_, instance) => firstRefuted(decays(heavyBall, instance)),
});

/** A of the solver's steps under its noise, against -eta (Z'g - g'Z) with the gradient g at the perturbed point. */
function* noMomentum(solver: Solver, instance: Instance): Generator<Comparison> {
  const [target, block, tape] = [matrix(instance.M), blockSize(instance), noiseTape(instance)];
  for (const { before, after, t } of transitions(descend(solver, instance), instance.steps)) {
    const there = perturb(before, instance, tape.subarray((t - 1) * block, t * block));
    const expected = twist(before, gradient(target, there)).mul(-instance.eta);
    const [from, to] = [Math.sqrt(squaredSize(before)), Math.sqrt(squaredSize(after))];
    const ofStep = stepRounding(target, before, there, instance);
    const rounding = 2 * from * ofStep + 4 * (target.rows + target.columns + 8) * u * from * (from + to);
    yield atStep(t, showing(norm(expected), equal(`A in step ${t}`, twist(before, after), expected, rounding)));
  }
}

export const momentumNone = claim({
  id: 'momentum/none',
  statement:
    'Perturbed descent has no momentum: the antisymmetric part of successive iterates is that of the perturbed gradient alone.',
  formula: String.raw`Z_t'Z_{t+1} - Z_{t+1}'Z_t = -\eta(Z_t'\tilde g_t - \tilde g_t'Z_t)`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('momentum 0', { ...noisyRuns([4, 16]), size: { d1: [2, 6], d2: [2, 6], r: [2, 3] } }, (_, instance) =>
      firstRefuted(noMomentum(noisyHeavyBall(1 / 8), instance)),
    ),
  ],
  source: OURS,
  proof: 'momentum',
  items: ['9.6'],
  instances: design({
    ...noisyRuns([1, 4, 16]),
    size: { d1: [2, 6], d2: [2, 6], r: [2, 3] },
    excludes: ({ rank: r }) => (r === 1 ? 'with one column A is always 0' : undefined),
  }),
  check: (solver, instance) => firstRefuted(noMomentum(solver, instance)),
});

/** One step with step sizes of its own for the factors, and with weight decay m. */
function stepped(target: Matrix, at: Factors, [eta1, eta2]: readonly [number, number], m = 0): Factors {
  const slope = gradient(target, at);
  return {
    X: plus(Matrix.mul(at.X, 1 - eta1 * m), slope.X, -eta1),
    Y: plus(Matrix.mul(at.Y, 1 - eta2 * m), slope.Y, -eta2),
  };
}

/** Rounding of D and of its formula, for a step of the size that it has. */
function ofGrams(target: Matrix, at: Factors, after: Factors, eta: number): number {
  const slope = eta * Math.sqrt(squaredSize(at)) * (norm(at.X) * norm(at.Y) + norm(target));
  const sizes = Math.sqrt(squaredSize(at)) + Math.sqrt(squaredSize(after)) + slope;
  return 8 * (target.rows + target.columns + at.X.columns + 8) * u * sizes ** 2;
}

function decayed(instance: Scaled, shrinkage: (z: number) => number): Comparison {
  const [target, at, { eta, scale }] = [matrix(instance.M), startOf(instance), instance];
  const after = stepped(target, at, [eta, eta], scale);
  const D = imbalance(at).mul(shrinkage(eta * scale));
  const expected = Matrix.add(D, imbalance(gradient(target, at)).mul(eta ** 2));
  const shown = eta * scale * norm(imbalance(at));
  return showing(shown, equal('D', imbalance(after), expected, ofGrams(target, at, after, eta)));
}

export const weightDecay = claim<Scaled>({
  id: 'momentum/weight-decay',
  statement:
    'Weight decay m multiplies the imbalance by (1 - eta m)^2 in each step, apart from the term of second order, exactly.',
  formula: String.raw`D^+ = (1 - \eta m)^2D + \eta^2(Y'R'RY - X'RR'X)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('both factors decay at the same rate', (_, instance) => decayed(instance, (z) => 1 - z))],
  source: OURS,
  proof: 'two-steps',
  items: ['9.7'],
  instances: design({ ...scaledRuns([1]), accepts: ({ grids }) => norm(imbalance(startOf(grids as never))) > 1 / 8 }),
  check: (_, instance) => decayed(instance, (z) => (1 - z) ** 2),
});

/**
 * X'X / eta1 - Y'Y / eta2 after a step of either size, eta2 = scale eta1; or, without weights, the imbalance of
 * gradient descent.
 */
function weighted(instance: Scaled, weigh: boolean): Comparison {
  const [target, at, { eta, scale }] = [matrix(instance.M), startOf(instance), instance];
  const sizes = [eta, scale * eta] as const;
  const after = stepped(target, at, sizes);
  const R = residual(target, at);
  const [ofX, ofY] = [gram(times(R, at.Y)), gram(transposedTimes(R, at.X))];
  const [w1, w2] = weigh ? [1, 1 / scale] : [1, 1];
  const D = ({ X, Y }: Factors): Matrix => gram(X).mul(w1).sub(gram(Y).mul(w2));
  const change = ofX.mul(w1 * sizes[0] ** 2).sub(ofY.mul(w2 * sizes[1] ** 2));
  const rounding = (1 + 1 / scale) * ofGrams(target, at, after, eta * Math.max(1, scale));
  return showing(Math.max(norm(change), 1e-6), equal('D_w', D(after), D(at).add(change), rounding));
}

export const twoSteps = claim<Scaled>({
  id: 'momentum/two-step-sizes',
  statement:
    'With a step size of its own for each factor, the imbalance of the factors divided by their step sizes is conserved by a step, up to second order.',
  formula: String.raw`D_w = \frac{X'X}{\eta_1} - \frac{Y'Y}{\eta_2}: \quad D_w^+ = D_w + \eta_1Y'R'RY - \eta_2X'RR'X`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('the factors are weighted by their step sizes', (_, instance) => weighted(instance, false))],
  source: OURS,
  proof: 'two-steps',
  items: ['9.7'],
  instances: design(scaledRuns([1], [1 / 2, 4, 1 / 16])),
  check: (_, instance) => weighted(instance, true),
});

/** A (A'A)^-1 A'. */
const projection = (A: Matrix): Matrix => timesTransposed(times(A, inverse(gram(A))), A);

const independent = (grids: Readonly<Record<string, Grid>>): boolean =>
  ['X0', 'Y0'].every((name) => {
    const A = matrix(grids[name]!);
    return rank(A) === A.columns && conditionOf(A) < 64;
  });

const conditionOf = (A: Matrix): number => norm(gram(A)) * norm(inverse(gram(A)));

function scaledStep(
  instance: Instance,
  begin: (options: { target: Matrix; start: Factors; stepSize: number }) => Descent,
): Comparison {
  const [target, at, { eta }] = [matrix(instance.M), startOf(instance), instance];
  const run = begin(problemOf(instance));
  run.advance(1);
  const R = residual(target, at);
  const across = times(times(at.Y, inverse(gram(at.Y))), timesTransposed(inverse(gram(at.X)), at.X));
  const first = Matrix.add(times(R, projection(at.Y)), times(projection(at.X), R));
  const expected = Matrix.sub(R, first.mul(eta)).add(times(times(R, across), R).mul(eta ** 2));
  const [cx, cy] = [conditionOf(at.X), conditionOf(at.Y)];
  const moved = (norm(R) * eta) / Math.sqrt(Math.min(norm(gram(at.X)) / cx, norm(gram(at.Y)) / cy));
  const sizes = (norm(at.X) + moved) * (norm(at.Y) + moved) + norm(target);
  const rounding = 64 * (target.rows + target.columns + 8) * u * cx * cy * sizes;
  return showing(
    eta * norm(first) || 1,
    equal("X Y' - M", residual(target, iterate(run)), expected, rounding, { P: product(at) }),
  );
}

export const scaledResidual = claim({
  id: 'momentum/scaled-residual',
  statement:
    'Scaled gradient descent changes the residual through the column spaces of the factors, not through their sizes: to first order every part of it in these spaces shrinks at the same rate.',
  formula: String.raw`R^+ = R - \eta(RP_Y + P_XR) + \eta^2RY(Y'Y)^{-1}(X'X)^{-1}X'R,\quad P_A = A(A'A)^{-1}A'`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('each gradient is divided by the Gram matrix of the other factor', (_, instance) =>
      scaledStep(instance, (options) => heavyBall({ ...options, momentum: 0 })),
    ),
  ],
  source: 'our proof; Tong, Ma and Chi 2021 (the algorithm; abstract read)',
  proof: 'scaled',
  items: ['9.8'],
  instances: design(
    moderate({
      ...plainRuns([1]),
      accepts: ({ grids }) => independent(grids),
      complete: (draft) => ({ ...shortRun(draft), eta: draft.picks['slow']! / 2 }),
    }),
  ),
  check: (_, instance) => scaledStep(instance, scaledGradientDescent),
});
