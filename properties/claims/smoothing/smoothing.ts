/**
 * The mean effect of the noise: a perturbed step is, in the mean, a step on the smoothed objective. All of it is exact:
 * the averages are over cubature points that are driven through the solver itself.
 */
import { shifted, doubled } from '../../instances/noise-variants.ts';
import { Matrix } from 'ml-matrix';
import {
  axes,
  grid,
  HERMITE,
  meanStep,
  tooManyAxes,
  type Cubature,
  changedRule,
  type LineRule,
  meanLoss,
  smoothing,
  SIGNS,
  blocks,
} from '../../oracles/cubature.ts';
import { claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, shortRuns, startGrids } from '../../instances/designs.ts';
import { inUnits } from '../../instances/units.ts';
import { stacked } from '../../oracles/formula.ts';
import { blockSize, iterate, matrix, startOf, type Grid, type Instance, entriesOf } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { USUAL } from '../../model/labels.ts';
import {
  norm,
  penalties,
  smoothedGradient,
  smoothedGradientDescent,
  smoothedHessian,
  smoothedLoss,
  type Solver,
} from '../../../src/index.ts';

const oneStep: Design<Instance> = { ...shortRuns([1]), excludes: tooManyAxes };

/** The step averaged over a rule against a step of smoothed descent. */
function smoothedMean(solver: Solver, instance: Instance, rule: Cubature): Comparison {
  const { mean, rounding } = meanStep(solver, instance, rule);
  const { M, eta: stepSize } = instance;
  const smoothed = smoothedGradientDescent({ target: matrix(M), start: startOf(instance), stepSize, noise: instance });
  smoothed.advance(1);
  return showing(smoothing(instance), equal(MEAN, mean, stacked(iterate(smoothed)), rounding));
}

const MEAN = 'mean of (X; Y) after a step';

/** One normal in every entry of both blocks. */
const oneNormal = (n: number): Cubature => HERMITE.map(([z, weight]) => [new Float64Array(n).fill(z), weight] as const);

const standard = (instance: Instance): Cubature => axes(blockSize(instance));

/** Both factors perturbed: with one scale 0 nothing is left to average over on that side, which is allowed too. */
export const meanStepClaim = claim({
  id: 'smoothing/mean-step',
  statement: 'The mean of a perturbed step is a gradient step on the smoothed objective, exactly.',
  formula: String.raw`E[\tilde R\tilde Y] = RY + \alpha X,\quad E[\tilde R'\tilde X] = R'X + \beta Y,\quad \alpha = d_2\sigma_2^2,\ \beta = d_1\sigma_1^2`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('noise of mean 0', (s, i) => smoothedMean(s, i, changedRule(standard(i), shifted))),
    dropping('xi1 and xi2 are independent', { ...oneStep, size: { r: [1, 1] } }, (s, i) =>
      smoothedMean(s, i, oneNormal(blockSize(i))),
    ),
    dropping("E xi2'xi2 = alpha I and E xi1'xi1 = beta I", (s, i) =>
      smoothedMean(s, i, changedRule(standard(i), doubled)),
    ),
  ],
  proof: 'smoothing',
  items: ['2.2', '2.3'],
  covers: USUAL,
  instances: design(inUnits({ ...oneStep, large: { d1: [4, 10], d2: [4, 10], r: [4, 6], k: [1, 6] } })),
  check: (solver, instance) => smoothedMean(solver, instance, standard(instance)),
});

/**
 * Rules on the line whose products integrate the step under these distributions: it has degree at most 2 in each entry.
 */
const LAWS: readonly LineRule[] = [
  SIGNS,
  // Uniform on [-sqrt 3, sqrt 3]: Gauss-Legendre, three nodes.
  [
    [0, 4 / 9],
    [Math.sqrt(9 / 5), 5 / 18],
    [-Math.sqrt(9 / 5), 5 / 18],
  ],
  // Mostly 0.
  [
    [0, 3 / 4],
    [2, 1 / 8],
    [-2, 1 / 8],
  ],
];

type WithLaw = Instance & { law: number };

const fewEntries: Design<WithLaw> = {
  ...oneStep,
  size: { d1: [1, 3], d2: [1, 2], r: [1, 1], k: [1, 1] },
  picks: { ...oneStep.picks, law: [0, 1, 2] },
  complete: (draft) => ({ ...shortRun(draft), law: draft.picks['law']! }),
  excludes: ({ target, rank }) =>
    (target.length + target[0]!.length) * rank > 5
      ? 'it sums over all values of all entries of the noise: it needs (d1 + d2) r <= 5'
      : undefined,
};

/** The step averaged over all values of a noise with independent entries. */
function productMean(solver: Solver, instance: Instance, law: LineRule): Comparison {
  const [target, start] = [matrix(instance.M), startOf(instance)];
  const { mean, rounding } = meanStep(solver, instance, grid(blockSize(instance), law));
  const slope = smoothedGradient(target, start, instance);
  const expected = stacked(start).sub(stacked(slope).mul(instance.eta));
  return showing(smoothing(instance), equal(MEAN, mean, expected, rounding));
}

export const anyLaw = claim<WithLaw>({
  id: 'smoothing/any-law',
  statement:
    'The mean step depends on the noise through its means and second moments only: signs, uniform and sparse noise have the same mean step.',
  formula: String.raw`E[\tilde R\tilde Y] = RY + \alpha X \text{ for every distribution with independent entries of mean 0 and variances } \sigma_1^2, \sigma_2^2`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('entries of mean 0', (s, i) =>
      productMean(
        s,
        i,
        [
          [1 / 2, 4 / 5],
          [-2, 1 / 5],
        ].map(([z, w]) => [z! + 1, w!]),
      ),
    ),
    dropping('entries of variance 1', (s, i) =>
      productMean(s, i, [
        [2, 1 / 2],
        [-2, 1 / 2],
      ]),
    ),
  ],
  proof: 'noise-moments',
  items: ['2.4'],
  instances: design(fewEntries),
  check: (solver, instance) => productMean(solver, instance, LAWS[instance.law]!),
});

const scalar: Design<Instance> = {
  ...oneStep,
  size: { d1: [1, 1], d2: [1, 1], r: [1, 1], k: [1, 1] },
  excludes: ({ target }) => (target.length * target[0]!.length > 1 ? 'it is about a 1 x 1 target' : undefined),
};

/** Noise (z^2 - 1)/sqrt 2 on x and z on y, with z averaged over a rule on the line. */
function dependentMean(solver: Solver, instance: Instance, ofZ: LineRule): Comparison {
  const { sigma1, sigma2, eta } = instance;
  const points = ofZ.map(([z, weight]) => [Float64Array.of((z * z - 1) / Math.SQRT2, z), weight] as const);
  const { mean, rounding } = meanStep(solver, instance, points);
  const start = startOf(instance);
  const slope = smoothedGradient(matrix(instance.M), start, instance);
  const shift = Math.SQRT2 * sigma1 * sigma2 * sigma2;
  slope.X.add(shift);
  const found = equal('mean of (x; y) after a step', mean, stacked(start).sub(stacked(slope).mul(eta)), rounding);
  return showing(shift > 0 ? eta * shift : smoothing(instance), found);
}

export const dependentNoise = claim({
  id: 'smoothing/dependent-noise',
  statement:
    'At 1 x 1 noise that is uncorrelated but dependent between x and y, (z^2 - 1)/sqrt 2 and z, shifts the mean step by eta sqrt 2 sigma1 sigma2^2.',
  formula: String.raw`E[\tilde r\tilde y] = ry + \sigma_2^2 x + \sqrt2\,\sigma_1\sigma_2^2,\quad \xi_1 = \sigma_1\tfrac{z^2-1}{\sqrt2},\ \xi_2 = \sigma_2 z`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    // For a sign z the noise on x is 0: there is nothing to depend on.
    dropping('z standard normal', (s, i) => dependentMean(s, i, SIGNS)),
  ],
  proof: 'noise-moments',
  items: ['2.4'],
  instances: design(scalar),
  check: (solver, instance) => dependentMean(solver, instance, HERMITE),
});

/** F averaged over a rule, against the smoothed objective. */
function averagedLoss(instance: Instance, rule: Cubature): Comparison {
  const { mean, rounding } = meanLoss(instance, rule);
  const target = matrix(instance.M);
  const expected = smoothedLoss(target, startOf(instance), instance);
  return equal('E F~', mean, expected, rounding, { ...penalties(target, instance) });
}

/** The rule on the axes of each block: exact up to degree 2 in each. */
const axesOfBlocks = ({ X0, Y0 }: Instance): Cubature => blocks(axes(entriesOf(X0)), axes(entriesOf(Y0)));

export const smoothedObjective = claim({
  id: 'smoothing/objective',
  statement:
    'Averaging the loss over the noise adds a ridge penalty on each factor, of weight d2 sigma2^2 on X and d1 sigma1^2 on Y, and a constant.',
  formula: String.raw`E F(X+\xi_1, Y+\xi_2) = F + \tfrac\alpha2\|X\|^2 + \tfrac\beta2\|Y\|^2 + \tfrac r2 d_1 d_2\sigma_1^2\sigma_2^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('an average that is exact up to degree 2 in each block of the noise', (_, i) =>
      averagedLoss(i, axes(blockSize(i))),
    ),
  ],
  proof: 'smoothing',
  items: ['2.1', '2.3'],
  instances: design({
    ...oneStep,
    size: { d1: [1, 5], d2: [1, 5], r: [1, 3], k: [1, 3] },
    excludes: ({ target, rank }) =>
      target.length * target[0]!.length * rank * rank > 400
        ? 'it averages over 4 d1 d2 r^2 pairs of points: it needs d1 d2 r^2 <= 400'
        : undefined,
  }),
  check: (_, instance) => averagedLoss(instance, axesOfBlocks(instance)),
});

type WithDirection = Instance & { dX: Grid; dY: Grid };

const withDirection: Design<WithDirection> = {
  ...oneStep,
  grids: { ...oneStep.grids, dX: startGrids.X0, dY: startGrids.Y0 },
  complete: (draft) => ({ ...shortRun(draft), dX: draft.grids['dX']!, dY: draft.grids['dY']! }),
};

export const derivatives = claim<WithDirection>({
  id: 'smoothing/derivatives',
  statement:
    'Along every line the smoothed objective has the slope and the curvature that its gradient and its Hessian give.',
  formula: String.raw`\tfrac{d}{dt}\tilde F = \langle\nabla\tilde F, d\rangle,\quad \tfrac{d^2}{dt^2}\tilde F = d'\nabla^2\tilde F\,d,\quad \nabla\tilde F = (RY+\alpha X,\ R'X+\beta Y)`,
  kind: 'identity',
  needs: 'theory',
  proof: 'smoothing',
  items: ['2.1'],
  instances: design({
    ...withDirection,
    excludes: ({ target, rank }) =>
      (target.length + target[0]!.length) * rank > 64 ? 'its Hessian is dense: it needs (d1 + d2) r <= 64' : undefined,
  }),
  check(_, instance) {
    const [target, start] = [matrix(instance.M), startOf(instance)];
    const d = { X: matrix(instance.dX), Y: matrix(instance.dY) };
    const at = (t: number): number => {
      const point = { X: Matrix.add(start.X, Matrix.mul(d.X, t)), Y: Matrix.add(start.Y, Matrix.mul(d.Y, t)) };
      return smoothedLoss(target, point, instance);
    };
    // Along a line F~ has degree 4, for which these five-point formulas have no truncation error.
    const [f2, f1, f0, g1, g2] = [at(2), at(1), at(0), at(-1), at(-2)];
    const slope = (8 * (f1 - g1) - (f2 - g2)) / 12;
    const curvature = (16 * (f1 + g1) - 30 * f0 - (f2 + g2)) / 12;
    const direction = Matrix.columnVector([...d.X.to1DArray(), ...d.Y.to1DArray()]);
    const gradient = Matrix.columnVector(stacked(smoothedGradient(target, start, instance)).to1DArray());
    const bent = smoothedHessian(target, start, instance).mmul(direction);
    const { alpha, beta } = penalties(target, instance);
    const [X, Y] = [norm(start.X) + 2 * norm(d.X), norm(start.Y) + 2 * norm(d.Y)];
    // Each value is a sum of squares of at most this size; the weights of the formulas add up to less than 6.
    const size = (X * Y + norm(target)) ** 2 + (alpha + beta) * (X * X + Y * Y + alpha + beta);
    const rounding = 6 * ((target.rows + target.columns) * start.X.columns + 16) * 4 * u * size;
    return worst([
      equal('slope', direction.dot(gradient), slope, rounding),
      equal('curvature', direction.dot(bent), curvature, rounding),
    ]);
  },
});
