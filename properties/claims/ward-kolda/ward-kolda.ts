/** Ward and Kolda 2023: alternating gradient descent, and the benefit of a start in the target's column space. */
import { Matrix } from 'ml-matrix';
import { atMost, atStep, claim, equal, firstRefuted, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { blockRounding, complementsOf, leakage, operatorNorm } from '../../oracles/column-space.ts';
import { anywhere, columnStarts, largeStarts, towardsSaddle, type ColumnStart } from './column-starts.ts';
import { moderate } from '../../instances/large-targets.ts';
import { design, changed } from '../../generate/design.ts';
import { plainRuns, shortRun, withNoise } from '../../instances/designs.ts';
import { stacked, stepFrom } from '../../oracles/formula.ts';
import { descend, descendPlainly, matrix, startOf, type Instance } from '../../model/instance.ts';
import { conversion, stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import { transitions } from '../../oracles/transitions.ts';
import {
  alternatingGradientDescent,
  norm,
  rank,
  residual,
  singularValues,
  type Descent,
  type Factors,
  type Solver,
} from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';

function* offColumnSpace(name: string, descent: Descent, instance: ColumnStart): Generator<Comparison> {
  const [target, { eta }] = [matrix(instance.M), instance];
  const complement = complementsOf(target).X;
  let error = leakage(target) * norm(matrix(instance.W)) + conversion(instance) * norm(matrix(instance.X0));
  for (const { before, after, t } of transitions(descent, instance.steps)) {
    // C+ = C - eta C Y'Y multiplies the rounding there by at most the largest |1 - eta s^2|, s in the spectrum of Y.
    error = error * Math.max(1, eta * operatorNorm(before.Y) ** 2 - 1) + blockRounding(target, before, instance);
    const C = complement.mmul(after.X);
    const found = equal(`U_perp C after step ${t}, ${name}`, C, Matrix.zeros(C.rows, C.columns), error);
    yield atStep(t, showing(Math.sqrt(squaredSize(after)), found));
  }
}

export const columnSpace = claim<ColumnStart>({
  id: 'ward-kolda/column-space',
  statement: "Gradient descent, simultaneous or alternating, leaves X in the target's column space if it starts there.",
  formula: String.raw`X_0 = MW \;\Rightarrow\; X_t \in \mathrm{col}(M)`,
  kind: 'deterministic trajectory',
  needs: 'law',
  hypotheses: [
    dropping('X_0 in the column space of M', {
      ...plainRuns([1, 8]),
      size: { d1: [4, 8], k: [1, 2] },
      complete: (draft) => ({ ...shortRun(draft), W: [[0]] }),
    }),
    dropping(
      'no noise',
      {
        ...changed(columnStarts, withNoise(1 / 4)),
        size: { d1: [4, 8], k: [1, 2] },
      },
      (solver, instance) => firstRefuted(offColumnSpace('perturbed', descend(solver, instance), instance)),
    ),
  ],
  proof: 'ward-kolda',
  items: ['8.2'],
  instances: design(moderate(columnStarts)),
  check: (solver, instance) =>
    worst([
      firstRefuted(offColumnSpace('simultaneous', descendPlainly(solver, instance), instance)),
      firstRefuted(offColumnSpace('alternating', descendPlainly(alternatingGradientDescent, instance), instance)),
    ]),
});

/** The formula of an alternating step, with residuals. */
function alternately(target: Matrix, { X, Y }: Factors, eta: number): Factors {
  const newX = stepFrom(target, { X, Y }, { X, Y }, eta).X;
  const half = { X: newX, Y };
  return { X: newX, Y: stepFrom(target, half, half, eta).Y };
}

function* alternatingSteps(solver: Solver, instance: Instance): Generator<Comparison> {
  const [target, { eta }] = [matrix(instance.M), instance];
  for (const { before, after, t } of transitions(descendPlainly(solver, instance), instance.steps)) {
    const half = { X: after.X, Y: before.Y };
    // The rounding of X enters Y's half through a slope whose derivative in X is at most |Y| |X+| + |R| <= the sizes below.
    const ofX = stepRounding(target, before, before, { eta });
    const passedOn = eta * (2 * norm(half.X) * norm(half.Y) + norm(target)) * ofX;
    const rounding = ofX + passedOn + stepRounding(target, half, half, { eta });
    yield atStep(
      t,
      equal(`(X; Y) after step ${t}`, stacked(after), stacked(alternately(target, before, eta)), rounding),
    );
  }
}

const TURNS = 'Y takes its step from the new X';

export const alternatingStep = claim({
  id: 'ward-kolda/step',
  statement: 'A step of alternating gradient descent is one of X followed by one of Y from the new X.',
  formula: String.raw`X^+ = X - \eta\,(XY' - M)Y,\quad Y^+ = Y - \eta\,(X^+Y' - M)'X^+`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(TURNS, (solver, instance) => firstRefuted(alternatingSteps(solver, instance)))],
  source: 'Ward and Kolda 2023 (the algorithm)',
  proof: 'ward-kolda',
  items: ['8.2'],
  instances: design(moderate(plainRuns([1, 4, 32]))),
  check: (_, instance) => firstRefuted(alternatingSteps(alternatingGradientDescent, instance)),
});

function* residualLaws(solver: Solver, instance: Instance): Generator<Comparison> {
  const [target, { eta }] = [matrix(instance.M), instance];
  const contraction = (A: Matrix): Matrix => Matrix.eye(A.rows).sub(outerGram(A).mul(eta));
  for (const { before, after, t } of transitions(descendPlainly(solver, instance), instance.steps)) {
    const R = residual(target, before);
    const want = contraction(after.X).mmul(R).mmul(contraction(before.Y));
    const [X, Y] = [norm(after.X) + norm(before.X), norm(after.Y) + norm(before.Y)];
    const ofIterates = 2 * (X + Y) * stepRounding(target, before, { X: after.X, Y: before.Y }, { eta });
    const ofProducts = (1 + eta * X * X) * (1 + eta * Y * Y) * (X * Y + norm(target));
    const rounding = ofIterates + 4 * (target.rows + target.columns + R.columns + 8) * u * ofProducts;
    yield atStep(t, equal(`X Y' - M after step ${t}`, residual(target, after), want, rounding));
  }
}

export const alternatingResidual = claim({
  id: 'ward-kolda/residual',
  statement:
    'A step of alternating gradient descent multiplies the residual by a matrix on either side, exactly: one depends on the new X, one on the old Y.',
  formula: String.raw`R^+ = (I - \eta\,X^+X^{+\prime})\,R\,(I - \eta\,YY')`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(TURNS, (solver, instance) => firstRefuted(residualLaws(solver, instance)))],
  proof: 'ward-kolda',
  items: ['8.2'],
  instances: design(moderate(plainRuns([1, 4, 32]))),
  check: (_, instance) => firstRefuted(residualLaws(alternatingGradientDescent, instance)),
});

/** |R_t| against exp(-eta sigma_k(X_0)^2 t / 2) |R_0|, after 1, 2, 4, ... steps. */
function* linearRate(instance: Instance): Generator<Comparison> {
  const [target, start, { eta }] = [matrix(instance.M), startOf(instance), instance];
  const sigma = singularValues(start.X)[rank(target) - 1]!;
  const R0 = norm(residual(target, start));
  let rounding = 0;
  for (const { before, after, t } of transitions(
    descendPlainly(alternatingGradientDescent, instance),
    instance.steps,
  )) {
    // The residual contracts, so the roundings of the steps only add up.
    rounding += 2 * (norm(after.X) + norm(after.Y)) * stepRounding(target, before, before, { eta });
    if (!Number.isInteger(Math.log2(t))) continue;
    const bound = Math.exp((-eta * sigma ** 2 * t) / 2) * R0;
    yield atStep(t, atMost(`|X Y' - M| after ${t} steps`, norm(residual(target, after)), bound, rounding, { sigma }));
  }
}

export const rate = claim({
  id: 'ward-kolda/rate',
  statement:
    "From a large enough start in the target's column space alternating gradient descent converges linearly: it reaches |R|^2 <= eps |R_0|^2 within log(1/eps) / (eta sigma_k(X_0)^2) steps.",
  formula: String.raw`X_0 = MW:\quad \|R_t\|^2 \le e^{-\eta\,\sigma_k(X_0)^2\,t}\,\|R_0\|^2`,
  kind: 'deterministic trajectory',
  needs: 'theory',
  hypotheses: [
    dropping('X_0 in the column space of M, of its rank', {
      ...largeStarts,
      size: { d1: [4, 6], d2: [1, 6], r: [1, 2] },
      picks: { ...largeStarts.picks, steps: [256] },
      complete: anywhere,
    }),
    dropping('eta |X_t|^2, eta |Y_t|^2 <= 1, by bounds that the start implies', {
      ...largeStarts,
      picks: { ...largeStarts.picks, steps: [1], slow: [16] },
    }),
    dropping('X_0 so large, next to M, that the factors stay near the start', towardsSaddle),
  ],
  bound: 'valid',
  source: 'Ward and Kolda 2023 (of the order of log(1/eps) steps from a random start); our proof of this form',
  proof: 'ward-kolda',
  items: ['8.2'],
  instances: design(moderate(largeStarts)),
  check: (_, instance) => firstRefuted(linearRate(instance)),
});
