/** What everybody who runs a solver relies on. */
import { equal, NONE, worst, type Claim, type Evidence } from '../claim.ts';
import { envelope, path } from '../oracles/coupling.ts';
import { design, type Design } from '../design.ts';
import {
  noisePicks,
  shortRun,
  shortRuns,
  startGrids,
  stepPicks,
  targetGrids,
  targetPicks,
} from '../instances/designs.ts';
import { perturb, stacked, stepFrom } from '../oracles/formula.ts';
import { blockSize, iterate, matrix, noiseTape, optionsOf, startOf, type Instance } from '../instance.ts';
import { stepRounding } from '../oracles/rounding.ts';
import { USUAL } from '../judging/labels.ts';
import { scriptedNoise, type Factors, type NoiseSource, type Solver } from '../../src/index.ts';

const PAPER = 'contract of the solver (src/contract.ts)';

export const inputUntouched: Claim = {
  id: 'contract/input-untouched',
  statement: 'A descent leaves the target and the start that it was given as they were.',
  formula: String.raw`M,\ X_0,\ Y_0 \text{ after } T \text{ steps} = M,\ X_0,\ Y_0 \text{ before}`,
  kind: 'identity',
  needs: 'law',
  hypotheses: [NONE],
  bound: 'equality',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(shortRuns([1, 2, 16])),
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
};

/** Bound on the rounding difference at the end of the instance's run. */
function finalEnvelope(solver: Solver, instance: Instance, tape: Float64Array): number {
  const alone = solver(optionsOf(instance, scriptedNoise(tape)));
  return [...envelope(instance, tape, path(alone, instance.steps))].at(-1)!;
}

type Chunked = Instance & { firstChunk: number };

const chunked: Design<Chunked> = {
  grids: { ...targetGrids, ...startGrids },
  picks: { ...targetPicks, firstChunk: [0, 1, 2, 7], rest: [1, 2, 5, 24], ...noisePicks, ...stepPicks },
  complete(draft) {
    const { firstChunk, rest } = draft.picks as { firstChunk: number; rest: number };
    return { ...shortRun(draft), steps: firstChunk + rest, firstChunk };
  },
};

export const advanceAdds: Claim<Chunked> = {
  id: 'contract/advance-adds',
  statement: 'Advancing by a and then by b steps is advancing by a + b steps.',
  formula: String.raw`\mathrm{advance}(a);\ \mathrm{advance}(b) \;=\; \mathrm{advance}(a+b)`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [{ text: 'the same noise in both runs', without: { check: (s, i) => inParts(s, i, otherNoise(i)) } }],
  bound: 'equality',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(chunked),
  check: (solver, instance) => inParts(solver, instance, noiseTape(instance)),
};

/** Another stretch of noise than `noiseTape`. */
const otherNoise = (instance: Instance): Float64Array => noiseTape(instance, instance.steps, 'other noise');

/** The run in two parts, under its own noise, against the whole run under the instance's. */
function inParts(solver: Solver, instance: Chunked, noise: Float64Array): Evidence {
  const tape = noiseTape(instance);
  const whole = solver(optionsOf(instance, scriptedNoise(tape)));
  whole.advance(instance.steps);
  const parts = solver(optionsOf(instance, scriptedNoise(noise)));
  parts.advance(instance.firstChunk);
  parts.advance(instance.steps - instance.firstChunk);
  return equal('(X; Y)', stacked(iterate(parts)), stacked(iterate(whole)), finalEnvelope(solver, instance, tape));
}

type Paired = Instance & { X1: Instance['X0']; Y1: Instance['Y0'] };

const pairs: Design<Paired> = {
  ...shortRuns([1, 2, 8]),
  grids: { ...targetGrids, ...startGrids, X1: startGrids.X0, Y1: startGrids.Y0 },
  complete: (draft) => ({ ...shortRun(draft), X1: draft.grids['X1']!, Y1: draft.grids['Y1']! }),
};

export const noSharedState: Claim<Paired> = {
  id: 'contract/no-shared-state',
  statement: 'A descent goes the same way whether or not another one, from another start, runs in between.',
  formula: String.raw`(X_t, Y_t) \text{ interleaved with another descent} = (X_t, Y_t) \text{ alone}`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [{ text: 'the same noise in both runs', without: { check: (s, i) => interleaved(s, i, otherNoise(i)) } }],
  bound: 'equality',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(pairs),
  check: (solver, instance) => interleaved(solver, instance, noiseTape(instance)),
};

/** The run in turns with another, under its own noise, against the same run alone under the instance's. */
function interleaved(solver: Solver, instance: Paired, noise: Float64Array): Evidence {
  const tape = noiseTape(instance);
  const alone = solver(optionsOf(instance, scriptedNoise(tape)));
  alone.advance(instance.steps);
  const expected = stacked(iterate(alone));
  const together = solver(optionsOf(instance, scriptedNoise(noise)));
  // The other start's steps are tiny, so that it stays finite wherever it begins.
  const other = { ...instance, X0: instance.X1, Y0: instance.Y1, eta: instance.eta / 64 };
  const between = solver(optionsOf(other, scriptedNoise(noiseTape(instance, instance.steps, 'between'))));
  for (let t = 0; t < instance.steps; t++) {
    together.advance(1);
    between.advance(1);
  }
  return equal('(X; Y)', stacked(iterate(together)), expected, finalEnvelope(solver, instance, tape));
}

/** Counts what passes through. */
function counting(source: NoiseSource): NoiseSource & { taken: number } {
  return {
    taken: 0,
    fill(out) {
      this.taken += out.length;
      source.fill(out);
    },
  };
}

export const noiseConsumed: Claim<Chunked> = {
  id: 'contract/noise-consumed',
  statement: 'Each step takes (d1 + d2) r normals from the source: both blocks, unless both scales are 0.',
  formula: String.raw`\#\text{normals after } T \text{ steps} = T\,(d_1 + d_2)\,r`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [NONE],
  bound: 'equality',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(chunked),
  check(solver, instance) {
    const { sigma1, sigma2, eta: stepSize } = instance;
    const source = counting(scriptedNoise(noiseTape(instance, 2 * instance.steps)));
    const descent = solver({
      target: matrix(instance.M),
      start: startOf(instance),
      stepSize,
      noise: { sigma1, sigma2, source },
    });
    const count = (steps: number): Evidence => {
      const due = steps * blockSize(instance);
      const free = sigma1 === 0 && sigma2 === 0 && source.taken === 0;
      return equal(`normals taken in ${steps} steps`, source.taken, free ? 0 : due, 0);
    };
    descent.advance(instance.firstChunk);
    const first = count(instance.firstChunk);
    descent.advance(instance.steps - instance.firstChunk);
    return worst([first, count(instance.steps)]);
  },
};

const late: Design<Instance> = {
  ...shortRuns([1, 2, 5, 12]),
  picks: { ...shortRuns([1, 2, 5, 12]).picks, sigma2: [1 / 2, 1 / 4] },
};

export const freshNoise: Claim = {
  id: 'contract/fresh-noise',
  statement:
    'The noise of a step enters at that step: another block there, and nothing before changes, and the step changes as the formula says.',
  formula: String.raw`X_t - X_t^\circ = -\eta\,[\nabla F(X_{t-1}+\xi_t) - \nabla F(X_{t-1}+\xi_t^\circ)]`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [
    {
      text: 'two runs whose noise differs in the last block only',
      without: {
        instances: design({ ...late, picks: { ...late.picks, steps: [2, 5, 12] } }),
        check: (s, i) => lastBlock(s, i, 0),
      },
    },
  ],
  bound: 'equality',
  source: PAPER,
  proof: 'contract',
  items: ['1.2'],
  covers: USUAL,
  instances: design(late),
  check: (solver, instance) => lastBlock(solver, instance, instance.steps - 1),
};

/** Two runs whose noise differs from step `first` on. */
function lastBlock(solver: Solver, instance: Instance, first: number): Evidence {
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
  const tolerance = stepRounding(target, before, one, eta) + stepRounding(target, before, other, eta);
  return worst([
    equal(`(X; Y) after step ${steps - 1}, before the blocks differ`, stacked(sameBefore), stacked(before), 0),
    equal(`change of (X; Y) in step ${steps}`, stacked(otherAfter).sub(stacked(after)), predicted, tolerance),
  ]);
}
