/** Bounds on the step size that follow from a stable limit of gradient descent. */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import { spectrumOf } from '../../oracles/hessians.ts';
import { matrix, startOf, type Instance } from '../../model/instance.ts';
import {
  atSharpMinimum,
  attracting,
  kickedRuns,
  leaningRuns,
  stableLimit,
  stationary,
  topMinima,
  type KickedRun,
  type StableLimit,
} from './large-steps.ts';
import { hessian, norm, singularValues, type Factors } from '../../../src/index.ts';

const largestEigenvalue = (target: Matrix, at: Factors): number => spectrumOf(hessian(target, at)).largest;

/** The criterion for a limit leaves the iterate within 1e-9 of one, relatively; curvature varies as smoothly. */
const AT_LIMIT = 1e-6;

/**
 * A curvature, or a quantity that it bounds, against the bound. A gradient that counts as 0 below `rest` h^(3/2) leaves
 * the iterate within 100 rest h^(1/2) of a limit whose other curvatures are at least h / 100, and its curvature within
 * 4 times that times h^(1/2).
 */
function bounded(
  what: string,
  found: number,
  bound: number,
  limit: StableLimit | undefined,
  run: Instance,
): Comparison {
  const { eta } = run;
  // If a run has no limit, the cause may be a gradient that rounding hides.
  const rest = limit?.rest ?? stationary(matrix(run.M), startOf(run), run);
  const tolerance = Math.max(AT_LIMIT, 800 * rest) / eta;
  const settled = Number(limit !== undefined);
  return showing(2 / eta, atMost(what, found, bound, tolerance, { settled }));
}

export const stableCurvature = claim<KickedRun>({
  id: 'gd/stable-curvature',
  statement:
    'At a limit of gradient descent to which it returns after a small perturbation, no curvature is above 2 / eta.',
  formula: String.raw`(X_t, Y_t) \to \text{a stable limit} \;\Rightarrow\; \lambda_{\max}(\nabla^2F) \le 2/\eta`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [dropping('the limit is stable', atSharpMinimum)],
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
  proof: 'large-step',
  items: ['4.5'],
  instances: design(kickedRuns),
  check(solver, instance) {
    const limit = stableLimit(solver, instance);
    // A descent without a limit satisfies the claim: it has not converged to a minimum that is too sharp.
    const found = limit === undefined ? 0 : largestEigenvalue(matrix(instance.M), limit);
    return bounded('lambda_max at the limit', found, 2 / instance.eta, limit, instance);
  },
});

export const topCurvature = claim({
  id: 'gd/top-curvature',
  statement:
    'At the rank-one minimisers the largest curvature is 2 s_1 plus the squared difference of the norms of the factors, for every rank of the target.',
  formula: String.raw`(x, y) = (a u_1, b v_1),\ ab = s_1 \;\Rightarrow\; \lambda_{\max}(\nabla^2F) = (\|x\| - \|y\|)^2 + 2 s_1`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('the leading triple is retained', topMinima(1))],
  proof: 'large-step',
  items: ['4.5'],
  instances: design(topMinima(0)),
  check(_, instance) {
    const [target, at] = [matrix(instance.M), startOf(instance)];
    const { largest, rounding } = spectrumOf(hessian(target, at));
    const wanted = (norm(at.X) - norm(at.Y)) ** 2 + 2 * singularValues(target)[0]!;
    return equal('lambda_max', largest, wanted, rounding);
  },
});

/** 2/eta - 2 s_1. */
const balancingBound = ({ M, eta }: Instance): number => 2 / eta - 2 * singularValues(matrix(M))[0]!;

export const largeStep = claim<KickedRun>({
  id: 'gd/large-step',
  statement:
    'A large step balances: rank-one gradient descent converges only to minima whose factors have similar norms.',
  formula: String.raw`(\|x_\infty\| - \|y_\infty\|)^2 \le 2/\eta - 2 s_1`,
  kind: 'inequality',
  needs: 'law',
  hypotheses: [dropping('the limit is stable', { ...atSharpMinimum, size: { d1: [1, 3], d2: [1, 3], r: [1, 1] } })],
  bound: {
    tight: 'to 2 % of 2 / eta at minima of curvature 1.98 / eta, which attract',
    on: {
      instances: design(attracting),
      check: (solver, instance) => {
        const limit = stableLimit(solver, instance);
        const apart = limit === undefined ? NaN : (norm(limit.X) - norm(limit.Y)) ** 2;
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
    const apart = limit === undefined ? 0 : (norm(limit.X) - norm(limit.Y)) ** 2;
    // Without a limit nothing is claimed; there may be no room for one.
    return bounded('(|x| - |y|)^2', apart, limit === undefined ? 0 : balancingBound(instance), limit, instance);
  },
});
