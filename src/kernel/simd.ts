/** The kernel that computes two numbers at a time: assembly, compiled by `npm run build`. */
import { layers, outside } from './normal.ts';
import type { Kernel } from './kernel.ts';
import { MODULE } from './module.ts';

/** The part of WebAssembly that is used; its types come with those of a browser only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: object };
};
interface Exports extends Pick<Kernel, 'perturb' | 'crossProducts' | 'subtractProduct' | 'triangularise'> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): void };
  /** As `Kernel` has it, with the state in the memory. */
  readonly descend: (plan: number, steps: number, isDrawn: boolean) => number;
  /** Draws that many normal numbers. */
  readonly drawn: (count: number) => void;
}

const PAGE = 2 ** 16;
/** Byte offsets in the memory: assembly/places.ts. */
const [STATE, LAYERS, DRAWN, NUMBERS] = [0, 16, 8192, PAGE];
/** The most normal numbers that are drawn in one call. */
const MOST_DRAWN = (NUMBERS - DRAWN) / Float64Array.BYTES_PER_ELEMENT;

/** The most steps in one call: the engine replaces slow code by fast code between calls only. */
const MOST_STEPS = 256;

let compiled: object | undefined;

function compile(): object {
  return new WebAssembly.Module(Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0)));
}

/** Four numbers: a loop is faster than `set`, and short calls of `advance` are many. */
function copyState(from: Int32Array, to: Int32Array): void {
  for (let i = 0; i < 4; i++) to[i] = from[i]!;
}

/** Throws if WebAssembly is not available, or cannot compute with two numbers at a time. */
export function simdKernel(): Kernel {
  let own: Int32Array;
  const imports = { normals: { outside: () => outside(own) } };
  const { exports } = new WebAssembly.Instance((compiled ??= compile()), imports);
  const { memory, descend, drawn, ...loops } = exports as Exports;
  new Float64Array(memory.buffer, LAYERS).set(layers());
  let fresh: Float64Array;
  const look = (): Float64Array => {
    own = new Int32Array(memory.buffer, STATE, 4);
    fresh = new Float64Array(memory.buffer, DRAWN, MOST_DRAWN);
    return new Float64Array(memory.buffer, NUMBERS);
  };
  return {
    ...loops,
    memory: look(),
    holder: 0,
    reserve(count) {
      const missing = NUMBERS + count * Float64Array.BYTES_PER_ELEMENT - memory.buffer.byteLength;
      if (missing <= 0) return;
      memory.grow(Math.ceil(missing / PAGE));
      this.memory = look();
    },
    descend(plan, steps, state) {
      if (state !== undefined) copyState(state, own);
      let last = 0;
      for (let taken = 0; taken < steps && last === 0; taken += MOST_STEPS) {
        last = descend(plan, Math.min(MOST_STEPS, steps - taken), state !== undefined);
        if (last !== 0) last += taken;
      }
      if (state !== undefined) copyState(own, state);
      return last;
    },
    fillNormal(state, out) {
      own.set(state);
      for (let i = 0; i < out.length; i += MOST_DRAWN) {
        const count = Math.min(MOST_DRAWN, out.length - i);
        drawn(count);
        out.set(fresh.subarray(0, count), i);
      }
      state.set(own);
    },
  };
}
