/** Symmetries of a perturbed step; along a path they hold by induction. */
import type { Matrix } from 'ml-matrix';
import { scriptedNoise } from '../../src/index.ts';
import { matrix, noiseTape, optionsOf, startOf, type Grid, type Instance } from '../model/instance.ts';
import { perturb, stacked } from '../oracles/formula.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { stepRounding } from '../oracles/rounding.ts';
import type { Rows } from './algebra.ts';
import { asDrawn, oneStep, USUAL_SHAPES, withNoise, type Identity, type Shape, type Sides } from './identity.ts';
import {
  loss,
  noiseInputs,
  perturbed,
  problem,
  scalesOf,
  stackedPair,
  stepFrom,
  type Pair,
  type Scales,
} from './problem.ts';
import type { Equation, Setting } from './setting.ts';

/** All that a step depends on. */
interface Inputs<T> {
  readonly M: Rows<T>;
  readonly at: Pair<T>;
  readonly scales: Scales<T>;
  readonly noise: Pair<T>;
  readonly eta: T;
}

const inputs = <T>(a: Setting<T>, shape: Shape): Inputs<T> => ({
  ...problem(a, shape),
  scales: scalesOf(a),
  noise: noiseInputs(a, shape),
  eta: a.number('eta'),
});

const step = <T>(a: Setting<T>, { M, at, scales, noise, eta }: Inputs<T>): Pair<T> =>
  stepFrom(a, M, at, perturbed(a, at, scales, noise.X, noise.Y), eta);

const STEP = '(X; Y) of the transformed problem after step 1';

/** The step of the transformed problem is the transformed step. */
const equivariance = <T>(a: Setting<T>, original: Inputs<T>, image: Inputs<T>, map: (pair: Pair<T>) => Pair<T>) => [
  a.equation(STEP, stackedPair(a, step(a, image)), stackedPair(a, map(step(a, original)))),
];

type SymmetryText = <T>(a: Setting<T>, inputs: Inputs<T>, shape: Shape) => readonly Equation<T>[];

const symmetry = (
  name: string,
  text: SymmetryText,
  extra: (instance: Instance) => object = () => ({}),
  theirs?: Identity['theirs'],
): Identity => ({
  claim: `symmetry/${name}`,
  part: 'one step, from any point and with any noise',
  shapes: USUAL_SHAPES,
  on: (instance) => ({ ...withNoise(instance), ...extra(instance) }),
  seen: oneStep,
  ...(theirs === undefined ? {} : { theirs }),
  text: (a, shape) => text(a, inputs(a, shape), shape),
});

/** The orthogonal matrix that a vector of the instance stands for; I for the vector 0. */
function reflection(instance: Instance, name: 'v' | 'w'): number[][] {
  const v = (instance as Instance & Record<'v' | 'w', number[][]>)[name].map(([entry]) => entry!);
  const square = v.reduce((sum, entry) => sum + entry * entry, 0);
  return v.map((a, i) => v.map((b, j) => (i === j ? 1 : 0) - (square === 0 ? 0 : (2 * a * b) / square)));
}

export const rotation = symmetry(
  'rotation',
  (a, original, { r }) => {
    const Q = a.orthogonal('Q', r);
    const map = (pair: Pair<typeof a.one>) => ({ X: a.times(pair.X, Q), Y: a.times(pair.Y, Q) });
    const image = { ...original, at: map(original.at), noise: map(original.noise) };
    return equivariance(a, original, image, map);
  },
  (instance) => {
    const [V, W] = [matrix(reflection(instance, 'v')), matrix(reflection(instance, 'w'))];
    return { Q: V.mmul(W).to2DArray() };
  },
);

export const bases = symmetry(
  'orthogonal-bases',
  (a, original, { d1, d2 }) => {
    const [P, T] = [a.orthogonal('P', d1), a.orthogonal('T', d2)];
    const map = (pair: Pair<typeof a.one>) => ({ X: a.times(P, pair.X), Y: a.times(T, pair.Y) });
    const M = a.timesTransposed(a.times(P, original.M), T);
    return equivariance(a, original, { ...original, M, at: map(original.at), noise: map(original.noise) }, map);
  },
  (instance) => ({ P: reflection(instance, 'v'), T: reflection(instance, 'w') }),
);

export const transposition = symmetry('transpose', (a, original) => {
  const map = ({ X, Y }: Pair<typeof a.one>) => ({ X: Y, Y: X });
  const scales = { sigma1: original.scales.sigma2, sigma2: original.scales.sigma1 };
  const image = {
    M: a.transposed(original.M),
    at: map(original.at),
    scales,
    noise: map(original.noise),
    eta: original.eta,
  };
  return equivariance(a, original, image, map);
});

/** With c = g^2 for every g, not only for c = 4. */
export const scaling = symmetry(
  'scaling',
  (a, original) => {
    const g = a.number('g');
    const c = a.square(g);
    const map = ({ X, Y }: Pair<typeof a.one>) => ({ X: a.scaled(g, X), Y: a.scaled(g, Y) });
    const { M, at, noise, eta } = original;
    const scales = { sigma1: a.product(g, original.scales.sigma1), sigma2: a.product(g, original.scales.sigma2) };
    const image = { M: a.scaled(c, M), at: map(at), scales, noise, eta: a.product(eta, a.inverse(c)) };
    return equivariance(a, original, image, map);
  },
  () => ({ g: 2 }),
  scaledSteps,
);

/**
 * Steps of the reference: the compared quantity is exact from the start on, so that the claim's check returns the start.
 */
function scaledSteps(instance: Instance): Sides {
  const { M, X0, Y0, eta, sigma1, sigma2 } = instance;
  const times = (grid: Grid, factor: number): Grid => matrix(grid).mul(factor).to2DArray();
  const scales = { sigma1: 2 * sigma1, sigma2: 2 * sigma2, eta: eta / 4 };
  const image = { ...instance, ...scales, M: times(M, 4), X0: times(X0, 2), Y0: times(Y0, 2) };
  const after = (of: Instance): Matrix => {
    const run = referenceDescent(optionsOf(of, scriptedNoise(noiseTape(instance))));
    run.advance(1);
    return stacked(run);
  };
  const start = startOf(instance);
  const rounding = stepRounding(matrix(M), start, perturb(start, instance, noiseTape(instance)), instance);
  return { what: STEP, lhs: after(image), rhs: after(instance).mul(2), tolerance: 2 * rounding };
}

export const objective: Identity = {
  claim: 'symmetry/objective',
  shapes: USUAL_SHAPES,
  on: (instance) => ({ ...asDrawn(instance), A: stretching(instance) }),
  text(a, shape) {
    const [{ M, at }, A] = [problem(a, shape), a.matrix('A', shape.r, shape.r)];
    const stretched = { X: a.times(at.X, A), Y: a.timesTransposed(at.Y, a.inverseOf(A)) };
    return [a.equality('F(XA, Y A^-T)', loss(a, M, stretched), loss(a, M, at))];
  },
};

/** (I + N) D: N is the part of S above the diagonal, D has the powers of two with the exponents on its diagonal. */
function stretching(instance: Instance): number[][] {
  const { S } = instance as Instance & { S: number[][] };
  const D = S.map((row, k) => 2 ** row[k]!);
  return S.map((row, k) => row.map((entry, l) => (l > k ? entry : l === k ? 1 : 0) * D[l]!));
}
