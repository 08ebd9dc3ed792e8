/** The rank of the solution, which every proximal step has from some round on. */
import { Matrix } from 'ml-matrix';
import { atMost, atStep, claim, equal, firstRefuted, type Comparison } from '../../model/claim.ts';
import { changed, design } from '../../generate/design.ts';
import { dropping } from '../../generate/dropping.ts';
import { targetOf } from '../../instances/designs.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { matrix, startOf } from '../../model/instance.ts';
import { product, rank, singularValues, squaredNorm, type Factors } from '../../../src/index.ts';
import {
  fromTarget,
  picking,
  positiveWeights,
  problemOf,
  rateOf,
  SOURCE,
  valueOf,
  type Lee,
  type Problem,
} from './problems.ts';
import { ROUND, rounds, WITHOUT_PROXIMAL, type Round } from './rounds.ts';

/** Singular values of the target that are nearer to lambda, relative to the largest, are ties: the rank is not identified. */
const TIE = 2 ** -30;

/** The rank of the solution, and the margin: a proximal step from within margin / (1 - t mu) of the solution has that rank. */
function solutionRank({ M, lambda, eta }: Lee): { k: number; margin: number } {
  const s = singularValues(matrix(M));
  const apart = s.filter((value) => Math.abs(value - lambda) > TIE * s[0]!);
  const margins = apart.map((value) => (value > lambda ? value - lambda : eta * (lambda - value)));
  return { k: apart.filter((value) => value > lambda).length, margin: Math.min(...margins) };
}

/** The share of the margin that is left to rounding. */
const RESERVE = 2 ** -9;

/** The first round from which on the gap at the start makes the rank certain. */
function certainFrom(problem: Problem, gap: number, margin: number): number {
  const [distance, rho] = [Math.sqrt((2 * gap) / problem.mu), rateOf(problem)];
  const enough = (1 - RESERVE) * margin;
  return rho * distance <= enough ? 1 : Math.ceil(Math.log(enough / distance) / Math.log(rho));
}

const columnsOf = ({ X }: Factors): number =>
  X.transpose()
    .to2DArray()
    .filter((column) => column.some((x) => x !== 0)).length;

/** Until `steps` rounds after the rank is certain. */
function* identifies(instance: Lee, round: Round): Generator<Comparison> {
  const [problem, { k, margin }] = [problemOf(instance), solutionRank(instance)];
  const [least, rho] = [problem.value(problem.Z), rateOf(problem)];
  const gap = Math.max(0, valueOf(problem, startOf(instance)) - least);
  const first = certainFrom(problem, gap, margin);
  let [j, allowed] = [0, 0];
  for (const { between, after, rounding } of rounds(instance, problem, first + instance.steps - 1, round)) {
    j++;
    allowed = Math.max(rho ** 2 * allowed, rounding) + rounding;
    const apart = (problem.mu / 2) * squaredNorm(Matrix.sub(product(after), problem.Z));
    yield atStep(j, atMost('mu/2 |Z - Z*|^2', apart, rho ** (2 * j) * gap, allowed, { first, margin }));
    if (j >= first)
      yield atStep(j, equal('rank of the proximal step', columnsOf(between), k, 1 / 2, { first, margin }));
  }
}

/** The margin is a share of the largest singular value, and RESERVE of it is above rounding. */
function isIdentified(draft: Draft): boolean {
  const instance = positiveWeights.complete(draft);
  const [problem, { margin }] = [problemOf(instance), solutionRank(instance)];
  const [passed] = rounds(instance, problem, 1, ROUND);
  const error = Math.sqrt((8 * passed!.rounding) / (problem.mu * (1 - rateOf(problem) ** 2)));
  return margin >= 2 ** -6 * instance.lambda && error <= RESERVE * margin;
}

const identified: Design<Lee> = { ...positiveWeights, accepts: isIdentified };

/** The second singular value is lambda, and the start has its triple. */
const ties: Design<Lee> = changed(
  {
    ...picking(positiveWeights, { mu: [1], speed: [1 / 2, 1 / 4], descents: [0] }),
    size: { d1: [2, 6], d2: [2, 6], k: [2, 3] },
    accepts: (draft) => rank(matrix(targetOf(draft))) >= 2,
  },
  (run) => fromTarget({ ...run, lambda: singularValues(matrix(run.M))[1]! }),
);

export const rankOfSolution = claim<Lee>({
  id: 'lee/rank',
  statement:
    'In such rounds the iterate comes as near to the solution as the gap at the start and the rate imply, and every proximal step from a round on, which these determine, has exactly the rank of the solution.',
  formula: String.raw`\tfrac\mu2\|Z_j - Z_\star\|^2 \le \rho^{2j}g_0,\quad \rho^N\sqrt{2g_0/\mu} < m\ \Rightarrow\ \mathrm{rank}\,Z_j^+ = k\ (j \ge N),\quad m = \min\left(s_k(Z_\star),\ t(\lambda - |W|_{k+1})\right)`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  bound: 'valid',
  hypotheses: [
    dropping('proximal steps', identified, (_, run) => firstRefuted(identifies(run, WITHOUT_PROXIMAL))),
    dropping('no singular value of the target is lambda', ties),
  ],
  source: SOURCE,
  proof: 'lee-algorithm',
  items: ['8.5'],
  instances: design(identified),
  check: (_, run) => firstRefuted(identifies(run, ROUND)),
});
