/** The plan of a study: the experiments, the problems, and the number of units of each, all fixed before a result is seen. */
import type { Experiment, QuantityDesign } from './experiment.ts';
import { fewest } from './intervals.ts';
import type { Problem } from './problems.ts';

/** One experiment on one problem. */
export interface Series {
  readonly experiment: Experiment;
  readonly problem: Problem;
}

/** All intervals of a study hold together with this probability at least. */
export const JOINT_ERROR = 1 / 20;

export const seriesOf = (experiments: readonly Experiment[], problems: readonly Problem[]): Series[] =>
  problems.flatMap((problem) =>
    experiments.filter(({ on }) => on(problem)).map((experiment) => ({ experiment, problem })),
  );

export const quantitiesOf = (series: readonly Series[]): readonly QuantityDesign[] =>
  series.flatMap(({ experiment, problem }) => experiment.quantities(problem));

/** The error of each interval: the joint error, divided among all (Bonferroni). */
export const errorOfEach = (series: readonly Series[]): number => JOINT_ERROR / quantitiesOf(series).length;

/** The most units: more than this answers nothing more. */
const MOST = 200;

/**
 * Units of each series that fit into the seconds, given the time of one unit of each; 0 if there is no time for the
 * fewest that bound a median.
 */
export function unitsWithin(seconds: number, each: readonly number[], series: readonly Series[]): number {
  const units = Math.min(MOST, Math.floor(seconds / each.reduce((sum, one) => sum + one, 0)));
  return units >= fewest(errorOfEach(series)) ? units : 0;
}
