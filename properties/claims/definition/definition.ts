/** The definition of a step. */
import { Matrix } from 'ml-matrix';
import { atStep, claim, equal, firstRefuted, holds, showing, type Comparison } from '../../model/claim.ts';
import { design, LARGE } from '../../generate/design.ts';
import type { Design, Draft } from '../../model/draft.ts';
import { shortRun, shortRuns } from '../../instances/designs.ts';
import { lengthOf, pick, slowed, sometimesLong } from '../../instances/lengths.ts';
import { inUnits } from '../../instances/units.ts';
import { pairDistance, perturb, stacked, stepFrom } from '../../oracles/formula.ts';
import {
  blockSize,
  iterate,
  matrix,
  noiseOf,
  noiseTape,
  optionsOf,
  startOf,
  type Grid,
  type Instance,
} from '../../model/instance.ts';
import { conversion, stepRounding } from '../../oracles/rounding.ts';
import { USUAL } from '../../model/labels.ts';
import { norm, type Factors, type NoiseSource, type Solver } from '../../../src/index.ts';

/** `earlier`: steps that are taken at once before the ones that are looked at. */
type Late = Instance & { earlier: number };

const usual = shortRuns([1, 2, 4, 16, 64, 256, 1024]);

/** Late in a run few steps are looked at; they are small enough to be on the way still, or under noise of any size. */
const lateSteps: Design<Late> = {
  ...usual,
  large: LARGE,
  picks: { ...usual.picks, earlier: sometimesLong(2), tied: [0, 0, 0, 0, 0, 0, 0, 1] },
  between: ['steps', 'earlier'],
  complete(draft) {
    const [run, earlier] = [startedAt(draft), lengthOf(draft, 'earlier')];
    if (earlier === 0) return { ...run, earlier };
    const steps = Math.min(run.steps, FEW);
    const isAtRest = (run.sigma1 === 0 && run.sigma2 === 0) || draft.picks['slow'] !== 1;
    return { ...(isAtRest ? slowed(run, earlier) : run), steps, earlier };
  },
};

/** The drawn run; if it is tied, all columns of either factor's start equal the first one. */
function startedAt(draft: Draft): Instance {
  const run = shortRun(draft);
  if (pick(draft, 'tied') === 0) return run;
  const tied = (A: Grid): Grid => A.map((row) => row.map(() => row[0]!));
  return { ...run, X0: tied(run.X0), Y0: tied(run.Y0) };
}

/** Steps that are looked at late in a run. */
const FEW = 16;

/**
 * Compares every step of a run with the formula, from the solver's own iterate before it; yields each comparison that
 * is worse than all before.
 */
function* steps(solver: Solver, instance: Late): Generator<Comparison> {
  const { eta, earlier } = instance;
  const tape = noiseTape(instance);
  const target = matrix(instance.M);
  const size = blockSize(instance);
  const descent = solver(optionsOf(instance, after(noiseOf(instance, 'earlier'), earlier * size, tape)));
  const start = stacked(startOf(instance));
  const lost = conversion(instance) * norm(start);
  yield atStep(0, showing(norm(start), equal('(X; Y) before the first step', stacked(iterate(descent)), start, lost)));
  if (earlier > 0) descent.advance(earlier);
  let before = iterate(descent);
  let [least, farthest] = [Infinity, 0];
  for (let t = 0; t < instance.steps; t++) {
    descent.advance(1);
    const now = iterate(descent);
    const perturbed = perturb(before, instance, tape.subarray(t * size, (t + 1) * size));
    const expected = stepFrom(target, before, perturbed, eta);
    const tolerance = stepRounding(target, before, perturbed, instance);
    const slack = 1 - pairDistance(now, expected) / tolerance;
    farthest = Math.max(farthest, pairDistance(expected, before));
    // Comparison in words is built only for steps that are reported: a run has many others.
    if (!(slack >= least)) {
      least = slack;
      const number = earlier + t + 1;
      const found = equal(`(X; Y) after step ${number}`, stacked(now), stacked(expected), tolerance);
      const quantities = holds(found) ? found.quantities : inputs(number, before, perturbed);
      yield atStep(number, showing(farthest, { ...found, quantities }));
    }
    before = now;
  }
}

/** The first `count` numbers of the source, then those of the tape. */
function after(source: NoiseSource, count: number, tape: Float64Array): NoiseSource {
  let used = 0;
  return {
    fill(out) {
      const ofSource = Math.min(out.length, Math.max(0, count - used));
      if (ofSource > 0) source.fill(out.subarray(0, ofSource));
      const from = used + ofSource - count;
      if (ofSource < out.length) out.set(tape.subarray(from, from + out.length - ofSource), ofSource);
      used += out.length;
    },
  };
}

/** The numbers from which a reader can compute the right side of step t. */
const inputs = (t: number, at: Factors, perturbed: Factors): Comparison['quantities'] => ({
  ...(t === 1 ? {} : { 'X before': at.X, 'Y before': at.Y }),
  xi1: Matrix.sub(perturbed.X, at.X),
  xi2: Matrix.sub(perturbed.Y, at.Y),
});

export const step = claim<Late>({
  id: 'definition/step',
  statement:
    'A run begins at its start, and every step moves the unperturbed iterate along the negative gradient at the perturbed point of this step.',
  formula: String.raw`X^+ = X - \eta(\tilde X\tilde Y' - M)\tilde Y,\quad Y^+ = Y - \eta(\tilde X\tilde Y' - M)'\tilde X`,
  kind: 'identity',
  needs: 'coupling',
  source: 'Liu et al. 2021 (the algorithm)',
  proof: 'setting',
  items: ['1.1'],
  covers: USUAL,
  instances: design(inUnits(lateSteps)),
  check: (solver, instance) => firstRefuted(steps(solver, instance)),
});
