/** The marks on the landscape and the numbers next to it: values, without a canvas. */
import { startOf } from '../model/instance.ts';
import { laterHalf, type Averages, type Measures } from './measure.ts';
import type { Path, Ring, Scene, Style } from './landscape-geometry.ts';
import { balancing, isLargeStep, noisyLimit, plainLimit, type Curve, type Limit } from './predictions.ts';
import { projectionOf, type Point, type Projection } from './projection.ts';
import type { Trajectory, Simulation } from './simulation.ts';
import { isNoisy, isScalar, penaltiesOf, startsOf, type State } from './state.ts';

/** The predictions for a state, computed once. */
export interface Forecast {
  readonly projection: Projection;
  /** The limit of perturbed descent from any start; undefined without noise. */
  readonly noisy: Limit | undefined;
  /** The limits of plain descent from each start; empty if it is not run. */
  readonly plain: readonly Limit[];
  readonly balancing: readonly Curve[];
}

/** The present state of the page. */
export interface Screen {
  readonly state: State;
  readonly simulation: Simulation;
  readonly forecast: Forecast;
}

export function forecastOf(state: State): Forecast {
  const { instance, alsoPlain } = state;
  const [noisy, starts] = [isNoisy(instance), startsOf(state)];
  return {
    projection: projectionOf(instance.M, instance.X0[0]!.length),
    noisy: noisy ? noisyLimit(instance) : undefined,
    plain: !noisy || alsoPlain ? starts.map((start) => plainLimit(instance, start)) : [],
    balancing: balancing(instance, starts),
  };
}

export const limitOf = (run: Trajectory, { noisy, plain }: Forecast): Limit => (run.noisy ? noisy! : plain[run.start]!);

/** "perturbed descent" or "start 2", or both: the name that distinguishes it from the others. */
export function nameOf(run: Trajectory, { runs }: Simulation): string {
  const kind = run.noisy ? 'perturbed descent' : 'plain descent';
  if (runs.every(({ start }) => start === 0)) return kind;
  return runs.every(({ noisy }) => noisy === run.noisy) ? `start ${run.start + 1}` : `start ${run.start + 1}, ${kind}`;
}

/** Index of a colour: one run has one for each of its pairs, several runs have one each. */
export const colourOf = (runs: number, run: number, pair: number): number => (runs === 1 ? pair : run) % 6;

export const isDashed = (run: Trajectory, { runs }: Simulation): boolean =>
  !run.noisy && runs.some(({ noisy }) => noisy);

export function styleOf(simulation: Simulation, i: number, pair: number, colours: readonly string[]): Style {
  const run = simulation.runs[i]!;
  return {
    colour: colours[colourOf(simulation.runs.length, i, pair)]!,
    dashed: isDashed(run, simulation),
    wild: run.failure !== undefined,
  };
}

/** The samples of a run, and its current measures. */
export const historyOf = (run: Trajectory): Measures[] => [...run.samples, run.now];

export function sceneOf({ state, simulation, forecast }: Screen, colours: readonly string[]): Scene {
  const { projection } = forecast;
  const scalar = isScalar(state.instance);
  const names = scalar ? SCALARS : projection.kind === 'plane' ? PROJECTIONS : LENGTHS;
  return {
    state,
    projection,
    names,
    starts: startsOf(state).flatMap((start) => projection.pointsOf(startOf(start))),
    rings: ringsOf(simulation, forecast, colours),
    conserved: scalar ? conservedFrom(simulation, colours) : [],
    gamma: penaltiesOf(state.instance)?.gamma,
    border: scalar && !isNoisy(state.instance) ? borderOf(state) : undefined,
  };
}

/** The border of convergence, if the step is large for one of the starts. */
function borderOf(state: State): Scene['border'] {
  const { M, eta: h } = state.instance;
  const m = M[0]![0]!;
  const isLarge = startsOf(state).some((start) => isLargeStep(state.instance, start));
  return isLarge && Math.abs(h * m) < 2 ? { h, m } : undefined;
}

const SCALARS = ['x', 'y'] as const;
const PROJECTIONS = ['u′X', 'v′Y'] as const;
const LENGTHS = ['|uᵢ′X|', '|vᵢ′Y|'] as const;

const conservedFrom = (simulation: Simulation, colours: readonly string[]): Scene['conserved'] =>
  simulation.runs.flatMap((run, i) =>
    run.noisy ? [] : [{ from: run.samples[0]!.points[0]!, colour: styleOf(simulation, i, 0, colours).colour }],
  );

/** One ring for the limit of all perturbed runs, or one for each pair, and one for the limit of each plain run. */
function ringsOf(simulation: Simulation, forecast: Forecast, colours: readonly string[]): Ring[] {
  const { runs } = simulation;
  const pairs = forecast.projection.kind === 'pairs';
  const ring = (at: Point, i: number, pair: number): Ring => ({
    at,
    colour: runs[i]!.noisy && runs.length > 1 ? undefined : styleOf(simulation, i, pair, colours).colour,
    label: pairs ? `${pair + 1}` : '',
  });
  return runs.flatMap((run, i) => {
    const limit = limitOf(run, forecast);
    if (typeof limit === 'string' || (run.noisy && runs.findIndex(({ noisy }) => noisy) < i)) return [];
    const mirrored = limit.balanced && !pairs;
    return limit.measures.points.flatMap((at, pair) => [
      ring(at, i, pair),
      ...(mirrored ? [ring([-at[0], -at[1]], i, pair)] : []),
    ]);
  });
}

export const pathsOf = (simulation: Simulation, colours: readonly string[]): Path[] =>
  simulation.runs.flatMap((run, i) => {
    const history = historyOf(run);
    return run.now.points.map((_, pair) => ({
      ...styleOf(simulation, i, pair, colours),
      points: history.map(({ points }) => points[pair]!),
    }));
  });

/** A row of the table: a run now, averaged, and as predicted. */
export interface Row {
  readonly name: string;
  readonly now: Measures;
  readonly average: Averages;
  readonly limit: Limit;
  readonly failure: string | undefined;
}

export const rowsOf = ({ simulation, forecast }: Screen): Row[] =>
  simulation.runs.map((run) => ({
    name: nameOf(run, simulation),
    now: run.now,
    average: laterHalf(run.samples),
    limit: limitOf(run, forecast),
    failure: run.failure?.message,
  }));
