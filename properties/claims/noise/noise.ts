/** Which noise balances: the exact mean of the imbalance after one step, for noise of other kinds than that of the paper. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { blockSize, matrix, optionsOf, problemOf, startOf, type Instance } from '../../model/instance.ts';
import { small, scaledRuns, square, tall, type Scaled } from '../../instances/other-noises.ts';
import { plainRuns } from '../../instances/designs.ts';
import { axes, changedRule } from '../../oracles/cubature.ts';
import { meanImbalance, type MeanImbalance, type NextStep } from './mean-imbalance.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import {
  entrySamplingDescent,
  gradient,
  gradientNoiseDescent,
  gram,
  imbalance,
  labelNoiseDescent,
  norm,
  product,
  residual,
  scriptedNoise,
  type Factors,
} from '../../../src/index.ts';
import { shiftedBy, times, timesTransposed, transposedTimes } from '../../../src/linear-algebra/matrices.ts';

/** D + eta^2 (Y'R'RY - X'RR'X): the imbalance after a step of gradient descent. */
const plainly = (target: Matrix, at: Factors, eta: number): Matrix =>
  imbalance(at).add(imbalance(gradient(target, at)).mul(eta ** 2));

/** Our own rounding of that, and of additional terms of size `more`. */
function formulaRounding(target: Matrix, at: Factors, eta: number, more: number): number {
  const slope = gradient(target, at);
  const [x, y] = [norm(at.X), norm(at.Y)];
  const terms = 2 * (target.rows + target.columns + at.X.columns) + 16;
  const squares = (eta * (x * y + norm(target)) * (x + y)) ** 2 + norm(slope.X) ** 2 * eta ** 2;
  return terms * u * (x * x + y * y + squares + more);
}

/** The start with label noise at each point of a rule, in units of the scale, changed. */
function* labelSteps(instance: Scaled, change: (entry: number) => number): Generator<NextStep> {
  const [target, start, { eta: stepSize, scale }] = [matrix(instance.M), startOf(instance), instance];
  for (const [point, weight] of changedRule(axes(target.rows * target.columns), change)) {
    const labels = { scale, source: scriptedNoise(point) };
    const seen = shiftedBy(target, scale, point);
    yield { descent: labelNoiseDescent({ target, start, stepSize, labels }), weight, seen };
  }
}

function labelStep(instance: Scaled, change: (entry: number) => number = (entry) => entry): Comparison {
  const [target, start, { eta, scale }] = [matrix(instance.M), startOf(instance), instance];
  const { mean, rounding } = meanImbalance(labelSteps(instance, change), eta);
  const pull = gram(start.X).mul(target.columns).sub(gram(start.Y).mul(target.rows));
  const share = (eta * scale) ** 2;
  const pulled = Matrix.sub(plainly(target, start, eta), Matrix.mul(pull, share));
  const ours = formulaRounding(target, start, eta, share * (target.rows + target.columns) * sizeOf(start));
  return showing(share * norm(pull), equal('mean of D', mean, pulled, rounding + ours, { pull }));
}

const sizeOf = ({ X, Y }: Factors): number => norm(X) ** 2 + norm(Y) ** 2;

const OURS = 'our proof';

export const labelImbalance = claim<Scaled>({
  id: 'noise/label-step',
  statement:
    'Label noise pulls the imbalance at second order in the step size, towards the minimum of least trace of the Hessian.',
  formula: String.raw`E D^+ = D + \eta^2(Y'R'RY - X'RR'X) - \eta^2 s^2 (d_2 X'X - d_1 Y'Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping(
      'noise of mean 0 and variance s^2 in every entry of the target',
      { ...small(scaledRuns([1])), accepts: ({ grids }) => leans(grids as never) },
      (_, instance) => labelStep(instance, (entry) => (5 / 4) * entry),
    ),
  ],
  source: `${OURS}; Li, Wang and Arora 2022 (abstract read: label noise lowers the trace of the Hessian within eta^-2 steps)`,
  proof: 'label-noise',
  items: ['9.1'],
  instances: design(small(scaledRuns([1]))),
  check: (_, instance) => labelStep(instance),
});

/** d2 X'X and d1 Y'Y differ. */
const leans = ({ X0, Y0 }: Record<'X0' | 'Y0', number[][]>): boolean =>
  norm(
    gram(matrix(X0))
      .mul(Y0.length)
      .sub(gram(matrix(Y0)).mul(X0.length)),
  ) >
  1 / 4;

function productStep(instance: Scaled, second: number): Comparison {
  const [target, start, { eta, scale }] = [matrix(instance.M), startOf(instance), instance];
  const mean = Matrix.zeros(target.rows, target.columns);
  let rounding = 0;
  for (const { descent, weight, seen } of labelSteps(instance, (entry) => entry)) {
    const ofStep = stepRounding(seen, start, start, { eta });
    descent.advance(1);
    const [x, y] = [norm(descent.X), norm(descent.Y)];
    rounding += weight * ((x + y) * ofStep + (start.X.columns + 8) * u * x * y);
    mean.add(product(descent).mul(weight));
  }
  const R = residual(target, start);
  const across = timesTransposed(start.Y, start.X);
  const first = Matrix.add(times(timesTransposed(start.X, start.X), R), times(R, timesTransposed(start.Y, start.Y)));
  const squares = times(times(R, across), R).add(product(start).mul(second * scale ** 2));
  const expected = product(start)
    .sub(first.mul(eta))
    .add(squares.mul(eta ** 2));
  const [x, y, m] = [norm(start.X), norm(start.Y), norm(target)];
  const sizes =
    (1 + (eta * scale) ** 2) * x * y + eta * (x * x + y * y) * (x * y + m) + eta ** 2 * x * y * (x * y + m) ** 2;
  const ours = 4 * (target.rows + target.columns + 8) * u * sizes + (2 * target.rows * target.columns + 2) * u * sizes;
  const shown = (eta * scale) ** 2 * x * y;
  return showing(shown, equal("mean of X Y'", mean, expected, rounding + ours));
}

/** Starts that are minima: the target is their product. */
const minima: Design<Scaled> = {
  ...small(scaledRuns([1])),
  accepts: ({ grids }) => leans(grids as never),
  complete: (draft) => {
    const run = scaledRuns([1]).complete(draft);
    // An exact target, at a step so small that terms of third order are at most a sixteenth.
    const eta = 1 / (64 * (1 + sizeOf(startOf(run))));
    return { ...run, M: product(startOf(run)).to2DArray(), eta };
  },
  excludes: () => 'it starts at minima of targets that it makes itself',
};

/** The change of the mean of D from a minimum, by label noise or by noise on the factors. */
function movedBy(instance: Scaled, onLabels: boolean): { moved: number; rounding: number } {
  const outcomes = onLabels ? labelSteps(instance, (entry) => entry) : pointSteps(instance);
  const { mean, rounding } = meanImbalance(outcomes, instance.eta);
  return { moved: norm(mean.sub(imbalance(startOf(instance)))), rounding };
}

function* pointSteps(instance: Scaled): Generator<NextStep> {
  const { scale } = instance;
  const noisy = { ...instance, sigma1: scale, sigma2: scale };
  for (const [point, weight] of axes(blockSize(instance))) {
    const descent = referenceDescent(optionsOf(noisy, scriptedNoise(point)));
    yield { descent, weight, seen: matrix(instance.M) };
  }
}

function order(instance: Scaled, onLabels: boolean): Comparison {
  const [whole, half] = [instance, { ...instance, eta: instance.eta / 2 }].map((each) => movedBy(each, onLabels));
  const rounding = 2 * (whole!.rounding / whole!.moved + half!.rounding / half!.moved);
  return showing(
    1,
    equal('log2 of the ratio of changes', Math.log2(whole!.moved / half!.moved), 2, rounding),
    rounding,
  );
}

export const labelOrder = claim<Scaled>({
  id: 'noise/label-order',
  statement:
    'From a minimum label noise changes the mean imbalance at second order in the step size, noise on the factors at first order.',
  formula: String.raw`R = 0:\quad \log_2\frac{|E D^+ - D|(\eta)}{|E D^+ - D|(\eta/2)} = 2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('the noise is on the labels', (_, instance) => order(instance, false))],
  source: `${OURS}; Li, Wang and Arora 2022 (abstract read)`,
  proof: 'label-noise',
  items: ['9.1'],
  instances: design(minima),
  check: (_, instance) => order(instance, true),
});

export const labelProduct = claim<Scaled>({
  id: 'noise/label-product',
  statement:
    'Label noise moves the product at second order in the step size: at a minimum its mean grows by eta^2 s^2 M.',
  formula: String.raw`E[X^+Y^{+\prime}] = XY' - \eta(XX'R + RYY') + \eta^2(RYX'R + s^2XY')`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping(
      'the labels are noisy',
      { ...small(scaledRuns([1])), accepts: ({ grids }) => meets(grids as never) },
      (_, instance) => productStep(instance, 0),
    ),
  ],
  source: OURS,
  proof: 'label-noise',
  items: ['9.1'],
  instances: design(small(scaledRuns([1]))),
  check: (_, instance) => productStep(instance, 1),
});

/** X Y' is not 0. */
const meets = ({ X0, Y0 }: Record<'X0' | 'Y0', number[][]>): boolean => norm(product(startOf({ X0, Y0 }))) > 1 / 8;

function* stepNoiseSteps(instance: Scaled): Generator<NextStep> {
  const [target, start, { eta: stepSize, scale }] = [matrix(instance.M), startOf(instance), instance];
  for (const [point, weight] of axes((target.rows + target.columns) * start.X.columns)) {
    const stepNoise = { scale, source: scriptedNoise(point) };
    yield { descent: gradientNoiseDescent({ target, start, stepSize, stepNoise }), weight, seen: target };
  }
}

function stepNoiseMean(instance: Scaled): MeanImbalance {
  const normals = (instance.M.length + instance.M[0]!.length) * instance.X0[0]!.length;
  return meanImbalance(stepNoiseSteps(instance), instance.eta, 1, instance.scale * Math.sqrt(normals));
}

/** E D+ against the step without noise plus `drift` tau^2 I. */
function stepNoise(instance: Scaled, drift: number): Comparison {
  const [target, start, { eta, scale }] = [matrix(instance.M), startOf(instance), instance];
  const { mean, rounding } = stepNoiseMean(instance);
  const expected = plainly(target, start, eta).add(Matrix.eye(mean.rows).mul(drift * scale ** 2));
  const ours = formulaRounding(target, start, eta, (target.rows + target.columns) * scale ** 2);
  return showing(scale ** 2, equal('mean of D', mean, expected, rounding + ours));
}

export const gradientNoise = claim<Scaled>({
  id: 'noise/gradient-step',
  statement:
    'Noise on the gradient does not pull the imbalance at all: its mean drifts by (d1 - d2) tau^2 I per step, apart from the term of second order.',
  formula: String.raw`E D^+ = D + \eta^2(Y'R'RY - X'RR'X) + \tau^2(d_1 - d_2) I`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('the same variance in the entries of both factors', (_, instance) =>
      stepNoise(instance, instance.M.length - instance.M[0]!.length / 2),
    ),
  ],
  source: OURS,
  proof: 'gradient-noise',
  items: ['9.2'],
  instances: design(small(scaledRuns([1]))),
  check: (_, instance) => stepNoise(instance, instance.M.length - instance.M[0]!.length),
});

export const gradientNoiseKept = claim<Scaled>({
  id: 'noise/gradient-square',
  statement:
    'On square targets noise on the gradient conserves the mean imbalance like gradient descent: it selects no minimum.',
  formula: String.raw`d_1 = d_2 \;\Rightarrow\; E D^+ = D + \eta^2(Y'R'RY - X'RR'X)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping('d1 = d2', tall(scaledRuns([1])))],
  source: OURS,
  proof: 'gradient-noise',
  items: ['9.2'],
  instances: design(square(scaledRuns([1]))),
  check: (_, instance) => stepNoise(instance, 0),
});

/** Each entry with the same chance, or never the last one. */
function* entrySteps(instance: Instance, everyEntry: boolean): Generator<NextStep> {
  const target = matrix(instance.M);
  const count = target.rows * target.columns - (everyEntry ? 0 : 1);
  for (let entry = 0; entry < count; entry++) {
    const descent = entrySamplingDescent({ ...problemOf(instance), pick: () => entry });
    yield { descent, weight: 1 / count, seen: target };
  }
}

/** Against D + eta^2 N (Y' diag_j(sum_i R_ij^2) Y - X' diag_i(sum_j R_ij^2) X). */
function entryStep(instance: Instance, everyEntry = true): Comparison {
  const [target, start, { eta }] = [matrix(instance.M), startOf(instance), instance];
  const count = target.rows * target.columns;
  const { mean, rounding } = meanImbalance(entrySteps(instance, everyEntry), eta, count);
  const R = residual(target, start);
  const scaled = (A: Matrix, squares: (row: number) => number[]): Matrix => {
    const B = A.clone();
    for (let i = 0; i < A.rows; i++) B.mulRow(i, Math.sqrt(squares(i).reduce((sum, r) => sum + r * r, 0)));
    return transposedTimes(B, B);
  };
  const change = scaled(start.Y, (j) => R.getColumn(j)).sub(scaled(start.X, (i) => R.getRow(i)));
  const expected = imbalance(start).add(change.mul(eta ** 2 * count));
  const ours = formulaRounding(target, start, eta * Math.sqrt(count), 0) * 2;
  return showing(Math.max(norm(change), 1e-3), equal('mean of D', mean, expected, rounding + ours));
}

export const entrySampling = claim({
  id: 'noise/entry-step',
  statement:
    'Sampling one entry per step moves the mean imbalance by squares of the residual, N times as far as their average would: once the target is fitted, it no longer balances.',
  formula: String.raw`E D^+ = D + \eta^2 N \left(Y'\,\mathrm{diag}_j(\textstyle\sum_iR_{ij}^2)\,Y - X'\,\mathrm{diag}_i(\sum_jR_{ij}^2)\,X\right),\quad N = d_1d_2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping(
      'every entry is drawn with the chance 1/N',
      {
        ...small(plainRuns([1])),
        size: { d1: [2, 5], d2: [2, 5], r: [1, 2] },
        accepts: ({ grids, size }) => size.d1 * size.d2 > 1 && leans(grids as never),
      },
      (_, instance) => entryStep(instance, false),
    ),
  ],
  source: `${OURS}; Ziyin et al. 2024 (abstract read: noise equilibria along a scaling symmetry)`,
  proof: 'entry-sampling',
  items: ['9.3'],
  instances: design(small(plainRuns([1]))),
  check: (_, instance) => entryStep(instance),
});
