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

const isTie = (value: number, lambda: number, largest: number): boolean => Math.abs(value - lambda) <= TIE * largest;

/** The rank of the solution, and the margin: a proximal step from within margin / (1 - t mu) of the solution has that rank. */
function solutionRank({ M, lambda, eta }: Lee): { k: number; margin: number } {
  const s = singularValues(matrix(M));
  const apart = s.filter((value) => !isTie(value, lambda, s[0]!));
  const margins = apart.map((value) => (value > lambda ? value - lambda : eta * (lambda - value)));
  return { k: apart.filter((value) => value > lambda).length, margin: Math.min(...margins) };
}

/** The share of the margin that is left to the rounding of singular values. */
const RESERVE = 2 ** -9;

/** Whether the proximal step from a point with this gap has the rank of the solution for certain. */
const isNear = (problem: Problem, gap: number, margin: number): boolean =>
  rateOf(problem) * Math.sqrt((2 * gap) / problem.mu) <= (1 - RESERVE) * margin;

/** The first round of which the gap at the start makes this certain. */
function firstCertain(problem: Problem, gap: number, margin: number): number {
  let N = 1;
  while (!isNear(problem, rateOf(problem) ** (2 * (N - 1)) * gap, margin)) N++;
  return N;
}

const columnsOf = ({ X }: Factors): number =>
  X.transpose()
    .to2DArray()
    .filter((column) => column.some((x) => x !== 0)).length;

/** Until `steps` rounds are certain. A rank is compared only if rounding, which adds to the gap, leaves it certain. */
function* identifies(instance: Lee, round: Round): Generator<Comparison> {
  const [problem, { k, margin }] = [problemOf(instance), solutionRank(instance)];
  const gap = Math.max(0, valueOf(problem, startOf(instance)) - problem.value(problem.Z));
  const N = firstCertain(problem, gap, margin);
  const square = rateOf(problem) ** 2;
  let [j, least, bound] = [0, gap, gap];
  for (const { between, after, rounding } of rounds(instance, problem, N + instance.steps - 1, round)) {
    if (j++ === 0) bound += rounding;
    if (isNear(problem, bound, margin))
      yield atStep(j, equal('rank of the proximal step', columnsOf(between), k, 1 / 2, { N, margin }));
    [least, bound] = [square * least, square * bound + rounding];
    const apart = (problem.mu / 2) * squaredNorm(Matrix.sub(product(after), problem.Z));
    yield atStep(j, atMost('mu/2 |Z - Z*|^2', apart, least, bound - least, { N, margin }));
  }
}

/** No tie; the margin is a share of lambda, and rounding is smaller, also that of a later round, 16 times that of the first. */
function isIdentified(draft: Draft): boolean {
  const instance = positiveWeights.complete(draft);
  const s = singularValues(matrix(instance.M));
  if (s.some((value) => isTie(value, instance.lambda, s[0]!))) return false;
  const [problem, { margin }] = [problemOf(instance), solutionRank(instance)];
  const [passed] = rounds(instance, problem, 1, ROUND);
  const floor = (16 * passed!.rounding) / (1 - rateOf(problem) ** 2);
  return margin >= 2 ** -6 * instance.lambda && isNear(problem, floor / RESERVE ** 2, margin);
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
