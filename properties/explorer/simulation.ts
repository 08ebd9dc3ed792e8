/** The runs that are on screen: each start, with noise and plainly, on one clock. */
import { Diverged, perturbedGradientDescent, type Descent, type Factors, type Solver } from '../../src/index.ts';
import { descend, descendPlainly, iterate } from '../model/instance.ts';
import { measurer, type Measurer, type Measures } from './measure.ts';
import { isNoisy, startsOf, type State } from './state.ts';

/** Streams of noise; the first two are those that the claims give to a run and to its second start. */
const PURPOSES = ['noise', 'second start', 'third start', 'fourth start', 'fifth start', 'sixth start'];

/** About this number of samples of a whole run is stored and drawn. */
const SAMPLES = 512;

/** One descent, with samples of it at equal distances in time. */
export class Trajectory {
  /** Index of its start. */
  readonly start: number;
  readonly noisy: boolean;
  readonly samples: Measures[] = [];
  /** Why it ended early. */
  failure: Diverged | undefined;
  readonly #begin: () => Descent;
  #descent: Descent;
  readonly #measure: Measurer;
  readonly #stride: number;
  #step = 0;
  #now: Measures | undefined;

  constructor(start: number, noisy: boolean, begin: () => Descent, measure: Measurer, stride: number) {
    this.start = start;
    this.noisy = noisy;
    this.#begin = begin;
    this.#descent = begin();
    this.#measure = measure;
    this.#stride = stride;
    this.samples.push(this.now);
  }

  /** The iterate, as a copy. */
  get at(): Factors {
    return iterate(this.#descent);
  }

  get step(): number {
    return this.#step;
  }

  /** Measured once a step at most. */
  get now(): Measures {
    this.#now ??= this.#measure(this.at, this.#step);
    return this.#now;
  }

  /** Stops at a divergence. The samples do not depend on how the steps are divided into calls. */
  advance(steps: number): void {
    const end = this.#step + steps;
    while (this.#step < end && this.failure === undefined) {
      this.#advanceTo(Math.min(end, this.#step - (this.#step % this.#stride) + this.#stride));
    }
  }

  #advanceTo(step: number): void {
    try {
      this.#descent.advance(step - this.#step);
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      this.failure = error;
      this.#goBackTo(error.step - 1);
      return;
    }
    this.#reached(step);
    if (step % this.#stride === 0) this.samples.push(this.now);
  }

  /** The last step before a divergence, whose iterate is still finite. */
  #goBackTo(step: number): void {
    this.#descent = this.#begin();
    this.#descent.advance(step);
    this.#reached(step);
  }

  #reached(step: number): void {
    this.#step = step;
    this.#now = undefined;
  }
}

export class Simulation {
  readonly runs: readonly Trajectory[];
  readonly steps: number;

  /** Throws `InvalidInput` if the solver does. */
  constructor(state: State, solver: Solver = perturbedGradientDescent) {
    const { instance, alsoPlain } = state;
    const measure = measurer(instance);
    const stride = Math.ceil(instance.steps / SAMPLES);
    this.steps = instance.steps;
    this.runs = startsOf(state).flatMap((start, i) => {
      const own = { ...instance, ...start };
      const begin = (noisy: boolean): Descent =>
        noisy ? descend(solver, own, PURPOSES[i]) : descendPlainly(solver, own);
      const run = (noisy: boolean): Trajectory => new Trajectory(i, noisy, () => begin(noisy), measure, stride);
      return isNoisy(instance) ? [run(true), ...(alsoPlain ? [run(false)] : [])] : [run(false)];
    });
  }

  /** That of the runs which have not diverged, or of the last one to do so. */
  get step(): number {
    return Math.max(...this.runs.map((run) => run.step));
  }

  /** Whether nothing is left to do. */
  get ended(): boolean {
    return this.step >= this.steps || this.runs.every((run) => run.failure !== undefined);
  }

  /** Advances all runs, at most to the end. */
  advance(steps: number): void {
    const taken = Math.min(steps, this.steps - this.step);
    for (const run of this.runs) run.advance(taken);
  }
}
