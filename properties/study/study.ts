/** `study` as a function: measures what an optimiser does. It presumes nothing of the optimiser and refutes nothing. */
import { setImmediate } from 'node:timers/promises';
import { InvalidInput, type Solver } from '../../src/index.ts';
import { guarded, noWatch, type Watch } from '../judging/guard.ts';
import { secondsPerStep } from '../judging/subject.ts';
import { freshSeed } from '../seeds.ts';
import { balance } from './balance.ts';
import type { Experiment, Values } from './experiment.ts';
import { limits } from './limits.ts';
import { errorOfEach, seriesOf, unitsWithin, type Series } from './plan.ts';
import { generated, STEP, type Problem } from './problems.ts';
import { quantityOf, type Quantity } from './quantity.ts';

export const EXPERIMENTS: readonly Experiment[] = [balance, limits];

export interface StudySettings {
  /** The optimiser. */
  readonly solver: Solver;
  /** Minutes that it may take (default 1). */
  readonly minutes?: number;
  /** Units of each experiment, instead of as many as the time allows: then the same seed gives the same study. */
  readonly units?: number;
  /** Whole number below 2^31 (default: fresh). */
  readonly seed?: number;
  /** eta s_1 (default 1/16). */
  readonly step?: number;
  readonly problems?: readonly Problem[];
  readonly experiments?: readonly Experiment[];
  readonly watch?: Watch;
  /** Called with the share that is done and what is under way. */
  readonly onProgress?: (share: number, what: string) => void;
}

export interface Study {
  readonly seed: number;
  /** Independent units of each experiment. */
  readonly units: number;
  /** Seconds that a unit of all experiments on all problems took. */
  readonly secondsPerUnit: number;
  readonly quantities: readonly Quantity[];
}

/** Throws `InvalidInput` where nothing can be measured. */
export async function study(settings: StudySettings): Promise<Study> {
  const { seed = freshSeed(), step = STEP, watch = noWatch, minutes = 1 } = settings;
  const solver = guarded(settings.solver, watch);
  const series = seriesOf(settings.experiments ?? EXPERIMENTS, settings.problems ?? generated(step));
  const units = settings.units ?? affordable(solver, series, minutes, seed);
  const error = errorOfEach(series);
  const began = performance.now();
  const quantities: Quantity[] = [];
  for (const [i, each] of series.entries()) {
    const found: Values[] = [];
    for (let unit = 0; unit < units; unit++) {
      settings.onProgress?.((i + unit / units) / series.length, `${each.problem.name}: ${each.experiment.name}`);
      found.push(each.experiment.unit(solver, each.problem, keyOf(each, seed, unit)));
      await setImmediate();
    }
    const { experiment, problem } = each;
    quantities.push(...experiment.quantities.map((one) => quantityOf(one, problem, found, error)));
  }
  const secondsPerUnit = (performance.now() - began) / 1000 / units;
  return { seed, units, secondsPerUnit, quantities };
}

const keyOf = ({ experiment, problem }: Series, seed: number, unit: number | string): string =>
  `${seed}/study/${problem.name}/${experiment.name}/${unit}`;

/** Units for which there is time: a unit of each series is timed, and its results are not looked at. */
function affordable(solver: Solver, series: readonly Series[], minutes: number, seed: number): number {
  const perStep = secondsPerStep(solver);
  const expected = series.reduce((sum, { experiment, problem }) => sum + experiment.steps(problem), 0) * perStep;
  const seconds = 60 * minutes;
  if (expected > seconds) throw new InvalidInput(tooSlow(expected, minutes));
  const began = performance.now();
  const each = series.map((one) => {
    const start = performance.now();
    one.experiment.unit(solver, one.problem, keyOf(one, seed, 'timing'));
    return (performance.now() - start) / 1000;
  });
  const left = seconds - (performance.now() - began) / 1000;
  const units = unitsWithin(left, each, series);
  if (units === 0)
    throw new InvalidInput(
      tooSlow(
        each.reduce((sum, one) => sum + one, 0),
        minutes,
      ),
    );
  return units;
}

const tooSlow = (seconds: number, minutes: number): string =>
  `one run of each experiment takes about ${Math.ceil(seconds)} s, and ${minutes} minutes are too short for enough of them: give more --minutes`;
