/** Steps under noise on both factors, at many places of the path, in units in which they are uncorrelated (docs/theory/noise.md#step-covariance). */
import { LARGE } from '../../generate/design.ts';
import type { Design } from '../../model/draft.ts';
import { shortRun, startGrids, stepPicks, targetGrids, targetPicks } from '../../instances/designs.ts';
import { lengthOf, pick, sometimesLong } from '../../instances/lengths.ts';
import { blockSize, iterate, matrix, optionsOf, type Grid, type Instance } from '../../model/instance.ts';
import type { Sample } from './white-samples.ts';
import { powerOfTwoAtMost, squaredSize } from '../../oracles/scales.ts';
import { StepLaw, type Entry } from './whitening.ts';
import { residual, type Descent, type Factors, type NoiseSource, type Solver } from '../../../src/index.ts';
import { norm } from '../../../src/linear-algebra/matrices.ts';

/** First `settling` steps; then `earlier` steps in one call, and `steps` steps one by one. */
export type Placed = Instance & { settling: number; earlier: number };

/** Factors of unlike sizes, at the start or later in the run, early and late. */
export const placed: Design<Placed> = {
  grids: { ...targetGrids, ...startGrids },
  large: LARGE,
  picks: {
    ...targetPicks,
    ...stepPicks,
    sigma1: [1 / 4, 1 / 8, 1 / 2, 1 / 64],
    sigma2: [1 / 4, 1 / 8, 1 / 2, 1 / 64],
    ofX: [1, 1 / 8, 4],
    ofY: [1, 1 / 8, 4],
    settling: [0, 0, 64, 2048],
    earlier: sometimesLong(2),
  },
  between: ['earlier', 'settling'],
  accepts: ({ grids }) => ['X0', 'Y0'].every((name) => grids[name]!.flat().some((entry) => entry !== 0)),
  complete(draft) {
    const times = (name: string, factor: number): Grid => draft.grids[name]!.map((row) => row.map((x) => factor * x));
    const start = { X0: times('X0', pick(draft, 'ofX')), Y0: times('Y0', pick(draft, 'ofY')) };
    const run = shortRun({ ...draft, grids: { ...draft.grids, ...start } });
    const looked = Math.min(LOOKED_AT, blockSize(run));
    const steps = looked < LOOKED_AT / 2 ? 512 : 1024;
    return { ...run, steps, settling: pick(draft, 'settling'), earlier: lengthOf(draft, 'earlier') };
  },
};

/** Entries that are looked at, at most. */
const LOOKED_AT = 48;

/** Entries of both factors: all, or at most `most`, evenly spaced from a random first one. */
function entriesOf({ X0, Y0, seed }: Instance, most = LOOKED_AT): Entry[] {
  const of = (grid: Grid, ofX: boolean): Entry[] =>
    grid.flatMap((line, row) => line.map((_, column) => ({ ofX, row, column })));
  const all = [...of(X0, true), ...of(Y0, false)];
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, i) => all[(Math.floor((i * all.length) / count) + seed) % all.length]!);
}

/** Steps in units of their covariance; and the sum of the steps of the call before them, over the root of their number. */
export interface WhiteSteps {
  readonly sample: Sample;
  readonly call?: Float64Array;
}

export function whiteSteps(solver: Solver, instance: Placed, source: NoiseSource): WhiteSteps {
  const { settling, earlier, steps } = instance;
  const { start } = optionsOf(instance, source);
  const place = settling === 0 ? start : advanced(solver(optionsOf(instance, source)), settling);
  const slow = { ...instance, eta: stillStep(instance, place) };
  const law = lawOf(slow);
  const descent = solver({ ...optionsOf(slow, source), start: place });
  const beginning = seen(law, place);
  if (earlier > 0) descent.advance(earlier);
  const look = earlier === 0 ? beginning : seen(law, descent);
  law.prepare();
  const call = earlier === 0 ? undefined : law.whiten(ofCall(beginning, look, earlier));
  const sample = sampleOf(descent, law, look, steps);
  return call === undefined ? { sample } : { sample, call };
}

/** The distribution of the instance's steps, in all entries or in the chosen ones. */
export const lawOf = (instance: Instance, most?: number): StepLaw =>
  new StepLaw(matrix(instance.M), instance.X0[0]!.length, instance, entriesOf(instance, most));

/** The chosen entries of an iterate, and their mean change in a step. */
export interface Look {
  readonly values: Float64Array;
  readonly drift: Float64Array;
}

/** The quantities of the law at an iterate, in the arrays of an earlier look if one is given. */
export const seen = (law: StepLaw, at: Factors, look?: Look): Look => ({
  values: law.see(at, look?.values),
  drift: law.drift(look?.drift),
});

/** The deviation of a step from its mean, written into the values of `before`. */
export function deviation(before: Look, after: Look): Float64Array {
  const { values, drift } = before;
  for (let i = 0; i < values.length; i++) values[i] = after.values[i]! - values[i]! - drift[i]!;
  return values;
}

/** The next `steps` steps, whitened; `first` is overwritten. Two looks take turns: there are up to a thousand. */
function sampleOf(descent: Descent, law: StepLaw, first: Look, steps: number): Sample {
  const columns = first.values.length;
  const entries = new Float64Array(steps * columns);
  let [before, spare]: [Look, Look | undefined] = [first, undefined];
  for (let t = 0; t < steps; t++) {
    descent.advance(1);
    const after = seen(law, descent, spare);
    entries.set(law.whiten(deviation(before, after)), t * columns);
    [before, spare] = [after, before];
  }
  return { rows: steps, columns, entries };
}

/** Copies of the iterate after `steps` more steps. */
function advanced(descent: Descent, steps: number): Factors {
  descent.advance(steps);
  return iterate(descent);
}

/** So little of a time constant that the covariance hardly changes over the steps, and the mean over the call before them. */
const [STILL, SLOW] = [2 ** -10, 2 ** -8] as const;

function stillStep({ M, sigma1, sigma2, earlier, steps }: Placed, place: Factors): number {
  const noise = place.X.columns * (place.X.rows * sigma1 ** 2 + place.Y.rows * sigma2 ** 2);
  const rate = squaredSize(place) + norm(residual(matrix(M), place)) + 2 * noise;
  return powerOfTwoAtMost(Math.min(STILL / steps, SLOW / (earlier + steps)) / rate);
}

/** The same for a call, over the root of its steps; along it the drift changes by little, and evenly. */
const ofCall = (before: Look, after: Look, steps: number): Float64Array =>
  before.values.map((value, i) => {
    const drift = (steps / 2) * (before.drift[i]! + after.drift[i]!);
    return (after.values[i]! - value - drift) / Math.sqrt(steps);
  });
