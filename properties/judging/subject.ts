/** The solver under judgement, and what has to be known of it before. */
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Solver } from '../../src/index.ts';
import { guarded, noWatch, SolverFault, type Watch } from './guard.ts';

/** A solver under judgement. */
export interface Subject {
  readonly solver: Solver;
  /** It never asks the source for noise: it has random numbers of its own, or none. */
  readonly ownNoise: boolean;
  /** Injected noise reaches it for so many steps of a descent only; Infinity if not said. */
  readonly tapedSteps?: number;
}

/** Runs two steps of a small descent to see whether the solver draws from the source that it is given. */
export function inspect(solver: Solver, watch: Watch = noWatch): Subject {
  let asked = false;
  const normals = gaussianNoise('inspection');
  const source = {
    fill(out: Float64Array) {
      asked = true;
      normals.fill(out);
    },
  };
  const start = { X: Matrix.ones(2, 1), Y: Matrix.ones(2, 1) };
  const subject = guarded(solver, watch);
  try {
    subject({
      target: Matrix.eye(2),
      start,
      stepSize: 1 / 16,
      noise: { sigma1: 1 / 4, sigma2: 1 / 4, source },
    }).advance(2);
  } catch (error) {
    if (!(error instanceof SolverFault)) throw error;
    asked = true; // It is the claims that say what is wrong.
  }
  return { solver: subject, ownNoise: !asked };
}
