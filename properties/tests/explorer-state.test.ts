/** The input and output of the explorer: numbers, links, files. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/index.ts';
import { FOLDER, readAll } from '../cli/counterexamples.ts';
import type { Saved } from '../model/saved.ts';
import type { Grid } from '../model/instance.ts';
import { readCounterexample } from '../explorer/counterexample.ts';
import { brief, matrixText, readMatrix, readNumber, readWhole } from '../explorer/matrix-text.ts';
import { presets } from '../explorer/presets.ts';
import { randomProblem } from '../explorer/random-problem.ts';
import { Simulation } from '../explorer/simulation.ts';
import { fitStart, fromHash, stateOf, toHash, validateState, type State } from '../explorer/state.ts';

/** Any finite number, by its bits; -0 and subnormal ones among them. */
const anyNumber = fc
  .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -1074, max: 970 }), fc.boolean())
  .map(([mantissa, exponent, zero]) => (zero ? (mantissa < 0 ? -0 : 0) : mantissa * 2 ** exponent));
const grid = (rows: number, columns: number): fc.Arbitrary<Grid> =>
  fc.array(fc.array(anyNumber, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

const preset = (claim: string): State => presets.find((each) => each.claim === claim)!.state;
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
    expect(() => readMatrix('M', ' ')).toThrow('M is empty: give numbers, one row per line');
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
          alsoPlain: flag,
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

  test('is read if a program has encoded it', () => {
    const { state } = presets[2]!;
    const encoded = toHash(state).replaceAll(',', '%2C').replaceAll(';', '%3B');
    expect(fromHash(encoded)).toStrictEqual(state);
  });

  test('that cannot be read says why', () => {
    const whole = toHash(preset('balance/emerges'));
    const broken: [string, string, RegExp][] = [
      ['M=1&', '', /^the link has no value for M: copy the whole link$/],
      ['Y0=0.25', 'Y0=0.25&Y0=1', /^the link has 1 X0 and 2 Y0/],
      ['eta=0.015625', 'eta=fast', /^eta is "fast"/],
      ['eta=0.015625', 'eta=-1', /^the step size is -1/],
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
    expect(wrong({ X0: [[1, 2]] })).toThrow('X0 is 1 x 2 and Y0 is 1 x 1: give both the same number of columns');
    expect(wrong({ X0: [[1, 2]], Y0: [[1, 2]] })).toThrow('X0 is 1 x 2 and M is 1 x 1: give X0 at most 1 columns');
    expect(wrong({ sigma1: -1 })).toThrow('sigma1 is -1: give a standard deviation, 0 or larger');
    expect(wrong({}, [{ X0: [[1, 2]], Y0: [[1, 2]] }])).toThrow('one start has 1 columns and another 2');
    expect(wrong({}, Array<State['others'][0]>(6).fill(instance))).toThrow('there are 7 starts: give at most 6');
  });
});

describe('a counterexample', () => {
  // Files that are no counterexamples are named by verify, and skipped.
  const files = readAll(FOLDER).saved.map(({ file }) => relative(FOLDER, file));

  test.each(files)('%s is loaded and runs', (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const saved = JSON.parse(text) as Saved;
    const state = readCounterexample(name, text);
    // A claim may look at the start alone; the page runs one step at least.
    expect({ ...saved.instance, steps: Math.max(1, saved.instance.steps) }).toMatchObject(state.instance);
    expect([state.claim, state.met]).toEqual([saved.claim, saved.solver]);
    expect(state.sides).toMatch(
      typeof saved.finding === 'string' ? /^However, / : /^left \S+ right for .*\n {2}left = [^]*\n {2}right = /,
    );
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
      finding: 'it threw',
      instance: { M: [[1]], X0: [[1]], Y0: [[1]], eta: 1, sigma1: 0 },
    };
    const refused: [string, RegExp][] = [
      ['{', /^f is not JSON/],
      ['null', /^f is not a counterexample of flat-minima/],
      ['{"claim":"a/b"}', /^f is not a counterexample of flat-minima/],
      [JSON.stringify({ ...whole, finding: undefined }), /^f has no finding/],
      [JSON.stringify({ ...whole, instance: { ...whole.instance, M: [[1], [1, 2]] } }), /^f has no M to run/],
      [JSON.stringify(whole), /^f has no sigma2 to run/],
    ];
    for (const [text, message] of refused) expect(() => readCounterexample('f', text)).toThrow(message);
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

test('a target of another shape brings its starts along', () => {
  const start = { X0: [[2]], Y0: [[1]] };
  const fitted = fitStart(start, [[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect(fitted).toEqual({ X0: [[2], [1], [1]], Y0: [[1], [0.5]] });
  expect(fitStart({ X0: [[1, 2], [3, 4]], Y0: [[5, 6], [7, 8]] }, [[1]])).toEqual({ X0: [[1]], Y0: [[5]] }); // prettier-ignore
  expect(() => validateState(stateOf({ M: [[1, 2], [3, 4], [5, 6]], ...fitted, eta: 0.1, sigma1: 0, sigma2: 0, steps: 1, seed: 1 }))).not.toThrow(); // prettier-ignore
});
