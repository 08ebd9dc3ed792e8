/** Which kernel a descent steps with, and when. */
import type { Kernel } from './kernel.ts';
import { plainKernel } from './plain.ts';
import { simdKernel } from './simd.ts';

/**
 * A pool of kernels. A run borrows one during `advance` and returns it, so runs share memory; a noise source that itself runs
 * a solver gets another kernel. The pool grows to the number of kernels, and the size, that were needed at one time.
 */
export class Kernels {
  readonly #make: () => Kernel;
  readonly #idle: Kernel[] = [];

  constructor(make: () => Kernel) {
    this.#make = make;
  }

  /** A kernel with room for `count` numbers, until it is given back. */
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

/** The pool for descents that need room for `count` numbers. */
export const kernelsFor = (count: number): Kernels => (count > MOST_NUMBERS ? plainKernels : fastKernels);

/** The WebAssembly kernel if it is available. */
export function fastest(): Kernel {
  try {
    return simdKernel();
  } catch {
    return plainKernel();
  }
}
