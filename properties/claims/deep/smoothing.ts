/** Linear networks of three layers: the effect of noise on the layers on the loss and on a step. */
import { Matrix } from 'ml-matrix';
import { claim, equal, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { axes, changedRule } from '../../oracles/cubature.ts';
import { design } from '../../generate/design.ts';
import { MOMENTS, usual } from '../../instances/noise-variants.ts';
import { matrix } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import {
  deepLoss,
  deepPerturbedDescent,
  norm,
  scriptedNoise,
  smoothedDeepGradient,
  smoothedDeepLoss,
  squaredNorm,
} from '../../../src/index.ts';
import { plus, times } from '../../../src/linear-algebra/matrices.ts';
import {
  away,
  type Layers,
  layerRounding,
  layersOf,
  start,
  noisyNetworks,
  sigmasOf,
  SOURCE,
  type Deep,
} from './networks.ts';

/** Points and weights of a product of a rule for each layer; every layer has degree 2 in its own noise. */
function* layerRule(layers: Layers, change: (entry: number) => number): Generator<readonly [Matrix[], number]> {
  const rules = layers.map(({ rows, columns }) => {
    const rule = changedRule(axes(rows * columns), change);
    return [...rule].map(([point, weight]) => [Matrix.from1DArray(rows, columns, point), weight] as const);
  });
  for (const [first, weight1] of rules[0]!) {
    for (const [second, weight2] of rules[1]!) {
      for (const [third, weight3] of rules[2]!) yield [[first, second, third], weight1 * weight2 * weight3];
    }
  }
}

/** The mean of F under the noise, against the recursion of src and the terms of the expansion. */
function meanLoss(instance: Deep, change = usual): Comparison {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  let [mean, size, points] = [0, 0, 0];
  for (const [normals, weight] of layerRule(layers, change)) {
    const there = layers.map((L, j) => plus(L, normals[j]!, sigmas[j]));
    mean += weight * deepLoss(target, there);
    size += weight * (there.reduce((product, L) => product * norm(L), 1) + norm(target)) ** 2;
    points++;
  }
  const rounding = 2 * (points + target.rows * target.columns + 8) * u * size;
  return worst([
    equal('mean of F', mean, smoothedDeepLoss(target, layers, sigmas), rounding),
    equal('mean of F, term by term', mean, expanded(target, layers, sigmas), rounding),
  ]);
}

/** F and the seven terms that noise on one, two and three layers adds (docs/theory/other-problems.md#deep). */
function expanded(target: Matrix, layers: Layers, sigmas: readonly number[]): number {
  const [X, C, Yt] = layers as [Matrix, Matrix, Matrix];
  const [a, c, b] = sigmas.map((sigma) => sigma * sigma) as [number, number, number];
  const [d1, d2, r] = [target.rows, target.columns, C.rows];
  const [x, m, y] = [squaredNorm(X), squaredNorm(C), squaredNorm(Yt)];
  const one = a * d1 * squaredNorm(times(C, Yt)) + c * x * y + b * d2 * squaredNorm(times(X, C));
  const two = a * c * d1 * r * y + a * b * d1 * d2 * m + c * b * d2 * r * x;
  return deepLoss(target, layers) + (one + two + a * b * c * d1 * d2 * r * r) / 2;
}

/** One step averaged over the noise, against a step on the smoothed objective. */
function meanStep(instance: Deep, change = usual): Comparison {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  const means = layers.map((L) => L.clone().mul(0));
  let [rounding, points] = [0, 0];
  for (const [normals, weight] of layerRule(layers, change)) {
    const script = Float64Array.from(normals.flatMap((xi) => xi.to1DArray()));
    const descent = deepPerturbedDescent({
      ...start(instance, layers),
      noise: { sigmas, source: scriptedNoise(script) },
    });
    descent.advance(1);
    descent.layers.forEach((L, j) => means[j]!.add(Matrix.mul(L, weight)));
    const there = layers.map((L, j) => plus(L, normals[j]!, sigmas[j]));
    rounding += weight * (layerRounding(target, there, instance.eta) + layerRounding(target, layers, instance.eta));
    points++;
  }
  const slopes = smoothedDeepGradient(target, layers, sigmas);
  const wanted = layers.map((L, j) => plus(L, slopes[j]!, -instance.eta));
  return worst(means.map((mean, j) => equal(`mean of layer ${j + 1}`, mean, wanted[j]!, rounding * (1 + points * u))));
}

export const objective = claim<Deep>({
  id: 'deep/objective',
  statement:
    'Noise on every layer of a network of three adds seven terms to the mean loss: one for each set of layers that it moves.',
  formula: String.raw`\tilde F = F + \tfrac12\left(\sigma_1^2d_1\|CY'\|^2 + \sigma_C^2\|X\|^2\|Y\|^2 + \sigma_2^2d_2\|XC\|^2\right) + \text{terms of two and three variances}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: MOMENTS.map(({ text, change }) =>
    dropping(text, { ...noisyNetworks, accepts: away }, (_: unknown, instance: Deep) => meanLoss(instance, change)),
  ),
  source: SOURCE,
  proof: 'deep',
  items: ['10.4'],
  instances: design(noisyNetworks),
  check: (_, instance) => meanLoss(instance),
});

export const meanOfStep = claim<Deep>({
  id: 'deep/mean-step',
  statement: 'The mean of a perturbed step of a network of three layers is a gradient step on its smoothed objective.',
  formula: String.raw`E[L_j^+] = L_j - \eta\,\nabla_{L_j}\tilde F,\quad \tilde F = E F(L_1 + \xi_1, L_2 + \xi_2, L_3 + \xi_3)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: MOMENTS.map(({ text, change }) =>
    dropping(
      text,
      { ...noisyNetworks, accepts: away, size: { d1: [2, 2], d2: [2, 2], r: [1, 1], k: [1, 1] } },
      (_: unknown, instance: Deep) => meanStep(instance, change),
    ),
  ),
  source: SOURCE,
  proof: 'deep',
  items: ['10.4'],
  instances: design({ ...noisyNetworks, size: { d1: [1, 2], d2: [1, 2], r: [1, 2], k: [1, 2] } }),
  check: (_, instance) => meanStep(instance),
});
