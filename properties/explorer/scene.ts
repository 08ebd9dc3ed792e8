/** What is drawn and tabled of a state and its simulation: values, without a canvas. Colours are indices into the theme's. */
import { startOf } from '../instance.ts';
import { laterHalf, type Averages, type Measures } from './measure.ts';
import type { Chart, Line } from './chart.ts';
import type { Path, Ring, Scene } from './landscape-geometry.ts';
import { balancing, driftBounds, noisyLimit, plainLimit, type Curve, type Limit } from './predictions.ts';
import { projectionOf, type Point, type Projection } from './projection.ts';
import type { Run, Simulation } from './simulation.ts';
import { isNoisy, penaltiesOf, startsOf, type State } from './state.ts';

/** What the theory says of a state, computed once. */
export interface Forecast {
  readonly projection: Projection;
  /** Of perturbed descent from whatever start; undefined where there is no noise. */
  readonly noisy: Limit | undefined;
  /** Of plain descent from each start; empty where none is run. */
  readonly plain: readonly Limit[];
  readonly balancing: readonly Curve[];
}

export function forecastOf(state: State): Forecast {
  const { instance, twin } = state;
  const [noisy, starts] = [isNoisy(instance), startsOf(state)];
  return {
    projection: projectionOf(instance.M, instance.X0[0]!.length),
    noisy: noisy ? noisyLimit(instance) : undefined,
    plain: !noisy || twin ? starts.map((start) => plainLimit(instance, start)) : [],
    balancing: balancing(instance, starts),
  };
}

export const limitOf = (run: Run, { noisy, plain }: Forecast): Limit => (run.noisy ? noisy! : plain[run.start]!);

/** "perturbed descent" or "start 2", or both: what tells it from the others. */
export function nameOf(run: Run, { runs }: Simulation): string {
  const kind = run.noisy ? 'perturbed descent' : 'plain descent';
  if (runs.every(({ start }) => start === 0)) return kind;
  return runs.every(({ noisy }) => noisy === run.noisy) ? `start ${run.start + 1}` : `start ${run.start + 1}, ${kind}`;
}

/** One run of several pairs has a colour for each pair; else each run has one. */
export const colourOf = (runs: number, run: number, pair: number): number => (runs === 1 ? pair : run) % 6;

export const isDashed = (run: Run, { runs }: Simulation): boolean => !run.noisy && runs.some(({ noisy }) => noisy);

export function sceneOf(state: State, simulation: Simulation, forecast: Forecast, colours: readonly string[]): Scene {
  const { projection } = forecast;
  const { M, X0 } = state.instance;
  const runs = simulation.runs;
  const scalar = M.length === 1 && M[0]!.length === 1;
  return {
    state,
    projection,
    starts: startsOf(state).flatMap((start) => projection.pointsOf(startOf(start))),
    rings: ringsOf(simulation, forecast, colours),
    conserved: scalar
      ? runs.flatMap((run, i) =>
          run.noisy ? [] : [{ from: run.samples[0]!.points[0]!, colour: colours[colourOf(runs.length, i, 0)]! }],
        )
      : [],
    gamma: penaltiesOf(state.instance)?.gamma,
    names: scalar ? ['x', 'y'] : X0[0]!.length === 1 ? ['u′X', 'v′Y'] : ['|uᵢ′X|', '|vᵢ′Y|'],
  };
}

/** One ring for the limit of all perturbed runs, or one for each pair, and one for the limit of each plain run. */
function ringsOf({ runs }: Simulation, forecast: Forecast, colours: readonly string[]): Ring[] {
  const pairs = forecast.projection.kind === 'pairs';
  const several = runs.length > 1;
  const ring = (at: Point, run: number, pair: number): Ring => ({
    at,
    colour: runs[run]!.noisy && several ? undefined : colours[colourOf(runs.length, run, pair)]!,
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

export function pathsOf(simulation: Simulation, colours: readonly string[]): Path[] {
  const { runs } = simulation;
  return runs.flatMap((run, i) => {
    const all = [...run.samples, run.now];
    return all[0]!.points.map((_, pair): Path => ({
      colour: colours[colourOf(runs.length, i, pair)]!,
      dashed: isDashed(run, simulation),
      wild: run.failure !== undefined,
      points: all.map(({ points }) => points[pair]!),
    }));
  });
}

/** A line for each run, of one number. */
function linesOf(simulation: Simulation, colours: readonly string[], value: (of: Measures) => number): Line[] {
  return simulation.runs.map((run, i) => ({
    colour: colours[colourOf(simulation.runs.length, i, 0)]!,
    dashed: isDashed(run, simulation),
    wild: run.failure !== undefined,
    points: [...run.samples, run.now].map((each) => [each.step, value(each)] as const),
  }));
}

export function imbalanceChart(
  simulation: Simulation,
  forecast: Forecast,
  state: State,
  colours: readonly string[],
): Chart {
  const log = penaltiesOf(state.instance) !== undefined;
  return {
    steps: simulation.steps,
    log,
    lines: linesOf(simulation, colours, ({ D }) => D.norm()),
    guides: log ? forecast.balancing.filter(({ at }) => at(0) > 0) : [],
    band: simulation.runs.length === 1 && !simulation.runs[0]!.noisy ? bandOf(simulation.runs[0]!, state) : undefined,
  };
}

/** How far the imbalance of plain descent may be from that of its start, by | |D_t| - |D_0| | <= |D_t - D_0|. */
function bandOf(run: Run, { instance }: State): Chart['band'] {
  const all = [...run.samples, run.now];
  const drifts = driftBounds(instance, all);
  if (drifts === undefined) return undefined;
  const D0 = all[0]!.D.norm();
  return {
    label: 'that of the start, give or take 2η (F₀ − Fₜ)',
    points: all.map(({ step }, i) => [step, Math.max(0, D0 - drifts[i]!), D0 + drifts[i]!]),
  };
}

/** Horizontal lines at the limits' values, each once. */
function levels(simulation: Simulation, forecast: Forecast, values: (of: Measures) => readonly number[]): Curve[] {
  const found = new Map<number, Curve>();
  for (const run of simulation.runs) {
    const limit = limitOf(run, forecast);
    if (typeof limit === 'string') continue;

    for (const value of values(limit.measures).filter(Number.isFinite))
      found.set(value, { label: 'predicted limits', at: () => value });
  }
  return [...found.values()];
}

export function flatnessChart(
  simulation: Simulation,
  forecast: Forecast,
  state: State,
  colours: readonly string[],
): Chart {
  const value = (of: Measures): number => of[state.measure];
  return {
    steps: simulation.steps,
    log: false,
    lines: linesOf(simulation, colours, value),
    guides: levels(simulation, forecast, (of) => [value(of)]),
    remark: Number.isNaN(value(simulation.runs[0]!.samples[0]!))
      ? 'shown for (d₁ + d₂) r up to 64; the trace always is'
      : undefined,
  };
}

export function productChart(simulation: Simulation, forecast: Forecast, colours: readonly string[]): Chart {
  const { runs, steps } = simulation;
  const lines = runs.flatMap((run, i) => {
    const all = [...run.samples, run.now];
    return all[0]!.values.map((_, pair): Line => ({
      colour: colours[colourOf(runs.length, i, pair)]!,
      dashed: isDashed(run, simulation),
      wild: run.failure !== undefined,
      points: all.map(({ step, values }) => [step, values[pair]!] as const),
    }));
  });
  return { steps, log: false, lines, guides: levels(simulation, forecast, ({ values }) => values) };
}

/** A row of the table: a run now, averaged, and as predicted. */
export interface Row {
  readonly name: string;
  readonly now: Measures;
  readonly average: Averages;
  readonly limit: Limit;
  readonly failure: string | undefined;
}

export const rowsOf = (simulation: Simulation, forecast: Forecast): Row[] =>
  simulation.runs.map((run) => ({
    name: nameOf(run, simulation),
    now: run.now,
    average: laterHalf([...run.samples]),
    limit: limitOf(run, forecast),
    failure: run.failure?.message,
  }));
