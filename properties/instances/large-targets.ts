/** Claims that form other matrices as large as a large target do not apply to one. */
import type { Design } from '../model/draft.ts';
import { isLarge } from '../../src/theory/objective.ts';

const REASON = 'it forms matrices as large as the target, or larger, after each step: it needs d1 d2 <= 2^16';

/** The same design, which leaves large targets out. */
export const moderate = <I>(plan: Design<I>): Design<I> => ({
  ...plan,
  excludes: (given) => {
    const [rows, columns] = [given.target.length, given.target[0]!.length];
    return plan.excludes?.(given) ?? (isLarge({ rows, columns }) ? REASON : undefined);
  },
});
