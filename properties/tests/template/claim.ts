/** A claim to copy. properties/model/claim.ts documents each field, docs/add-a-claim.md the steps. */
import { Matrix } from 'ml-matrix';
import { design } from '../../generate/design.ts';
import { dropping } from '../../generate/dropping.ts';
import { noisyRuns, plainRuns } from '../../instances/designs.ts';
import { claim, equal, type Comparison } from '../../model/claim.ts';
import { descend, iterate, matrix, type Instance } from '../../model/instance.ts';
import { USUAL } from '../../model/labels.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { norm, type Solver } from '../../../src/index.ts';

/** <A, B> = trace(A'B). */
const inner = (A: Matrix, B: Matrix): number => Matrix.mul(A, B).sum();

/** Both sides after one step, each from the iterates that the solver returned. */
function alongItself(solver: Solver, instance: Instance): Comparison {
  const run = descend(solver, instance);
  const before = iterate(run);
  run.advance(1);
  const after = iterate(run);
  const moved = (name: 'X' | 'Y'): number => inner(before[name], Matrix.sub(after[name], before[name]));
  // The step is off by `step` at most; an inner product of n numbers, and the difference in it, by (n + 1) u times the norms.
  const step = stepRounding(matrix(instance.M), before, before, instance);
  const size = norm(before.X) + norm(before.Y);
  const n = before.X.rows * before.X.columns + before.Y.rows * before.Y.columns;
  const rounding = size * step + (n + 1) * u * size * (size + norm(after.X) + norm(after.Y));
  return equal('<X, X+ - X>', moved('X'), moved('Y'), rounding);
}

export const template = claim({
  id: 'template/along-itself',
  statement: 'A step of gradient descent moves both factors by the same amount along themselves.',
  formula: String.raw`\langle X, X^+ - X\rangle = \langle Y, Y^+ - Y\rangle`,
  kind: 'identity',
  needs: 'law',
  // Each hypothesis comes with instances, or a check, that drop it: there the claim must be refuted.
  hypotheses: [dropping('no noise', noisyRuns([1]))],
  // <X, R Y> = trace(X'R Y) = <Y, R'X>.
  proof: 'setting',
  items: ['1.1'],
  covers: USUAL,
  instances: design(plainRuns([1])),
  check: alongItself,
});
