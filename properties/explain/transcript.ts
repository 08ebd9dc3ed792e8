/** Records the calls of a solver in a check, and the iterates that were read. */
import type { Matrix } from 'ml-matrix';
import type { Descent, DescentOptions, Factors, NoiseSource, Solver } from '../../src/index.ts';
import { NoiseExhausted } from '../../src/errors.ts';
import { copied } from '../../src/linear-algebra/matrices.ts';
import { SolverFault } from '../run/guard.ts';
import type { Steps } from '../oracles/exact-path.ts';

/** A run from one iterate that was read to the next one, with known noise. */
export interface Stretch extends Steps {
  /** Steps that the run had taken before. */
  readonly taken: number;
  /** Arguments of the calls of `advance`. */
  readonly calls: readonly number[];
  /** Calls of `advance` by other runs of the solver in between. */
  readonly between: number;
  readonly after: Factors;
}

/** A run that failed when it asked for more random numbers than were due. */
export interface Overdraft {
  /** Steps of the run, with those of the call that failed. */
  readonly steps: number;
  readonly asked: number;
  readonly due: number;
}

/** A matrix that a solver was given and has changed. */
export interface Change {
  readonly name: 'M' | 'X0' | 'Y0';
  /** Steps of the run, with those of the call that changed it. */
  readonly steps: number;
  readonly before: Matrix;
  readonly after: Matrix;
}

export interface Listener {
  /** Called with every stretch. */
  stretch(stretch: Stretch): void;
  /** Called with every change. */
  change(change: Change): void;
  /** Called before the fault of an overdraft is thrown. */
  overdraft(overdraft: Overdraft): void;
}

/** The same solver, to whose runs somebody listens. */
export function transcribed(solver: Solver, listener: Listener): Solver {
  const clock = { calls: 0 };
  return (options) => {
    // A copy, because a solver may change its arguments.
    const problem = copyOf(options);
    const tap = new Tap(options.noise?.source);
    const heard = options.noise === undefined ? options : { ...options, noise: { ...options.noise, source: tap } };
    const given = { M: options.target, X0: options.start.X, Y0: options.start.Y };
    const descent = noticing(given, listener, 0, () => solver(heard));
    return new TranscribedDescent(descent, { problem, given, tap, clock, listener });
  };
}

const copyOf = ({ target, start, stepSize, noise }: DescentOptions): Problem => ({
  target: copied(target),
  start: { X: copied(start.X), Y: copied(start.Y) },
  eta: stepSize,
  sigma1: noise?.sigma1 ?? 0,
  sigma2: noise?.sigma2 ?? 0,
});

type Given = Readonly<Record<Change['name'], Matrix>>;

/** Calls the solver, and reports its changes of the input. */
function noticing<T>(given: Given, listener: Listener, steps: number, call: () => T): T {
  const names = ['M', 'X0', 'Y0'] as const;
  const copies = names.map((name) => copied(given[name]));
  const result = call();
  for (const [i, name] of names.entries()) {
    const [before, after] = [copies[i]!, given[name]];
    if (!isSame(before, after)) listener.change({ name, steps, before, after: copied(after) });
  }
  return result;
}

function isSame(A: Matrix, B: Matrix): boolean {
  for (let i = 0; i < A.rows; i++) for (let j = 0; j < A.columns; j++) if (A.get(i, j) !== B.get(i, j)) return false;
  return true;
}

interface Problem extends Pick<Steps, 'target' | 'eta' | 'sigma1' | 'sigma2'> {
  readonly start: Factors;
}

interface Course {
  readonly problem: Problem;
  readonly given: Given;
  readonly tap: Tap;
  /** Counts the calls of `advance` of all runs. */
  readonly clock: { calls: number };
  readonly listener: Listener;
}

class TranscribedDescent implements Descent {
  readonly #descent: Descent;
  readonly #run: Course;
  readonly #block: number;
  #before: Factors;
  #taken = 0;
  #calls: number[] = [];
  #readAt: number;

  constructor(descent: Descent, run: Course) {
    const { start } = run.problem;
    [this.#descent, this.#run, this.#before, this.#readAt] = [descent, run, start, run.clock.calls];
    this.#block = start.X.rows * start.X.columns + start.Y.rows * start.Y.columns;
  }

  get X(): Descent['X'] {
    this.#read();
    return this.#descent.X;
  }

  get Y(): Descent['Y'] {
    this.#read();
    return this.#descent.Y;
  }

  advance(steps: number): void {
    const { given, tap, clock, listener } = this.#run;
    clock.calls++;
    this.#calls.push(steps);
    const total = this.#taken + this.#due;
    try {
      noticing(given, listener, total, () => this.#descent.advance(steps));
    } catch (error) {
      const due = total * this.#block;
      if (tap.asked > due) listener.overdraft({ steps: total, asked: tap.asked, due });
      throw error;
    }
  }

  /** Steps since the run was read last. */
  get #due(): number {
    return this.#calls.reduce((sum, steps) => sum + steps, 0);
  }

  #read(): void {
    const steps = this.#due;
    const after = steps === 0 ? undefined : answer(this.#descent);
    if (after === undefined) return;
    const { problem, tap, clock, listener } = this.#run;
    const { start: _, ...rest } = problem;
    const [taken, calls, before] = [this.#taken, this.#calls, this.#before];
    const isNoisy = problem.sigma1 > 0 || problem.sigma2 > 0;
    const blocks = isNoisy ? tap.blocks(taken, taken + steps, this.#block) : silence(steps);
    const between = clock.calls - this.#readAt - calls.length;
    if (blocks !== undefined) listener.stretch({ ...rest, taken, calls, between, before, blocks, after });
    [this.#taken, this.#calls, this.#before, this.#readAt] = [taken + steps, [], after, clock.calls];
  }
}

const silence = (steps: number): Float64Array[] => Array.from({ length: steps }, () => new Float64Array(0));

/** The iterate of the run, also if its numbers are not finite; undefined if it gives no matrices. */
function answer(descent: Descent): Factors | undefined {
  const factor = (name: 'X' | 'Y'): Factors['X'] | undefined => {
    try {
      return copied(descent[name]);
    } catch (error) {
      if (error instanceof SolverFault) return error.answer;
      throw error;
    }
  };
  const [X, Y] = [factor('X'), factor('Y')];
  return X === undefined || Y === undefined ? undefined : { X, Y };
}

/** A source that passes on the numbers of another, and stores them. */
class Tap implements NoiseSource {
  readonly #source: NoiseSource | undefined;
  readonly #numbers: number[] = [];
  /** Numbers that the run has asked for. */
  asked = 0;

  constructor(source: NoiseSource | undefined) {
    this.#source = source;
  }

  fill(out: Float64Array): void {
    const from = this.asked;
    this.asked += out.length;
    this.#hear(this.asked);
    for (let i = 0; i < out.length; i++) out[i] = this.#numbers[from + i]!;
  }

  /** The blocks of steps, whether the run has asked for them or not; undefined if the source has no more. */
  blocks(from: number, to: number, size: number): Float64Array[] | undefined {
    try {
      this.#hear(to * size);
    } catch (error) {
      if (error instanceof NoiseExhausted) return undefined;
      throw error;
    }
    return Array.from({ length: to - from }, (_, t) =>
      Float64Array.from(this.#numbers.slice((from + t) * size, (from + t + 1) * size)),
    );
  }

  #hear(count: number): void {
    if (count <= this.#numbers.length) return;
    const more = new Float64Array(count - this.#numbers.length);
    this.#source!.fill(more);
    for (const value of more) this.#numbers.push(value);
  }
}
