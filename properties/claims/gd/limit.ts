/** The limit of gradient descent at rank one: the minimum that its start determines. */
import { Matrix } from 'ml-matrix';
import { NONE, atLeast, claim, equal, showing, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design, changed } from '../../generate/design.ts';
import { withNoise } from '../../instances/designs.ts';
import { stacked } from '../../oracles/formula.ts';
import { descend, iterate, matrix, startOf, type Grid, type Instance } from '../../model/instance.ts';
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
} from '../../instances/rank-one.ts';
import { advanceRounded, descentRounding, driftRounding, residualFloor } from '../../instances/imbalances.ts';
import { descendingStep, shortBinary, squaredSize } from '../../oracles/scales.ts';
import { loss, norm, residual, singularValues, type Factors, type Solver } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';

/** Noise of both factors with lambda = sqrt(d1 d2) s_1, which holds the limit at 0. */
const drowned = <I extends Instance>(instance: I): I => {
  const sigma = shortBinary(Math.sqrt(singularValues(matrix(instance.M))[0]!));
  return { ...instance, sigma1: sigma, sigma2: sigma };
};

/** The last iterate of a run, and the X X' and Y Y' that its start determines. */
interface End {
  readonly found: Factors;
  readonly XX: Matrix;
  readonly YY: Matrix;
  /** A bound on the change of these by the drift of the imbalance. */
  readonly tolerance: number;
  /** A bound on their change by rounding. */
  readonly rounding: number;
}

function endOf(solver: Solver, instance: Instance): End {
  const [target, run] = [matrix(instance.M), descend(solver, instance)];
  const start = iterate(run);
  const { u, v, a, b, rate } = flowLimit(target, start);
  const drift = advanceRounded(run, target, instance);
  const found = iterate(run);
  const left = Math.min(norm(residual(target, found)), residualFloor(target, found, rate, instance));
  return {
    found,
    XX: outerGram(u).mul(a ** 2),
    YY: outerGram(v).mul(b ** 2),
    // da^2/dD = (1 + D/h)/2 <= 1 and |D_T - D_0| <= 2 eta F_0.
    tolerance: 2 * instance.eta * loss(target, start),
    // With a residual E the product is M + E: a^2 and b^2 move by at most |E|, the projectors by at most 2 sqrt(2) |E| / s.
    rounding: drift + (1 + (3 * Math.max(a, b)) / Math.min(a, b)) * left,
  };
}

export const remembers = claim<TwoStarts>({
  id: 'gd/remembers-start',
  statement:
    'From two starts of different imbalance rank-one gradient descent converges to two different minima, each predicted by the imbalance of its start.',
  formula: String.raw`XX' \to \tfrac{h + D_0}{2}\,uu',\quad YY' \to \tfrac{h - D_0}{2}\,vv',\quad h = \sqrt{D_0^2 + 4s^2}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping("M = s u v' of rank one, so that s, u and v are determined", {
      ...twoStarts,
      size: { d1: [2, 2], d2: [2, 2], r: [1, 1], k: [1, 1] },
      complete: (draft) => {
        const [p, q] = directions(draft).a.to1DArray() as [number, number];
        const { P, Q } = draft.grids as Record<'P' | 'Q', Grid>;
        const M = Matrix.from1DArray(2, 2, [p, -q, q, p]);
        return fromTwoStarts(M, { X: matrix(P), Y: matrix(Q) }, draft.seed);
      },
    }),
    dropping('no noise', changed(twoStarts, drowned)),
    dropping('the start is off the stable set of the saddle', {
      ...twoStarts,
      complete: (draft) => {
        const { a } = directions(draft);
        const { X0, ...run } = fromTwoStarts(outerGram(a), { X: a, Y: a }, draft.seed);
        return { ...run, X0, Y0: matrix(X0).mul(-1).to2DArray() };
      },
    }),
  ],
  source: 'Liu et al. 2021 (the limit depends on the start); our proof of the formula',
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(twoStarts),
  check(solver, instance) {
    const target = matrix(instance.M);
    const [one, two] = [endOf(solver, instance), endOf(solver, { ...instance, X0: instance.X1, Y0: instance.Y1 })];
    // The remaining distance after the steps, e^-20 of the start with room for leaving the saddle's neighbourhood.
    const left = 1e-6 * (norm(target) + 1);
    const agree = [one, two].flatMap(({ found, XX, YY, tolerance, rounding }) => {
      const compared = (what: string, end: Matrix, limit: Matrix): Comparison =>
        showing(norm(limit), equal(what, end, limit, tolerance + left + rounding), rounding);
      return [
        compared("X X' at the limit", outerGram(found.X), XX),
        compared("Y Y' at the limit", outerGram(found.Y), YY),
      ];
    });
    const apart = norm(Matrix.sub(outerGram(one.found.X), outerGram(two.found.X)));
    const wanted = norm(Matrix.sub(one.XX, two.XX));
    const rounding = one.rounding + two.rounding;
    const tolerance = one.tolerance + two.tolerance + 2 * left + rounding;
    const different = atLeast('distance of the limits', apart, wanted, tolerance);
    return worst([...agree, showing(wanted, different, rounding)]);
  },
});

/** The limit against (a u, b v) with the sign of a function of the start, + if that is 0. */
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
    const found = equal('(X; Y) at the limit', stacked(iterate(run)), stacked(limit), Math.sqrt(h) / 4, { w });
    return showing(1, found, shareOfSide(target, start, w, instance));
  };

/**
 * A bound on the effect of rounding on w, and the distance that is allowed at the limit. A step moves w = u'x + kappa
 * v'y by at most (1 + kappa)(1 + 2 bound / h) times its rounding, kappa depending on D, until |w| has grown from its
 * least value to its limit's size at the slowest rate (instances/rank-one.ts).
 */
function shareOfSide(target: Matrix, start: Factors, w: number, run: Instance): number {
  const { a, b, h, rate } = flowLimit(target, start);
  const { ofStep, bound } = descentRounding(target, start, run);
  const least = Math.abs(w) * Math.min(1, (2 * h) / (squaredSize(start) + h));
  const small = (1 + Math.log(Math.max(1, h / (a * least)))) / (run.eta * rate);
  const ofSide = small * ofStep * (1 + b / a) * (1 + (2 * bound) / h);
  const left = residualFloor(target, { X: Matrix.columnVector([a]), Y: Matrix.columnVector([b]) }, rate, run);
  const atLimit = (driftRounding(target, start, run) + left) / Math.min(a, b);
  return Math.max(ofSide / least, atLimit / (Math.sqrt(h) / 4));
}

export const limitSign = claim({
  id: 'gd/limit-sign',
  statement:
    'Of the two minima with the imbalance of the start, rank-one gradient descent converges to the one on the side of the start, by a weighted sum of both projections.',
  formula: String.raw`(x, y) \to \mathrm{sign}\Big(u'x_0 + \frac{h - D_0}{2s}\,v'y_0\Big)\,(a u, b v)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('no noise', changed(sided, drowned)),
    dropping('the sum is not 0', {
      ...sided,
      accepts: () => true,
      complete: (draft) => {
        const { a } = directions(draft);
        const x = matrix(draft.grids['P']!);
        return sidedRun(outerGram(a), { X: x, Y: Matrix.mul(x, -1) }, 1, draft.seed);
      },
    }),
    dropping(
      'the step size is small',
      changed(sided, (run) => ({ ...run, eta: 64 * descendingStep(matrix(run.M), startOf(run)) })),
    ),
  ],
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(sided),
  check: endsOnTheSide((target, start) => sidedness(flowLimit(target, start), start)),
});

export const naiveSign: Claim = {
  ...limitSign,
  id: 'gd/limit-sign-naive',
  statement: 'With small steps rank-one gradient descent converges to the minimum on the side of its first factor.',
  formula: String.raw`(x, y) \to \mathrm{sign}(u'x_0)\,(a u, b v)`,
  hypotheses: [NONE],
  source: 'folklore; our counterexample',
  expected: 'refuted',
  check: endsOnTheSide((target, start) => flowLimit(target, start).u.dot(start.X)),
};

export const localRate = claim<NearLimit>({
  id: 'gd/local-rate',
  statement:
    'Near its limit at rank one the residual of gradient descent contracts at the rate of the smaller factor, which is slow if the start is unbalanced.',
  formula: String.raw`|R_{t+1}| / |R_t| \to 1 - \eta\,\frac{h - |D_0|}{2}`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('no noise', changed(nearLimit, withNoise(1 / 16))),
    dropping('d1, d2 > 1', {
      ...nearLimit,
      size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
      accepts: () => true,
      complete: inPlane,
    }),
    dropping('the error of the larger factor is off the plane of u and v', { ...nearLimit, complete: inPlane }),
  ],
  proof: 'gd-limit',
  items: ['4.2'],
  instances: design(nearLimit),
  check(solver, instance) {
    const [target, run] = [matrix(instance.M), descend(solver, instance)];
    const start = iterate(run);
    const { h, rate } = flowLimit(target, start);
    const left = (steps: number): number => {
      run.advance(steps);
      return norm(residual(target, iterate(run)));
    };
    const [settled, later] = [left(instance.steps), left(instance.more)];
    const wanted = instance.more * Math.log(1 - instance.eta * rate);
    // The drift of the imbalance, at most 2 eta F_0, changes the rate by its share of h; the other errors have decayed by
    // e^-12, squares of the slow one included.
    const tolerance = (4 * instance.eta * loss(target, start)) / h + 1e-2;
    // Twice the share of either residual that rounding may have left moves its logarithm by no more, up to a quarter.
    const floor = residualFloor(target, iterate(run), rate, instance);
    const rounding = 2 * (floor / settled + floor / later);
    const what = 'log |R| over the time constant of the slow error';
    return showing(1, equal(what, Math.log(later / settled), wanted, tolerance + rounding), rounding);
  },
});
