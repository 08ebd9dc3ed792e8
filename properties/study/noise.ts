/**
 * The noise of a step. Runs from one minimum that differ in their noise only are compared after one step and after two,
 * so that common terms cancel. The step size is a sixteenth of the problem's, so that the curvature does not correlate
 * the steps.
 */
import { Matrix } from 'ml-matrix';
import { decompose, type Factors, type Solver } from '../../src/index.ts';
import { inner, squaredNorm } from '../../src/linear-algebra/matrices.ts';
import type { Experiment, QuantityDesign, Values } from './experiment.ts';
import { advanced, begin, unlessDiverged } from './lab.ts';
import type { Problem } from './problems.ts';
import { minimum, uniform } from './starts.ts';
import { noiseTheory } from './theory.ts';

/** The part of the step size. */
const PART = 1 / 16;

const quantity = (id: string, text: string, kind: QuantityDesign['kind'], resolution: number, relative = false) => ({
  id,
  text,
  kind,
  resolution,
  relative,
  theory: (problem: Problem) => noiseTheory(problem, PART)[id] ?? {},
});

const quantities: readonly QuantityDesign[] = [
  quantity('noise/any', 'steps that are random', 'share', 1 / 4),
  quantity('noise/scale', 'its scale: deviation / eta', 'median', 1, true),
  quantity('noise/along', 'along the minima, to isotropic', 'median', 1 / 4),
  quantity('noise/time', 'correlation of two steps', 'median', 1 / 4),
  quantity('noise/factors', 'X and Y move with one sign', 'share', 1 / 4),
  quantity('noise/gaussian', 'one is 3 times another', 'share', 1 / 4),
];

const none: Values = Object.fromEntries(quantities.map(({ id }) => [id, NaN]));

export const noise: Experiment = {
  name: 'noise',
  on: ({ name }) => name === 'square' || name === 'tall' || name === 'given',
  quantities: () => quantities,
  times: 8,
  steps: () => 8,
  unit(solver, problem, key) {
    const lean = uniform(-Math.LN2 / 2, Math.LN2 / 2, `${key}/lean`);
    const start = minimum(problem, lean, key);
    const runs = unlessDiverged(() => [1, 2, 3, 4].map((i) => twoSteps(solver, problem, start, `${key}/${i}`)));
    return runs === undefined ? none : valuesOf(runs, start, problem);
  },
};

type Steps = Record<'first' | 'second', Factors>;

function twoSteps(solver: Solver, problem: Problem, start: Factors, key: string): Steps {
  const run = begin(solver, problem, start, key, { stepSize: PART * problem.stepSize });
  const first = copyOf(advanced(run, 1));
  return { first, second: minus(copyOf(advanced(run, 1)), first) };
}

function valuesOf([one, two, three, four]: readonly Steps[], start: Factors, problem: Problem): Values {
  const [a, b, next] = [
    minus(one!.first, two!.first),
    minus(three!.first, four!.first),
    minus(one!.second, two!.second),
  ];
  const energy = squared(a);
  const entries = start.X.columns * (start.X.rows + start.Y.rows);
  // The rounding of a step is below 1e-12 of the iterate.
  if (Math.sqrt(energy) < 1e-12 * Math.sqrt(squared(start))) return { ...none, 'noise/any': 0 };
  const unit = PART * problem.stepSize * problem.values[0]! ** 1.5;
  return {
    'noise/any': 1,
    'noise/scale': Math.sqrt(energy / 2 / entries) / unit,
    'noise/along': (energy - acrossMinima(a, start)) / start.X.columns ** 2 / (energy / entries),
    'noise/time': (inner(a.X, next.X) + inner(a.Y, next.Y)) / Math.sqrt(energy * squared(next)),
    'noise/factors': Number(inner(start.X, a.X) * inner(start.Y, a.Y) > 0),
    'noise/gaussian': Number(Math.abs(a.X.get(0, 0)) > 3 * Math.abs(b.X.get(0, 0))),
  };
}

/**
 * The squared norm of the part of (A, B) that changes XY': its projection to the pairs (CY, C'X). The normal equations
 * CYY' + XX'C = AY' + XB' = W are diagonal in the singular vectors of X and Y, and outside of their columns W is 0 on one side.
 */
function acrossMinima(by: Factors, { X, Y }: Factors): number {
  const [ofX, ofY] = [decompose(X), decompose(Y)];
  const W = by.X.mmul(Y.transpose()).add(X.mmul(by.Y.transpose()));
  const [left, right] = [ofX.U.transpose().mmul(W), W.mmul(ofY.U)];
  const both = left.mmul(ofY.U);
  let sum = 0;
  for (const [i, a] of ofX.s.entries()) {
    for (const [j, b] of ofY.s.entries()) sum += both.get(i, j) ** 2 / (a * a + b * b);
    sum += (squaredNorm(left.getRowVector(i)) - squaredNorm(both.getRowVector(i))) / (a * a);
  }
  for (const [j, b] of ofY.s.entries()) {
    sum += (squaredNorm(right.getColumnVector(j)) - squaredNorm(both.getColumnVector(j))) / (b * b);
  }
  return sum;
}

const copyOf = ({ X, Y }: Factors): Factors => ({ X: X.clone(), Y: Y.clone() });
const minus = (a: Factors, b: Factors): Factors => ({ X: Matrix.sub(a.X, b.X), Y: Matrix.sub(a.Y, b.Y) });
const squared = ({ X, Y }: Factors): number => squaredNorm(X) + squaredNorm(Y);
