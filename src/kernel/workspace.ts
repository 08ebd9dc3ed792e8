/** The numbers of a descent: its own between calls of `advance`, and in a kernel's memory while it steps. */
import type { Kernel } from './kernel.ts';
import { kernelsFor, type Kernels } from './pool.ts';

/** The given number of numbers from there on. */
type Range = readonly [from: number, count: number];

/** The factors, which persist between calls and begin at 0, and the noise of a step on each. */
export interface Ranges {
  readonly factors: Range;
  readonly xi1: Range;
  readonly xi2: Range;
}

/** The numbers of these ranges, in the memory of a kernel. */
export type Views = Readonly<Record<keyof Ranges, Float64Array>>;

/** Up to this many numbers a loop copies faster than a method. */
const FEW = 64;

/** So far created. */
let workspaces = 0;

export class Workspace {
  readonly #id = ++workspaces;
  readonly #own: Float64Array;
  readonly #count: number;
  readonly #ranges: Ranges;
  readonly #kernels: Kernels;
  #numbers: Float64Array;
  /** The memory that the views are of. */
  #memory: Float64Array | undefined;
  #views: Views | undefined;

  /**
   * `own`: the initial numbers, of which a step changes the factors; others that it writes, it writes before it reads them.
   * `count`: the room of a step, which beyond `own` is scratch space.
   */
  constructor(own: Float64Array, count: number, ranges: Ranges, kernels = kernelsFor(count)) {
    this.#own = this.#numbers = own;
    this.#count = count;
    this.#ranges = ranges;
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

  /** The ranges of the memory, while a kernel is in use. */
  get views(): Views {
    return (this.#views ??= viewsOf(this.#numbers, this.#ranges));
  }

  /** Copies the factors; a loop is faster than a view on so few numbers. */
  #save(memory: Float64Array): void {
    const [, count] = this.#ranges.factors;
    if (count > FEW) this.#own.set(this.views.factors);
    else for (let i = 0; i < count; i++) this.#own[i] = memory[i]!;
  }
}

function viewsOf(memory: Float64Array, { factors, xi1, xi2 }: Ranges): Views {
  const view = ([from, count]: Range): Float64Array => memory.subarray(from, from + count);
  return { factors: view(factors), xi1: view(xi1), xi2: view(xi2) };
}
