/** The walk from a failing draft to a smallest one, and the time that it may take. */
import type { Draft } from '../model/draft.ts';

/** Milliseconds by the clock that are left for the investigations of a run, all together: counted work is no bound for a slow solver. */
export interface ShrinkTime {
  left(): number;
  spend(milliseconds: number): void;
}

export const SHRINK_MILLISECONDS = 20_000;

export function shrinkTime(milliseconds = SHRINK_MILLISECONDS): ShrinkTime {
  let left = milliseconds;
  return {
    left: () => left,
    spend: (spent) => {
      left -= spent;
    },
  };
}

/** A failure, and the simpler drafts by which a walk came to it, one number per step. */
interface Found {
  readonly draft: Draft;
  readonly path: readonly number[];
}

/** The end of a walk. */
export interface Shrunk<F> {
  readonly found: F;
  /** Whether it was cut short: a smaller one may exist. */
  readonly stoppedEarly: boolean;
}

interface Walk<F> {
  readonly simpler: (draft: Draft) => readonly Draft[];
  /** The failure of a draft, `null` if it does not fail; undefined if no work is left to find out. */
  readonly attempt: (draft: Draft, path: readonly number[]) => F | null | undefined;
  /** Called with each smaller failure. */
  readonly smaller: (found: F) => void;
}

/**
 * Takes a simplification that still fails, again and again, until none does. The search continues cyclically after the
 * last success, because a simplification that passed before may fail now.
 */
export function shrink<F extends Found>(first: F, { simpler, attempt, smaller }: Walk<F>): Shrunk<F> {
  let [found, from] = [first, 0];
  for (;;) {
    const candidates = simpler(found.draft);
    let next: F | null | undefined = null;
    for (let tried = 0; tried < candidates.length && next === null; tried++) {
      const index = (from + tried) % candidates.length;
      next = attempt(candidates[index]!, [...found.path, index]);
      if (next) from = index;
    }
    if (!next) return { found, stoppedEarly: next === undefined };
    found = next;
    smaller(found);
  }
}
