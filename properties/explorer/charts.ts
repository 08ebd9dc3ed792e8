/** The contents of the three charts, without a canvas. */
import type { Band, Chart, Line } from './chart.ts';
import type { Measures } from './measure.ts';
import { driftBounds, type Curve } from './predictions.ts';
import { historyOf, limitOf, styleOf, type Screen } from './scene.ts';
import type { Simulation } from './simulation.ts';
import { penaltiesOf } from './state.ts';
import { norm } from '../../src/index.ts';

/** Under noise the imbalance falls to that of the noise, by decades; without noise it hardly changes. */
export function imbalanceChart(screen: Screen, colours: readonly string[]): Chart {
  const { state, simulation, forecast } = screen;
  const log = penaltiesOf(state.instance) !== undefined;
  return {
    steps: simulation.steps,
    log,
    lines: linesOf(simulation, colours, ({ D }) => [norm(D)]),
    guides: log ? forecast.balancing.filter(({ at }) => at(0) > 0) : [],
    band: bandOf(screen),
  };
}

/**
 * The range of the imbalance of plain descent, by | |D_t| - |D_0| | <= |D_t - D_0|; undefined for several runs, which
 * would have one each.
 */
function bandOf({ state, simulation: { runs } }: Screen): Band | undefined {
  if (runs.length > 1 || runs[0]!.noisy) return undefined;
  const history = historyOf(runs[0]!);
  const drifts = driftBounds(state.instance, history);
  if (drifts === undefined) return undefined;
  const D0 = norm(history[0]!.D);
  return {
    label: 'that of the start, give or take 2η (F₀ − Fₜ)',
    points: history.map(({ step }, i) => [step, Math.max(0, D0 - drifts[i]!), D0 + drifts[i]!]),
  };
}

export function flatnessChart(screen: Screen, colours: readonly string[]): Chart {
  const { state, simulation } = screen;
  const value = (of: Measures): number[] => [of[state.measure]];
  const shown = value(simulation.runs[0]!.samples[0]!).every(Number.isFinite);
  return {
    steps: simulation.steps,
    log: false,
    lines: linesOf(simulation, colours, value),
    guides: levels(screen, value),
    ...(shown ? {} : { remark: 'shown for (d₁ + d₂) r up to 64; the trace always is' }),
  };
}

export function productChart(screen: Screen, colours: readonly string[]): Chart {
  const values = (of: Measures): readonly number[] => of.values;
  const { simulation } = screen;
  return {
    steps: simulation.steps,
    log: false,
    lines: linesOf(simulation, colours, values),
    guides: levels(screen, values),
  };
}

/** A line for each run and each of the values. */
const linesOf = (
  simulation: Simulation,
  colours: readonly string[],
  values: (of: Measures) => readonly number[],
): Line[] =>
  simulation.runs.flatMap((run, i) => {
    const history = historyOf(run).map((each) => [each.step, values(each)] as const);
    return values(run.now).map((_, pair) => ({
      ...styleOf(simulation, i, pair, colours),
      points: history.map(([step, of]) => [step, of[pair]!] as const),
    }));
  });

/** Horizontal lines at the values of the limits, each once. */
function levels({ simulation, forecast }: Screen, values: (of: Measures) => readonly number[]): Curve[] {
  const limits = simulation.runs.map((run) => limitOf(run, forecast));
  const all = limits.flatMap((limit) => (typeof limit === 'string' ? [] : values(limit.measures)));
  const distinct = [...new Set(all.filter(Number.isFinite))];
  return distinct.map((value) => ({ label: 'predicted limits', at: () => value }));
}
