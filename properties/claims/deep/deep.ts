/** Linear networks of three layers: what a step and the flow keep, what the noise adds, and which minimum is flattest. */
import { Matrix } from 'ml-matrix';
import { atLeast, atStep, equal, firstRefuted, NONE, worst, type Claim, type Evidence } from '../../model/claim.ts';
import { axes, changedRule } from '../../oracles/cubature.ts';
import { changed, design } from '../../generate/design.ts';
import type { Draft } from '../../model/draft.ts';
import { targetPicks } from '../../instances/designs.ts';
import { doubled, shifted } from '../../instances/noise-variants.ts';
import { matrix, noiseOf } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { nonzero } from '../../instances/trajectories.ts';
import { deepFlowFor, deepFlowStep, EXACT_ORDER } from '../../oracles/deep-flow.ts';
import {
  decompose,
  deepGradient,
  deepLoss,
  deepPerturbedDescent,
  deepProduct,
  gram,
  outerGram,
  scriptedNoise,
  singularValues,
  smoothedDeepGradient,
  smoothedDeepLoss,
  squaredNorm,
  type DeepOptions,
} from '../../../src/index.ts';
import { plus, times } from '../../../src/linear-algebra/matrices.ts';
import {
  atMinimum,
  layerRounding,
  layersOf,
  networks,
  noisyNetworks,
  sigmasOf,
  SOURCE,
  type Deep,
} from './networks.ts';

type Layers = readonly Matrix[];

/** L_j'L_j - L_{j+1}L_{j+1}' for neighbouring layers: X'X - CC' and C'C - Y'Y. */
const imbalances = (layers: Layers): Matrix[] =>
  layers.slice(1).map((next, j) => gram(layers[j]!).sub(outerGram(next)));

const largest = (layers: Layers): number => Math.max(...layers.map((L) => L.norm()));

/** How a step is taken; the descent of src if not said. */
type Step = (instance: Deep, at: Layers) => Layers;

const start = (instance: Deep, at: Layers): DeepOptions => ({
  ...{ target: matrix(instance.M), start: at, stepSize: instance.eta },
});

const ourStep: Step = (instance, at) => {
  const descent = deepPerturbedDescent(start(instance, at));
  descent.advance(1);
  return descent.layers;
};

function* imbalanceLaws(instance: Deep, step: Step): Generator<Evidence> {
  const [target, { eta }] = [matrix(instance.M), instance];
  let at: Layers = layersOf(instance);
  for (let t = 1; t <= instance.steps; t++) {
    const after = step(instance, at);
    const slopes = deepGradient(target, at);
    const drift = imbalances(slopes).map((change) => change.mul(eta * eta));
    const moved = imbalances(after).map((D, j) => Matrix.sub(D, imbalances(at)[j]!));
    const size = largest(at) + largest(after);
    const rounding = 8 * size * layerRounding(target, at, eta);
    yield atStep(t, equal(`change of X'X - C C' in step ${t}`, moved[0]!, drift[0]!, rounding));
    yield atStep(t, equal(`change of C'C - Y'Y in step ${t}`, moved[1]!, drift[1]!, rounding));
    at = after;
  }
}

const away = (draft: Draft): boolean =>
  Object.values(draft.grids).every((grid) => grid.some((row) => row.some((entry) => entry !== 0)));

/** Each layer steps from where the layers before it have gone. */
const oneAfterTheOther: Step = (instance, at) => {
  let layers = [...at];
  for (let j = 0; j < layers.length; j++) {
    const slope = deepGradient(matrix(instance.M), layers)[j]!;
    layers = layers.with(j, plus(layers[j]!, slope, -instance.eta));
  }
  return layers;
};

const unevenly: Step = (instance, at) => {
  const slopes = deepGradient(matrix(instance.M), at);
  return at.map((L, j) => plus(L, slopes[j]!, (j === 0 ? -2 : -1) * instance.eta));
};

const noisily: Step = (instance, at) => {
  const noise = { sigmas: [1 / 4, 1 / 4, 1 / 4], source: noiseOf(instance) };
  const descent = deepPerturbedDescent({ ...start(instance, at), noise });
  descent.advance(1);
  return descent.layers;
};

const lawWith = (step: Step): Pick<Claim<Deep>, 'instances' | 'check'> => ({
  instances: design({ ...networks, accepts: away, picks: { ...networks.picks, steps: [1] } }),
  check: (_, instance) => firstRefuted(imbalanceLaws(instance, step)),
});

export const step: Claim<Deep> = {
  id: 'deep/step',
  statement:
    'In a linear network of three layers a step of gradient descent changes the imbalance of neighbouring layers by terms of second order only, exactly.',
  formula: String.raw`W = XCY':\quad \Delta(X'X - CC') = \eta^2\,(G_X'G_X - G_CG_C'),\quad \Delta(C'C - Y'Y) = \eta^2\,(G_C'G_C - G_Y'G_Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    { text: 'no noise', without: lawWith(noisily) },
    { text: 'all layers step from the same point', without: lawWith(oneAfterTheOther) },
    { text: 'the same step size for all layers', without: lawWith(unevenly) },
  ],
  bound: 'equality',
  source: SOURCE,
  proof: 'deep',
  items: ['10.3'],
  instances: design(networks),
  check: (_, instance) => firstRefuted(imbalanceLaws(instance, ourStep)),
};

const FLOW_STEPS = 4;

/** Both imbalances after a few steps of the flow of this order, against those of the start. */
function alongFlow(instance: Deep, order: number): Evidence {
  const target = matrix(instance.M);
  const first = layersOf(instance);
  const terms = target.rows + target.columns + 2 * first[0]!.columns + 8;
  let [at, rounding] = [first, 0];
  for (let t = 0; t < FLOW_STEPS; t++) {
    at = deepFlowFor(target, at, deepFlowStep(target, at), order);
    rounding += 16 * terms * u * (largest(at) ** 2 + target.norm() ** (2 / 3));
  }
  const [was, is] = [imbalances(first), imbalances(at)];
  return worst([equal("X'X - C C'", is[0]!, was[0]!, rounding), equal("C'C - Y'Y", is[1]!, was[1]!, rounding)]);
}

export const flow: Claim<Deep> = {
  id: 'deep/flow',
  statement: 'Gradient flow of a linear network of three layers keeps the imbalance of neighbouring layers exactly.',
  formula: String.raw`\dot X = -G_X,\ \dot C = -G_C,\ \dot Y = -G_Y \;\Rightarrow\; X'X - CC',\ C'C - Y'Y = \text{const}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    {
      text: 'steps of the flow, not of gradient descent',
      without: {
        instances: design({ ...networks, accepts: away }),
        check: (_, instance) => alongFlow(instance, 1),
      },
    },
  ],
  bound: 'equality',
  source: 'Du, Hu and Lee 2018, Arora, Cohen and Hazan 2018 (abstracts); our proof',
  proof: 'deep',
  items: ['10.3'],
  instances: design(networks),
  check: (_, instance) => alongFlow(instance, EXACT_ORDER),
};

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

const usual = (normal: number): number => normal;

/** The mean of F under the noise, against the recursion of src and the terms of the expansion. */
function meanLoss(instance: Deep, change = usual): Evidence {
  const [target, layers, sigmas] = [matrix(instance.M), layersOf(instance), sigmasOf(instance)];
  let [mean, size, points] = [0, 0, 0];
  for (const [normals, weight] of layerRule(layers, change)) {
    const there = layers.map((L, j) => plus(L, normals[j]!, sigmas[j]));
    mean += weight * deepLoss(target, there);
    size += weight * (there.reduce((product, L) => product * L.norm(), 1) + target.norm()) ** 2;
    points++;
  }
  const rounding = 2 * (points + target.rows * target.columns + 8) * u * size;
  return worst([
    equal('mean of F', mean, smoothedDeepLoss(target, layers, sigmas), rounding),
    equal('mean of F, term by term', mean, expanded(target, layers, sigmas), rounding),
  ]);
}

/** F and the seven terms that noise on one, two and three layers adds (docs/theory.md#deep). */
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
function meanStep(instance: Deep, change = usual): Evidence {
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

const MOMENTS = [
  { text: 'noise of mean 0', change: shifted },
  { text: 'noise of variance sigma^2', change: doubled },
] as const;

export const objective: Claim<Deep> = {
  id: 'deep/objective',
  statement:
    'Noise on every layer of a network of three adds seven terms to the mean loss: one for each set of layers that it moves.',
  formula: String.raw`\tilde F = F + \tfrac12\left(\sigma_1^2d_1\|CY'\|^2 + \sigma_C^2\|X\|^2\|Y\|^2 + \sigma_2^2d_2\|XC\|^2\right) + \text{terms of two and three variances}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: MOMENTS.map(({ text, change }) => ({
    text,
    without: {
      instances: design({ ...noisyNetworks, accepts: away }),
      check: (_: unknown, instance: Deep) => meanLoss(instance, change),
    },
  })),
  bound: 'equality',
  source: SOURCE,
  proof: 'deep',
  items: ['10.4'],
  instances: design(noisyNetworks),
  check: (_, instance) => meanLoss(instance),
};

export const meanOfStep: Claim<Deep> = {
  id: 'deep/mean-step',
  statement: 'The mean of a perturbed step of a network of three layers is a gradient step on its smoothed objective.',
  formula: String.raw`E[L_j^+] = L_j - \eta\,\nabla_{L_j}\tilde F,\quad \tilde F = E F(L_1 + \xi_1, L_2 + \xi_2, L_3 + \xi_3)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: MOMENTS.map(({ text, change }) => ({
    text,
    without: {
      instances: design({ ...noisyNetworks, accepts: away, size: { d1: [2, 2], d2: [2, 2], r: [1, 1], k: [1, 1] } }),
      check: (_: unknown, instance: Deep) => meanStep(instance, change),
    },
  })),
  bound: 'equality',
  source: SOURCE,
  proof: 'deep',
  items: ['10.4'],
  instances: design({ ...noisyNetworks, size: { d1: [1, 2], d2: [1, 2], r: [1, 2], k: [1, 2] } }),
  check: (_, instance) => meanStep(instance),
};

/** Trace of the Hessian of F by second differences, which are exact: F is of degree 2 in each entry. */
function hessianTrace(target: Matrix, layers: Layers): { trace: number; rounding: number } {
  let [trace, rounding] = [0, 0];
  const here = deepLoss(target, layers);
  layers.forEach((L, j) => {
    for (let i = 0; i < L.rows; i++) {
      for (let k = 0; k < L.columns; k++) {
        const moved = (by: number): Matrix => {
          const next = L.clone();
          return next.set(i, k, next.get(i, k) + by);
        };
        const [up, down] = [1, -1].map((by) => deepLoss(target, layers.with(j, moved(by)))) as [number, number];
        trace += up + down - 2 * here;
        rounding += 64 * (target.rows + target.columns + 8) * u * (up + down + 2 * here + squaredNorm(target));
      }
    }
  });
  return { trace, rounding };
}

const nuclear = (M: Matrix): number => singularValues(M).reduce((sum, value) => sum + value, 0);

/** 3 (d1 d2)^(1/3) |M|_*^(4/3): the least trace of the Hessian at a minimum. */
const leastTrace = (M: Matrix): number => 3 * Math.cbrt(M.rows * M.columns) * Math.cbrt(nuclear(M)) ** 4;

/** d1 |C Y'|^2 + |X|^2 |Y|^2 + d2 |X C|^2. */
function traceFormula([X, C, Yt]: Layers, { rows, columns }: Matrix): number {
  const across = squaredNorm(X!) * squaredNorm(Yt!);
  return rows * squaredNorm(times(C!, Yt!)) + across + columns * squaredNorm(times(X!, C!));
}

/** The trace against its formula, and against the least value. */
function traces(M: Matrix, layers: Layers, compare: typeof atLeast | typeof equal): Evidence {
  const { trace, rounding } = hessianTrace(M, layers);
  const ofBound = 256 * (M.rows + M.columns + 8) * u * trace;
  return worst([
    equal('trace of the Hessian', trace, traceFormula(layers, M), rounding),
    compare('trace of the Hessian', trace, leastTrace(M), rounding + ofBound),
  ]);
}

/** U S^e x, S^f c and y S^g V' for M = U S V', with as many columns as M has rows or columns. */
function spectralLayers(M: Matrix, [e, f, g]: readonly number[], [x, c, y]: readonly number[]): Matrix[] {
  const { U, s, V } = decompose(M);
  const power = (p: number): number[] => s.map((value) => (p === 0 ? 1 : Math.max(value, 0) ** p));
  return [
    U.clone().mulRowVector(power(e!)).mul(x!),
    Matrix.diag(power(f!)).mul(c!),
    V.clone().mulRowVector(power(g!)).mul(y!).transpose(),
  ];
}

/** The flattest factors: X = x U S^(1/2), C = c I, Y = y V S^(1/2). */
function flattestLayers(M: Matrix): Matrix[] {
  const total = nuclear(M);
  const t = Math.cbrt(M.rows * M.columns * total);
  const [x, c, y] = [M.rows, total, M.columns].map((each) => Math.sqrt(each / t));
  return spectralLayers(M, [1 / 2, 0, 1 / 2], [x!, c!, y!]);
}

const minima = changed({ ...networks, picks: { ...targetPicks, steps: [0] } }, atMinimum);
const apart = (draft: Draft): boolean => away(draft) && nonzero(draft);

export const flattest: Claim<Deep> = {
  id: 'deep/flattest',
  statement:
    'At a minimum of a network of three layers the trace of the Hessian, which the noise penalises, is at least 3 (d1 d2)^(1/3) times the nuclear norm to the power 4/3.',
  formula: String.raw`XCY' = M:\quad \mathrm{tr}\,\nabla^2F = d_1\|CY'\|^2 + \|X\|^2\|Y\|^2 + d_2\|XC\|^2 \ge 3\,(d_1d_2)^{1/3}\,\|M\|_*^{4/3}`,
  kind: 'inequality',
  needs: 'theory',
  hypotheses: [
    {
      text: "X C Y' = M",
      without: {
        instances: design({ ...networks, accepts: apart }),
        check: (_, instance) => traces(Matrix.mul(matrix(instance.M), 16), layersOf(instance), atLeast),
      },
    },
  ],
  bound: {
    tight: 'at X = x U S^(1/2), C = c I, Y = y V S^(1/2) with d1/x^2 = |M|_*/c^2 = d2/y^2',
    on: {
      instances: design({ ...networks, accepts: apart }),
      check(_, instance) {
        const M = matrix(instance.M);
        return traces(M, flattestLayers(M), equal);
      },
    },
  },
  source: 'our proof',
  proof: 'deep-flattest',
  items: ['10.4'],
  instances: design(minima),
  check: (_, instance) => traces(deepProduct(layersOf(instance)), layersOf(instance), atLeast),
};

export const balancedNotFlattest: Claim<Deep> = {
  id: 'deep/balanced-is-flattest',
  statement:
    'Among the minima of a network of three layers of square shape those whose neighbouring layers are balanced have the least trace of the Hessian, as they have for two layers.',
  formula: String.raw`X = US^{1/3},\ C = S^{1/3},\ Y = VS^{1/3}:\quad \mathrm{tr}\,\nabla^2F = 3\,(d_1d_2)^{1/3}\,\|M\|_*^{4/3}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [NONE],
  bound: 'equality',
  source: 'what depth two suggests; our counterexample',
  proof: 'deep-flattest',
  items: ['10.4'],
  expected: 'refuted',
  instances: design({ ...networks, size: { d1: [2, 4], d2: [2, 4], k: [1, 2] }, accepts: apart }),
  check(_, instance) {
    const M = matrix(instance.M);
    return traces(M, spectralLayers(M, [1 / 3, 1 / 3, 1 / 3], [1, 1, 1]), equal);
  },
};
