/**
 * The largest step size at which the optimiser stays at a minimum, relative to 2 / lambda_max, the bound of gradient
 * descent. It starts a little off an unbalanced minimum with hardly any noise, and counts as unstable if its residual
 * grows.
 */
import { norm } from '../../src/linear-algebra/matrices.ts';
import { residual, type Solver } from '../../src/index.ts';
import type { Experiment } from './experiment.ts';
import { advanced, begin, unlessDiverged } from './lab.ts';
import type { Problem } from './problems.ts';
import { minimum, near, uniform } from './starts.ts';
import { stabilityTheory } from './theory.ts';

/** Steps of a run, halvings of the range of step sizes on a logarithmic scale, and that range. */
const [STEPS, HALVINGS, RANGE] = [256, 8, 8];

/** Its distance from the minimum at the start, its share of the noise, and the allowed growth of the residual. */
const [OFF, QUIET, GROWTH] = [1e-4, 2 ** -14, 16];

export const stability: Experiment = {
  name: 'stability',
  on: ({ rank, name }) => rank === 1 || name === 'given',
  quantities: () => [
    {
      id: 'stability/step',
      text: 'largest stable step / (2 / lambda_max)',
      kind: 'median',
      resolution: 1 / 4,
      relative: true,
      theory: stabilityTheory,
    },
  ],
  steps: () => STEPS * HALVINGS,
  unit(solver, problem, key) {
    const lean = uniform(-Math.LN2 / 2, Math.LN2 / 2, `${key}/lean`);
    const largest = problem.values[0]! * 2 * Math.cosh(2 * lean);
    let [low, high] = [1 / RANGE, RANGE];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = Math.sqrt(low * high);
      if (stays(solver, problem, lean, (middle * 2) / largest, key)) low = middle;
      else high = middle;
    }
    // At an end of the range the border lies beyond it.
    return { 'stability/step': low === 1 / RANGE ? 0 : high === RANGE ? Infinity : Math.sqrt(low * high) };
  },
};

function stays(solver: Solver, problem: Problem, lean: number, stepSize: number, key: string): boolean {
  const at = minimum(problem, lean, key);
  const start = near(at, OFF * Math.sqrt(problem.values[0]!), key);
  const least = norm(residual(problem.target, at));
  const first = norm(residual(problem.target, start));
  const ended = unlessDiverged(() => {
    const run = begin(solver, problem, start, `${key}/noise`, { stepSize, noise: QUIET });
    for (let steps = 0; steps < STEPS; steps += 2) {
      if (norm(residual(problem.target, advanced(run, 2))) - least > GROWTH * (first - least)) return false;
    }
    return true;
  });
  return ended === true;
}
