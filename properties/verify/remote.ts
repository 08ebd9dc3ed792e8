/** The judging thread's side of a solver that is a program: each call asks, and waits for the answer. */
import { receiveMessageOnPort } from 'node:worker_threads';
import { Matrix } from 'ml-matrix';
import { gaussianNoise, type Descent, type DescentOptions, type Solver } from '../../src/index.ts';
import { guarded, SolverFault, type Watch } from '../judging/guard.ts';
import type { Subject } from '../judging/subject.ts';
import type { Answer, Line } from './program.ts';

/** Noise travels for this many steps of a descent; after them the program draws numbers of its own. */
export const TAPED_STEPS = 64;

/** The solver that asks the program at the other end of the line. */
export function remoteSolver(line: Line): Solver {
  let descents = 0;
  return (options) => new RemoteDescent(line, descents++, options);
}

class RemoteDescent implements Descent {
  readonly #line: Line;
  readonly #id: number;
  readonly #noise: DescentOptions['noise'];
  #X: Matrix;
  #Y: Matrix;
  #taken = 0;

  constructor(line: Line, id: number, { target, start, stepSize, noise }: DescentOptions) {
    this.#line = line;
    this.#id = id;
    this.#noise = noise;
    [this.#X, this.#Y] = [start.X.clone(), start.Y.clone()];
    const scales = noise === undefined ? null : { sigma1: noise.sigma1, sigma2: noise.sigma2 };
    this.#ask({
      descent: id,
      target: target.to2DArray(),
      X: start.X.to2DArray(),
      Y: start.Y.to2DArray(),
      stepSize,
      noise: scales,
    });
  }

  get X(): Matrix {
    return this.#X.clone();
  }

  get Y(): Matrix {
    return this.#Y.clone();
  }

  advance(steps: number): void {
    if (steps === 0) return;
    this.#taken += steps;
    const normals = this.#taken <= TAPED_STEPS ? { normals: this.#normals(steps) } : {};
    this.#ask({ descent: this.#id, advance: steps, ...normals });
  }

  /** The standard normals of the next steps, in the contract's order; none for plain descent. */
  #normals(steps: number): number[] {
    if (this.#noise === undefined || (this.#noise.sigma1 === 0 && this.#noise.sigma2 === 0)) return [];
    const tape = new Float64Array(steps * (this.#X.rows + this.#Y.rows) * this.#X.columns);
    this.#noise.source.fill(tape);
    return Array.from(tape);
  }

  #ask(request: object): void {
    const { X, Y } = ask(this.#line, request);
    [this.#X, this.#Y] = [X, Y];
  }
}

function ask({ port, bell }: Line, request: object): { X: Matrix; Y: Matrix } {
  const heard = Atomics.load(bell, 0);
  port.postMessage(JSON.stringify(request));
  let envelope = receiveMessageOnPort(port);
  for (let ring = heard; envelope === undefined; ring = Atomics.load(bell, 0)) {
    Atomics.wait(bell, 0, ring);
    envelope = receiveMessageOnPort(port);
  }
  const answer = envelope.message as Answer;
  if ('fault' in answer) throw new Error(answer.fault);
  return iterateOf(answer.text);
}

/** {"X": rows, "Y": rows}; null stands for what JSON cannot say, NaN and the infinities. */
function iterateOf(text: string): { X: Matrix; Y: Matrix } {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/-?\bInfinity\b|\bNaN\b/g, 'null'));
  } catch {
    throw new Error(`the program wrote "${shown}", which is not JSON: answer every request with one line of JSON`);
  }
  const { X, Y, error } = (parsed ?? {}) as { X?: unknown; Y?: unknown; error?: unknown };
  if (typeof error === 'string') throw new Error(`the program answered with the error "${error}"`);
  if (!isRows(X) || !isRows(Y)) {
    throw new Error(
      `the program wrote "${shown}": answer with the iterate as {"X": rows of numbers, "Y": rows of numbers}`,
    );
  }
  const finite = (rows: (number | null)[][]): Matrix => new Matrix(rows.map((row) => row.map((entry) => entry ?? NaN)));
  return { X: finite(X), Y: finite(Y) };
}

function isRows(value: unknown): value is (number | null)[][] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (row) =>
        Array.isArray(row) &&
        row.length === (value[0] as unknown[]).length &&
        row.length > 0 &&
        row.every((entry) => entry === null || typeof entry === 'number'),
    )
  );
}

/**
 * Whether the program uses the noise that it is sent: the same noise twice must give the same iterate, and other noise
 * another one. The sentence that says what it did instead, where it does not answer at all.
 */
export function inspectRemote(solver: Solver, watch: Watch): Subject | string {
  const subject = guarded(solver, watch);
  const end = (seed: string): string => {
    const noise = { sigma1: 1 / 4, sigma2: 1 / 4, source: gaussianNoise(seed) };
    const start = { X: Matrix.ones(2, 1), Y: Matrix.ones(3, 1) };
    const descent = subject({ target: Matrix.ones(2, 3), start, stepSize: 1 / 16, noise });
    descent.advance(2);
    return JSON.stringify([descent.X, descent.Y]);
  };
  try {
    const [one, again, other] = [end('inspection'), end('inspection'), end('another')];
    return { solver: subject, ownNoise: one !== again || one === other, tapedSteps: TAPED_STEPS };
  } catch (error) {
    if (error instanceof SolverFault)
      return error.message.replace(/^the solver threw when a descent was started: /, '');
    throw error;
  }
}
