/** The numbers of a descent: its own between calls of `advance`, and in a kernel's memory while it steps. */
import type { Kernel } from './kernel.ts';
import { kernelsFor, type Kernels } from './lend.ts';

/** The given number of numbers from there on. */
export type Range = readonly [from: number, count: number];

/** Up to this many numbers a loop copies faster than a method. */
const FEW = 64;

/** So far created. */
let workspaces = 0;

export class Workspace {
  readonly #id = ++workspaces;
  readonly #own: Float64Array;
  readonly #count: number;
  readonly #parts: readonly Range[];
  readonly #kernels: Kernels;
  #numbers: Float64Array;
  /** The parts, if they were asked for, and the memory that they are parts of. */
  #views: Float64Array[] | undefined;
  #memory: Float64Array | undefined;

  /**
   * `own`: the initial numbers; a step reads all of them and writes parts[0] alone of them. `count`: the room of a step. parts[0]
   * starts at 0 and persists between calls; all room beyond `own` is scratch space.
   */
  constructor(own: Float64Array, count: number, parts: readonly Range[], kernels = kernelsFor(count)) {
    this.#own = this.#numbers = own;
    this.#count = count;
    this.#parts = parts;
    this.#kernels = kernels;
  }

  /** In the kernel's memory during a step. */
  get numbers(): Float64Array {
    return this.#numbers;
  }

  /** Calls `use` with a kernel whose memory begins with the numbers. */
  enter(use: (kernel: Kernel) => void): void {
    const kernel = this.#kernels.take(this.#count);
    const { memory } = kernel;
    // If no other descent has used the memory since, the numbers are still there.
    if (kernel.holder !== this.#id) memory.set(this.#own);
    kernel.holder = this.#id;
    if (this.#memory !== memory) this.#views = undefined;
    this.#memory = this.#numbers = memory;
    try {
      use(kernel);
    } finally {
      this.#save(memory);
      this.#numbers = this.#own;
      this.#kernels.giveBack(kernel);
    }
  }

  /** The parts in the memory, while a kernel is in use. */
  get parts(): readonly Float64Array[] {
    const memory = this.#numbers;
    return (this.#views ??= this.#parts.map(([from, count]) => memory.subarray(from, from + count)));
  }

  /** Copies what persists; a loop is faster than a view on so few numbers. */
  #save(memory: Float64Array): void {
    const count = this.#parts[0]![1];
    if (count > FEW) this.#own.set(this.parts[0]!);
    else for (let i = 0; i < count; i++) this.#own[i] = memory[i]!;
  }
}
