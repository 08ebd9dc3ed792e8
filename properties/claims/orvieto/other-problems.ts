/** Noise on one factor, or one layer, at a time in matrix sensing and in linear networks: the penalty is the trace of the Hessian. */
import { Matrix } from 'ml-matrix';
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { MOMENTS, usual } from '../../instances/noise-variants.ts';
import { matrix, startOf } from '../../model/instance.ts';
import { axes, changedRule, tooManyAxes } from '../../oracles/cubature.ts';
import { stacked } from '../../oracles/formula.ts';
import { u } from '../../oracles/rounding.ts';
import {
  deepLoss,
  deepPerturbedDescent,
  deepProduct,
  norm,
  scriptedNoise,
  sensingGrams,
  sensingLoss,
  smoothedDeepGradient,
  smoothedDeepLoss,
  smoothedSensingGradient,
  squaredNorm,
} from '../../../src/index.ts';
import { inner, plus, times } from '../../../src/linear-algebra/matrices.ts';
import {
  away,
  layerRounding,
  layersOf,
  noisyNetworks,
  sigmasOf,
  start,
  type Deep,
  type Layers,
} from '../deep/networks.ts';
import { averagedLoss, averagedStep, visible } from '../sensing/averages.ts';
import { measurementsOf, sensings, type Sensing } from '../sensing/problems.ts';

const SOURCE = 'our proof; noise layer by layer is proposed by Orvieto et al. 2022';

const onX = (instance: Sensing): Sensing => ({ ...instance, sigma2: 0 });
const onY = (instance: Sensing): Sensing => ({ ...instance, sigma1: 0 });

/** F + sigma1^2/4 tr Y'PY + sigma2^2/4 tr X'QX. */
function halfPenalised(instance: Sensing): number {
  const [measurements, { X, Y }] = [measurementsOf(instance), startOf(instance)];
  const { P, Q } = sensingGrams(measurements);
  const penalty = instance.sigma1 ** 2 * inner(Y, times(P, Y)) + instance.sigma2 ** 2 * inner(X, times(Q, X));
  return sensingLoss(measurements, { X, Y }) + penalty / 4;
}

/** The mean loss and the mean step, averaged over the cases of noise on X alone and on Y alone, or given by other instances. */
function factorsInTurn(instance: Sensing, change = usual, cases = [onX(instance), onY(instance)]): Comparison {
  const [losses, steps] = [
    cases.map((each) => averagedLoss(each, change)),
    cases.map((each) => averagedStep(each, change)),
  ];
  const share = 1 / cases.length;
  const loss = losses.reduce((sum, { mean }) => sum + share * mean, 0);
  const step = steps.reduce((sum, { mean }) => sum.add(Matrix.mul(mean, share)), Matrix.mul(steps[0]!.mean, 0));
  const [measurements, at] = [measurementsOf(instance), startOf(instance)];
  // Scales over sqrt 2 have half the penalties.
  const half = { sigma1: instance.sigma1 * Math.SQRT1_2, sigma2: instance.sigma2 * Math.SQRT1_2 };
  const slope = stacked(smoothedSensingGradient(measurements, at, half));
  const want = stacked(at).sub(slope.mul(instance.eta));
  return worst([
    equal('mean of F', loss, halfPenalised(instance), Math.max(...losses.map(({ rounding }) => rounding))),
    equal('mean of (X; Y)', step, want, Math.max(...steps.map(({ rounding }) => rounding))),
  ]);
}

const clear: Design<Sensing> = { ...sensings, accepts: visible };

export const factorAtATime = claim<Sensing>({
  id: 'orvieto/sensing',
  statement:
    'In matrix sensing, too, noise on one factor at a time has half the penalties of noise on both, weighted by the measurements, and no constant.',
  formula: String.raw`\tfrac12E F(X+\xi_1, Y) + \tfrac12E F(X, Y+\xi_2) = F + \tfrac{\sigma_1^2}4\mathrm{tr}\,Y'PY + \tfrac{\sigma_2^2}4\mathrm{tr}\,X'QX`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('noise on one factor at a time', clear, (_, instance) => factorsInTurn(instance, usual, [instance])),
    ...MOMENTS.map(({ text, change }) => dropping(text, clear, (_, instance) => factorsInTurn(instance, change))),
  ],
  source: SOURCE,
  proof: 'one-layer-at-a-time',
  items: ['8.4'],
  instances: design(sensings),
  check: (_, instance) => factorsInTurn(instance),
});

/** The squared norm of a product of layers. No layers: the identity with `size` rows. */
const squareOf = (layers: Layers, size: number): number =>
  layers.length === 0 ? size : squaredNorm(deepProduct(layers));

/** Traces of the blocks of the Hessian: |L_1 ... L_{j-1}|^2 |L_{j+1} ... L_N|^2. */
const blockTraces = (target: Matrix, layers: Layers): number[] =>
  layers.map((_, j) => squareOf(layers.slice(0, j), target.rows) * squareOf(layers.slice(j + 1), target.columns));

/** Means over the noise, and bounds on their rounding. */
interface Means {
  loss: number;
  readonly layers: readonly Matrix[];
  ofLoss: number;
  ofStep: number;
}

/** Adds `share` of the means of F and of a step over noise on layer j. */
function addMeans(means: Means, instance: Deep, j: number, share: number, change: typeof usual): void {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  const { rows, columns } = layers[j]!;
  for (const [point, weight] of changedRule(axes(rows * columns), change)) {
    const there = layers.with(j, plus(layers[j]!, Matrix.from1DArray(rows, columns, point), sigmas[j]));
    const noise = { sigmas: onlyAt(j, sigmas), source: scriptedNoise(scriptOf(layers, j, point)) };
    const descent = deepPerturbedDescent({ ...start(instance, layers), noise });
    descent.advance(1);
    descent.layers.forEach((L, i) => means.layers[i]!.add(Matrix.mul(L, share * weight)));
    means.loss += share * weight * deepLoss(target, there);
    means.ofLoss += share * weight * (there.reduce((size, L) => size * norm(L), 1) + norm(target)) ** 2;
    means.ofStep += share * weight * layerRounding(target, there, instance.eta);
  }
}

const onlyAt = (j: number, sigmas: readonly number[]): number[] => sigmas.map((sigma, i) => (i === j ? sigma : 0));

/** The entries of the noise layer by layer: those of the point in layer j, and 0. */
const scriptOf = (layers: Layers, j: number, point: Float64Array): Float64Array =>
  Float64Array.from(
    layers.flatMap(({ rows, columns }, i) => (i === j ? [...point] : Array.from({ length: rows * columns }, () => 0))),
  );

/** F + (1/6) sum_j sigma_j^2 tr of block j. */
function tracePenalised(target: Matrix, layers: Layers, sigmas: readonly number[]): number {
  const traces = blockTraces(target, layers).map((each, j) => sigmas[j]! ** 2 * each);
  return deepLoss(target, layers) + traces.reduce((sum, each) => sum + each, 0) / 6;
}

/** The mean loss and the mean step with noise on one layer at a time. */
function layersInTurn(instance: Deep, change = usual): Comparison {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  const means: Means = { loss: 0, layers: layers.map((L) => L.clone().mul(0)), ofLoss: 0, ofStep: 0 };
  const want = layers.map((L) => L.clone());
  layers.forEach((_, j) => {
    addMeans(means, instance, j, 1 / layers.length, change);
    const slopes = smoothedDeepGradient(target, layers, onlyAt(j, sigmas));
    slopes.forEach((slope, i) => want[i]!.sub(Matrix.mul(slope, instance.eta / layers.length)));
  });
  const points = 2 * layers.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const ofLoss = 2 * (points + target.rows * target.columns + 16) * u * means.ofLoss;
  const ofStep = (means.ofStep + layerRounding(target, layers, instance.eta)) * (2 + points * u);
  return worst([
    equal('mean of F', means.loss, tracePenalised(target, layers, sigmas), ofLoss),
    ...want.map((L, j) => equal(`mean of layer ${j + 1}`, means.layers[j]!, L, ofStep)),
  ]);
}

/** The mean loss under noise on all layers together, of a third of the variance each. */
function layersTogether(instance: Deep): Comparison {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  const thirds = sigmas.map((sigma) => sigma / Math.sqrt(3));
  const size = (layers.reduce((product, L, j) => product * (norm(L) + sigmas[j]!), 1) + norm(target)) ** 2;
  const mean = smoothedDeepLoss(target, layers, thirds);
  return equal('mean of F', mean, tracePenalised(target, layers, sigmas), 256 * u * size);
}

const noisy: Design<Deep> = {
  ...noisyNetworks,
  size: { d1: [1, 4], d2: [1, 4], r: [1, 3], k: [1, 2] },
  excludes: tooManyAxes,
};
const clearly: Design<Deep> = { ...noisy, accepts: away };

export const layerAtATime = claim<Deep>({
  id: 'orvieto/layers',
  statement:
    'In a network of three layers noise on one layer at a time penalises the trace of the Hessian, exactly, however large the noise is; noise on all layers together does so to leading order only.',
  formula: String.raw`\tfrac13\sum_jE F(\dots, L_j + \xi_j, \dots) = F + \tfrac16\sum_j\sigma_j^2\,\mathrm{tr}\,\nabla^2_{jj}F,\qquad \mathrm{tr}\,\nabla^2_{jj}F = \|L_1\cdots L_{j-1}\|^2\,\|L_{j+1}\cdots L_3\|^2`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('noise on one layer at a time', clearly, (_, instance) => layersTogether(instance)),
    ...MOMENTS.map(({ text, change }) => dropping(text, clearly, (_, instance) => layersInTurn(instance, change))),
  ],
  source: SOURCE,
  proof: 'one-layer-at-a-time',
  items: ['8.4'],
  instances: design(noisy),
  check: (_, instance) => layersInTurn(instance),
});
