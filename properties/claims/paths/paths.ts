/** Whole paths: gradient flow in closed form, and how gradient descent and the mean of perturbed descent follow it. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { changed, design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import {
  descend,
  descendPlainly,
  descendSmoothed,
  iterate,
  matrix,
  startOf,
  type Instance,
} from '../../model/instance.ts';
import { flowStarts, noisyStarts, unequalStarts } from './balanced-starts.ts';
import { withNoise } from '../../instances/designs.ts';
import { closedFlow } from './closed-flow.ts';
import { EXACT_ORDER, flowFor, flowStep } from '../../oracles/flow.ts';
import { stacked, stepFrom } from '../../oracles/formula.ts';
import { conversion, stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { norm, penalties, singularValues, type Descent, type Factors } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import { timesTransposed, transposedTimes } from '../../../src/linear-algebra/matrices.ts';

const SOURCE = 'our proof; Domine et al. 2025 (abstract read: exact solutions for lambda-balanced starts)';

const OF_IDENTITY = "X'X - Y'Y is a multiple of the identity at the start, as it always is at rank one";

/** The flow by its Taylor series against the closed form, after a half and after all of the steps. */
function flowAgainst(instance: Instance): Comparison {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const flow = closedFlow(target, start);
  const terms = target.rows + target.columns + start.X.columns + 8;
  let [at, time, rounding] = [start, 0, 0];
  const found: Comparison[] = [];
  for (let step = 1; step <= 32; step++) {
    const h = flowStep(target, at);
    at = flowFor(target, at, h, EXACT_ORDER);
    time += h;
    // Errors grow by the curvature's negative part at most, |R|: by e^(h |R|) in a step.
    rounding =
      rounding * Math.exp(h * (norm(target) + squaredSize(at) / 2)) + 4 * terms * u * (Math.sqrt(squaredSize(at)) + 1);
    if (step % 16 !== 0) continue;
    const { W, condition } = flow(time);
    const ofForm = 64 * terms * u * condition * (1 + norm(W));
    const moved = norm(Matrix.sub(outerGram(stacked(at)), outerGram(stacked(start))));
    const comparison = equal(
      `W at time ${time}`,
      outerGram(stacked(at)),
      W,
      4 * Math.sqrt(squaredSize(at)) * rounding + ofForm,
    );
    found.push(showing(moved, comparison));
  }
  return worst(found);
}

export const closedForm = claim({
  id: 'paths/closed-form',
  statement:
    'From a start whose imbalance is a multiple of the identity the whole path of gradient flow is known in closed form.',
  formula: String.raw`W(t) = e^{Ft}Z_0\left[I + Z_0'\textstyle\int_0^te^{2Fs}ds\,Z_0\right]^{-1}Z_0'e^{Ft},\quad F = \begin{pmatrix}\frac\delta2I & M\\ M' & -\frac\delta2I\end{pmatrix},\ W = ZZ'`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(OF_IDENTITY, unequalStarts)],
  source: SOURCE,
  proof: 'closed-flow',
  items: ['4.8'],
  instances: design(flowStarts),
  check: (_, instance) => flowAgainst(instance),
});

/**
 * The effect of rounding on W = ZZ'. Bounds for a coarse precision add up to more than the effect: they are replaced by
 * the actual deviation from the formula in doubles, if it is smaller.
 */
function roundingOf(at: Factors, exact: Factors, instance: Instance): number {
  const bound = 4 * Math.sqrt(squaredSize(at)) * instance.steps * stepRounding(matrix(instance.M), at, at, instance);
  if (conversion(instance) === 0) return bound;
  return Math.min(bound, 2 * norm(Matrix.sub(outerGram(stacked(at)), outerGram(stacked(exact)))));
}

/** Distances of a run to the flow at four times, together, and the part of that from rounding. */
function distances(run: Descent, instance: Instance, lambda: number): { error: number; share: number } {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const flow = closedFlow(target, start, lambda);
  let [squares, rounding, exact] = [0, 0, start];
  for (let quarter = 1; quarter <= 4; quarter++) {
    run.advance(instance.steps / 4);
    const at = iterate(run);
    const { W, condition } = flow((instance.eta * instance.steps * quarter) / 4);
    squares += norm(Matrix.sub(outerGram(stacked(at)), W)) ** 2;
    if (conversion(instance) > 0) {
      for (let t = 0; t < instance.steps / 4; t++) exact = stepFrom(target, exact, exact, instance.eta);
    }
    rounding += roundingOf(at, exact, instance) + 1024 * u * condition * (1 + norm(W));
  }
  return { error: Math.sqrt(squares), share: rounding / Math.sqrt(squares) };
}

/** log2 of the ratio of distances at eta and at half of it, three times. */
function orders(begin: (instance: Instance) => Descent, instance: Instance, lambda = 0): Comparison {
  const found = [0, 1, 2].map((halvings) => {
    const finer = { ...instance, eta: instance.eta / 2 ** halvings, steps: instance.steps * 2 ** halvings };
    return distances(begin(finer), finer, lambda);
  });
  return worst(
    found.slice(1).map((after, i) => {
      const { error, share } = found[i]!;
      const rounding = 2 * (share + after.share);
      const what = `log2 of the distances at eta / ${2 ** i} and eta / ${2 ** (i + 1)}`;
      // The second order is eta times the curvature, at most 1/16, of the first (docs/theory/gradient-descent.md#closed-flow).
      return showing(1, equal(what, Math.log2(error / after.error), 1, 1 / 4 + rounding), rounding);
    }),
  );
}

export const flowOrder = claim({
  id: 'paths/flow-order',
  statement:
    'Gradient descent follows the closed form of the flow along the whole path, with an error of first order in the step size.',
  formula: String.raw`\log_2\frac{\|Z_tZ_t' - W\|(\eta)}{\|Z_tZ_t' - W\|(\eta/2)} = 1 + O(\eta)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping(OF_IDENTITY, unequalStarts),
    dropping('no noise', changed(flowStarts, withNoise(1 / 2)), (solver, instance) =>
      orders((finer) => descend(solver, finer), instance),
    ),
  ],
  source: SOURCE,
  proof: 'closed-flow',
  items: ['4.8'],
  instances: design(flowStarts),
  check: (solver, instance) => orders((finer) => descendPlainly(solver, finer), instance),
});

const lambdaOf = (instance: Instance): number => penalties(matrix(instance.M), instance).lambda;

export const smoothedOrder = claim({
  id: 'paths/smoothed-order',
  statement:
    'With equal penalties and from a balanced start the mean path of perturbed descent, fit included, follows the flow with F - lambda I, up to first order in the step size.',
  formula: String.raw`D_0 = 0,\ \alpha = \beta = \lambda:\quad W(t) \text{ of } F - \lambda I`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping(
      'equal penalties',
      changed(noisyStarts([1 / 2, 1]), (run) => ({ ...run, sigma1: run.sigma1 / 2, sigma2: 2 * run.sigma2 })),
    ),
  ],
  source: SOURCE,
  proof: 'closed-flow',
  items: ['4.8'],
  instances: design(noisyStarts([1 / 2, 1 / 4, 1])),
  check: (_, instance) => orders(descendSmoothed, instance, lambdaOf(instance)),
});

/** Off-diagonal fields [[0, R], [R', 0]] and their brackets, [[A, 0], [0, B]] with A and B antisymmetric, at Z. */
function* tangents({ X, Y }: Factors): Generator<number[]> {
  const [d1, d2] = [X.rows, Y.rows];
  const field = (ofX: Matrix, ofY: Matrix): number[] => [...ofX.to1DArray(), ...ofY.to1DArray()];
  for (let i = 0; i < d1; i++) {
    for (let j = 0; j < d2; j++) {
      const R = Matrix.zeros(d1, d2).set(i, j, 1);
      yield field(R.mmul(Y), transposedTimes(R, X));
    }
  }
  const turns = (d: number): Matrix[] =>
    Array.from({ length: d * d }, (_, n) => [Math.floor(n / d), n % d] as const)
      .filter(([i, j]) => i < j)
      .map(([i, j]) => Matrix.zeros(d, d).set(i, j, 1).set(j, i, -1));
  for (const A of turns(d1)) yield field(A.mmul(X), Matrix.zeros(d2, X.columns));
  for (const B of turns(d2)) yield field(Matrix.zeros(d1, X.columns), B.mmul(Y));
}

/** The rank of the span of the tangents: eigenvalues of a Gram matrix of integers over 4096, in doubles. */
function reachable(at: Factors): number {
  const rows = new Matrix([...tangents(at)]);
  const s = singularValues(timesTransposed(rows, rows));
  return s.filter((value) => value > 1e-9 * s[0]!).length;
}

const frames: Design<Instance> = {
  ...flowStarts,
  size: { d1: [2, 4], d2: [2, 4], r: [1, 2] },
  grids: {
    X0: { shape: ['d1', 'r'], unit: 1 / 2, max: 2 },
    Y0: { shape: ['d2', 'r'], unit: 1 / 2, max: 2 },
  },
  picks: {},
  accepts: ({ grids }) => {
    const s = singularValues(stacked(startOf(grids as never)));
    return s.at(-1)! > 1 / 4;
  },
  complete({ grids, seed }) {
    const { X0, Y0 } = grids as Record<'X0' | 'Y0', number[][]>;
    const M = Matrix.zeros(X0.length, Y0.length).to2DArray();
    return { M, X0, Y0, eta: 1, sigma1: 0, sigma2: 0, steps: 0, seed };
  },
};

export const nothingElse = claim({
  id: 'paths/nothing-else',
  statement:
    'Gradient flow conserves no quantity for all targets except the imbalance: its vector fields and their brackets leave no other direction.',
  formula: String.raw`\dim\mathrm{Lie}\left\{Z \mapsto \begin{pmatrix}0 & R\\ R' & 0\end{pmatrix}Z\right\}(Z) = (d_1 + d_2)r - \tfrac12r(r + 1)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('the columns of (X; Y) are independent', {
      ...frames,
      size: { d1: [2, 4], d2: [2, 4], r: [2, 2] },
      accepts: () => true,
      complete: (draft) => {
        const run = frames.complete(draft);
        const twice = (grid: number[][]): number[][] => grid.map(([first]) => [first!, first!]);
        return { ...run, X0: twice(run.X0), Y0: twice(run.Y0) };
      },
    }),
  ],
  source: 'our proof; Marcotte, Gribonval and Peyre 2023 (citation only)',
  proof: 'nothing-else',
  items: ['4.9'],
  instances: design(frames),
  check(_, instance) {
    const at = startOf(instance);
    const r = at.X.columns;
    const expected = (at.X.rows + at.Y.rows) * r - (r * (r + 1)) / 2;
    return equal('dimension of the reachable set of the flows', reachable(at), expected, 0);
  },
});
