/** Guarantees of the contract on which every caller of a solver relies. */
import type { Matrix } from 'ml-matrix';
import { claim, equal, showing, worst, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { envelope, path, travelled } from '../../oracles/coupling.ts';
import { design, LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, shortRuns, startGrids, targetGrids } from '../../instances/designs.ts';
import { perturb, stacked, stepFrom } from '../../oracles/formula.ts';
import { inUnits } from '../../instances/units.ts';
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
import { stepRounding } from '../../oracles/rounding.ts';
import { ProtocolError, SolverFault } from '../../run/guard.ts';
import { USUAL } from '../../model/labels.ts';
import { norm, scriptedNoise, type Descent, type Factors, type Solver } from '../../../src/index.ts';

const PAPER = 'contract of the solver (src/contract.ts)';

export const inputUntouched = claim({
  id: 'contract/input-untouched',
  statement: 'A run does not modify its target and its start.',
  formula: String.raw`M,\ X_0,\ Y_0 \text{ after } T \text{ steps} = M,\ X_0,\ Y_0 \text{ before}`,
  kind: 'identity',
  needs: 'law',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  unrounded: true,
  covers: USUAL,
  instances: design(inUnits({ ...shortRuns([1, 2, 16]), large: LARGE })),
  check(solver, instance) {
    const options = optionsOf(instance, scriptedNoise(noiseTape(instance)));
    solver(options).advance(instance.steps);
    const given = startOf(instance);
    return worst([
      equal('M', options.target, matrix(instance.M), 0),
      equal('X0', options.start.X, given.X, 0),
      equal('Y0', options.start.Y, given.Y, 0),
    ]);
  },
});

type Paired = Instance & { X1: Instance['X0']; Y1: Instance['Y0']; other: number };

/** `other`: the other descent has the same shapes (0), transposed ones (1), or one column (2). */
const pairs: Design<Paired> = {
  ...shortRuns([1, 2, 8]),
  large: LARGE,
  grids: { ...targetGrids, ...startGrids, X1: startGrids.X0, Y1: startGrids.Y0 },
  picks: { ...shortRuns([1, 2, 8]).picks, other: [0, 1, 2] },
  complete: (draft) => ({
    ...shortRun(draft),
    X1: draft.grids['X1']!,
    Y1: draft.grids['Y1']!,
    other: draft.picks['other'] ?? 0,
  }),
};

export const noSharedState = claim<Paired>({
  id: 'contract/no-shared-state',
  statement: 'A run does not depend on other runs that are started and advanced in between.',
  formula: String.raw`(X_t, Y_t) \text{ interleaved with another descent} = (X_t, Y_t) \text{ alone}`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [dropping('the same noise in both runs', (s, i) => interleaved(s, i, otherNoise(i)))],
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(inUnits(pairs, ['X1', 'Y1'])),
  check: (solver, instance) => interleaved(solver, instance, noiseTape(instance)),
});

/** Another stretch of noise than `noiseTape`. */
const otherNoise = (instance: Instance): Float64Array => noiseTape(instance, instance.steps, 'other noise');

/** The run in turns with others, under its own noise, against the same run alone under the instance's. */
function interleaved(solver: Solver, instance: Paired, noise: Float64Array): Comparison {
  const tape = noiseTape(instance);
  const alone = solver(optionsOf(instance, scriptedNoise(tape)));
  alone.advance(instance.steps);
  const expected = iterate(alone);
  const other = othersOf(instance);
  // Each of the two runs as it would alone.
  solver(optionsOf(other, noiseOf(instance, 'between'))).advance(instance.steps);
  const together = besides(() => inTurns(solver, instance, other, noise));
  const tolerance = finalEnvelope(solver, instance, tape);
  return showing(travelled(instance, expected), equal('(X; Y)', together, stacked(expected), tolerance));
}

/** The last iterate of a run that takes turns with another one. */
function inTurns(solver: Solver, instance: Instance, other: Instance, noise: Float64Array): Matrix {
  const together = solver(optionsOf(instance, scriptedNoise(noise)));
  const begin = (): Descent => solver(optionsOf(other, noiseOf(instance, 'between')));
  let between = begin();
  for (let t = 0; t < instance.steps; t++) {
    together.advance(1);
    between.advance(1 + (t % 3));
    if (t === 3) between = begin();
  }
  return stacked(iterate(together));
}

/** A fault that occurs only while another descent is under way is a wrong answer: state is shared. */
function besides<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SolverFault) || error.cause instanceof ProtocolError) throw error;
    throw new SolverFault(`${error.message}, but only while another descent is under way`, { wrongAnswer: true });
  }
}

/** The other descent's steps are tiny, so that it stays finite from every start. */
function othersOf({ X1, Y1, ...instance }: Paired): Instance {
  const eta = instance.eta / 64;
  if (instance.other === 0) return { ...instance, X0: X1, Y0: Y1, eta };
  if (instance.other === 1) return { ...instance, M: matrix(instance.M).transpose().to2DArray(), X0: Y1, Y0: X1, eta };
  const first = (A: Grid): Grid => A.map((row) => [row[0]!]);
  return { ...instance, X0: first(X1), Y0: first(Y1), eta };
}

/** Bound on the rounding difference at the end of the instance's run. */
function finalEnvelope(solver: Solver, instance: Instance, tape: Float64Array): number {
  const alone = solver(optionsOf(instance, scriptedNoise(tape)));
  return [...envelope(instance, tape, path(alone, instance.steps))].at(-1)!;
}

const late: Design<Instance> = {
  ...shortRuns([1, 2, 5, 12]),
  large: LARGE,
  picks: { ...shortRuns([1, 2, 5, 12]).picks, sigma2: [1 / 2, 1 / 4] },
};

export const freshNoise = claim({
  id: 'contract/fresh-noise',
  statement:
    'The noise of a step acts in that step: another block of noise changes nothing before it, and changes the step by the formula.',
  formula: String.raw`X_t - X_t^\circ = -\eta\,[\nabla F(X_{t-1}+\xi_t) - \nabla F(X_{t-1}+\xi_t^\circ)]`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    dropping(
      'two runs whose noise differs in the last block only',
      { ...late, picks: { ...late.picks, steps: [2, 5, 12] } },
      (s, i) => lastBlock(s, i, 0),
    ),
  ],
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(inUnits(late)),
  check: (solver, instance) => lastBlock(solver, instance, instance.steps - 1),
});

/** Two runs whose noise differs from step `first` on. */
function lastBlock(solver: Solver, instance: Instance, first: number): Comparison {
  const { M, eta, steps } = instance;
  const [target, block] = [matrix(M), blockSize(instance)];
  const tape = noiseTape(instance);
  const changed = tape.slice();
  const last = changed.subarray((steps - 1) * block);
  for (let t = first; t < steps; t++) changed.set(noiseTape(instance, 1, `another block ${t}`), t * block);
  const run = (noise: Float64Array): [Factors, Factors] => {
    const descent = solver(optionsOf(instance, scriptedNoise(noise)));
    descent.advance(steps - 1);
    const before = iterate(descent);
    descent.advance(1);
    return [before, iterate(descent)];
  };
  const [before, after] = run(tape);
  const [sameBefore, otherAfter] = run(changed);
  const one = perturb(before, instance, tape.subarray((steps - 1) * block));
  const other = perturb(before, instance, last);
  const predicted = stacked(stepFrom(target, before, other, eta)).sub(stacked(stepFrom(target, before, one, eta)));
  const tolerance = stepRounding(target, before, one, instance) + stepRounding(target, before, other, instance);
  const change = stacked(otherAfter).sub(stacked(after));
  return worst([
    equal(`(X; Y) after step ${steps - 1}, before the blocks differ`, stacked(sameBefore), stacked(before), 0),
    showing(norm(predicted), equal(`change of (X; Y) in step ${steps}`, change, predicted, tolerance)),
  ]);
}
