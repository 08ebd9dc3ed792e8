/** A call into the solver that did not return, as a verdict. */
import { claimOf } from '../claims/registry.ts';
import type { Fault, Verdict } from '../model/verdict.ts';
import { selected } from '../run/trial.ts';
import type { RunOptions } from './run-options.ts';

/** After this number of claims in which a call did not return, calls have less time; or the run ends, if the solver answered on no instance. */
export const HANGS = 3;

/** The seconds that a call may take after `hangs` claims in which one did not return: a solver that often hangs is judged to the end. */
export const timeoutAfter = (hangs: number, timeout: number): number =>
  hangs < HANGS ? timeout : Math.min(timeout, Math.max(1, timeout / 10));

/** The sentence about a call that took longer than this number of seconds. */
export const hangText = (seconds: number, where = ''): string =>
  `a call into the solver took longer than ${seconds} s${where} and was ended: make it faster or raise --timeout`;

/** The verdict; `index` is that of the drawn instance, or -1 for a saved counterexample. */
export function hangOf(
  id: string,
  index: number,
  seconds: number,
  options: RunOptions,
): Omit<Verdict, 'instances' | 'milliseconds'> {
  const message = hangText(seconds);
  const fault = index < 0 ? undefined : faultOf(id, index, message, options);
  return { id, outcome: 'fault', ...(fault === undefined ? { reason: message } : { fault }) };
}

function faultOf(id: string, index: number, message: string, options: RunOptions): Fault | undefined {
  const { seed, target, dimension, only } = options;
  const given = target?.given ?? (dimension === undefined ? undefined : { dimension });
  const instances = claimOf(id)!.instances(given);
  if (typeof instances === 'string') return undefined;
  const replay = only ?? String(index);
  return { message, frames: [], replay, instance: selected(instances, id, seed, replay) };
}
