/** Worker threads, kept for all runs of this process: each of them has to load all modules. Idle ones do not keep it alive. */
import Tinypool from 'tinypool';
import { INSTALLED } from '../place.ts';

const pools = new Map<number, Tinypool>();

/** So many workers, which do what worker.ts says. */
export function poolOf(threads: number): Tinypool {
  // Compiled, the worker lies beside this file as JavaScript.
  const filename = new URL(INSTALLED ? './worker.js' : './worker.ts', import.meta.url).href;
  const pool = pools.get(threads) ?? new Tinypool({ filename, minThreads: threads, maxThreads: threads });
  pools.set(threads, pool);
  return pool;
}
