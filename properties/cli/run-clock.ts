/** The time of a run as it would pass on a machine that does nothing else. */
import { availableParallelism } from 'node:os';

/** Seconds that have passed, and seconds of all processors that this process used. */
export interface Passed {
  readonly wall: number;
  readonly cpu: number;
}

export const passedNow = (): Passed => {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, cpu: (user + system) / 1e6 };
};

/**
 * Counts the CPU time of the workers: other work on the machine makes a run longer, and should not make it judge less.
 * A solver that is a program works elsewhere, so that all time counts.
 */
export class RunClock {
  readonly #isProgram: boolean;
  #last: Passed;
  #seconds = 0;

  constructor(isProgram: boolean, now = passedNow()) {
    this.#isProgram = isProgram;
    this.#last = now;
  }

  /** Counts the time since it was last asked, in which `busy` workers had something to do. Returns the seconds so far. */
  tick(busy: number, now = passedNow()): number {
    const [wall, cpu] = [now.wall - this.#last.wall, now.cpu - this.#last.cpu];
    const workers = Math.max(1, Math.min(busy, availableParallelism()));
    this.#seconds += this.#isProgram ? wall : Math.min(wall, cpu / workers);
    this.#last = now;
    return this.#seconds;
  }
}
