/** Where gradient descent ends: at a minimum that its start and its step size dictate. What gradient flow conserves. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, equal, NONE, worst, type Claim } from '../claim.ts';
import { design, type Design, changed } from '../design.ts';
import { plainRuns, withNoise } from '../instances/designs.ts';
import { EXACT_ORDER, flowFor, flowStep } from '../oracles/flow.ts';
import { stacked } from '../oracles/formula.ts';
import { spectrumOf } from '../oracles/hessians.ts';
import { imbalanceRounding } from '../oracles/imbalances.ts';
import { descend, iterate, matrix, startOf, type Grid, type Instance, zeros } from '../instance.ts';
import {
  atSharpMinimum,
  attracting,
  kickedRuns,
  leaningRuns,
  stableLimit,
  topMinima,
  type KickedRun,
} from '../instances/large-steps.ts';
import {
  directions,
  flowLimit,
  fromTwoStarts,
  inPlane,
  nearLimit,
  sided,
  sidedness,
  sidedRun,
  twoStarts,
  type NearLimit,
  type TwoStarts,
} from '../instances/rank-one.ts';
import { u } from '../oracles/rounding.ts';
import { descendingStep, shortBinary, size } from '../oracles/scales.ts';
import {
  gradient,
  hessian,
  imbalance,
  loss,
  outerGram,
  residual,
  singularValues,
  type Factors,
  type Solver,
} from '../../src/index.ts';

/** Noise of both factors with lambda = sqrt(d1 d2) s_1, which holds the limit at 0. */
const drowned = <I extends Instance>(instance: I): I => {
  const sigma = shortBinary(Math.sqrt(singularValues(matrix(instance.M))[0]!));
  return { ...instance, sigma1: sigma, sigma2: sigma };
};

/** X X' and Y Y' at the limit that the start dictates, and how far the drift of the imbalance may move it. */
function predicted(target: Matrix, start: Factors, eta: number): { XX: Matrix; YY: Matrix; tolerance: number } {
  const limit = flowLimit(target, start);
  // da^2/dD = (1 + D/h)/2 <= 1 and |D_T - D_0| <= 2 eta F_0.
  return {
    XX: outerGram(limit.u).mul(limit.a ** 2),
    YY: outerGram(limit.v).mul(limit.b ** 2),
    tolerance: 2 * eta * loss(target, start),
  };
}

export const remembers: Claim<TwoStarts> = {
  id: 'gd/remembers-start',
  statement:
    "From two starts of different imbalance rank-one gradient descent goes to two different minima, each the one that its start's imbalance predicts.",
  formula: String.raw`XX' \to \tfrac{h + D_0}{2}\,uu',\quad YY' \to \tfrac{h - D_0}{2}\,vv',\quad h = \sqrt{D_0^2 + 4s^2}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: "M = s u v' of rank one, so that s, u and v are determined",
      without: {
        // [[p, -q], [q, p]]: every direction is a singular one, and the start decides which is kept.
        instances: design({
          ...twoStarts,
          size: { d1: [2, 2], d2: [2, 2], r: [1, 1], k: [1, 1] },
          complete: (draft) => {
            const [p, q] = directions(draft).a.to1DArray() as [number, number];
            const { P, Q } = draft.grids as Record<'P' | 'Q', Grid>;
            const M = Matrix.from1DArray(2, 2, [p, -q, q, p]);
            return fromTwoStarts(M, { X: matrix(P), Y: matrix(Q) }, draft.seed);
          },
        }),
      },
    },
    {
      text: 'no noise',
      without: { instances: design(changed(twoStarts, drowned)) },
    },
    {
      text: 'the start is off the stable set of the saddle',
      without: {
        // Where M = M', gradient descent keeps y = -x.
        instances: design({
          ...twoStarts,
          complete: (draft) => {
            const { a } = directions(draft);
            const { X0, ...run } = fromTwoStarts(outerGram(a), { X: a, Y: a }, draft.seed);
            return { ...run, X0, Y0: matrix(X0).mul(-1).to2DArray() };
          },
        }),
      },
    },
  ],
  bound: 'equality',
  source: 'Liu et al. 2021 (the limit depends on the start); our proof of the formula',
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(twoStarts),
  check(solver, instance) {
    const target = matrix(instance.M);
    const end = (X0: Grid, Y0: Grid): { found: Factors; want: ReturnType<typeof predicted> } => {
      const run = descend(solver, { ...instance, X0, Y0 });
      const want = predicted(target, iterate(run), instance.eta);
      run.advance(instance.steps);
      return { found: iterate(run), want };
    };
    const [one, two] = [end(instance.X0, instance.Y0), end(instance.X1, instance.Y1)];
    // What is left of the way after the steps, e^-20 of the start with room for leaving the saddle's neighbourhood.
    const left = 1e-6 * (target.norm() + 1);
    const agree = [one, two].flatMap(({ found, want }) => [
      equal("X X' at the limit", outerGram(found.X), want.XX, want.tolerance + left),
      equal("Y Y' at the limit", outerGram(found.Y), want.YY, want.tolerance + left),
    ]);
    const apart = Matrix.sub(outerGram(one.found.X), outerGram(two.found.X)).norm();
    const wanted = Matrix.sub(one.want.XX, two.want.XX).norm();
    const different = atLeast(
      'distance of the limits',
      apart,
      wanted,
      one.want.tolerance + two.want.tolerance + 2 * left,
    );
    return worst([...agree, different]);
  },
};

/** The limit against (a u, b v) with the sign of a function of the start, + where that is 0. */
const endsOnTheSide =
  (side: (target: Matrix, start: Factors) => number): Claim['check'] =>
  (solver, instance) => {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    const start = iterate(run);
    const { u, v, a, b, h } = flowLimit(target, start);
    const w = side(target, start);
    run.advance(instance.steps);
    const sign = w >= 0 ? 1 : -1;
    const limit = { X: Matrix.mul(u, sign * a), Y: Matrix.mul(v, sign * b) };
    // The two candidates are 2 sqrt(h) apart, and the saddles at least sqrt(h) from either.
    return equal('(X; Y) at the limit', stacked(iterate(run)), stacked(limit), Math.sqrt(h) / 4, { w });
  };

export const limitSign: Claim = {
  id: 'gd/limit-sign',
  statement:
    'Of the two minima that the imbalance leaves, rank-one gradient descent goes to the one on the side of the start, by a weighted sum of both projections.',
  formula: String.raw`(x, y) \to \mathrm{sign}\Big(u'x_0 + \frac{h - D_0}{2s}\,v'y_0\Big)\,(a u, b v)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'no noise',
      without: { instances: design(changed(sided, drowned)) },
    },
    {
      text: 'the sum is not 0',
      without: {
        instances: design({
          ...sided,
          accepts: () => true,
          complete: (draft) => {
            const { a } = directions(draft);
            const x = matrix(draft.grids['P']!);
            return sidedRun(outerGram(a), { X: x, Y: Matrix.mul(x, -1) }, 1, draft.seed);
          },
        }),
      },
    },
    {
      text: 'the step size is small',
      without: {
        instances: design(changed(sided, (run) => ({ ...run, eta: 64 * descendingStep(matrix(run.M), startOf(run)) }))),
      },
    },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(sided),
  check: endsOnTheSide((target, start) => sidedness(flowLimit(target, start), start)),
};

export const naiveSign: Claim = {
  ...limitSign,
  id: 'gd/limit-sign-naive',
  statement: 'With small steps rank-one gradient descent goes to the minimum on the side of its first factor.',
  formula: String.raw`(x, y) \to \mathrm{sign}(u'x_0)\,(a u, b v)`,
  hypotheses: [NONE],
  source: 'folklore; our counterexample',
  expected: 'refuted',
  check: endsOnTheSide((target, start) => flowLimit(target, start).u.dot(start.X)),
};

export const localRate: Claim<NearLimit> = {
  id: 'gd/local-rate',
  statement:
    'Near its limit at rank one the residual of gradient descent contracts at the rate of the smaller factor, which is slow where the start is unbalanced.',
  formula: String.raw`|R_{t+1}| / |R_t| \to 1 - \eta\,\frac{h - |D_0|}{2}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    {
      text: 'no noise',
      without: {
        instances: design(changed(nearLimit, withNoise(1 / 16))),
      },
    },
    {
      text: 'd1, d2 > 1',
      without: {
        instances: design({
          ...nearLimit,
          size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
          accepts: () => true,
          complete: inPlane,
        }),
      },
    },
    {
      text: 'the error of the larger factor is off the plane of u and v',
      without: { instances: design({ ...nearLimit, complete: inPlane }) },
    },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(nearLimit),
  check(solver, instance) {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    const start = iterate(run);
    const { h, rate } = flowLimit(target, start);
    const left = (steps: number): number => {
      run.advance(steps);
      return residual(target, iterate(run)).norm();
    };
    const [settled, later] = [left(instance.steps), left(instance.more)];
    const wanted = instance.more * Math.log(1 - instance.eta * rate);
    // The drift of the imbalance, at most 2 eta F_0, moves the rate by its share of h; what is left of the other errors
    // is e^-12 of them, squares of the slow one among them.
    const tolerance = (4 * instance.eta * loss(target, start)) / h + 1e-2;
    return equal('log |R| over the time constant of the slow error', Math.log(later / settled), wanted, tolerance);
  },
};

const largestEigenvalue = (target: Matrix, at: Factors): number => spectrumOf(hessian(target, at)).largest;

/** The criterion for a limit leaves the iterate within 1e-9 of one, relatively; curvature varies as smoothly. */
const AT_LIMIT = 1e-6;

export const stableCurvature: Claim<KickedRun> = {
  id: 'gd/stable-curvature',
  statement: 'Where gradient descent settles, and settles again when kicked, no curvature is above 2 / eta.',
  formula: String.raw`(X_t, Y_t) \to \text{a stable limit} \;\Rightarrow\; \lambda_{\max}(\nabla^2F) \le 2/\eta`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [{ text: 'the limit is stable', without: { instances: design(atSharpMinimum) } }],
  bound: {
    tight: 'to 2 % at minima of curvature 1.98 / eta, which attract',
    on: {
      instances: design(attracting),
      check: (solver, instance) => {
        const limit = stableLimit(solver, instance);
        const found = limit === undefined ? NaN : largestEigenvalue(matrix(instance.M), limit);
        return equal('lambda_max', found, 2 / instance.eta, 0.04 / instance.eta);
      },
    },
  },
  source: 'our proof',
  proof: 'large-step',
  items: ['4.5'],
  instances: design(kickedRuns),
  check(solver, instance) {
    const limit = stableLimit(solver, instance);
    // Where the descent has no limit it has not settled at a minimum that is too sharp, which is what is claimed.
    const found = limit === undefined ? 0 : largestEigenvalue(matrix(instance.M), limit);
    return atMost('lambda_max where it settled', found, 2 / instance.eta, AT_LIMIT / instance.eta, {
      settled: Number(limit !== undefined),
    });
  },
};

export const topCurvature: Claim = {
  id: 'gd/top-curvature',
  statement:
    'At the rank-one minimisers the largest curvature is 2 s_1 plus the squared difference of the norms of the factors, whatever the rank of the target.',
  formula: String.raw`(x, y) = (a u_1, b v_1),\ ab = s_1 \;\Rightarrow\; \lambda_{\max}(\nabla^2F) = (\|x\| - \|y\|)^2 + 2 s_1`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    {
      text: 'it is the leading triple that is kept',
      without: { instances: design(topMinima(1)) },
    },
  ],
  bound: 'equality',
  source: 'our proof',
  proof: 'large-step',
  items: ['4.5'],
  instances: design(topMinima(0)),
  check(_, instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const { largest, rounding } = spectrumOf(hessian(target, at));
    const wanted = (at.X.norm() - at.Y.norm()) ** 2 + 2 * singularValues(target)[0]!;
    return equal('lambda_max', largest, wanted, rounding);
  },
};

/** 2/eta - 2 s_1. */
const balancingBound = ({ M, eta }: Instance): number => 2 / eta - 2 * singularValues(matrix(M))[0]!;

export const largeStep: Claim<KickedRun> = {
  id: 'gd/large-step',
  statement: 'A large step balances: rank-one gradient descent settles only where the norms of the factors are close.',
  formula: String.raw`(\|x_\infty\| - \|y_\infty\|)^2 \le 2/\eta - 2 s_1`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    {
      text: 'the limit is stable',
      without: { instances: design({ ...atSharpMinimum, size: { d1: [1, 3], d2: [1, 3], r: [1, 1] } }) },
    },
  ],
  bound: {
    tight: 'to 2 % of 2 / eta at minima of curvature 1.98 / eta, which attract',
    on: {
      instances: design(attracting),
      check: (solver, instance) => {
        const limit = stableLimit(solver, instance);
        const apart = limit === undefined ? NaN : (limit.X.norm() - limit.Y.norm()) ** 2;
        return equal('(|x| - |y|)^2', apart, balancingBound(instance), 0.04 / instance.eta);
      },
    },
  },
  source: 'Wang, Chen, Zhao, Tao 2021 (large steps balance); our proof',
  proof: 'large-step',
  items: ['4.5'],
  instances: design(leaningRuns),
  check(solver, instance) {
    const limit = stableLimit(solver, instance);
    const apart = limit === undefined ? 0 : (limit.X.norm() - limit.Y.norm()) ** 2;
    // Without a limit nothing is claimed; there may be no room for one.
    return atMost('(|x| - |y|)^2', apart, limit === undefined ? 0 : balancingBound(instance), AT_LIMIT / instance.eta, {
      settled: Number(limit !== undefined),
    });
  },
};

/** Steps of the flow; as steps of gradient descent (order 1) they drift. */
const FLOW_STEPS = 8;

/** The order of the Taylor polynomial that a step is. */
type FlowRun = Instance & { order: number };

const flowRuns = (order: number): Design<FlowRun> => {
  const runs = plainRuns([FLOW_STEPS]);
  return {
    ...changed(runs, (run) => ({ ...run, order })),
    size: { d1: [1, 4], d2: [1, 4], r: [1, 2] },
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank > 512 ? 'its series is long: it needs d1 d2 r <= 512' : undefined,
  };
};

export const duFlow: Claim<FlowRun> = {
  id: 'neighbours/du-flow',
  statement: 'Gradient flow keeps the imbalance exactly.',
  formula: String.raw`\dot X = -RY,\ \dot Y = -R'X \;\Rightarrow\; X'X - Y'Y = \text{const}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [{ text: 'steps of the flow, not of gradient descent', without: { instances: design(flowRuns(1)) } }],
  bound: 'equality',
  source: 'Du, Hu, Lee 2018; our proof',
  proof: 'du',
  items: ['8.6'],
  instances: design(flowRuns(EXACT_ORDER)),
  check(_, instance) {
    const [target, start] = [matrix(instance.M), startOf(instance)];
    const terms = target.rows + target.columns + start.X.columns + 8;
    let [at, rounding] = [start, 0];
    for (let step = 0; step < instance.steps; step++) {
      at = flowFor(target, at, flowStep(target, at), instance.order);
      // The first order dominates: a sum of `terms` products, an eighth of the factors' size (docs/theory.md#du).
      rounding += 4 * terms * u * (size(at) + target.norm());
    }
    return equal('D', imbalance(at), imbalance(start), rounding + imbalanceRounding(target, start, at, 0));
  },
};

/** eta_t = eta / (t + 1)^power. */
type Decaying = Instance & { power: number };

/** How far D moved, and the largest |grad F|^2, along steps that decay. */
function decayingDescent(solver: Solver, instance: Decaying): { drifted: number; steepest: number; rounding: number } {
  const target = matrix(instance.M);
  const start = startOf(instance);
  let [at, steepest, rounding] = [start, 0, 0];
  for (let t = 0; t < instance.steps; t++) {
    const eta = instance.eta / (t + 1) ** instance.power;
    steepest = Math.max(steepest, size(gradient(target, at)));
    const run = descend(solver, { ...instance, X0: at.X.to2DArray(), Y0: at.Y.to2DArray(), eta }, `step ${t}`);
    run.advance(1);
    const after = iterate(run);
    rounding += imbalanceRounding(target, at, after, eta);
    at = after;
  }
  return { drifted: imbalance(at).sub(imbalance(start)).norm(), steepest, rounding };
}

const decayingRuns = (power: number, steps: readonly number[]): Design<Decaying> =>
  changed(plainRuns(steps), (run) => ({ ...run, power }));

export const duDecayingSteps: Claim<Decaying> = {
  id: 'neighbours/du-decaying-steps',
  statement:
    'Steps with summable squares along bounded gradients keep the drift of the imbalance bounded, however many there are.',
  formula: String.raw`\eta_t = \frac{\eta_0}{t+1} \;\Rightarrow\; \|D_T - D_0\| \le \textstyle\sum_t\eta_t^2\,\max_t\|\nabla F_t\|^2 \le \frac{\pi^2}6\,\eta_0^2\max_t\|\nabla F_t\|^2`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    {
      text: 'no noise',
      without: {
        instances: design(changed(decayingRuns(1, [1]), withNoise(1 / 4))),
      },
    },
    { text: 'the steps decay as 1 / (t + 1)', without: { instances: design(decayingRuns(0, [128])) } },
  ],
  bound: {
    tight: 'where the start has X = 0 and rank one, in its first step, for the first inequality',
    on: {
      // There the gradient is (RY, 0).
      instances: design({
        ...changed(decayingRuns(1, [1]), (run) => ({ ...run, X0: zeros(run.X0) })),
        size: { r: [1, 1] },
      }),
      check: (solver, instance) => {
        const { drifted, steepest, rounding } = decayingDescent(solver, instance);
        return equal('|D_1 - D_0|', drifted, instance.eta ** 2 * steepest, rounding);
      },
    },
  },
  source: 'Du, Hu, Lee 2018; our proof',
  proof: 'du',
  items: ['8.6'],
  instances: design(decayingRuns(1, [1, 4, 32, 128])),
  check(solver, instance) {
    const { drifted, steepest, rounding } = decayingDescent(solver, instance);
    let squares = 0;
    for (let t = instance.steps; t >= 1; t--) squares += (instance.eta / t) ** 2;
    return atMost('|D_T - D_0|', drifted, squares * steepest, rounding);
  },
};
