/**
 * Stochastic gradient descent that uses one entry of the target per step: the entry (i, j) is drawn uniformly, and its
 * gradient is scaled by the number of entries N = d1 d2, so that its mean is that of F. With R_ij = x_i'y_j - M_ij,
 *
 *     x_i+ = x_i - eta N R_ij y_j,     y_j+ = y_j - eta N R_ij x_i.
 *
 * Its noise vanishes with the residual (docs/theory/other-methods.md#entry-sampling).
 */
import seedrandom from 'seedrandom';
import type { Descent, DescentOptions } from '../contract.ts';
import { InvalidInput } from '../errors.ts';
import { copied } from '../linear-algebra/matrices.ts';
import { stepwise } from './stepwise.ts';
import { validateOptions } from '../validate.ts';

/** A whole number from 0 to below `count`. */
export type EntryPick = (count: number) => number;

/** As `DescentOptions`, with sampling in place of noise. */
export type EntrySamplingOptions = Omit<DescentOptions, 'noise'> & {
  /** Selects the entry of a step: its index among the d1 d2 entries, row by row. */
  pick: EntryPick;
};

/**
 * Uniform picks, the same for the same seed.
 *
 * @example
 * ```ts
 * const pick = uniformPicks('seed');
 * pick(6) < 6; // true
 * ```
 */
export function uniformPicks(seed: string): EntryPick {
  const random = seedrandom(seed);
  return (count) => Math.floor(random() * count);
}

/**
 * M d1 x d2, X d1 x r, Y d2 x r. Throws `InvalidInput` and `Diverged`.
 *
 * @example
 * ```ts
 * const start = { X: new Matrix([[1]]), Y: new Matrix([[1]]) };
 * const run = entrySamplingDescent({ target: new Matrix([[2]]), start, stepSize: 1 / 16, pick: uniformPicks('seed') });
 * run.advance(1000);
 * product(run); // [[2]]
 * ```
 */
export function entrySamplingDescent({ pick, ...options }: EntrySamplingOptions): Descent {
  validateOptions(options);
  if (typeof (pick as unknown) !== 'function') {
    throw new InvalidInput("pick is not a function: give one that picks an entry, such as uniformPicks('seed')");
  }
  const target = copied(options.target);
  const [columns, count] = [target.columns, target.rows * target.columns];
  return stepwise(options, (at) => {
    const entry = checked(pick(count), count);
    const [i, j] = [Math.floor(entry / columns), entry % columns];
    const [X, Y] = [copied(at.X), copied(at.Y)];
    let residual = -target.get(i, j);
    for (let k = 0; k < X.columns; k++) residual += at.X.get(i, k) * at.Y.get(j, k);
    const reach = options.stepSize * count * residual;
    for (let k = 0; k < X.columns; k++) {
      X.set(i, k, at.X.get(i, k) - reach * at.Y.get(j, k));
      Y.set(j, k, at.Y.get(j, k) - reach * at.X.get(i, k));
    }
    return { X, Y };
  });
}

function checked(entry: number, count: number): number {
  if (Number.isInteger(entry) && entry >= 0 && entry < count) return entry;
  throw new InvalidInput(`pick returned ${entry} of ${count} entries: return a whole number from 0 to ${count - 1}`);
}
