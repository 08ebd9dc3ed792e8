/** Anti-PGD (Orvieto et al. 2022) is perturbed gradient descent, seen at the perturbed point. */
import { Matrix } from 'ml-matrix';
import { atStep, claim, equal, firstRefuted, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { design } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { matrix, noiseTape, optionsOf, startOf, iterate, blockSize, type Instance } from '../../model/instance.ts';
import { noisyRuns } from '../../instances/designs.ts';
import { axes } from '../../oracles/cubature.ts';
import { envelope, path, travelled } from '../../oracles/coupling.ts';
import { perturb, stacked, stepFrom } from '../../oracles/formula.ts';
import { referenceDescent } from '../../oracles/reference-descent.ts';
import { stepRounding, u } from '../../oracles/rounding.ts';
import { squaredSize } from '../../oracles/scales.ts';
import {
  antiPerturbedDescent,
  gram,
  penalties,
  perturbedFormOf,
  scriptedNoise,
  type NoiseScales,
  type Solver,
} from '../../../src/index.ts';
import { stepwise } from '../../../src/solvers/stepwise.ts';

/** Adds noise in each step and never takes it back. */
const keepsItsNoise: Solver = ({ noise, ...options }) => {
  const block = new Float64Array(
    options.start.X.rows * options.start.X.columns + options.start.Y.rows * options.start.Y.columns,
  );
  return stepwise(options, (at) => {
    noise!.source.fill(block);
    return perturb(stepFrom(options.target, at, at, options.stepSize), noise!, block);
  });
};

const negative = ({ sigma1, sigma2 }: NoiseScales): NoiseScales => ({ sigma1: -sigma1, sigma2: -sigma2 });

/** W_t - xi_t along the run of Anti-PGD, against perturbed descent whose first step has no noise. */
function* unperturbed(antiPerturbed: Solver, instance: Instance): Generator<Comparison> {
  const block = blockSize(instance);
  const tape = noiseTape(instance, instance.steps);
  const shifted = new Float64Array(tape.length);
  shifted.set(tape.subarray(0, tape.length - block), block);
  const perturbed = referenceDescent(optionsOf(instance, scriptedNoise(shifted)));
  const run = antiPerturbed(optionsOf(instance, scriptedNoise(tape)));
  const points = [...path(perturbed, instance.steps), iterate(perturbed)];
  const errors = [...envelope(instance, shifted, points.slice(0, -1))];
  for (let t = 1; t <= instance.steps; t++) {
    run.advance(1);
    const at = perturb(iterate(run), negative(instance), tape.subarray((t - 1) * block, t * block));
    // It also adds and subtracts noise: two more roundings per step, within the envelope's factor 2.
    const comparison = equal(`W - xi after step ${t}`, stacked(at), stacked(points[t]!), 2 * errors[t]!);
    yield atStep(t, showing(travelled(instance, points[t]!), comparison));
  }
}

const LONGER = 'the noise of the step before is taken back';

export const antiPath = claim({
  id: 'anti-pgd/path',
  statement:
    'Anti-PGD without its present noise is perturbed gradient descent under the noise of the step before, along the whole path.',
  formula: String.raw`W_t = W_{t-1} - \eta\nabla F(W_{t-1}) + \xi_t - \xi_{t-1},\ Z_t = W_t - \xi_t \;\Rightarrow\; Z_{t+1} = Z_t - \eta\nabla F(Z_t + \xi_t)`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(LONGER, (_, instance) => firstRefuted(unperturbed(keepsItsNoise, instance)))],
  source: 'our proof; Orvieto, Kersting, Proske, Bach and Lucchi 2022 (the algorithm; abstract read)',
  proof: 'anti-pgd',
  items: ['9.5'],
  instances: design(noisyRuns([1, 4, 32])),
  check: (_, instance) => firstRefuted(unperturbed(antiPerturbedDescent, instance)),
});

/** The perturbed form in two calls, against perturbed descent under the same noise. */
function sameForm(instance: Instance, antiPerturbed: Solver): Comparison {
  const tape = noiseTape(instance);
  const perturbed = referenceDescent(optionsOf(instance, scriptedNoise(tape)));
  const points = [...path(perturbed, instance.steps), iterate(perturbed)];
  const error = [...envelope(instance, tape, points.slice(0, -1))].at(-1)!;
  const run = perturbedFormOf(antiPerturbed)(optionsOf(instance, scriptedNoise(tape)));
  const first = Math.floor(instance.steps / 2);
  run.advance(first);
  run.advance(instance.steps - first);
  const comparison = equal('(X; Y)', stacked(run), stacked(points.at(-1)!), 2 * error);
  return showing(travelled(instance, points.at(-1)!), comparison);
}

export const antiForm = claim({
  id: 'anti-pgd/perturbed-form',
  statement:
    'An implementation of Anti-PGD that is given the noise of the first step in its start, and the differences to it later, is perturbed gradient descent under the very same noise.',
  formula: String.raw`W_0 = Z_0 + \xi_0,\ \text{noise } \xi_t - \xi_0 \;\Rightarrow\; W_t = Z_t + \xi_t,\ W_T = Z_T \text{ for the noise } -\xi_0 \text{ in the last step}`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [dropping(LONGER, (_, instance) => sameForm(instance, keepsItsNoise))],
  proof: 'anti-pgd',
  items: ['9.5'],
  instances: design(noisyRuns([4, 32])),
  check: (_, instance) => sameForm(instance, antiPerturbedDescent),
});

/** E X'X and E Y'Y of the iterate W after a step, against those of the step without noise and the noise's own. */
function grams(instance: Instance, share: number): Comparison {
  const [target, start, { eta }] = [matrix(instance.M), startOf(instance), instance];
  const r = start.X.columns;
  const [ofX, ofY] = [Matrix.zeros(r, r), Matrix.zeros(r, r)];
  let rounding = 0;
  for (const [point, weight] of axes(blockSize(instance))) {
    const run = antiPerturbedDescent(optionsOf(instance, scriptedNoise(point)));
    run.advance(1);
    ofX.add(gram(run.X).mul(weight));
    ofY.add(gram(run.Y).mul(weight));
    const ofStep = stepRounding(target, start, start, { eta }) + 4 * u * Math.sqrt(squaredSize(run));
    rounding +=
      weight * (2 * Math.sqrt(squaredSize(run)) * ofStep + 4 * (blockSize(instance) + 8) * u * squaredSize(run));
  }
  const { X, Y } = stepFrom(target, start, start, eta);
  const { alpha, beta } = penalties(target, instance);
  const added = (A: Matrix, penalty: number): Matrix => gram(A).add(Matrix.eye(r).mul(share * penalty));
  return worst([
    showing(beta, equal("mean of X'X", ofX, added(X, beta), rounding)),
    showing(alpha, equal("mean of Y'Y", ofY, added(Y, alpha), rounding)),
  ]);
}

const few = (runs: Design<Instance>): Design<Instance> => ({
  ...runs,
  size: { d1: [1, 5], d2: [1, 5], r: [1, 2] },
  excludes: ({ target, rank }) =>
    (target.length + target[0]!.length) * rank > 200 ? 'it averages over 2 (d1 + d2) r points: at most 400' : undefined,
});

export const antiGrams = claim({
  id: 'anti-pgd/gram',
  statement:
    'The Gram matrices of the iterate of Anti-PGD exceed those of perturbed descent by the noise of one step, in the mean.',
  formula: String.raw`E X_W'X_W = E X_Z'X_Z + d_1\sigma_1^2 I,\quad E Y_W'Y_W = E Y_Z'Y_Z + d_2\sigma_2^2 I`,
  kind: 'identity',
  needs: 'theory',
  hypotheses: [
    dropping('noise of mean 0 and variance sigma^2 that is independent of the past', (_, instance) =>
      grams(instance, 5 / 4),
    ),
  ],
  proof: 'anti-pgd',
  items: ['9.5'],
  instances: design(few(noisyRuns([1]))),
  check: (_, instance) => grams(instance, 1),
});
