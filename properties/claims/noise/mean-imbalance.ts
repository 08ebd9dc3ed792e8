/** The exact mean of the imbalance after one step with random numbers, from a rule that averages over them. */
import { Matrix } from 'ml-matrix';
import { imbalance, type Descent, type Factors } from '../../../src/index.ts';
import { iterate } from '../../model/instance.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';

/** One outcome of a step: a descent before its first step, its probability, and the target of its step. */
export interface NextStep {
  readonly descent: Descent;
  readonly weight: number;
  readonly seen: Matrix;
}

export interface MeanImbalance {
  readonly mean: Matrix;
  /** The rounding of the solver and of the average. */
  readonly rounding: number;
}

/**
 * The mean of D = X'X - Y'Y over the outcomes. An outcome's step is at most `reach` eta times the gradient for its
 * target, plus at most `added` in each entry.
 */
export function meanImbalance(nexts: Iterable<NextStep>, eta: number, reach = 1, added = 0): MeanImbalance {
  let mean: Matrix | undefined;
  let [rounding, sizes, count] = [0, 0, 0];
  for (const { descent, weight, seen } of nexts) {
    const before = iterate(descent);
    descent.advance(1);
    const after = iterate(descent);
    rounding += Math.abs(weight) * stepped(seen, before, after, eta * reach, added);
    const D = imbalance(after).mul(weight);
    mean = mean === undefined ? D : mean.add(D);
    sizes += Math.abs(weight) * squaredSize(after);
    count++;
  }
  return { mean: mean!, rounding: rounding + (count + 2) * u * sizes };
}

/** X'X - Y'Y is a difference of sums of d1 + d2 products; the iterate behind it carries the rounding of its step. */
function stepped(seen: Matrix, before: Factors, after: Factors, eta: number, added: number): number {
  const ofStep = stepRounding(seen, before, before, { eta }) + 2 * u * added;
  return (seen.rows + seen.columns + 8) * u * squaredSize(after) + 2 * Math.sqrt(squaredSize(after)) * ofStep;
}
