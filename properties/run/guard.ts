/** A solver whose calls are watched and whose results are validated, for use in checks. */
import { Matrix } from 'ml-matrix';
import { Diverged, NoiseExhausted } from '../../src/errors.ts';
import type { Descent, Solver } from '../../src/index.ts';
import { userFrames } from './frames.ts';

/** The solver broke the contract: it threw, or returned something that is no iterate. The message is one sentence. */
export class SolverFault extends Error {
  override readonly name = 'SolverFault';
  /** It ran, but its numbers are not finite, or it drew too much noise: an answer, and a wrong one. */
  readonly wrongAnswer: boolean;
  /** The iterate that it gave, if that is a matrix of the correct shape with numbers that are not finite. */
  readonly answer: Matrix | undefined;

  constructor(message: string, options: { wrongAnswer?: boolean; cause?: unknown; answer?: Matrix } = {}) {
    super(message, { cause: options.cause });
    this.wrongAnswer = options.wrongAnswer ?? false;
    this.answer = options.answer;
  }

  /** Whether the run overflowed: some claims expect that of a correct solver, and no other fault. */
  get diverged(): boolean {
    return this.wrongAnswer && !(this.cause instanceof NoiseExhausted);
  }

  /** The frames of the solver's own files, if it threw. */
  get frames(): string[] {
    return userFrames(this.cause);
  }
}

/** A program violates the protocol: its steps are not judged. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Runs a descent of src. If it overflows, every statement about its end is refuted. */
export function finite<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    throw new SolverFault(error.message, { wrongAnswer: true });
  }
}

/** Called when a call into the solver begins and when it ends. */
export interface Watch {
  enter(): void;
  leave(): void;
}

export const noWatch: Watch = { enter: () => undefined, leave: () => undefined };

/** The same solver, but its faults are thrown as `SolverFault` and its calls are watched. */
export function guarded(solver: Solver, watch: Watch): Solver {
  const pace = new Pace();
  return (options) => {
    const { start } = options;
    const shapes = { X: [start.X.rows, start.X.columns], Y: [start.Y.rows, start.Y.columns] };
    watch.enter();
    try {
      return guardedDescent(solver(options), shapes, watch, pace);
    } catch (error) {
      throw fault(error, 'when a descent was started');
    } finally {
      watch.leave();
    }
  };
}

/**
 * A long call into a slow solver is cut into calls of about a second: a call that does not return is then distinguished from one
 * that takes long. A solver of ordinary speed is called as the claim says.
 */
class Pace {
  /** Milliseconds for one step, as the last longer call had it. */
  #perStep = 0;

  note(steps: number, milliseconds: number): void {
    if (steps >= LONG || milliseconds >= CALL) this.#perStep = milliseconds / steps;
  }

  /** The most steps in one call, of `steps`. */
  most(steps: number): number {
    return this.#perStep * steps > 2 * CALL ? Math.max(1, Math.floor(CALL / this.#perStep)) : steps;
  }
}

/** The length of a call that is long enough to time a step, and the milliseconds that a call should take at most. */
const [LONG, CALL] = [64, 1000];

function guardedDescent(returned: unknown, shapes: Record<'X' | 'Y', number[]>, watch: Watch, pace: Pace): Descent {
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
      const most = pace.most(steps);
      let left = steps;
      do {
        const piece = Math.min(most, left);
        watch.enter();
        const began = performance.now();
        try {
          descent.advance(piece);
        } catch (error) {
          throw fault(error, `in advance(${piece}) after ${taken} steps`);
        } finally {
          watch.leave();
        }
        pace.note(piece, performance.now() - began);
        taken += piece;
        left -= piece;
      } while (left > 0);
    },
  };
}

function fault(error: unknown, when: string): SolverFault {
  if (error instanceof SolverFault) return error;
  const message = `the solver threw ${when}: ${error instanceof Error ? error.message : String(error)}`;
  return new SolverFault(message, {
    wrongAnswer: error instanceof Diverged || error instanceof NoiseExhausted,
    cause: error,
  });
}

function validateIterate(name: string, value: Matrix, [rows, columns]: number[], step: number): void {
  if (!Matrix.isMatrix(value)) {
    throw new SolverFault(`the solver's ${name} is not a Matrix of ml-matrix after ${step} steps: return one`);
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
          { wrongAnswer: true, answer: value.clone() },
        );
      }
    }
  }
}
