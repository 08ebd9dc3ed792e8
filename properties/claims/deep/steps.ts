/** Linear networks of three layers: quantities that a step and the flow conserve. */
import { Matrix } from 'ml-matrix';
import { atStep, claim, equal, firstRefuted, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { moderate } from '../../instances/large-targets.ts';
import { design } from '../../generate/design.ts';
import { matrix, noiseOf } from '../../model/instance.ts';
import { u } from '../../oracles/rounding.ts';
import { deepFlowFor, deepFlowStep, EXACT_ORDER } from './flow.ts';
import { deepGradient, deepPerturbedDescent, gram, norm } from '../../../src/index.ts';
import { outerGram } from '../../../src/linear-algebra/geometry.ts';
import { plus } from '../../../src/linear-algebra/matrices.ts';
import { away, largest, start, type Layers, layerRounding, layersOf, networks, SOURCE, type Deep } from './networks.ts';

/** L_j'L_j - L_{j+1}L_{j+1}' for neighbouring layers: X'X - CC' and C'C - Y'Y. */
const imbalances = (layers: Layers): Matrix[] =>
  layers.slice(1).map((next, j) => gram(layers[j]!).sub(outerGram(next)));

/** A step function; by default the descent of src. */
type Step = (instance: Deep, at: Layers) => Layers;

const ourStep: Step = (instance, at) => {
  const descent = deepPerturbedDescent(start(instance, at));
  descent.advance(1);
  return descent.layers;
};

function* imbalanceLaws(instance: Deep, step: Step): Generator<Comparison> {
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

/** Each layer steps with the layers before it already moved. */
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

export const step = claim<Deep>({
  id: 'deep/step',
  statement:
    'In a linear network of three layers a step of gradient descent changes the imbalance of neighbouring layers by terms of second order only, exactly.',
  formula: String.raw`W = XCY':\quad \Delta(X'X - CC') = \eta^2\,(G_X'G_X - G_CG_C'),\quad \Delta(C'C - Y'Y) = \eta^2\,(G_C'G_C - G_Y'G_Y)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    { text: 'no noise', ablation: lawWith(noisily) },
    { text: 'all layers step from the same point', ablation: lawWith(oneAfterTheOther) },
    { text: 'the same step size for all layers', ablation: lawWith(unevenly) },
  ],
  source: SOURCE,
  proof: 'deep',
  items: ['10.3'],
  instances: design(networks),
  check: (_, instance) => firstRefuted(imbalanceLaws(instance, ourStep)),
});

const FLOW_STEPS = 4;

/** Both imbalances after a few steps of the flow of this order, against those of the start. */
function alongFlow(instance: Deep, order: number): Comparison {
  const target = matrix(instance.M);
  const first = layersOf(instance);
  const terms = target.rows + target.columns + 2 * first[0]!.columns + 8;
  let [at, rounding] = [first, 0];
  for (let t = 0; t < FLOW_STEPS; t++) {
    at = deepFlowFor(target, at, deepFlowStep(target, at), order);
    rounding += 16 * terms * u * (largest(at) ** 2 + norm(target) ** (2 / 3));
  }
  const [was, is] = [imbalances(first), imbalances(at)];
  return worst([equal("X'X - C C'", is[0]!, was[0]!, rounding), equal("C'C - Y'Y", is[1]!, was[1]!, rounding)]);
}

export const flow = claim<Deep>({
  id: 'deep/flow',
  statement:
    'Gradient flow of a linear network of three layers conserves the imbalance of neighbouring layers exactly.',
  formula: String.raw`\dot X = -G_X,\ \dot C = -G_C,\ \dot Y = -G_Y \;\Rightarrow\; X'X - CC',\ C'C - Y'Y = \text{const}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('steps of the flow, not of gradient descent', { ...networks, accepts: away }, (_, instance) =>
      alongFlow(instance, 1),
    ),
  ],
  source: 'Du, Hu and Lee 2018, Arora, Cohen and Hazan 2018 (abstracts); our proof',
  proof: 'deep',
  items: ['10.3'],
  instances: design(moderate(networks)),
  check: (_, instance) => alongFlow(instance, EXACT_ORDER),
});
