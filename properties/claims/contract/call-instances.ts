/** Runs in several calls of `advance`, short and long ones. */
import { LARGE } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import type { Instance } from '../../model/instance.ts';
import { noisePicks, shortRun, startGrids, stepPicks, targetGrids, targetPicks } from '../../instances/designs.ts';
import { lengthOf, pick, slowed, sometimesLong } from '../../instances/lengths.ts';

/** A run in calls of `part` steps, and one for the remaining steps. */
export type InParts = Instance & { part: number };

const shortPicks = { ...targetPicks, first: [0, 1, 2, 7], rest: [1, 2, 5, 24], ...noisePicks, ...stepPicks };

/** `long`: steps of a long run; its `part` is odd, or next to a number that buffers have. */
export const inParts: Design<InParts> = {
  grids: { ...targetGrids, ...startGrids },
  large: LARGE,
  picks: { ...shortPicks, long: sometimesLong(2), part: [7, 333, 1023, 1024, 1025, 4097, 31_111] },
  between: ['long'],
  complete(draft) {
    const long = lengthOf(draft, 'long');
    return long === 0 ? shortParts(draft) : { ...shortRun(draft), steps: long, part: pick(draft, 'part') };
  },
};

function shortParts(draft: Draft): InParts {
  const part = pick(draft, 'first');
  return { ...shortRun(draft), steps: part + pick(draft, 'rest'), part };
}

/** From this number of steps on, rounding is bounded in advance, which takes small steps and bounded noise (oracles/long-runs.ts). */
export const LONG = 64;

/** The same, with small steps in long runs. */
export const slowInParts: Design<InParts> = {
  ...inParts,
  complete(draft) {
    const instance = inParts.complete(draft);
    return instance.steps < LONG ? instance : slowed(instance, instance.steps);
  },
};

/** The lengths of the calls: `part` as often as it fits, and the rest. */
export function* partsOf({ steps, part }: InParts): Generator<number> {
  if (part === 0) yield 0;
  for (let left = steps; left > 0;) {
    const next = part === 0 ? left : Math.min(part, left);
    yield next;
    left -= next;
  }
}
