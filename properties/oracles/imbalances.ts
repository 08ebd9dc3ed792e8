/** What the claims about the imbalance D = X'X - Y'Y share: its rounding, and the start whose first step moves it most. */
import { Matrix } from 'ml-matrix';
import { equal, type Variation } from '../claim.ts';
import { design } from '../design.ts';
import { plainRuns, shortRun } from '../instances/designs.ts';
import { descendPlainly, iterate, matrix } from '../instance.ts';
import { stepRounding, u } from './rounding.ts';
import { size } from './scales.ts';
import { gradient, imbalance, type Factors } from '../../src/index.ts';

/** X'X - Y'Y is a difference of sums of at most d1 + d2 products; the iterates behind it carry the rounding of a step. */
export function imbalanceRounding(target: Matrix, before: Factors, after: Factors, eta: number): number {
  const sums = (target.rows + target.columns + 8) * u * (size(before) + size(after));
  return sums + 2 * Math.sqrt(size(after)) * stepRounding(target, before, before, eta);
}

/** At X = 0 the gradient is (RY, 0), so where r = 1 a step drifts by all of eta^2 |grad F|^2. */
export const firstStepFromZero: Variation = {
  instances: design({
    ...plainRuns([1]),
    size: { r: [1, 1] },
    complete: (draft) => {
      const run = shortRun(draft);
      return { ...run, X0: run.X0.map(() => [0]) };
    },
  }),
  check(solver, instance) {
    const [target, descent] = [matrix(instance.M), descendPlainly(solver, instance)];
    const start = iterate(descent);
    descent.advance(1);
    const after = iterate(descent);
    const drifted = imbalance(after).sub(imbalance(start)).norm();
    const steps = instance.eta ** 2 * size(gradient(target, start));
    return equal('|D_1 - D_0|', drifted, steps, imbalanceRounding(target, start, after, instance.eta));
  },
};
