/** The walk from a failing draft to a smallest one, and the time that it may take. */
import type { Draft } from './design.ts';

/** Milliseconds that are left for shrinking, shared by the claims of a run. */
export interface ShrinkBudget {
  left(): number;
  spend(milliseconds: number): void;
}

/** All shrinking of a run together gets this long. */
export const SHRINK_MILLISECONDS = 20_000;

export function shrinkBudget(milliseconds = SHRINK_MILLISECONDS): ShrinkBudget {
  let left = milliseconds;
  return {
    left: () => left,
    spend: (spent) => {
      left = Math.max(0, left - spent);
    },
  };
}

/** Does something at the expense of the budget; undefined where nothing is left of it. */
export function spending<T>(budget: ShrinkBudget, action: () => T): T | undefined {
  if (budget.left() <= 0) return undefined;
  const began = performance.now();
  const result = action();
  budget.spend(performance.now() - began);
  return result;
}

/** Where a walk came to. */
export interface Shrunk<F> {
  readonly found: F;
  /** Which of the simpler drafts it took, one number a step. */
  readonly path: readonly number[];
  /** Whether the time ran out: a smaller one may exist. */
  readonly stoppedEarly: boolean;
}

interface Walk<F> {
  readonly simpler: (draft: Draft) => readonly Draft[];
  /** The failure of a draft, `null` where it does not fail; undefined where no time is left to find out. */
  readonly attempt: (draft: Draft) => F | null | undefined;
  /** Told of each smaller failure. */
  readonly smaller: (found: F, path: readonly number[]) => void;
}

/**
 * Takes a simplification that still fails, again and again, until none does. The search goes on where it found the last one,
 * and comes round to what failed to help before: it may help now.
 */
export function shrink<F extends { readonly draft: Draft }>(
  first: F,
  { simpler, attempt, smaller }: Walk<F>,
): Shrunk<F> {
  const path: number[] = [];
  let [found, from] = [first, 0];
  for (;;) {
    const candidates = simpler(found.draft);
    let next: F | null | undefined = null;
    for (let tried = 0; tried < candidates.length && next === null; tried++) {
      const index = (from + tried) % candidates.length;
      next = attempt(candidates[index]!);
      if (next) [from, path[path.length]] = [index, index];
    }
    if (!next) return { found, path, stoppedEarly: next === undefined };
    found = next;
    smaller(found, path);
  }
}
