/** The times of the stages of a claim. */

/** Drawing its instances, checking them, the trials after a failed one, and the investigation of refutations. */
export type Part = 'drawing' | 'checking' | 'confirming' | 'investigating';

/** Milliseconds; the solver's are among those of the parts. */
export type Times = Readonly<Record<Part | 'solver', number>>;

export class Stopwatch {
  readonly #times = { drawing: 0, checking: 0, confirming: 0, investigating: 0, solver: 0 };
  #called = 0;

  get times(): Times {
    return { ...this.#times };
  }

  time<T>(part: Part, action: () => T): T {
    const began = performance.now();
    const result = action();
    this.#times[part] += performance.now() - began;
    return result;
  }

  /** A call into the solver begins. */
  start(): void {
    this.#called = performance.now();
  }

  /** It ends. */
  stop(): void {
    this.#times.solver += performance.now() - this.#called;
  }
}
