/** Which kernel a descent steps with, and when. */
import type { Kernel } from './kernel.ts';
import { plainKernel } from './plain.ts';
import { simdKernel } from './simd.ts';

/**
 * Kernels to be had, whose memory is that of one descent after another; a descent whose noise runs another one inside a step
 * thereby has a kernel of its own. There are as many, and their memories as large, as were ever needed at a time.
 */
export class Kernels {
  readonly #make: () => Kernel;
  readonly #idle: Kernel[] = [];

  constructor(make: () => Kernel) {
    this.#make = make;
  }

  /** One with room for so many numbers, until it is given back. */
  take(count: number): Kernel {
    const kernel = this.#idle.pop() ?? this.#make();
    kernel.reserve(count);
    return kernel;
  }

  giveBack(kernel: Kernel): void {
    this.#idle.push(kernel);
  }
}

/** The memory of WebAssembly has at most 4 GiB. */
const MOST_NUMBERS = 2 ** 29;

export const plainKernels = new Kernels(plainKernel);
export const fastKernels = new Kernels(fastest);

/** For descents that need room for so many numbers. */
export const kernelsFor = (count: number): Kernels => (count > MOST_NUMBERS ? plainKernels : fastKernels);

/** Two numbers at a time, where that can be had. */
export function fastest(): Kernel {
  try {
    return simdKernel();
  } catch {
    return plainKernel();
  }
}
