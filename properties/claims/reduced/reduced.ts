/** The dimension-free descent is the full one: path-wise under rotated noise, in the moments of a step, and in distribution. */
import { Matrix } from 'ml-matrix';
import { claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { USUAL } from '../../model/labels.ts';
import { noisyRuns } from '../../instances/designs.ts';
import {
  directed,
  fullProblem,
  padded,
  reducedOptions,
  wide,
  type Directed,
  type ReducedSolver,
  type Sided,
  type Wide,
} from '../../instances/dimensions.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, type Instance } from '../../model/instance.ts';
import { blocks } from '../../oracles/cubature.ts';
import { pairDistance, perturb } from '../../oracles/formula.ts';
import {
  drawsOf,
  headOf,
  largestNoise,
  meanAfter,
  sidesOf,
  tailOf,
  upToFive,
  upToTwo,
} from '../../oracles/reduced-moments.ts';
import { frames, inFrames, reducedIn, reducedNormals } from '../../oracles/reduction.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { moments } from '../../oracles/step-law.ts';
import {
  gram,
  norm,
  reducedPerturbedGradientDescent,
  scriptedNoise,
  type Factors,
  type NoiseSource,
  type ReducedOptions,
  type Solver,
} from '../../../src/index.ts';

const right: ReducedSolver = reducedPerturbedGradientDescent;

/** Faulty: the noise of that many further dimensions has d1 - k degrees of freedom. */
const freer = <I extends Wide>(instance: I): I => {
  const r = instance.X0[0]!.length;
  return { ...instance, d1: instance.d1 + r, d2: instance.d2 + r };
};

/** Wrong: sigma1 and sigma2 exchanged. */
const swapped: ReducedSolver = ({ noise, ...options }) =>
  right({ ...options, noise: { ...noise!, sigma1: noise!.sigma2, sigma2: noise!.sigma1 } });

/** Wrong: without the noise on the stored rows of C and E. */
const still: ReducedSolver = ({ noise, ...options }) => {
  const { singularValues, dimensions, start } = options;
  const head = singularValues.length * start.X.columns;
  const { X, Y } = right(options);
  // After the stored rows, the numbers for the other rows, if any, come in a fill of their own.
  const fillsOf = ({ rows, columns }: Matrix, d: number): number[] =>
    rows < d ? [rows * columns, head] : [rows * columns];
  const ends = [...fillsOf(X, dimensions.d1), ...fillsOf(Y, dimensions.d2)];
  let fills = 0;
  const source: NoiseSource = {
    fill(out) {
      noise!.source.fill(out);
      out.fill(0, head, ends[fills++ % ends.length]);
    },
  };
  return right({ ...options, noise: { ...noise!, source } });
};

/** Every step of the solver, in rotated coordinates, against the reduced step with the rotated noise. */
function* coupledSteps(solver: Solver, instance: Instance, reduced: ReducedSolver): Generator<Comparison> {
  const [tape, size, target] = [noiseTape(instance), blockSize(instance), matrix(instance.M)];
  const { sigma1, sigma2, eta } = instance;
  const descent = solver(optionsOf(instance, scriptedNoise(tape)));
  let farthest = 0;
  for (let t = 0; t < instance.steps; t++) {
    const before = iterate(descent);
    descent.advance(1);
    const block = tape.subarray(t * size, (t + 1) * size);
    const normals = {
      X: Matrix.zeros(before.X.rows, before.X.columns),
      Y: Matrix.zeros(before.Y.rows, before.Y.columns),
    };
    const standard = perturb(normals, { sigma1: 1, sigma2: 1 }, block);
    const all = frames(target, before);
    const source = scriptedNoise(reducedNormals(all, standard));
    const run = reduced({ ...reducedIn(all, before), stepSize: eta, noise: { sigma1, sigma2, source } });
    run.advance(1);
    // Rotating into the frames and out of them, and the triangular factors, cost some 16 roundings of a step each.
    const perturbed = perturb(before, instance, block);
    const ours = 63 * stepRounding(target, before, perturbed, { eta });
    const rounding = ours + stepRounding(target, before, perturbed, instance);
    const after = iterate(descent);
    farthest = Math.max(farthest, pairDistance(before, after));
    for (const found of sameBlocks(run, inFrames(all, after), all.singularValues.length, rounding, t + 1))
      yield showing(farthest, found, rounding);
  }
}

function* sameBlocks(found: Factors, want: Factors, k: number, rounding: number, t: number): Generator<Comparison> {
  for (const [name, tail, of] of [
    ['A', "C'C", 'X'],
    ['B', "E'E", 'Y'],
  ] as const) {
    const tolerance = 2 * (norm(found[of]) + norm(want[of])) * rounding;
    yield equal(`${name} after step ${t}`, headOf(found[of], k), headOf(want[of], k), rounding, { t });
    yield equal(`${tail} after step ${t}`, gram(tailOf(found[of], k)), gram(tailOf(want[of], k)), tolerance, { t });
  }
}

const coupled: Design<Instance> = {
  ...noisyRuns([1, 2, 4, 16]),
  excludes: ({ target }) =>
    target.length + target[0]!.length > 32 ? 'it rotates all coordinates: it needs d1 + d2 <= 32' : undefined,
};

export const path = claim({
  id: 'reduced/step',
  statement:
    'In rotated coordinates, and with the same rotation of the noise, a step of the reduced descent is the step of the full one.',
  formula: String.raw`X = UA + U_\perp C:\quad A^+ = A - \eta(\tilde AG_Y - S\tilde B),\ \ C^{+\prime}C^+ = L^{+\prime}L^+,\ \ G_Y = \tilde B'\tilde B + (L_E + Z)'(L_E + Z) + W`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping('the stored rows of C have their noise', (s, i) => worst(coupledSteps(s, i, still))),
    dropping('sigma1 is the scale on X', (s, i) => worst(coupledSteps(s, i, swapped))),
  ],
  proof: 'dimension-free',
  items: ['7.1'],
  covers: USUAL,
  instances: design(coupled),
  check: (solver, instance) => worst(coupledSteps(solver, instance, right)),
});

/** One factor's mean after a reduced step, by a rule over the noise, against the full descent's on the instance. */
function* meansAfter(instance: Sided, reduced: ReducedSolver, run: Sided = instance): Generator<Comparison> {
  const { side } = instance;
  const { problem, draws, moved } = setting(run);
  const sides = sidesOf(reducedOptions(instance, scriptedNoise([])), instance);
  const [k, r] = [problem.singularValues.length, problem.start.X.columns];
  const [ofX, ofY] = side === 0 ? [upToTwo, upToFive] : [upToFive, upToTwo];
  const rule = [...blocks(ofX(draws[0]), ofY(draws[1]))];
  const [head, tail] = [Matrix.zeros(Math.max(k, 1), r), Matrix.zeros(r, r)];
  let weights = 0;
  for (const [point, weight] of rule) {
    const after = stepWith(problem, point, reduced)[side === 0 ? 'X' : 'Y'];
    head.add(headOf(after, k).mul(weight));
    tail.add(gram(tailOf(after, k)).mul(weight));
    weights += Math.abs(weight);
  }
  const want = meanAfter(sides[side === 0 ? 0 : 1], sides[side === 0 ? 1 : 0], problem.singularValues, instance.eta);
  const rounding = (rule.length + STEP) * weights * u * moved;
  yield equal(side === 0 ? 'mean of A' : 'mean of B', head, want.head, rounding);
  yield equal(side === 0 ? "mean of C'C" : "mean of E'E", tail, want.gram, 2 * moved * rounding);
}

/** Roundings in a step of a factor of a few rows: inner products, noise, and Householder's reflections. */
const STEP = 128;

/** The problem, the draws of its step, and a bound on the size of a step's terms over the points of a rule. */
function setting(instance: Wide) {
  const { d1, d2, X0, Y0, eta, sigma1, sigma2 } = instance;
  const problem = reducedOptions(instance, scriptedNoise([]));
  const [k, r] = [problem.singularValues.length, X0[0]!.length];
  const draws = [drawsOf(d1, k, r), drawsOf(d2, k, r)] as const;
  const x = norm(matrix(X0)) + sigma1 * largestNoise(draws[0]);
  const y = norm(matrix(Y0)) + sigma2 * largestNoise(draws[1]);
  const s1 = problem.singularValues[0] ?? 0;
  return { problem, draws, moved: x + y + eta * (x * y + s1) * (x + y) };
}

function stepWith(problem: ReducedOptions, point: Float64Array, reduced: ReducedSolver): Factors {
  const run = reduced({ ...problem, noise: { ...problem.noise!, source: scriptedNoise(point) } });
  run.advance(1);
  return run;
}

export const meanStep = claim<Sided>({
  id: 'reduced/mean-step',
  statement: "In all dimensions, A, B, C'C and E'E have the same means after a reduced step as after a full one.",
  formula: String.raw`E\,C^{+\prime}C^+ = P - \eta(P\Gamma + \Gamma P) + \eta^2E[G_Y(P + (d_1 - k)\sigma_1^2)G_Y],\quad P = C'C,\ \Gamma = EG_Y`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('W has d1 - k - r degrees of freedom', (_, i) => worst(meansAfter(i, right, freer(i)))),
    dropping('the stored rows of C have their noise', (_, i) => worst(meansAfter(i, still))),
    dropping('sigma1 is the scale on X', (_, i) => worst(meansAfter(i, swapped))),
  ],
  proof: 'dimension-free',
  items: ['7.1'],
  instances: design(wide),
  check: (_, instance) => worst(meansAfter(instance, right)),
});

/** The variance of <P, A+> + <Q, B+> after a reduced step, against that of the full one, whose matrices are formed. */
function stepVariance(instance: Directed, reduced: ReducedSolver, run: Directed = instance): Comparison {
  const { P, Q } = instance;
  const { problem, draws, moved } = setting(run);
  const { target, at } = fullProblem(instance);
  const [k, ofX, ofY] = [P.length, matrix(P), matrix(Q)];
  const direction = { X: padded(P, at.X.rows), Y: padded(Q, at.Y.rows) };
  const law = moments(target, at, direction, instance);
  const rule = [...blocks(upToFive(draws[0]), upToFive(draws[1]))];
  const length = Math.hypot(norm(direction.X), norm(direction.Y));
  // The mean is a sum over all entries of the full residual.
  const error = (STEP + target.rows * target.columns) * u * length * moved;
  let [sum, rounding] = [0, 0];
  for (const [point, weight] of rule) {
    const after = stepWith(problem, point, reduced);
    const deviation = headOf(after.X, k).dot(ofX) + headOf(after.Y, k).dot(ofY) - law.mean;
    sum += weight * deviation ** 2;
    rounding += Math.abs(weight) * ((2 * Math.abs(deviation) + error) * error + rule.length * u * deviation ** 2);
  }
  const expected = law.variance;
  return equal('variance of <P, A+> + <Q, B+>', sum, expected, rounding + 64 * u * expected);
}

export const variance = claim<Directed>({
  id: 'reduced/step-variance',
  statement: 'The blocks A and B have after a reduced step the covariance that they have after a full one.',
  formula: String.raw`\mathrm{Var}(\langle P, A^+\rangle + \langle Q, B^+\rangle) = \mathrm{Var}(\langle UP, X^+\rangle + \langle VQ, Y^+\rangle)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('W has d1 - k - r degrees of freedom', (_, i) => stepVariance(i, right, freer(i))),
    dropping('the stored rows of C have their noise', (_, i) => stepVariance(i, still)),
    dropping('sigma1 is the scale on X', (_, i) => stepVariance(i, swapped)),
  ],
  proof: 'dimension-free',
  items: ['7.1'],
  instances: design(directed),
  check: (_, instance) => stepVariance(instance, right),
});
