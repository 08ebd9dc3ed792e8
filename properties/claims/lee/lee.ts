/**
 * Proximal steps on the convex problem that alternate with descent steps on its factors, as in the algorithm of Lee, Liang, Tang
 * and Toh 2022: the value, and its rate.
 */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, type Comparison } from '../../model/claim.ts';
import { changed, design } from '../../generate/design.ts';
import { dropping } from '../../generate/dropping.ts';
import type { Design } from '../../model/draft.ts';
import { matrix } from '../../model/instance.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { product, rank, singularValues, squaredNorm } from '../../../src/index.ts';
import {
  FIRST,
  fromTarget,
  ORIGIN,
  picking,
  positiveWeights,
  problems,
  rateOf,
  SOURCE,
  valueOf,
  withStep,
  type Lee,
} from './problems.ts';
import { descentStep, eachRound, proximalStep, ROUND, WITHOUT_PROXIMAL, type Round } from './rounds.ts';

/** The same product, unbalanced. */
const UNBALANCED: Round = {
  ...ROUND,
  proximal(problem, at) {
    const { X, Y } = proximalStep(problem, at);
    return { X: Matrix.mul(X, 4), Y: Matrix.div(Y, 4) };
  },
};

const LONG_DESCENT: Round = { ...ROUND, descent: descentStep(8) };

/** Some descent steps in each of some rounds. */
const some = { descents: [2, 5], steps: [4] } as const;

/** Instances on which both bounds are attained: every triple stays above its threshold, and f has one curvature. */
const attaining = (plan: Design<Lee>): Design<Lee> =>
  changed(
    {
      ...picking(plan, { mu: [1], speed: [1 / 2, 3 / 4, 1 / 4], descents: [0], steps: [1, 4] }),
      accepts: nonzero,
      excludes: (given) =>
        given.target.flat().every((entry) => entry === 0) ? 'a target of 0 has no triple' : plan.excludes?.(given),
    },
    (run) => fromTarget({ ...run, lambda: leastSingularValue(run) / 4 }),
  );

/** The least singular value that is not 0. */
function leastSingularValue({ M }: Lee): number {
  const target = matrix(M);
  return singularValues(target)[rank(target) - 1]!;
}

/** With steps of up to 2 / L, for every least weight. */
const withLongSteps = (plan: Design<Lee>): Design<Lee> =>
  changed(plan, (run) => ({ ...run, eta: (run.eta * (run.L + run.mu)) / run.L }));

const anyWeights = problems([1, 1 / 4, 0]);

function falls(instance: Lee, round: Round, compare: typeof atMost = atMost): Comparison {
  return eachRound(instance, round, (problem, { before, between, after, rounding }) => {
    const [value, moved] = [valueOf(problem, before), squaredNorm(Matrix.sub(product(between), product(before)))];
    const fall = Math.max(0, 1 / problem.t - problem.L / 2) * moved;
    return compare('Phi after the round', valueOf(problem, after), value - fall, rounding, { value, fall });
  });
}

export const monotone = claim<Lee>({
  id: 'lee/monotone',
  statement:
    'If proximal steps on a nuclear-norm regularised problem alternate with descent steps on balanced factors, the value never rises, and falls in each round at least in proportion to the square of the proximal step.',
  formula: String.raw`t \le 2/L:\quad \Phi(Z) - \Phi(XY') \ge \left(\tfrac1t - \tfrac L2\right)\|Z^+ - Z\|^2`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('t <= 2 / L', withStep(3, picking(anyWeights, { mu: [1] }))),
    dropping('balanced factors', picking(anyWeights, some), (_, run) => falls(run, UNBALANCED)),
    dropping('descent steps of the inverse curvature', picking(anyWeights, some), (_, run) => falls(run, LONG_DESCENT)),
  ],
  bound: {
    tight: 'if all weights are L, no triple crosses its threshold, and there is no descent step',
    on: { instances: design(withLongSteps(attaining(anyWeights))), check: (_, run) => falls(run, ROUND, equal) },
  },
  source: SOURCE,
  proof: 'lee-algorithm',
  items: ['8.5'],
  instances: design(withLongSteps(anyWeights)),
  check: (_, run) => falls(run, ROUND),
});

function contracts(instance: Lee, round: Round, compare: typeof atMost = atMost): Comparison {
  return eachRound(instance, round, (problem, { before, after, rounding }) => {
    const least = problem.value(problem.Z);
    const [gap, left] = [valueOf(problem, before) - least, valueOf(problem, after) - least];
    return compare('gap after the round', left, rateOf(problem) ** 2 * gap, rounding, { gap, least });
  });
}

export const rate = claim<Lee>({
  id: 'lee/rate',
  statement:
    'In each such round the gap to the least value of the convex problem falls at least by the factor (1 - t mu)^2, from every start, saddles and minima of the factored problem with too few columns included.',
  formula: String.raw`t \le \tfrac2{L+\mu}:\quad \Phi(XY') - \min\Phi \le (1 - t\mu)^2\left(\Phi(Z) - \min\Phi\right)`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('proximal steps', picking(positiveWeights, { from: [ORIGIN, FIRST], share: [1 / 8], mu: [1] }), (_, run) =>
      contracts(run, WITHOUT_PROXIMAL),
    ),
    dropping('t <= 2 / (L + mu)', withStep(5 / 2, picking(positiveWeights, { mu: [1 / 4] }))),
    dropping('balanced factors', picking(positiveWeights, some), (_, run) => contracts(run, UNBALANCED)),
    dropping('descent steps of the inverse curvature', picking(positiveWeights, some), (_, run) =>
      contracts(run, LONG_DESCENT),
    ),
  ],
  bound: {
    tight: 'if all weights are L, no triple crosses its threshold, and there is no descent step',
    on: { instances: design(attaining(positiveWeights)), check: (_, run) => contracts(run, ROUND, equal) },
  },
  source: SOURCE,
  proof: 'lee-algorithm',
  items: ['8.5'],
  instances: design(positiveWeights),
  check: (_, run) => contracts(run, ROUND),
});
