/** Where gradient descent ends at rank one: at the minimum that its start dictates. */
import { Matrix } from 'ml-matrix';
import { atLeast, equal, NONE, worst, type Claim } from '../claim.ts';
import { design, changed } from '../design.ts';
import { withNoise } from '../instances/designs.ts';
import { stacked } from '../oracles/formula.ts';
import { descend, iterate, matrix, startOf, type Grid, type Instance } from '../instance.ts';
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
import { descendingStep, shortBinary } from '../oracles/scales.ts';
import { loss, outerGram, residual, singularValues, type Factors } from '../../src/index.ts';

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
