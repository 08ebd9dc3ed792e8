/** The solver under judgement, and its properties that are determined first. */
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Solver } from '../../src/index.ts';
import type { Instance } from '../model/instance.ts';
import { DOUBLE } from '../model/precision.ts';
import { guarded, noWatch, SolverFault, type Watch } from './guard.ts';

/** A solver under judgement. */
export interface Subject {
  readonly solver: Solver;
  /** It never asks the source for noise: it uses its own random numbers, or no random numbers. */
  readonly ownNoise: boolean;
  /** It gives the same iterates, to the last bit, in every descent with noise: it has no random numbers, or always the same. */
  readonly repeats?: boolean;
  /** Unit roundoff of the precision that it declares, if that is coarser than that of doubles. */
  readonly u?: number;
  /** Seconds that it takes for a step of a small problem. */
  readonly perStep?: number;
}

/** d1, d2 and r of the descents that are tried: a solver that throws on one of them may still be known by the next. */
const SHAPES = [
  [2, 2, 1],
  [3, 2, 2],
  [5, 6, 3],
] as const;

/** Runs two steps of a small descent to test whether the solver draws from the given source. */
export function inspect(solver: Solver, watch: Watch = noWatch, roundoff = DOUBLE): Subject {
  const subject = declaring(guarded(solver, watch), roundoff);
  for (const shape of SHAPES) {
    try {
      const [first, second] = [probe(subject.solver, shape), probe(subject.solver, shape)];
      const repeats = !first.asked && first.end.every((value, i) => value === second.end[i]);
      return { ...subject, ownNoise: !first.asked, ...(repeats ? { repeats } : {}) };
    } catch (error) {
      if (!(error instanceof SolverFault)) throw error;
    }
  }
  return { ...subject, ownNoise: false }; // The claims will report the fault.
}

/** The solver with its declared precision. */
export const declaring = (solver: Solver, roundoff: number): Pick<Subject, 'solver' | 'u'> =>
  roundoff > DOUBLE ? { solver, u: roundoff } : { solver };

/** The instance, with the precision that the solver declares: tolerances for rounding depend on it. */
export const atPrecision = <I extends Instance>({ u }: Pick<Subject, 'u'>, instance: I): I =>
  u === undefined ? instance : { ...instance, u };

/** The iterate after two steps, and whether the source was asked. */
function probe(solver: Solver, [d1, d2, r]: (typeof SHAPES)[number]): { end: number[]; asked: boolean } {
  let asked = false;
  const normals = gaussianNoise('inspection');
  const source = {
    fill(out: Float64Array) {
      asked = true;
      normals.fill(out);
    },
  };
  const start = { X: Matrix.ones(d1, r), Y: Matrix.ones(d2, r) };
  const noise = { sigma1: 1 / 4, sigma2: 1 / 4, source };
  const descent = solver({ target: Matrix.eye(d1, d2), start, stepSize: 1 / 16, noise });
  descent.advance(2);
  return { end: [...descent.X.to1DArray(), ...descent.Y.to1DArray()], asked };
}

/** Rounds that are timed, the steps before them, after which most solvers run at full speed, and the steps of a round, at least and at most. */
const [ROUNDS, WARM_UP, FEW, MANY] = [5, 64, 16, 4096];

/** Seconds that a solver takes for a step of a 5 x 4 problem of rank 2; timing ends after a tenth of a second. */
export function secondsPerStep(solver: Solver): number {
  const noise = { sigma1: 1 / 8, sigma2: 1 / 8, source: gaussianNoise('timing') };
  const start = { X: Matrix.ones(5, 2), Y: Matrix.ones(4, 2) };
  try {
    const descent = solver({ target: Matrix.eye(5, 4), start, stepSize: 1 / 64, noise });
    const began = performance.now();
    descent.advance(FEW);
    const few = (performance.now() - began) / FEW;
    if (few * WARM_UP > 100) return few / 1000;
    descent.advance(WARM_UP);
    const steps = Math.max(FEW, Math.min(MANY, Math.round(10 / Math.max(few, 1e-4))));
    // The least of several rounds: other work on the machine can only make a round longer.
    const rounds = Array.from({ length: ROUNDS }, () => {
      const timed = performance.now();
      descent.advance(steps);
      return (performance.now() - timed) / steps;
    });
    return Math.min(...rounds) / 1000;
  } catch (error) {
    // The claims will report the fault.
    if (error instanceof SolverFault) return 0;
    throw error;
  }
}
