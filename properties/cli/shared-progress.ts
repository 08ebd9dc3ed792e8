/** The progress of one claim, in memory that its worker writes and the run reads. */
import type { Watch } from '../run/guard.ts';

/** The places of the numbers: the call into the solver that is under way, the instances done, the present instance. */
const [CALL, DONE, INDEX] = [0, 1, 2] as const;

export class SharedProgress implements Watch {
  /** Another thread reads the same progress from them. */
  readonly numbers: Int32Array;
  /** When the run began, in milliseconds of the clock, which all threads share. */
  readonly #epoch: number;

  constructor(epoch: number, numbers = unstarted()) {
    [this.numbers, this.#epoch] = [numbers, epoch];
  }

  /** A call into the solver begins. */
  enter(): void {
    Atomics.store(this.numbers, CALL, Math.max(1, Date.now() - this.#epoch));
  }

  leave(): void {
    Atomics.store(this.numbers, CALL, 0);
  }

  begin(index: number): void {
    Atomics.store(this.numbers, INDEX, index);
  }

  count(): void {
    Atomics.add(this.numbers, DONE, 1);
  }

  /** The duration of the call under way in milliseconds; 0 between calls. */
  get calling(): number {
    const began = Atomics.load(this.numbers, CALL);
    return began === 0 ? 0 : Date.now() - this.#epoch - began;
  }

  get hasBegun(): boolean {
    return Atomics.load(this.numbers, CALL) > 0 || this.done > 0;
  }

  /** The number of instances done. */
  get done(): number {
    return Atomics.load(this.numbers, DONE);
  }

  /** The index of the present instance; -1 before the first that was drawn. */
  get index(): number {
    return Atomics.load(this.numbers, INDEX);
  }
}

function unstarted(): Int32Array {
  const numbers = new Int32Array(new SharedArrayBuffer(4 * 3));
  numbers[INDEX] = -1;
  return numbers;
}
