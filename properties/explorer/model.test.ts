/** The explorer without a page: what it reads, runs, measures and predicts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import {
  hessian,
  InvalidInput,
  loss,
  perturbedGradientDescent,
  smoothedMinimiser,
  squaredNorm,
  type Factors,
} from '../../src/index.ts';
import { FOLDER, type Kept } from '../counterexamples.ts';
import { SHARE } from '../instances/limits.ts';
import { descend, descendPlainly, iterate, matrix, startOf, type Grid } from '../instance.ts';
import { HEADLINE } from '../ledger.ts';
import { readCounterexample } from './counterexample.ts';
import { conservedCurve, domainOf, heightOf, hyperbola, widened, type Path } from './landscape-geometry.ts';
import { brief, matrixText, readMatrix, readNumber, readWhole } from './matrix-text.ts';
import { laterHalf, measurer } from './measure.ts';
import { balancing, driftBounds, noisyLimit, plainLimit } from './predictions.ts';
import { presets } from './presets.ts';
import { projectionOf, type Point } from './projection.ts';
import { randomProblem } from './random-problem.ts';
import { forecastOf, imbalanceChart, rowsOf, sceneOf } from './scene.ts';
import { Simulation } from './simulation.ts';
import { fromHash, startsOf, stateOf, toHash, validateState, type State } from './state.ts';

/** Any finite number, by its bits; -0 and subnormal ones among them. */
const anyNumber = fc
  .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -1074, max: 970 }), fc.boolean())
  .map(([mantissa, exponent, zero]) => (zero ? (mantissa < 0 ? -0 : 0) : mantissa * 2 ** exponent));
const grid = (rows: number, columns: number): fc.Arbitrary<Grid> =>
  fc.array(fc.array(anyNumber, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

const preset = (claim: string): State => presets.find((each) => each.claim === claim)!.state;
const ended = new Map<State, Simulation>();
/** A preset run to its end, once. */
function finished(state: State): Simulation {
  const simulation = ended.get(state) ?? new Simulation(state);
  ended.set(state, simulation);
  simulation.advance(state.instance.steps);
  return simulation;
}

describe('text', () => {
  test('numbers are decimals or fractions', () => {
    expect(['2', ' -0.5', '.25', '1e-3', '1/64', '−3', '3 / 4'].map((text) => readNumber('eta', text))).toEqual([
      2,
      -0.5,
      0.25,
      1e-3,
      1 / 64,
      -3,
      3 / 4,
    ]);
    for (const text of ['', 'x', '1/0', '1/2/3', '0x10', 'Infinity', '1 2']) {
      expect(() => readNumber('eta', text)).toThrow(/^eta is .*: give a number such as/);
    }
    expect(() => readWhole('steps', '1.5', 1, 9)).toThrow('steps is "1.5": give a whole number from 1 to 9');
  });

  test('a matrix is read in any usual writing', () => {
    for (const text of ['1 2\n3 4', '1, 2; 3, 4', '[[1,2],[3,4]]', ' 1\t2 \n\n 3 4\n', '2/2 2\n3 4']) {
      expect(readMatrix('M', text)).toEqual([
        [1, 2],
        [3, 4],
      ]);
    }
    expect(() => readMatrix('M', ' ')).toThrow('M is empty: give numbers, one row a line');
    expect(() => readMatrix('M', '1 2\n3')).toThrow('M has 1 number in row 2 but 2 in row 1');
    expect(() => readMatrix('M', '1 x')).toThrow('M, row 1, column 2, is "x": give a number');
    expect(() => readMatrix('M', '1 '.repeat(1001))).toThrow('M is 1 x 1001: give at most 1000 entries');
  });

  test('a matrix comes back from its text to the last bit', () => {
    fc.assert(
      fc.property(grid(3, 2), (entries) => {
        expect(readMatrix('M', matrixText(entries))).toStrictEqual(entries);
      }),
    );
  });

  test('numbers are shown to four digits', () => {
    expect([0, 1.23456, 1e-5, 123456, 1e7, NaN].map(brief)).toEqual([
      '0',
      '1.235',
      '1.00e-5',
      '123500',
      '1.00e+7',
      '–',
    ]);
  });
});

describe('a link', () => {
  const states = fc
    .tuple(grid(2, 3), grid(2, 1), grid(3, 1), grid(2, 1), grid(3, 1), fc.integer({ min: 1, max: 99 }), fc.boolean())
    .map(([M, X0, Y0, X1, Y1, steps, flag]) =>
      stateOf(
        { M, X0, Y0, eta: 1 / steps, sigma1: steps / 7, sigma2: 0, steps, seed: steps },
        {
          others: flag ? [{ X0: X1, Y0: Y1 }] : [],
          twin: flag,
          measure: flag ? 'trace' : 'largest',
          smoothed: flag,
          at: flag ? steps : 0,
          ...(flag ? { claim: 'definition/step', met: 'a solver & more=100%.ts' } : {}),
        },
      ),
    );

  test('brings back the whole state, to the last bit', () => {
    fc.assert(
      fc.property(states, (state) => {
        expect(fromHash(toHash(state))).toStrictEqual(state);
      }),
    );
    for (const { state } of presets) expect(fromHash(toHash(state))).toStrictEqual(state);
  });

  test('is read where a program has encoded it', () => {
    const { state } = presets[2]!;
    const encoded = toHash(state).replaceAll(',', '%2C').replaceAll(';', '%3B');
    expect(fromHash(encoded)).toStrictEqual(state);
  });

  test('that cannot be read says why', () => {
    const whole = toHash(preset('balance/emerges'));
    const broken: [string, string, RegExp][] = [
      ['M=1&', '', /^the link says nothing of M: copy all of it$/],
      ['Y0=0.25', 'Y0=0.25&Y0=1', /^the link has 1 X0 and 2 Y0/],
      ['eta=0.015625', 'eta=fast', /^eta is "fast"/],
      ['eta=0.015625', 'eta=-1', /^the step size eta is -1/],
      ['M=1&', 'M=1;1&', /^X0 is 1 x 1 and M is 2 x 1: give X0 2 rows$/],
      ['at=0', 'at=6145', /^at is "6145": give a whole number from 0 to 6144$/],
      ['claim=balance', 'claim=%E0%A4%A', /^the link has "%E0%A4%A\/emerges"/],
    ];
    for (const [part, other, message] of broken) {
      expect(whole).toContain(part);
      expect(() => fromHash(whole.replace(part, other))).toThrow(message);
      expect(() => fromHash(whole.replace(part, other))).toThrow(InvalidInput);
    }
  });

  test('shapes that do not fit are refused', () => {
    const { instance } = presets[0]!.state;
    const wrong = (change: Partial<typeof instance>, others: State['others'] = []): (() => void) => {
      return () => validateState(stateOf({ ...instance, ...change }, { others }));
    };
    expect(wrong({ Y0: [[1], [2]] })).toThrow('Y0 is 2 x 1 and M is 1 x 1: give Y0 1 rows');
    expect(wrong({ X0: [[1, 2]] })).toThrow('X0 is 1 x 2 and Y0 is 1 x 1: give both as many columns');
    expect(wrong({ X0: [[1, 2]], Y0: [[1, 2]] })).toThrow('X0 is 1 x 2 and M is 1 x 1: give X0 at most 1 columns');
    expect(wrong({ sigma1: -1 })).toThrow('sigma1 is -1: give a standard deviation, 0 or larger');
    expect(wrong({}, [{ X0: [[1, 2]], Y0: [[1, 2]] }])).toThrow('one start has 1 columns and another 2');
    expect(wrong({}, Array<State['others'][0]>(6).fill(instance))).toThrow('there are 7 starts: give at most 6');
  });
});

describe('a counterexample', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));

  test.each(files)('%s is loaded and runs', (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const kept = JSON.parse(text) as Kept;
    const state = readCounterexample(name, text);
    expect(kept.instance).toMatchObject(state.instance);
    expect([state.claim, state.met]).toEqual([kept.claim, kept.solver]);
    expect(fromHash(toHash(state))).toStrictEqual(state);
    new Simulation(state).advance(2);
  });

  test('a second start comes with it', () => {
    const shared = files.find((name) => name.startsWith('contract/no-shared-state'))!;
    expect(readCounterexample(shared, readFileSync(join(FOLDER, shared), 'utf8')).others).toHaveLength(1);
  });

  test('another file is refused with a sentence', () => {
    const whole = {
      schema: 1,
      claim: 'a/b',
      solver: 's',
      instance: { M: [[1]], X0: [[1]], Y0: [[1]], eta: 1, sigma1: 0 },
    };
    const refused: [string, RegExp][] = [
      ['{', /^f is not JSON/],
      ['null', /^f is no counterexample of flat-minima/],
      ['{"claim":"a/b"}', /^f is no counterexample of flat-minima/],
      [JSON.stringify({ ...whole, instance: { ...whole.instance, M: [[1], [1, 2]] } }), /^f has no M to run/],
      [JSON.stringify(whole), /^f has no sigma2 to run/],
    ];
    for (const [text, message] of refused) expect(() => readCounterexample('f', text)).toThrow(message);
  });
});

describe('a simulation', () => {
  test('is the solver, however its steps are told off', () => {
    const state = { ...preset('limit/closed-form'), twin: true, others: [] };
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

describe('what is measured', () => {
  const { instance } = preset('limit/closed-form');
  const target = matrix(instance.M);

  test('is what the theory calls it', () => {
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

describe('where an iterate is drawn', () => {
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

  test('minima are on the hyperbola of their pair where they are balanced, and beyond it elsewhere', () => {
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

  test.each(presets)('has room for what $claim shows', ({ state }) => {
    const [simulation, forecast] = [new Simulation(state), forecastOf(state)];
    const scene = sceneOf(state, simulation, forecast, colours);
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

  test('its curves are what they are called', () => {
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

  test('the smoothed one is lowest, at height 0, where the limit is', () => {
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
  test('why there is none is said', () => {
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
    ).toMatch(/left to chance/);
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

/** Presets show what they say that they show; their seeds are fixed, so that these runs are always the same. */
describe('presets', () => {
  test('there is one for each headline claim, with one sentence', () => {
    expect(presets.map(({ claim }) => claim)).toEqual(HEADLINE);
    for (const { watch } of presets) expect(watch).toMatch(/^[A-Z][^.]*(\d\.\d[^.]*)*\.$/);
  });

  test.each(presets)('$claim ends where it is predicted to', ({ state }) => {
    const simulation = finished(state);
    for (const row of rowsOf(simulation, forecastOf(state))) {
      expect(row.failure).toBeUndefined();
      if (typeof row.limit === 'string') throw new Error(row.limit);
      // What the claims about limits tolerate, as a share of s_1; plain descent drifts by less at these step sizes.
      const s1 = row.limit.measures.values[0]!;
      for (const [i, value] of row.average.values.entries()) {
        expect(Math.abs(value - row.limit.measures.values[i]!)).toBeLessThan(SHARE * s1);
      }
      expect(Math.abs(row.average.largest - row.limit.measures.largest)).toBeLessThan(
        SHARE * row.limit.measures.largest,
      );
      expect(row.average.imbalance - row.limit.measures.D.norm()).toBeLessThan(SHARE * s1);
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
    const { band, lines } = imbalanceChart(finished(state), forecastOf(state), state, []);
    expect(band!.points).toHaveLength(lines[0]!.points.length);
    for (const [i, [, low, high]] of band!.points.entries()) {
      const value = lines[0]!.points[i]![1];
      // Rounding of sums of two squares.
      expect(value).toBeGreaterThanOrEqual(low - 1e-14);
      expect(value).toBeLessThanOrEqual(high + 1e-14);
    }
  });
});

describe('a random problem', () => {
  test('of every size can be run, and is the same for the same seed', () => {
    for (const [d1, d2, r] of [
      [1, 1, 1],
      [5, 5, 2],
      [2, 8, 1],
      [8, 8, 8],
    ] as const) {
      const state = randomProblem(d1, d2, r, 3);
      expect(randomProblem(d1, d2, r, 3)).toEqual(state);
      validateState(state);
      expect(fromHash(toHash(state))).toStrictEqual(state);
      const simulation = new Simulation(state);
      simulation.advance(200);
      expect(simulation.runs[0]!.failure).toBeUndefined();
      expect([state.instance.M.length, state.instance.M[0]!.length, state.instance.X0[0]!.length]).toEqual([d1, d2, r]);
    }
  });
});
