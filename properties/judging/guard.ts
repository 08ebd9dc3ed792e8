/** Stands between a check and the solver: every call is watched, what comes back is validated. */
import { Matrix } from 'ml-matrix';
import type { Descent, Solver } from '../../src/index.ts';

/** The solver broke the contract: it threw, or returned something that is no iterate. The message is one sentence. */
export class SolverFault extends Error {
  override readonly name = 'SolverFault';
}

/** Told when a call into the solver begins and ends. */
export interface Watch {
  enter(): void;
  leave(): void;
}

export const noWatch: Watch = { enter: () => undefined, leave: () => undefined };

/** The same solver, but its faults are thrown as `SolverFault` and its calls are watched. */
export function guarded(solver: Solver, watch: Watch): Solver {
  return (options) => {
    const { start } = options;
    const shapes = { X: [start.X.rows, start.X.columns], Y: [start.Y.rows, start.Y.columns] };
    watch.enter();
    try {
      return guardedDescent(solver(options), shapes, watch);
    } catch (error) {
      throw fault(error, 'when a descent was started');
    } finally {
      watch.leave();
    }
  };
}

function guardedDescent(returned: unknown, shapes: Record<'X' | 'Y', number[]>, watch: Watch): Descent {
  const descent = returned as Descent;
  if (typeof (returned as Partial<Descent> | null)?.advance !== 'function') {
    throw new SolverFault('the solver returned no descent: return an object with X, Y and advance(steps)');
  }
  let taken = 0;
  const read = (name: 'X' | 'Y'): Matrix => {
    watch.enter();
    try {
      const value = descent[name];
      validateIterate(name, value, shapes[name], taken);
      return value;
    } catch (error) {
      throw fault(error, `when ${name} was read after ${taken} steps`);
    } finally {
      watch.leave();
    }
  };
  return {
    get X() {
      return read('X');
    },
    get Y() {
      return read('Y');
    },
    advance(steps) {
      watch.enter();
      try {
        descent.advance(steps);
      } catch (error) {
        throw fault(error, `in advance(${steps}) after ${taken} steps`);
      } finally {
        watch.leave();
      }
      taken += steps;
    },
  };
}

function fault(error: unknown, when: string): SolverFault {
  if (error instanceof SolverFault) return error;
  return new SolverFault(`the solver threw ${when}: ${error instanceof Error ? error.message : String(error)}`);
}

function validateIterate(name: string, value: Matrix, [rows, columns]: number[], step: number): void {
  if (!Matrix.isMatrix(value)) {
    throw new SolverFault(`the solver's ${name} is no Matrix of ml-matrix after ${step} steps: return one`);
  }
  if (value.rows !== rows || value.columns !== columns) {
    const shape = `${value.rows} x ${value.columns}`;
    throw new SolverFault(
      `the solver's ${name} is ${shape} after ${step} steps: it must keep the start's shape, ${rows} x ${columns}`,
    );
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (!Number.isFinite(value.get(i, j))) {
        throw new SolverFault(
          `the solver's ${name} has ${value.get(i, j)} in row ${i + 1}, column ${j + 1} after ${step} steps, though the step size is within the stable range`,
        );
      }
    }
  }
}
