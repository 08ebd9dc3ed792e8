/** Gradient descent: the definition without noise, and descent of the loss. */
import { Matrix } from 'ml-matrix';
import { atLeast, atMost, atStep, claim, equal, firstRefuted, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design, LARGE } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { plainRuns, shortRun, shortRuns, withNoise, noisyRuns } from '../../instances/designs.ts';
import { inUnits } from '../../instances/units.ts';
import { stacked } from '../../oracles/formula.ts';
import { imbalanceRounding } from '../../instances/imbalances.ts';
import {
  descend,
  descendPlainly,
  iterate,
  matrix,
  noiseTape,
  optionsOf,
  startOf,
  type Grid,
  type Instance,
} from '../../model/instance.ts';
import { conversion, stepGrowth, stepRounding, u } from '../../oracles/rounding.ts';
import { descentCurvature, squaredSize } from '../../oracles/scales.ts';
import { USUAL } from '../../model/labels.ts';
import {
  gradient,
  imbalance,
  loss,
  norm,
  product,
  residual,
  scriptedNoise,
  singularValues,
  type Factors,
  type Solver,
} from '../../../src/index.ts';
import { isLarge } from '../../../src/theory/objective.ts';

export const zeroNoise = claim({
  id: 'gd/zero-noise',
  statement: 'With both scales 0 perturbed gradient descent is plain gradient descent, bit for bit.',
  formula: String.raw`\sigma_1 = \sigma_2 = 0 \;\Rightarrow\; (X_t, Y_t)_{\text{perturbed}} = (X_t, Y_t)_{\text{GD}}`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [
    dropping('sigma1 = 0', { ...shortRuns([1]), picks: { sigma1: [1 / 4, 1 / 2] } }),
    dropping('sigma2 = 0', { ...shortRuns([1]), picks: { sigma2: [1 / 4, 1 / 2] } }),
  ],
  proof: 'zero-noise',
  items: ['4.4'],
  covers: USUAL,
  instances: design(inUnits({ ...plainRuns([1, 2, 8, 64]), large: LARGE })),
  check(solver, instance) {
    const plain = descendPlainly(solver, instance);
    const source = scriptedNoise(noiseTape(instance));
    const { sigma1, sigma2 } = instance;
    const silent = solver({ ...optionsOf(instance, source), noise: { sigma1, sigma2, source } });
    plain.advance(instance.steps);
    silent.advance(instance.steps);
    return equal('(X; Y)', stacked(iterate(silent)), stacked(iterate(plain)), 0);
  },
});

/** |X|^2 + |Y|^2 + |R| in operator norms: no eigenvalue of the Hessian is larger. */
function curvatureBound(target: Matrix, at: Factors): number {
  const largest = (A: Matrix): number => singularValues(A)[0]!;
  return largest(at.X) ** 2 + largest(at.Y) ** 2 + largest(residual(target, at));
}

/** The step size that the theory allows a whole run, exactly: eta Lambda = 1/2. */
const largestStable = (M: Grid, start: Factors): number => 1 / (2 * descentCurvature(matrix(M), start));

/** `complete` of runs at a multiple of the largest step size that is known to be stable. */
const atTheEdge =
  (factor: number) =>
  (draft: Draft): Instance => {
    const run = shortRun(draft);
    return { ...run, eta: factor * largestStable(run.M, startOf(run)) };
  };

/** Starts x = y at a minimum of M = x x', for which the bound from the start is exact. */
const balancedMinima: Design<Instance> = {
  ...plainRuns([1, 4]),
  size: { r: [1, 1] },
  complete: (draft) => {
    const [run, x] = [shortRun(draft), matrix(draft.grids['X0']!)];
    const M = x.mmul(x.transpose()).to2DArray();
    return { ...run, M, Y0: run.X0, eta: largestStable(M, { X: x, Y: x }) };
  },
  accepts: ({ grids }) => grids['X0']!.flat().some((entry) => entry !== 0),
};

export const stableStep = claim({
  id: 'gd/stable-step',
  statement:
    'A step size that is small against a bound from the target and the start alone is small against the curvature for the whole run.',
  formula: String.raw`\eta\,\Lambda(M, X_0, Y_0) \le \tfrac12 \;\Rightarrow\; \eta\,(\|X_t\|_{op}^2 + \|Y_t\|_{op}^2 + \|R_t\|_{op}) \le \tfrac12`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping('no noise', {
      ...changed(balancedMinima, withNoise(1 / 4)),
      picks: { steps: [16] },
    }),
    dropping('eta Lambda <= 1/2', { ...plainRuns([1]), complete: atTheEdge(16) }),
  ],
  bound: {
    tight: "at a balanced minimum x = y of a rank-one M = x x'",
    on: {
      instances: design(balancedMinima),
      check: (solver, instance) => alongRun(solver, instance, equal),
    },
  },
  proof: 'stable-step',
  items: ['4.1'],
  instances: design({
    ...plainRuns([1, 4, 32]),
    large: LARGE,
    complete: atTheEdge(1),
    excludes: ({ target }) =>
      isLarge({ rows: target.length, columns: target[0]!.length })
        ? 'it decomposes the residual after each step: it needs d1 d2 <= 2^16'
        : undefined,
  }),
  check: (solver, instance) => alongRun(solver, instance, atMost),
});

/** Singular values, and the step size, are off by far less than this share of the curvature. */
const EDGE = 1e-12;

/** eta (|X|^2 + |Y|^2 + |R|) along a run, each compared with 1/2. */
function alongRun(solver: Solver, instance: Instance, compare: typeof atMost): Comparison {
  const { eta, steps } = instance;
  function* edges(): Generator<Comparison> {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    let error = conversion(instance) * Math.sqrt(squaredSize(startOf(instance)));
    for (let t = 0; t <= steps; t++) {
      if (t > 0) run.advance(1);
      const at = iterate(run);
      const edge = eta * curvatureBound(target, at);
      // An iterate that is off by e changes |X|^2 + |Y|^2 by at most 2 e (|X| + |Y| + e), and |R| by half of that.
      const rounding = 3 * eta * error * (norm(at.X) + norm(at.Y) + error);
      yield atStep(t, showing(1 / 2, compare(`eta curvature after ${t} steps`, edge, 1 / 2, EDGE + rounding)));
      error = error * stepGrowth(target, at, eta) + stepRounding(target, at, at, instance);
    }
  }
  return firstRefuted(edges());
}

/** A multiple of the step size with eta (|X|^2 + |Y|^2 + |R|) = 1/2 at the start. */
const oneStepAt =
  (factor: number) =>
  (draft: Draft): Instance => {
    const run = shortRun(draft);
    const curvature = curvatureBound(matrix(run.M), startOf(run));
    return { ...run, eta: ((draft.picks['slow'] ?? 1) * factor) / (2 * (curvature === 0 ? 1 : curvature)) };
  };

/** Rounding of F(before) - F(after): of |X Y'| + |M| and of the sum of squares as we compute them, and of the solver's step. */
function gainRounding(target: Matrix, before: Factors, after: Factors, instance: Instance): number {
  const largest = ({ X, Y }: Factors): number => (norm(X) * norm(Y) + norm(target)) ** 2;
  const sums = (target.rows * target.columns + before.X.columns + 8) * u * (largest(before) + largest(after));
  const ofStep = stepRounding(target, before, before, instance);
  // A step that is off by e moves F by at most |grad F| e + (|X|^2 + |Y|^2 + |R|) e^2 / 2.
  const curvature = squaredSize(after) + norm(residual(target, after));
  return sums + (Math.sqrt(squaredSize(gradient(target, after))) + (curvature * ofStep) / 2) * ofStep;
}

export const descent = claim({
  id: 'gd/descent',
  statement:
    'A step of gradient descent that is small against the curvature decreases the loss by at least half the step size times the squared gradient.',
  formula: String.raw`\eta\,(\|X\|_{op}^2 + \|Y\|_{op}^2 + \|R\|_{op}) \le \tfrac12 \;\Rightarrow\; F - F^+ \ge \tfrac\eta2\|\nabla F\|^2`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [
    dropping('no noise', {
      ...noisyRuns([1]),
      complete: (draft) => {
        const { X, Y } = startOf(draft.grids as Record<'X0' | 'Y0', Grid>);
        return oneStepAt(1)({ ...draft, target: product({ X, Y }).to2DArray() });
      },
    }),
    dropping('eta (|X|^2 + |Y|^2 + |R|) <= 1/2', { ...plainRuns([1]), complete: oneStepAt(32) }),
  ],
  bound: 'valid',
  proof: 'stable-step',
  items: ['4.1'],
  instances: design(inUnits({ ...plainRuns([1]), large: LARGE, complete: oneStepAt(1) })),
  check(solver, instance) {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    const before = iterate(run);
    run.advance(1);
    const after = iterate(run);
    const promised = (instance.eta / 2) * squaredSize(gradient(target, before));
    const rounding = gainRounding(target, before, after, instance);
    return showing(promised, atLeast('F - F+', loss(target, before) - loss(target, after), promised, rounding));
  },
});

/**
 * All of size 1 x 1, so that a step size between 1 and 2 over the curvature can be chosen, at which the loss falls by
 * little.
 */
const barelyFalling: Design<Instance> = {
  size: { d1: [1, 1], d2: [1, 1] },
  grids: {
    X0: { shape: ['d1', 'one'], unit: 1 / 8, max: 1 / 4 },
    Y0: { shape: ['d2', 'one'], unit: 1 / 8, max: 5 / 2 },
    M: { shape: ['d1', 'd2'], unit: 1 / 8, max: 1 / 2 },
  },
  picks: { share: [3 / 2, 7 / 4, 15 / 8] },
  complete({ grids, picks, seed }) {
    const { X0, Y0, M } = grids as Record<'X0' | 'Y0' | 'M', Grid>;
    const curvature = squaredSize(startOf({ X0, Y0 })) || 1;
    return { M, X0, Y0, eta: picks['share']! / curvature, sigma1: 0, sigma2: 0, steps: 1, seed };
  },
  excludes: () => 'it makes its own targets of one entry',
};

export const notEnough = claim({
  id: 'gd/descent-not-enough',
  statement: 'A step that lowers the loss moves the imbalance by at most 2 eta times the decrease of the loss.',
  formula: String.raw`F^+ \le F \;\Rightarrow\; \|D^+ - D\| \le 2\eta\,(F - F^+)`,
  kind: 'inequality',
  needs: 'law',
  bound: 'valid',
  source: 'folklore; our counterexample',
  proof: 'imbalance',
  items: ['4.1'],
  expected: 'refuted',
  instances: design(barelyFalling),
  check(solver, instance) {
    const [target, run] = [matrix(instance.M), descendPlainly(solver, instance)];
    const before = iterate(run);
    run.advance(1);
    const after = iterate(run);
    const gained = loss(target, before) - loss(target, after);
    const drifted = norm(imbalance(after).sub(imbalance(before)));
    const rounding = imbalanceRounding(target, before, after, instance);
    // It says nothing about a step at which the loss does not fall.
    return atMost('|D+ - D|', gained >= 0 ? drifted : 0, 2 * instance.eta * Math.max(gained, 0), rounding, { gained });
  },
});
