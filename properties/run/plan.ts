/**
 * The number of instances of each claim in the given time. A claim's cost is known in steps (fixtures/costs.json); the
 * solver's steps are timed. Cheap claims get all instances; expensive ones share the rest of the time, and get at least
 * one each.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootPath } from '../model/place.ts';

/** Steps of a solver that a claim takes for one instance, by its id, measured on ours. */
export const COSTS = join('fixtures', 'costs.json');

/** The cost of a claim without a measurement. */
const UNKNOWN = 3000;

/** Seconds that an instance takes without the steps of the solver. */
const OVERHEAD = 0.001;

/** Minutes that a run takes at most (default of --minutes). */
export const MINUTES = 10;

/** The same on a given target of any size: the claims share this time. */
export const TARGET_MINUTES = 2 / 5;

/** The first instance of a claim may take longer than the claim's share; after this time on a target it is ended. */
export const TARGET_END = 3 / 4;

/** Why a claim has no verdict on a target. */
export const TOO_LONG = 'it does not end within the time that there is on this target: raise --minutes';

/** The budget of a run. */
export interface Budget {
  /** Instances of each claim, if there is time for all. */
  readonly instances: number;
  /** Seconds of all workers together. */
  readonly seconds: number;
  /** Seconds that the solver takes for one step. */
  readonly perStep: number;
}

/** Instances of each claim; 0 if there is no time for one. */
export type Plan = ReadonlyMap<string, number>;

export function readCosts(): Readonly<Record<string, number>> {
  return JSON.parse(readFileSync(rootPath(COSTS), 'utf8')) as Record<string, number>;
}

/**
 * The plan for the claims: the most that one claim may take is as large as the budget allows for all of them together.
 * Confirmations of failed trials are not planned: a correct solver hardly needs any.
 */
export function planned(ids: readonly string[], costs: Readonly<Record<string, number>>, budget: Budget): Plan {
  const { instances, seconds, perStep } = budget;
  const secondsOf = (id: string): number => (costs[id] ?? UNKNOWN) * perStep + OVERHEAD;
  const affordable = cheapest(ids, secondsOf, seconds);
  const within = (most: number): number[] =>
    affordable.map((id) => Math.min(instances, Math.max(1, Math.floor(most / secondsOf(id)))));
  const total = (counts: readonly number[]): number =>
    counts.reduce((sum, count, i) => sum + count * secondsOf(affordable[i]!), 0);
  let [low, high] = [0, seconds];
  for (let i = 0; i < 50; i++) {
    const most = (low + high) / 2;
    if (total(within(most)) <= seconds) low = most;
    else high = most;
  }
  const counts = within(total(within(seconds)) <= seconds ? seconds : low);
  return new Map(ids.map((id) => [id, affordable.includes(id) ? counts[affordable.indexOf(id)]! : 0]));
}

/** The claims of which one instance each fits into the time, the cheap ones first; one is always tried. */
function cheapest(ids: readonly string[], secondsOf: (id: string) => number, seconds: number): string[] {
  let left = seconds;
  return [...ids]
    .sort((a, b) => secondsOf(a) - secondsOf(b))
    .filter((id, i) => {
      left -= secondsOf(id);
      return left >= 0 || i === 0;
    });
}

/** Seconds that a plan takes, of one worker. */
export const secondsOf = (plan: Plan, costs: Readonly<Record<string, number>>, perStep: number): number =>
  [...plan].reduce((sum, [id, count]) => sum + count * ((costs[id] ?? UNKNOWN) * perStep + OVERHEAD), 0);

/** The same claims, the cheap ones first. */
export const cheapFirst = (ids: readonly string[], costs: Readonly<Record<string, number>>): string[] =>
  [...ids].sort((a, b) => (costs[a] ?? UNKNOWN) - (costs[b] ?? UNKNOWN));

/**
 * The time of a run on a given target, on which the cost of an instance is unknown. A claim that begins may take an
 * equal share, with those that have not begun, of the remaining time; time that cheap claims do not use is for the
 * expensive ones after them.
 */
export class Shares {
  readonly #ends: number;
  readonly #closes: number;
  readonly #lanes: number;
  readonly #waiting: Set<string>;

  /** `most`: seconds after which the run is over. */
  constructor(ids: readonly string[], seconds: number, most: number, lanes: number, now: number) {
    this.#ends = now + seconds;
    this.#closes = now + most;
    this.#lanes = lanes;
    this.#waiting = new Set(ids);
  }

  /** Whether the run is over, and claims under way are ended. */
  isOver(now: number): boolean {
    return now >= this.#closes;
  }

  /**
   * Seconds for a claim that begins now; its first instance is tried in any case. Undefined if no time is left for it.
   */
  take(id: string, now: number): number | undefined {
    const left = Math.max(0, this.#ends - now);
    const share = (left * Math.min(this.#lanes, this.#waiting.size)) / Math.max(1, this.#waiting.size);
    if (!this.#waiting.delete(id)) return Infinity;
    return this.isOver(now) ? undefined : share;
  }
}

/** The part of a run on a target for which the time did not suffice, in a sentence; empty if all was judged. */
export function sharedText(done: readonly number[], instances: number, minutes: number): string {
  const some = done.filter((count) => count > 0 && count < instances);
  const none = done.filter((count) => count === 0).length;
  if (some.length === 0 && none === 0) return '';
  const fewer = some.length === 0 ? '' : `, ${some.length} on ${Math.min(...some)} to ${Math.max(...some)}`;
  const out = none === 0 ? '' : `, ${none} on none`;
  return `In ${timeText(minutes)} ${done.length - some.length - none} claims were judged on ${instances} instances${fewer}${out}: --minutes <N> gives them more time.`;
}

/** The plan in a sentence or two; empty if all claims get all instances. */
export function planText(plan: Plan, { instances, perStep }: Budget, minutes: number): string {
  const counts = [...plan.values()];
  const some = counts.filter((count) => count > 0 && count < instances);
  const none = [...plan].filter(([, count]) => count === 0).map(([id]) => id);
  if (some.length === 0 && none.length === 0) return '';
  const full = counts.length - some.length - none.length;
  const fewer = some.length === 0 ? '' : `, ${some.length} on ${Math.min(...some)} to ${Math.max(...some)}`;
  const out = none.length === 0 ? '' : `, ${none.length} cannot be afforded (${none.join(', ')})`;
  return `The solver takes ${microseconds(perStep)} per step. In ${timeText(minutes)} ${full} claims are judged on ${instances} instances${fewer}${out}: --minutes <N> gives them more time.`;
}

const timeText = (minutes: number): string =>
  minutes < 1 ? `${Math.round(60 * minutes)} seconds` : minutes === 1 ? 'a minute' : `${minutes} minutes`;

const microseconds = (seconds: number): string =>
  seconds < 1e-3 ? `${Number((1e6 * seconds).toPrecision(2))} µs` : `${Number((1e3 * seconds).toPrecision(2))} ms`;
