/**
 * Do the intervals cover? Many small studies of gradient descent and of perturbed descent are simulated; the true values are medians and
 * shares of far more units, which are independent of those studies.
 */
import { inspect } from '../run/subject.ts';
import { highestRate } from '../oracles/quantiles.ts';
import { perturbedGradientDescent, type Solver } from '../../src/index.ts';
import type { Experiment } from './experiment.ts';
import { gradientDescent } from './optimisers.ts';
import { errorOfEach, JOINT_ERROR, seriesOf } from './plan.ts';
import { generated, type Problem } from './problems.ts';
import { fewest } from './intervals.ts';
import { agrees, type Quantity } from './quantity.ts';
import { EXPERIMENTS, studySubject } from './study.ts';

/** Called with the share that is done, and the name of the current work. */
type Progress = (share: number, what: string) => void;

/** The simulated algorithm. */
export interface Simulation {
  readonly solver: Solver;
  readonly name: string;
  /** The number of studies. */
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
  /** Studies with an interval that does not contain its true value. */
  readonly missing: number;
  /** Intervals in all studies, the number that do not contain the true value, and its allowed mean. */
  readonly intervals: number;
  readonly missed: number;
  readonly allowed: number;
}

/** Large steps and one problem: a study takes some hundredths of a second. */
const STEP = 1 / 8;

export async function coverageOf(simulation: Simulation, onProgress: Progress = () => undefined): Promise<Coverage> {
  const { solver, name, studies, truth, experiments, problems } = simulation;
  const error = errorOfEach(seriesOf(experiments, problems));
  // Half again more than the fewest, so that the intervals are not from the least to the largest value.
  const units = Math.ceil(1.5 * fewest(error));
  const subject = inspect(solver);
  const common = { name, claims: false, step: STEP, problems, experiments };
  const { quantities: known } = await studySubject(subject, { ...common, seed: 0, units: truth });
  let [missing, missed] = [0, 0];
  for (let seed = 1; seed <= studies; seed++) {
    onProgress(seed / studies, `${name}: ${seed} of ${studies} studies`);
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

/** Units for the true values: an estimated median is off by some hundredth in probability. */
const TRUTH = 2000;

/** Studies of our solver on all problems, whose predictions are all looked at, and their units. */
const [SEEDS, UNITS] = [20, 30];

/**
 * The number of studies that agree with all predictions for perturbed descent, and the predictions with which the
 * others disagree.
 */
async function agreementOf(
  onProgress: Progress,
): Promise<{ all: number; missed: readonly string[]; predictions: number }> {
  const subject = inspect(perturbedGradientDescent);
  const missed: string[] = [];
  let [all, predictions] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed++) {
    onProgress(seed / SEEDS, `predictions: ${seed} of ${SEEDS} studies`);
    const { quantities } = await studySubject(subject, { name: 'perturbed', seed, units: UNITS, claims: false });
    const known = quantities.filter(({ theory }) => theory.perturbed !== undefined);
    const bad = known.filter((each) => !agrees(each, each.theory.perturbed!));
    predictions = known.length;
    if (bad.length === 0) all++;
    missed.push(...bad.map(({ id, problem }) => `${id} (${problem}, seed ${seed})`));
  }
  return { all, missed, predictions };
}

/** Half of the studies of each algorithm, and the predictions, as a report in Markdown. */
export async function coverageText(studies: number, onProgress: Progress): Promise<string> {
  const common = { studies: Math.ceil(studies / 2), truth: TRUTH, experiments: EXPERIMENTS };
  const problems = generated(STEP).slice(0, 1);
  const found = [
    await coverageOf({ ...common, problems, name: 'gradient descent', solver: gradientDescent }, onProgress),
    await coverageOf({ ...common, problems, name: 'perturbed descent', solver: perturbedGradientDescent }, onProgress),
  ];
  const { all, missed, predictions } = await agreementOf(onProgress);
  return `
## Coverage of the intervals

Written by \`npm run study -- --coverage ${studies}\`; do not edit. Small studies of the square problem at eta s_1 = 1/8 were simulated, each with its own seed. The true values are
the medians and shares of ${TRUTH} other units. The intervals of a study have to hold all together in ${100 * (1 - JOINT_ERROR)} % of the studies.

| algorithm | studies | units of each | studies with a miss | allowed | intervals | missed | allowed on average |
| --- | --- | --- | --- | --- | --- | --- | --- |
${found.map(rowOf).join('\n')}

**Predictions.** Of ${SEEDS} studies of our solver on all problems, ${UNITS} units each, ${all} meet all ${predictions} predictions for perturbed descent${missed.length === 0 ? '' : `; missed are ${missed.join(', ')}`}.
`;
}

const rowOf = (found: Coverage): string => {
  const worst = (100 * worstShare(found)).toFixed(1);
  const missing = `${found.missing} (at most ${worst} % with certainty 99.9 %)`;
  const cells = [found.name, found.studies, found.units, missing, `${100 * JOINT_ERROR} %`, found.intervals];
  return `| ${[...cells, found.missed, found.allowed.toFixed(1)].join(' | ')} |`;
};
