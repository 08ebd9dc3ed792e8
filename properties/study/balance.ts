/**
 * Does the optimiser conserve the imbalance D = |X|^2 - |Y|^2, or balance the factors, and how fast? Two runs start at
 * minima, one with a large X, the other with a large Y. If both tend to the same balance, the difference of their D
 * decays.
 */
import { squaredNorm, type Descent, type Factors, type Solver } from '../../src/index.ts';
import type { Experiment, QuantityDesign, Values } from './experiment.ts';
import { advanced, begin, unlessDiverged } from './lab.ts';
import type { Problem } from './problems.ts';
import { minimum, near, uniform } from './starts.ts';
import { balanceTheory } from './theory.ts';

/** Steps at the problem's step size: one time constant 1 / (2 eta lambda) of perturbed descent. */
export const horizon = ({ stepSize, lambda }: Problem): number => Math.round(1 / (2 * stepSize * lambda));

/**
 *  |X| / |Y| = e^(2 lean) at the start, and its distance from the minimum, relative to the factors.
 */
const [LEAST, MOST, OFF] = [Math.log(1.6) / 2, Math.log(2) / 2, 1 / 32];

const quantities: readonly QuantityDesign[] = [
  {
    id: 'balance/lost',
    text: 'imbalance lost in that time',
    kind: 'median',
    resolution: 1 / 4,
    theory: (problem) => balanceTheory(problem, horizon(problem)).lost,
  },
  {
    id: 'balance/rate',
    text: 'rate of that, per step',
    kind: 'median',
    resolution: 1 / 2,
    relative: true,
    // A twentieth of the imbalance is lost in that time.
    negligible: (problem) => 1 / 20 / horizon(problem),
    theory: (problem) => balanceTheory(problem, horizon(problem)).rate,
  },
  {
    id: 'balance/exponent',
    text: 'rate ~ eta^p, p',
    kind: 'median',
    resolution: 3 / 4,
    theory: (problem) => balanceTheory(problem, horizon(problem)).exponent,
  },
];

export const balance: Experiment = {
  name: 'balance',
  on: () => true,
  quantities: () => quantities,
  steps: (problem) => 7 * horizon(problem),
  unit(solver, problem, key) {
    const lean = uniform(LEAST, MOST, `${key}/lean`);
    // From the same starts, so that effects of the start cancel in the exponent.
    const [full, half] = [1, 2].map((slower) => loss(solver, problem, lean, slower, key));
    const rate = full!.rate;
    return {
      'balance/lost': full!.lost,
      'balance/rate': rate,
      'balance/exponent': Math.log2(rate / half!.rate),
    } satisfies Values;
  },
};

/** With the step size divided and the number of steps multiplied by `slower`. */
function loss(
  solver: Solver,
  problem: Problem,
  lean: number,
  slower: number,
  key: string,
): Record<'lost' | 'rate', number> {
  const steps = slower * horizon(problem);
  const end = unlessDiverged(() =>
    [lean, -lean].map((each) => {
      const start = startAt(problem, each, `${key}/${each > 0 ? 'X' : 'Y'}`);
      const run = begin(solver, problem, start, `${key}/noise ${slower} ${each > 0 ? 'X' : 'Y'}`, {
        stepSize: problem.stepSize / slower,
      });
      const before = difference(start);
      const every = Math.max(1, Math.floor(steps / WINDOW / LOOKS));
      run.advance(Math.max(0, steps - (every * LOOKS) / 2));
      return { before, after: meanDifference(run, every) };
    }),
  );
  if (end === undefined) return { lost: NaN, rate: NaN };
  const [before, after] = (['before', 'after'] as const).map((when) => end[0]![when] - end[1]![when]) as [
    number,
    number,
  ];
  const left = after / before;
  // Beyond balance: faster than can be measured.
  return { lost: 1 - left, rate: left > 0 ? -Math.log(left) / steps : Infinity };
}

function startAt(problem: Problem, lean: number, key: string): Factors {
  const deviation = OFF * Math.sqrt(problem.values[0]! / Math.max(problem.target.rows, problem.target.columns));
  return near(minimum(problem, lean, key), deviation, key);
}

/** D is the mean of this number of looks in an eighth of the time, around its end: of an optimiser that shows perturbed points each has noise. */
const [WINDOW, LOOKS] = [8, 16];

function meanDifference(run: Descent, every: number): number {
  let sum = 0;
  for (let i = 0; i < LOOKS; i++) sum += difference(advanced(run, every));
  return sum / LOOKS;
}

const difference = ({ X, Y }: Factors): number => squaredNorm(X) - squaredNorm(Y);
