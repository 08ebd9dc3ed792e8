/**
 * A measured quantity: its interval, the prediction of the theory, and whether the interval is narrow enough to decide
 * anything.
 */
import type { Prediction, Predictions, QuantityDesign, Values } from './experiment.ts';
import { fewest, medianInterval, shareInterval, type Interval } from './intervals.ts';
import type { Series } from './plan.ts';

/** The findings of a study about one quantity on one problem. */
export interface Quantity extends Interval {
  /** Such as `balance/rate`. */
  readonly id: string;
  /** The problem's name. */
  readonly problem: string;
  /** A description in a few words. */
  readonly text: string;
  /** The median of a unit's value, or the probability that it is 1. */
  readonly kind: 'median' | 'share';
  /** Independent units that it rests on. */
  readonly units: number;
  /** The prediction, if there is one. */
  readonly theory: Predictions;
  /** Units of the study that would decide it, if these do not. */
  readonly needs?: number;
}

/** The ids, those of an experiment together: one that only a later problem has follows the one before it there. */
export function idsOf(quantities: readonly Quantity[]): string[] {
  const ids: string[] = [];
  quantities.forEach(({ id, problem }, i) => {
    if (ids.includes(id)) return;
    const before = quantities[i - 1];
    const at = before?.problem === problem ? ids.indexOf(before.id) + 1 : ids.length;
    ids.splice(at, 0, id);
  });
  return ids;
}

/** The quantity, estimated from `times` values per unit of the study. */
export function quantityOf(
  design: QuantityDesign,
  { experiment: { times = 1 }, problem }: Series,
  found: readonly Values[],
  error: number,
): Quantity {
  const { id, text, kind } = design;
  const values = found.map((each) => each[id] ?? NaN);
  const interval = kind === 'median' ? medianInterval(values, error) : shareInterval(values, error);
  const needs = unitsNeeded(design, interval, values.length, error);
  const least = design.negligible?.(problem) ?? 0;
  const negligible = interval.lower >= -least && interval.upper <= least;
  return {
    id,
    problem: problem.name,
    text,
    kind,
    units: values.length,
    ...interval,
    theory: design.theory?.(problem) ?? {},
    ...(needs === undefined || negligible ? {} : { needs: Math.min(TOO_MANY, Math.ceil(needs / times)) }),
  };
}

/** This many units or more are too many to run. */
export const TOO_MANY = 1e6;

/** The number of units that would make the interval narrow enough: its width falls like one over their square root. */
function unitsNeeded(
  { resolution, relative }: QuantityDesign,
  { estimate, lower, upper }: Interval,
  units: number,
  error: number,
): number | undefined {
  // Beyond all measure is an answer too, and so is that there is nothing to measure.
  if (lower === Infinity || Number.isNaN(estimate)) return undefined;
  const allowed = resolution * (relative === true ? Math.abs(estimate) : 1);
  const width = upper - lower;
  if (width <= allowed) return undefined;
  if (!Number.isFinite(width)) return Math.max(2 * units, fewest(error));
  return allowed === 0 ? 4 * units : Math.ceil(units * (width / allowed) ** 2);
}

/** Whether the interval agrees with the prediction. */
export const agrees = ({ lower, upper }: Interval, { value, within }: Prediction): boolean =>
  lower <= value + within && upper >= value - within;

/** The number of intervals that agree with the predictions for one algorithm, and of all intervals. */
export function agreement(
  quantities: readonly Quantity[],
  of: keyof Predictions,
): { readonly meets: number; readonly of: number } {
  const predicted = quantities.filter(({ theory, estimate }) => theory[of] !== undefined && !Number.isNaN(estimate));
  return { meets: predicted.filter((each) => agrees(each, each.theory[of]!)).length, of: predicted.length };
}
