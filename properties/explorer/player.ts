/// <reference lib="dom" />
/** The clock: the state on screen, and its advance, some steps per frame. */
import { forecastOf, type Forecast } from './scene.ts';
import { Simulation } from './simulation.ts';
import { toHash, validateState, type State } from './state.ts';

/** The listeners of the player. */
export interface Audience {
  /** Something else is on screen. */
  readonly loaded: (keepDomain: boolean) => void;
  /** Between two frames. */
  readonly running: (drawn: boolean) => void;
  /** It stands still. */
  readonly settled: () => void;
}

/** Milliseconds of a frame's sixteen that steps may take. */
const BUDGET = 8;
/** Steps between looks at the clock. */
const CHUNK = 16;

export class Player {
  state: State;
  simulation: Simulation;
  forecast: Forecast;
  readonly #audience: Audience;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  /** The step to run to, at full speed if it comes from a link. */
  #goal = 0;
  #hurries = false;
  #frame = 0;

  constructor(state: State, audience: Audience) {
    this.state = state;
    this.simulation = new Simulation(state);
    this.forecast = forecastOf(state);
    this.#audience = audience;
  }

  get running(): boolean {
    return this.#frame !== 0;
  }

  /** The part after # of a link to the present state. */
  get hash(): string {
    return toHash({ ...this.state, at: this.simulation.step });
  }

  /** Puts a state on screen, at the step that it names. Throws `InvalidInput` and leaves the old one then. */
  load(state: State, keepDomain = false): void {
    validateState(state);
    const simulation = new Simulation(state);
    this.#stop();
    [this.state, this.simulation, this.forecast] = [state, simulation, forecastOf(state)];
    this.#audience.loaded(keepDomain);
    if (state.at > 0) this.#runTo(state.at, true);
    else this.settle();
  }

  /** A changed problem, from its first step; it is no preset any more. */
  edit(change: Partial<State>, keepDomain = false): void {
    const own: { -readonly [K in keyof State]: State[K] } = { ...this.state, at: 0, ...change };
    delete own.claim;
    delete own.met;
    delete own.sides;
    this.load(own, keepDomain);
  }

  /** Runs to the end; from the start if it is at the end already. */
  run(): void {
    if (this.simulation.ended) this.load({ ...this.state, at: 0 });
    this.#runTo(this.simulation.steps, false);
  }

  stepOnce(): void {
    this.simulation.advance(1);
    this.settle();
  }

  /** Stops here. */
  settle(): void {
    this.#stop();
    this.#audience.settled();
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #runTo(step: number, hurries: boolean): void {
    this.#goal = Math.min(step, this.simulation.steps);
    this.#hurries = hurries;
    this.#frame ||= requestAnimationFrame(() => this.#tick());
    this.#audience.running(false);
  }

  #tick(): void {
    const hurries = this.#hurries || this.#still.matches;
    this.#advance(hurries ? this.#goal : Math.min(this.#goal, this.simulation.step + this.state.pace));
    if (this.simulation.step >= this.#goal || this.simulation.ended) {
      this.settle();
      return;
    }
    this.#frame = requestAnimationFrame(() => this.#tick());
    this.#audience.running(!hurries);
  }

  /** As far as the frame's time allows. */
  #advance(end: number): void {
    const from = performance.now();
    while (this.simulation.step < end && !this.simulation.ended && performance.now() - from < BUDGET) {
      this.simulation.advance(Math.min(CHUNK, end - this.simulation.step));
    }
  }
}
