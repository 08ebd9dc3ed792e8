/** Guarantees of the contract for calls of `advance` of any length. */
import { equal, NONE, showing, worst, type Claim, type Comparison } from '../../model/claim.ts';
import { dropping } from '../../generate/dropping.ts';
import { envelope, path, travelled } from '../../oracles/coupling.ts';
import { longRounding } from '../../oracles/long-runs.ts';
import { design } from '../../generate/design.ts';
import { inParts, LONG, partsOf, slowInParts, type InParts } from './call-instances.ts';
import { sometimesLong } from '../../instances/lengths.ts';
import { inUnits } from '../../instances/units.ts';
import { stacked } from '../../oracles/formula.ts';
import {
  blockSize,
  iterate,
  matrix,
  noiseOf,
  noiseTape,
  optionsOf,
  startOf,
  type Instance,
} from '../../model/instance.ts';
import { noiseSeed } from '../../model/seeds.ts';
import { USUAL } from '../../model/labels.ts';
import { rademacherNoise, scriptedNoise, type Descent, type NoiseSource, type Solver } from '../../../src/index.ts';

const ours = { source: 'contract of the solver (src/contract.ts)', proof: 'contract', items: ['1.2'] } as const;

export const advanceAdds: Claim<InParts> = {
  id: 'contract/advance-adds',
  statement:
    'Advancing by a and then by b steps equals advancing by a + b steps, and reading the factors in between changes nothing.',
  formula: String.raw`\mathrm{advance}(a);\ \mathrm{advance}(b) \;=\; \mathrm{advance}(a+b)`,
  kind: 'identity',
  needs: 'coupling',
  hypotheses: [dropping('the same noise in both runs', (s, i) => cut(s, i, sourceOf(i, 'other noise')))],
  bound: 'equality',
  ...ours,
  covers: USUAL,
  instances: design(inUnits(slowInParts)),
  check: (solver, instance) => cut(solver, instance, sourceOf(instance)),
};

/** The numbers of a run; those of a long one are bounded. */
const sourceOf = (instance: Instance, purpose = 'noise'): NoiseSource =>
  instance.steps < LONG
    ? scriptedNoise(noiseTape(instance, instance.steps, purpose))
    : rademacherNoise(noiseSeed(instance, purpose));

/** The run in parts, under the given noise and read in between, against the whole run under the instance's. */
function cut(solver: Solver, instance: InParts, noise: NoiseSource): Comparison {
  const whole = solver(optionsOf(instance, sourceOf(instance)));
  whole.advance(instance.steps);
  const parts = solver(optionsOf(instance, noise));
  let calls = 0;
  for (const part of partsOf(instance)) {
    if (calls < READINGS.length) read(parts, READINGS[calls++]!);
    parts.advance(part);
  }
  const end = iterate(whole);
  const found = equal('(X; Y)', stacked(iterate(parts)), stacked(end), apart(solver, instance));
  return showing(travelled(instance, end), found);
}

/** Which factors are read before each of the first calls, in which order. */
const READINGS = ['X', 'YX', 'Y', '', 'XYYX', 'YYY', 'XX', 'XY'] as const;

function read(descent: Descent, order: (typeof READINGS)[number]): void {
  for (const name of order) void descent[name as 'X' | 'Y'].rows;
}

/** The allowed distance of two runs of the instance at the end, by rounding. */
function apart(solver: Solver, instance: Instance): number {
  if (instance.steps >= LONG) return longRounding(matrix(instance.M), startOf(instance), instance);
  const tape = noiseTape(instance);
  const alone = solver(optionsOf(instance, scriptedNoise(tape)));
  return [...envelope(instance, tape, path(alone, instance.steps))].at(-1)!;
}

/** Counts the numbers that the source gives. */
function counting(source: NoiseSource): NoiseSource & { taken: number } {
  return {
    taken: 0,
    fill(out) {
      this.taken += out.length;
      source.fill(out);
    },
  };
}

export const noiseConsumed: Claim<InParts> = {
  id: 'contract/noise-consumed',
  statement: 'Each step takes (d1 + d2) r normals from the source: both blocks, unless both scales are 0.',
  formula: String.raw`\#\text{normals after } T \text{ steps} = T\,(d_1 + d_2)\,r`,
  kind: 'identity',
  needs: 'injected noise',
  hypotheses: [NONE],
  bound: 'equality',
  ...ours,
  unrounded: true,
  covers: USUAL,
  instances: design({ ...inParts, picks: { ...inParts.picks, long: sometimesLong(4) } }),
  check(solver, instance) {
    const { sigma1, sigma2, eta: stepSize, part, steps } = instance;
    const source = counting(noiseOf(instance));
    const noise = { sigma1, sigma2, source };
    const descent = solver({ target: matrix(instance.M), start: startOf(instance), stepSize, noise });
    const count = (taken: number): Comparison => {
      const due = taken * blockSize(instance);
      const free = sigma1 === 0 && sigma2 === 0 && source.taken === 0;
      return equal(`normals taken in ${taken} steps`, source.taken, free ? 0 : due, 0);
    };
    const first = Math.min(part, steps);
    descent.advance(first);
    const early = count(first);
    descent.advance(steps - first);
    return worst([early, count(steps)]);
  },
};
