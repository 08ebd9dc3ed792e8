/** Rounds whose proximal steps take their singular vectors from a few multiplications, starting with the columns at hand. */
import { Matrix } from 'ml-matrix';
import { atMost, claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { changed, design } from '../../generate/design.ts';
import { dropping } from '../../generate/dropping.ts';
import { gaussians } from '../../instances/gaussians.ts';
import type { Design } from '../../model/draft.ts';
import { decompose, product, singularValues, squaredNorm, type Factors } from '../../../src/index.ts';
import { times, transposedTimes } from '../../../src/linear-algebra/matrices.ts';
import {
  balancedFactors,
  lowered,
  ORIGIN,
  picking,
  positiveWeights,
  rateOf,
  SOURCE,
  valueOf,
  withStep,
  type Lee,
  type Problem,
} from './problems.ts';
import { eachRound, proximalArgument, proximalStep, ROUND, type Round } from './rounds.ts';

/** `extra`: the number of random columns, 0 or 1, next to those of X; `products`: the multiplications with B B'. */
type Inexact = Lee & { extra: number; products: number };

/** An orthonormal basis of a column space near that of the largest triples of B. */
function columnSpace({ extra, products, ...instance }: Inexact, B: Matrix, { X }: Factors): Matrix {
  const [random] = gaussians({ ...instance, size: { r: 1 } }, [B.rows], 'extra column');
  const columns = [...X.transpose().to2DArray(), ...(extra === 1 ? [random!.getColumn(0)] : [])];
  let { U } = decompose(new Matrix(columns).transpose());
  for (let i = 0; i < products; i++) U = decompose(times(B, transposedTimes(B, U))).U;
  return U;
}

/** The proximal step of P B in place of B, for the projector P onto that space. */
const inexactRound = (instance: Inexact): Round => ({
  ...ROUND,
  proximal(problem, at) {
    const B = proximalArgument(problem, product(at));
    const U = columnSpace(instance, B, at);
    const found = decompose(transposedTimes(U, B));
    const { X, Y } = balancedFactors(found, lowered(found.s, problem.t * problem.lambda));
    return { X: times(U, X), Y };
  },
});

/** The least value of |V - C|^2 / (2 t) + lambda |V|_nuc. */
const envelope = ({ t, lambda }: Problem, C: Matrix): number =>
  singularValues(C).reduce(
    (sum, s) => sum + (s > t * lambda ? lambda * s - (t * lambda ** 2) / 2 : s ** 2 / (2 * t)),
    0,
  );

/** The same over the V of the column space, less that over all V. */
function shortfall(problem: Problem, instance: Inexact, before: Factors): number {
  const B = proximalArgument(problem, product(before));
  const U = columnSpace(instance, B, before);
  const within = times(U, transposedTimes(U, B));
  const outside = squaredNorm(Matrix.sub(B, within)) / (2 * problem.t);
  return outside + envelope(problem, within) - envelope(problem, B);
}

/** The function of which the proximal step from these factors is the minimiser, up to a constant. */
function modelAt(problem: Problem, before: Factors): (at: Factors) => number {
  const B = proximalArgument(problem, product(before));
  return (at) => {
    const Z = product(at);
    const nuclear = singularValues(Z).reduce((sum, value) => sum + value, 0);
    return squaredNorm(Matrix.sub(Z, B)) / (2 * problem.t) + problem.lambda * nuclear;
  };
}

/** |Z - B|^2 / (2 t) is at most 50 times the size of the terms of Phi for t >= 1 / (4 L). */
const MODEL = 8;

function approaches(instance: Inexact, share: number, compare: typeof atMost = atMost): Comparison {
  return eachRound(instance, inexactRound(instance), (problem, { before, between, after, rounding }) => {
    const [least, model] = [problem.value(problem.Z), modelAt(problem, before)];
    const epsilon = model(between) - model(proximalStep(problem, before));
    const [gap, left] = [valueOf(problem, before) - least, valueOf(problem, after) - least];
    const bound = rateOf(problem) * gap + share * epsilon;
    const allowed = MODEL * rounding;
    return worst([
      equal('epsilon', epsilon, shortfall(problem, instance, before), allowed),
      compare('gap after the round', left, bound, allowed, { gap, epsilon }),
    ]);
  });
}

/** t <= 1 / L. */
const withInexact = (plan: Design<Lee>): Design<Inexact> => {
  const extended = picking(plan, { extra: [1, 0], products: [1, 0, 3] });
  return {
    ...extended,
    complete: (draft) => ({
      ...plan.complete(draft),
      extra: draft.picks['extra']!,
      products: draft.picks['products']!,
    }),
  };
};

const inexactRounds = withInexact(changed(positiveWeights, shortened));

function shortened(run: Lee): Lee {
  return { ...run, eta: (run.eta * (run.L + run.mu)) / (2 * run.L) };
}

export const inexact = claim<Inexact>({
  id: 'lee/inexact',
  statement:
    'If a proximal step of size at most 1 / L misses the least value of its model by epsilon, the gap after the round is at most (1 - t mu) times the gap before it plus epsilon, which is known for steps in a given column space.',
  formula: String.raw`t \le 1/L:\quad \Phi(XY') - \min\Phi \le (1 - t\mu)\left(\Phi(Z) - \min\Phi\right) + \varepsilon,\quad \varepsilon = \tfrac1{2t}\|B - PB\|^2 + e(PB) - e(B)`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    dropping('t <= 1 / L', withInexact(withStep(5 / 2, picking(positiveWeights, { mu: [1 / 4] })))),
    dropping(
      'epsilon is added',
      withInexact(changed(picking(positiveWeights, { from: [ORIGIN], share: [1 / 4, 1 / 8] }), shortened)),
      (_, run) => approaches({ ...run, extra: 0 }, 0),
    ),
  ],
  bound: {
    tight: 'if all weights are L, t is 1 / L, and there is no descent step',
    on: {
      instances: design(withInexact(withStep(1, picking(positiveWeights, { mu: [1], descents: [0] })))),
      check: (_, run) => approaches(run, 1, equal),
    },
  },
  source: SOURCE,
  proof: 'lee-algorithm',
  items: ['8.5'],
  instances: design(inexactRounds),
  check: (_, run) => approaches(run, 1),
});
