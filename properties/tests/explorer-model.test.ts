/** The explorer without a page: its runs, measures, drawings and predictions. */
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  hessian,
  loss,
  norm,
  perturbedGradientDescent,
  smoothedMinimiser,
  squaredNorm,
  type Factors,
} from '../../src/index.ts';
import { descend, descendPlainly, iterate, matrix, startOf } from '../model/instance.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { HEADLINE } from '../cli/ledger.ts';
import { imbalanceChart } from '../explorer/charts.ts';
import {
  conservedCurve,
  domainOf,
  ellipse,
  heightOf,
  hyperbola,
  widened,
  type Path,
} from '../explorer/landscape-geometry.ts';
import { laterHalf, measurer } from '../explorer/measure.ts';
import { balancing, driftBounds, noisyLimit, plainLimit } from '../explorer/predictions.ts';
import { presets } from '../explorer/presets.ts';
import { projectionOf, type Point } from '../explorer/projection.ts';
import { randomProblem } from '../explorer/random-problem.ts';
import { forecastOf, rowsOf, sceneOf } from '../explorer/scene.ts';
import { Simulation } from '../explorer/simulation.ts';
import { startsOf, stateOf, type State } from '../explorer/state.ts';

const preset = (claim: string): State => presets.find((each) => each.claim === claim)!.state;
/** Whose limits are predicted: not at a large step. */
const predicted = presets.filter(({ claim }) => claim !== 'large-step/converges');
const ended = new Map<State, Simulation>();
/** A preset run to its end by the reference, once. */
function finished(state: State): Simulation {
  const simulation = ended.get(state) ?? new Simulation(state, referenceDescent);
  ended.set(state, simulation);
  simulation.advance(state.instance.steps);
  return simulation;
}

describe('a simulation', () => {
  test('is the solver, however its steps are divided into calls', () => {
    const state = { ...preset('limit/closed-form'), alsoPlain: true, others: [] };
    const { instance } = state;
    const simulation = new Simulation(state);
    for (const steps of [1, 2, 30, 67, 400]) simulation.advance(steps);
    const [noisy, plain] = [
      descend(perturbedGradientDescent, instance),
      descendPlainly(perturbedGradientDescent, instance),
    ];
    for (const descent of [noisy, plain]) descent.advance(500);
    expect(simulation.runs.map((run) => run.at)).toEqual([noisy, plain].map(iterate));
    const once = new Simulation(state);
    once.advance(500);
    expect(simulation.runs.map((run) => run.samples)).toEqual(once.runs.map((run) => run.samples));
  });

  test('its second start has the noise that claims about two starts give it', () => {
    const state = preset('limit/forgets-start');
    const simulation = new Simulation(state);
    simulation.advance(100);
    const second = descend(perturbedGradientDescent, { ...state.instance, ...state.others[0]! }, 'second start');
    second.advance(100);
    expect(simulation.runs[1]!.at).toEqual(iterate(second));
    expect(new Set(simulation.runs.map((run) => run.at.X.get(0, 0))).size).toBe(6);
  });

  test('stops at its steps, and a run that diverges stops alone', () => {
    const { instance } = preset('balance/emerges');
    const simulation = new Simulation(
      stateOf(
        { ...instance, eta: 1, sigma1: 0, sigma2: 0, X0: [[9]], Y0: [[9]] },
        { others: [{ X0: [[1]], Y0: [[1]] }] },
      ),
    );
    simulation.advance(1e6);
    const [wild, calm] = simulation.runs;
    expect(wild!.failure?.message).toMatch(/^the descent diverged at step \d+ with stepSize 1: choose/);
    expect(wild!.now.step).toBe(wild!.failure!.step - 1);
    expect(Number.isFinite(wild!.at.X.get(0, 0))).toBe(true);
    expect([calm!.failure, calm!.now.step, simulation.step, simulation.ended]).toEqual([undefined, 6144, 6144, true]);
  });
});

describe('measures', () => {
  const { instance } = preset('limit/closed-form');
  const target = matrix(instance.M);

  test('agrees with the definition of the theory', () => {
    const at = startOf(instance);
    const found = measurer(instance)(at, 7);
    expect(found.step).toBe(7);
    expect(found.loss).toBe(loss(target, at));
    expect(found.trace).toBeCloseTo(hessian(target, at).trace(), 10);
    // gamma^2 = d1 sigma1^2 / (d2 sigma2^2) = 4.
    expect(found.D).toEqual(at.X.transpose().mmul(at.X).sub(at.Y.transpose().mmul(at.Y).mul(4)));
    // (v'Hv)/(v'v) is at most the largest eigenvalue, for any v.
    const v = Matrix.columnVector(Array.from({ length: 30 }, (_, i) => Math.sin(i)));
    expect(found.largest).toBeGreaterThan(v.transpose().mmul(hessian(target, at)).mmul(v).get(0, 0) / squaredNorm(v));
  });

  test('a Hessian that is too large for a page is left out', () => {
    const wide = randomProblem(8, 8, 5, 1);
    expect(measurer(wide.instance)(startOf(wide.instance), 0).largest).toBeNaN();
    expect(
      measurer(randomProblem(8, 8, 4, 1).instance)(startOf(randomProblem(8, 8, 4, 1).instance), 0).largest,
    ).toBeGreaterThan(0);
  });

  test('averages are over the later half of the steps', () => {
    const measure = measurer({ ...preset('balance/emerges').instance });
    const at = (x: number): Factors => ({ X: matrix([[x]]), Y: matrix([[1]]) });
    // Imbalances 99, 0, 3 and -1 at steps 0, 10, 20 and 30: the average of the later ones is 1.
    const samples = [10, 1, 2, 0].map((x, i) => measure(at(x), 10 * i));
    expect(laterHalf(samples)).toMatchObject({ imbalance: 1, values: [1] });
    expect(laterHalf(samples).loss).toBe((1 / 2 + 1 / 2) / 2);
  });
});

describe('the drawn point of an iterate', () => {
  const rotation = matrix([
    [0.6, -0.8],
    [0.8, 0.6],
  ]);

  test('does not change with a rotation of the factors', () => {
    const { instance } = randomProblem(4, 3, 2, 5);
    const { X, Y } = startOf(instance);
    const { pointsOf, hyperbolas } = projectionOf(instance.M, 2);
    const rotated = pointsOf({ X: X.mmul(rotation), Y: Y.mmul(rotation) });
    for (const [i, point] of pointsOf({ X, Y }).entries()) {
      for (const axis of [0, 1] as const) expect(rotated[i]![axis]).toBeCloseTo(point[axis], 12);
    }
    expect(hyperbolas).toHaveLength(2);
  });

  test('minima are on the hyperbola of their pair if they are balanced, and beyond it otherwise', () => {
    const { M } = randomProblem(4, 3, 2, 5).instance;
    const { pointsOf, hyperbolas } = projectionOf(M, 2);
    // lambda = 2^-40 moves the limit by less than that.
    const balanced = smoothedMinimiser(matrix(M), 2, { sigma1: 2 ** -20 / 2, sigma2: 2 ** -20 / Math.sqrt(3) });
    for (const [i, [a, b]] of pointsOf(balanced).entries()) expect(a * b).toBeCloseTo(hyperbolas[i]!, 9);
    const skew = matrix([
      [1, 1],
      [0, 1],
    ]);
    const inverse = matrix([
      [1, 0],
      [-1, 1],
    ]);
    for (const [i, [a, b]] of pointsOf({ X: balanced.X.mmul(skew), Y: balanced.Y.mmul(inverse) }).entries()) {
      expect(a * b).toBeGreaterThan(hyperbolas[i]!);
    }
  });

  test('for r = 1 the loss on the plane is that of the projected iterate, and more off it', () => {
    const { instance } = randomProblem(4, 3, 1, 2);
    const { pointsOf, hyperbolas, rest } = projectionOf(instance.M, 1);
    const at = startOf(instance);
    const [a, b] = pointsOf(at)[0]!;
    const height = heightOf(stateOf(instance), projectionOf(instance.M, 1));
    expect(height(a, b)).toBeCloseTo((a * b - hyperbolas[0]!) ** 2 / 2, 12);
    expect(rest).toBeCloseTo(0, 12);
  });
});

describe('the landscape', () => {
  const colours = ['a', 'b', 'c', 'd', 'e', 'f'];

  test.each(predicted)('has room for the picture of $claim', ({ state }) => {
    const scene = sceneOf({ state, simulation: new Simulation(state), forecast: forecastOf(state) }, colours);
    const { centre, half } = domainOf(scene);
    const points = [...scene.starts, ...scene.rings.map(({ at }) => at)];
    expect(scene.rings.length).toBeGreaterThan(0);
    for (const point of points)
      expect(Math.max(...point.map((value, i) => Math.abs(value - centre[i]!)))).toBeLessThan(half);
  });

  test('grows with a path that leaves it', () => {
    const domain = { centre: [0, 0], half: 1 } as const;
    const path = (wild: boolean, ...points: Point[]): Path => ({ colour: '', dashed: false, wild, points });
    expect(widened(domain, [path(false, [0.5, -1])])).toEqual(domain);
    expect(widened(domain, [path(false, [0.5, -1]), path(false, [0, 1.2], [0.5, -1.5])]).half).toBeCloseTo(1.69, 12);
    expect(widened(domain, [path(true, [1e99, 0])])).toEqual(domain);
  });

  test('its curves agree with their names', () => {
    for (const m of [2, -3, 0]) {
      for (const [a, b] of hyperbola(m, 4).flat()) expect(a * b).toBeCloseTo(m, 10);
    }
    for (const [x, y] of [
      [2, 1],
      [-2, 1],
      [1, -2],
      [1, 1],
    ] as const) {
      const points = conservedCurve([x, y], 4).flat();
      for (const [a, b] of points) expect(a * a - b * b).toBeCloseTo(x * x - y * y, 10);
      if (x !== y) expect(Math.min(...points.map(([a, b]) => Math.hypot(a - x, b - y)))).toBeLessThan(0.2);
    }
  });

  test('its border of convergence is the ellipse G = 0, shown at large steps without noise', () => {
    for (const [h, m] of [
      [0.75, 1],
      [0.5, -2],
    ] as const) {
      // prettier-ignore
      for (const [x, y] of ellipse({ h, m })) expect(x * x + y * y - h * m * (x * y - m)).toBeCloseTo(4 / h, 10);
    }
    const border = (state: State): unknown =>
      sceneOf({ state, simulation: new Simulation(state), forecast: forecastOf(state) }, colours).border;
    const { instance } = preset('large-step/converges');
    expect(border(preset('large-step/converges'))).toEqual({ h: 0.75, m: 1 });
    expect(border(preset('gd/imbalance-kept'))).toBeUndefined();
    expect(border(stateOf({ ...instance, eta: 2 }))).toBeUndefined();
    expect(border(stateOf({ ...instance, sigma1: 1 / 8, sigma2: 1 / 8 }))).toBeUndefined();
  });

  test('the smoothed one is lowest, at height 0, at the limit', () => {
    const { instance } = preset('balance/emerges');
    for (const sigma of [1 / 4, 1 / 2, 2]) {
      const state = stateOf({ ...instance, sigma1: sigma, sigma2: sigma / 2 }, { smoothed: true });
      const height = heightOf(state, projectionOf(instance.M, 1));
      const limit = noisyLimit(state.instance);
      const [a, b] = typeof limit === 'string' ? [NaN, NaN] : limit.measures.points[0]!;
      expect(height(a, b)).toBeCloseTo(0, 12);
      for (const [da, db] of [
        [0.1, 0],
        [0, 0.1],
        [-0.1, 0.1],
      ] as const)
        expect(height(a + da, b + db)).toBeGreaterThan(0);
    }
  });
});

describe('predictions', () => {
  test('the reason for a missing border is given', () => {
    const { instance } = preset('balance/emerges');
    expect(noisyLimit({ ...instance, sigma1: 0 })).toMatch(/no minimiser/);
    expect(
      noisyLimit({
        ...instance,
        M: [
          [1, 0],
          [0, 1],
        ],
        X0: [[1], [1]],
        Y0: [[1], [1]],
      }),
    ).toMatch(/chance determines/);
    expect(plainLimit(instance, { X0: [[1]], Y0: [[-1]] })).toMatch(/stable set of the saddle/);
    expect(plainLimit({ ...instance, M: [[0]] }, instance)).toMatch(/targets of rank one/);
    const { instance: large } = preset('limit/closed-form');
    expect(plainLimit(large, large)).toMatch(/r > 1/);
    expect(balancing({ ...instance, sigma1: 0 }, [instance])).toEqual([]);
  });

  test('the band of the imbalance is drawn only while every step provably descends', () => {
    const { instance } = preset('gd/imbalance-kept');
    const samples = new Simulation(preset('gd/imbalance-kept')).runs[0]!.samples;
    expect(driftBounds(instance, samples)).toEqual([0]);
    expect(driftBounds({ ...instance, eta: 1 }, samples)).toBeUndefined();
  });
});

/** Presets show the effect that they announce; their seeds are fixed, so that these runs are always the same. */
describe('presets', () => {
  test('there is one for each headline claim, with one sentence', () => {
    expect(presets.map(({ claim }) => claim)).toEqual(HEADLINE);
    for (const { watch } of presets) expect(watch).toMatch(/^[A-Z][^.]*(\d\.\d[^.]*)*\.$/);
  });

  test.each(predicted)('$claim ends at the predicted point', ({ state }) => {
    for (const row of rowsOf({ state, simulation: finished(state), forecast: forecastOf(state) })) {
      expect(row.failure).toBeUndefined();
      if (typeof row.limit === 'string') throw new Error(row.limit);
      // A quarter of s_1 is several standard deviations of these windows; plain descent drifts by less at these step sizes.
      const s1 = row.limit.measures.values[0]!;
      for (const [i, value] of row.average.values.entries()) {
        expect(Math.abs(value - row.limit.measures.values[i]!)).toBeLessThan((1 / 4) * s1);
      }
      expect(Math.abs(row.average.largest - row.limit.measures.largest)).toBeLessThan(
        (1 / 4) * row.limit.measures.largest,
      );
      expect(row.average.imbalance - norm(row.limit.measures.D)).toBeLessThan((1 / 4) * s1);
    }
  });

  test('at a large step the starts inside the ellipse converge and those outside diverge', () => {
    const state = preset('large-step/converges');
    const { h, m } = { h: state.instance.eta, m: 1 };
    const inside = startsOf(state).map(({ X0, Y0 }) => {
      const [x, y] = [X0[0]![0]!, Y0[0]![0]!];
      return x * x + y * y - h * m * (x * y - m) < 4 / h;
    });
    expect(inside.filter((each) => each)).toHaveLength(4);
    // The solver of src reports a divergence; the reference continues.
    const simulation = new Simulation(state);
    simulation.advance(state.instance.steps);
    const { runs } = simulation;
    expect(runs.map(({ failure }) => failure === undefined)).toEqual(inside);
    for (const { failure, now } of runs) if (failure === undefined) expect(now.loss).toBeLessThan(1e-6);
    const notes = startsOf(state).map((start) => plainLimit(state.instance, start));
    for (const [i, note] of notes.entries()) {
      expect(note).toMatch(
        inside[i]! ? /half of the critical one of this start: plain descent converges/ : /will not converge/,
      );
    }
  });

  test('perturbed descent ends flatter than plain descent', () => {
    const [noisy, plain] = finished(preset('flatness/flatter-than-gd')).runs;
    expect(laterHalf(noisy!.samples).largest).toBeLessThan(plain!.now.largest / 2);
  });

  test('six starts end at six minima without noise, at one with it', () => {
    const ends = (claim: string): number[] =>
      finished(preset(claim)).runs.map(({ samples }) => laterHalf(samples).largest);
    const spread = (values: number[]): number => Math.max(...values) - Math.min(...values);
    expect(spread(ends('limit/forgets-start'))).toBeLessThan(spread(ends('gd/remembers-start')) / 8);
    expect(startsOf(preset('limit/forgets-start'))).toHaveLength(6);
  });

  test('the imbalance of plain descent stays in its band', () => {
    const state = preset('gd/imbalance-kept');
    const { band, lines } = imbalanceChart({ state, simulation: finished(state), forecast: forecastOf(state) }, []);
    expect(band!.points).toHaveLength(lines[0]!.points.length);
    for (const [i, [, low, high]] of band!.points.entries()) {
      const value = lines[0]!.points[i]![1];
      // Rounding of sums of two squares.
      expect(value).toBeGreaterThanOrEqual(low - 1e-14);
      expect(value).toBeLessThanOrEqual(high + 1e-14);
    }
  });
});
