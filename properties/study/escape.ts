/** The time in which the optimiser leaves the saddle at the origin, and its dependence on the scale of the noise. */
import { Matrix } from 'ml-matrix';
import { product, type Solver } from '../../src/index.ts';
import type { Experiment } from './experiment.ts';
import { advanced, begin, unlessDiverged } from './lab.ts';
import type { Problem } from './problems.ts';
import { origin } from './starts.ts';
import { escapeTheory } from './theory.ts';

/** Steps after which the optimiser counts as not leaving. */
const most = ({ stepSize, values }: Problem): number => Math.round(64 / (stepSize * values[0]!));

export const escape: Experiment = {
  name: 'escape',
  on: ({ rank, name }) => rank === 1 || name === 'given',
  quantities: () => [
    {
      id: 'escape/time',
      text: 'steps from the origin to s_1 / 2',
      kind: 'median',
      resolution: 1 / 2,
      relative: true,
      theory: (problem) => escapeTheory(problem).time,
    },
    {
      id: 'escape/exponent',
      text: 'steps ~ noise^-p, p',
      kind: 'median',
      resolution: 1,
      theory: (problem) => escapeTheory(problem).exponent,
    },
  ],
  steps: (problem) => 2 * most(problem),
  unit(solver, problem, key) {
    const [full, half] = [1, 1 / 2].map((noise) => timeToLeave(solver, problem, noise, `${key}/${noise}`));
    // Infinity / Infinity is not known: neither run leaves.
    return { 'escape/time': full!, 'escape/exponent': Math.log2(half! / full!) };
  },
};

function timeToLeave(solver: Solver, problem: Problem, noise: number, key: string): number {
  const time = unlessDiverged(() => {
    const run = begin(solver, problem, origin(problem), key, { noise });
    for (let steps = 1; steps <= most(problem); steps++) {
      if (fitted(product(advanced(run, 1)), problem)) return steps;
    }
    return Infinity;
  });
  return time ?? NaN;
}

/** Whether u_1' X Y' v_1 is at least s_1 / 2. */
function fitted(XY: Matrix, { svd: { U, V }, values }: Problem): boolean {
  const along = U.getColumnVector(0).transpose().mmul(XY).mmul(V.getColumnVector(0)).get(0, 0);
  return along >= values[0]! / 2;
}
