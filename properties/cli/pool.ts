/**
 * Worker threads, shared by all runs of this process because each has to load all modules. Idle ones do not prevent its
 * exit.
 */
import { Tinypool } from 'tinypool';
import { INSTALLED } from '../model/place.ts';

const pools = new Map<number, Tinypool>();

/** A pool of `threads` workers that run thread.ts. */
export function poolOf(threads: number): Tinypool {
  // After compilation the worker is JavaScript, next to this file.
  const filename = new URL(INSTALLED ? './thread.js' : './thread.ts', import.meta.url).href;
  // The allocations of a check are short-lived. A small nursery is equally fast and saves about 40 MB per worker.
  const resourceLimits = { maxYoungGenerationSizeMb: 8 };
  const pool =
    pools.get(threads) ?? new Tinypool({ filename, minThreads: threads, maxThreads: threads, resourceLimits });
  pools.set(threads, pool);
  return pool;
}
