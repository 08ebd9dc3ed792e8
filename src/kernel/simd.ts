/** The kernel that computes two numbers at a time: assembly/simd.ts, compiled by `npm run build`. */
import type { Kernel } from './kernel.ts';
import { MODULE } from './module.ts';

/** The part of WebAssembly that is used; its types come with those of a browser only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
};
interface Exports extends Pick<Kernel, 'perturb' | 'crossProducts' | 'subtractProduct' | 'triangularise'> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
}

const PAGE = 2 ** 16;

/** Throws if WebAssembly is not available, or cannot compute with two numbers at a time. */
export function simdKernel(): Kernel {
  const bytes = Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
  const { memory, ...loops } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
  return {
    ...loops,
    memory: new Float64Array(memory.buffer),
    holder: 0,
    reserve(count) {
      const missing = count * Float64Array.BYTES_PER_ELEMENT - memory.buffer.byteLength;
      if (missing <= 0) return;
      memory.grow(Math.ceil(missing / PAGE));
      this.memory = new Float64Array(memory.buffer);
    },
  };
}
