/**
 * Do the intervals cover? Many small studies of gradient descent and of perturbed descent are simulated; the true values are medians and
 * shares of far more units, which are independent of those studies.
 */
import { inspect } from '../judging/subject.ts';
import { highestRate } from '../oracles/quantiles.ts';
import { SILENT, type Meter } from '../verify/meter.ts';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import type { Experiment } from './experiment.ts';
import { gradientDescent } from './optimisers.ts';
import { errorOfEach, JOINT_ERROR, seriesOf } from './plan.ts';
import { generated, type Problem } from './problems.ts';
import { fewest } from './intervals.ts';
import type { Quantity } from './quantity.ts';
import { EXPERIMENTS, studySubject } from './study.ts';

/** What is simulated. */
export interface Simulation {
  readonly solver: Solver;
  readonly name: string;
  /** How many studies. */
  readonly studies: number;
  /** Units for the true values. */
  readonly truth: number;
  readonly experiments: readonly Experiment[];
  readonly problems: readonly Problem[];
}

export interface Coverage {
  readonly name: string;
  readonly studies: number;
  /** Units of each small study: the fewest that bound a median. */
  readonly units: number;
  /** Studies with an interval that misses its true value. */
  readonly missing: number;
  /** Intervals in all studies, how many miss, and how many may on average. */
  readonly intervals: number;
  readonly missed: number;
  readonly allowed: number;
}

/** Large steps and one problem: a study takes some hundredths of a second. */
const STEP = 1 / 8;

export async function coverageOf(simulation: Simulation, meter: Meter = SILENT): Promise<Coverage> {
  const { solver, name, studies, truth, experiments, problems } = simulation;
  const error = errorOfEach(seriesOf(experiments, problems));
  // Half as many more than the fewest, so that the intervals are not from the least to the largest value.
  const units = Math.ceil(1.5 * fewest(error));
  const subject = inspect(solver);
  const common = { name, claims: false, step: STEP, problems, experiments };
  const { quantities: known } = await studySubject(subject, { ...common, seed: 0, units: truth });
  let [missing, missed] = [0, 0];
  for (let seed = 1; seed <= studies; seed++) {
    meter.at(seed / studies, `${name}: ${seed} of ${studies} studies`);
    const { quantities } = await studySubject(subject, { ...common, seed, units });
    const misses = quantities.filter((each, i) => !contains(each, known[i]!.estimate)).length;
    missed += misses;
    if (misses > 0) missing++;
  }
  const intervals = known.length * studies;
  return { name, studies, units, missing, intervals, missed, allowed: error * intervals };
}

/** A quantity that does not exist has nothing to cover. */
const contains = ({ lower, upper, estimate }: Quantity, truth: number): boolean =>
  Number.isNaN(truth) || Number.isNaN(estimate) || (lower <= truth && truth <= upper);

/** The largest share of studies with a miss that the count is compatible with, up to a chance of 1 in 1000. */
export const worstShare = ({ missing, studies }: Coverage): number => highestRate(missing, studies, 1e-3);

/** Both algorithms, as a report in Markdown. */
export async function coverageText(studies: number, meter: Meter): Promise<string> {
  const problems = generated(STEP).slice(0, 1);
  const solvers: [string, Solver][] = [
    ['gradient descent', gradientDescent],
    ['perturbed descent', perturbedGradientDescent],
  ];
  const found: Coverage[] = [];
  for (const [name, solver] of solvers) {
    found.push(await coverageOf({ name, solver, studies, truth: TRUTH, experiments: EXPERIMENTS, problems }, meter));
  }
  return `
## Coverage of the intervals

Written by \`npm run study -- --coverage ${studies}\`; do not edit. Small studies of the square problem at eta s_1 = 1/8 were simulated, each with its own seed. The true values are
the medians and shares of ${TRUTH} other units. The intervals of a study have to hold all together in ${100 * (1 - JOINT_ERROR)} % of the studies.

| algorithm | studies | units of each | studies with a miss | allowed | intervals | missed | allowed on average |
| --- | --- | --- | --- | --- | --- | --- | --- |
${found
  .map(
    (each) =>
      `| ${each.name} | ${each.studies} | ${each.units} | ${each.missing} (at most ${(100 * worstShare(each)).toFixed(1)} % with certainty 99.9 %) | ${100 * JOINT_ERROR} % | ${each.intervals} | ${each.missed} | ${each.allowed.toFixed(1)} |`,
  )
  .join('\n')}
`;
}

/** Units for the true values: an estimated median is off by less than a hundredth in probability. */
const TRUTH = 4000;
