/** What a step is. */
import { equal, NONE, worst, type Claim, type Evidence } from '../claim.ts';
import { design } from '../design.ts';
import { shortRuns } from '../designs.ts';
import { perturb, stacked, stepFrom } from '../formula.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, type Instance } from '../instance.ts';
import { stepRounding } from '../rounding.ts';
import { scriptedNoise, type Solver } from '../../src/index.ts';

/** Every step of a run against the formula, from where the solver itself was before it. */
function* steps(solver: Solver, instance: Instance): Generator<Evidence> {
  const { eta } = instance;
  const tape = noiseTape(instance);
  const target = matrix(instance.M);
  const block = blockSize(instance);
  const descent = solver(optionsOf(instance, scriptedNoise(tape)));
  let before = iterate(descent);
  for (let t = 0; t < instance.steps; t++) {
    descent.advance(1);
    const after = iterate(descent);
    const perturbed = perturb(before, instance, tape.subarray(t * block, (t + 1) * block));
    const expected = stepFrom(target, before, perturbed, eta);
    const tolerance = stepRounding(target, before, perturbed, eta);
    yield equal(`(X; Y) after step ${t + 1}`, stacked(after), stacked(expected), tolerance, { t: t + 1 });
    before = after;
  }
}

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
  instances: design(shortRuns([1, 2, 4, 16, 64, 256, 1024, 4096])),
  check: (solver, instance) => worst(steps(solver, instance)),
};
