/** What a step is. */
import { Matrix } from 'ml-matrix';
import { atStep, equal, firstRefuted, holds, NONE, type Claim, type Evidence } from '../claim.ts';
import { design } from '../design.ts';
import { shortRuns } from '../instances/designs.ts';
import { pairDistance, perturb, stacked, stepFrom } from '../oracles/formula.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, type Instance } from '../instance.ts';
import { stepRounding } from '../oracles/rounding.ts';
import { USUAL } from '../judging/labels.ts';
import { scriptedNoise, type Factors, type Solver } from '../../src/index.ts';

/** Every step of a run against the formula, from where the solver itself was before it; of these the ever worse ones. */
function* steps(solver: Solver, instance: Instance): Generator<Evidence> {
  const { eta } = instance;
  const tape = noiseTape(instance);
  const target = matrix(instance.M);
  const size = blockSize(instance);
  const descent = solver(optionsOf(instance, scriptedNoise(tape)));
  let before = iterate(descent);
  let least = Infinity;
  for (let t = 0; t < instance.steps; t++) {
    descent.advance(1);
    const after = iterate(descent);
    const perturbed = perturb(before, instance, tape.subarray(t * size, (t + 1) * size));
    const expected = stepFrom(target, before, perturbed, eta);
    const tolerance = stepRounding(target, before, perturbed, eta);
    const slack = 1 - pairDistance(after, expected) / tolerance;
    // Steps are many, and all but a few are told of nowhere.
    if (!(slack >= least)) {
      least = slack;
      const found = equal(`(X; Y) after step ${t + 1}`, stacked(after), stacked(expected), tolerance);
      yield atStep(t + 1, holds(found) ? found : { ...found, quantities: inputs(t + 1, before, perturbed) });
    }
    before = after;
  }
}

/** What a reader needs to work out the right side of step t. */
const inputs = (t: number, at: Factors, perturbed: Factors): Evidence['quantities'] => ({
  ...(t === 1 ? {} : { 'X before': at.X, 'Y before': at.Y }),
  xi1: Matrix.sub(perturbed.X, at.X),
  xi2: Matrix.sub(perturbed.Y, at.Y),
});

export const step: Claim = {
  id: 'definition/step',
  statement: 'Every step moves the unperturbed iterate along the gradient at the point that this step perturbs.',
  formula: String.raw`X^+ = X - \eta(\tilde X\tilde Y' - M)\tilde Y,\quad Y^+ = Y - \eta(\tilde X\tilde Y' - M)'\tilde X`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [NONE],
  bound: 'equality',
  source: 'Liu et al. 2021 (the algorithm)',
  proof: 'setting',
  items: ['1.1'],
  covers: USUAL,
  instances: design(shortRuns([1, 2, 4, 16, 64, 256, 1024, 4096])),
  check: (solver, instance) => firstRefuted(steps(solver, instance)),
};
