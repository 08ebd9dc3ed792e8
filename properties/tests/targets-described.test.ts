/** The line that verify prints about a target, and the options for targets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matrix as Dense, SVD } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { columnList, columnsIn } from '../cli/targets/columns.ts';
import { described } from '../cli/targets/describe.ts';
import { targetFrom } from '../cli/targets/read.ts';
import { stepText } from '../cli/targets/steps.ts';
import { spectrumOf } from '../cli/targets/spectrum.ts';
import { BadUsage } from '../cli/usage.ts';
import { readOptions, type VerifyOptions } from '../cli/options.ts';
import { gaussian } from './gaussian.ts';
import { fixture, FORMATS } from './target-files.ts';

/** The first columns of the matrix that most fixtures hold. */
const FIRST_COLUMNS = [
  [5.1, -3.5],
  [0, 0.25],
  [1e-5, 7],
  [2.5, -0.125],
];

describe('the line about the target', () => {
  test.each([
    [
      'pandas.csv',
      {},
      '4 x 3, header "length, width, petal, length", without the index column, rank 3, s = 1.00e+10, 6.56, 1.26 (comma-separated text)',
    ],
    [
      'pandas-row-names.csv',
      {},
      '4 x 3, header "length, width, petal, length", without the index column "site", rank 3, s = 1.00e+10, 6.56, 1.26 (comma-separated text)',
    ],
    [
      'nan.npy',
      { dropMissing: true },
      '2 x 2, without 1 row with missing values, rank 2, s = 8.11, 0.493 (.npy of <f8)',
    ],
    ['two.npz', { array: 'N' }, '2 x 3, rank 2, s = 2.15e+9, 2.24 (array "N" of a .npz, .npy of <i8)'],
    ['savetxt.txt.gz', {}, '4 x 3, rank 3, s = 1.00e+10, 6.56, 1.26 (blank-separated text without a header, gzip)'],
  ])('%s', (name, reading, line) => {
    expect(described(targetFrom(fixture(name), reading))).toBe(line);
  });

  test('is printed by verify, with the options in the command that replays', () => {
    const args = [
      '--target',
      join(FORMATS, 'pandas-missing.csv'),
      '--rank',
      '2',
      '--drop-rows-with-missing',
      '--columns',
      '1-2',
    ];
    const { target } = readOptions(args, {}) as VerifyOptions;
    expect(target).toMatchObject({
      file: join(FORMATS, 'pandas-missing.csv'),
      given: { rank: 2, target: FIRST_COLUMNS },
      reading: ['--columns', '1-2', '--drop-rows-with-missing'],
    });
  });

  test('is shown in the documentation', () => {
    const file = join(FORMATS, 'pandas-row-names.csv');
    expect(readFileSync(join('docs', 'targets.md'), 'utf8')).toContain(
      `\ntarget ${file}: ${described(targetFrom(fixture('pandas-row-names.csv'), {}))}\n`,
    );
  });

  test('names at most four columns, and cuts long names', () => {
    const names = ['a'.repeat(30), 'b', 'c', 'd', 'e'];
    const line = described(targetFrom(Buffer.from(`${names.join(',')}\n0,0,0,0,0\n`), {}));
    expect(line).toBe(`1 x 5, header "${'a'.repeat(17)}..., b, c, d, ...", rank 0, s = 0 (comma-separated text)`);
  });
});

describe('the line about step sizes', () => {
  const given = { target: [[3, 0], [0, 1]], rank: 1 }; // prettier-ignore

  test('names a bound for every start and a step size that is safe', () => {
    // |M| = |R_0| = sqrt 10: the bound is sqrt 10 (1/5 + sqrt(1/25 + 16) + 1) for twice the step size's inverse.
    const safe = 1 / (2 * Math.sqrt(10) * (1 / 5 + Math.sqrt(1 / 25 + 16) + 1));
    expect(stepText(given, 3)).toBe(
      `step sizes: above 0.333 (1/s_1) all minima repel gradient descent, ${safe.toPrecision(3)} is safe from a small start; criticalStep computes more for other starts`,
    );
  });

  test('without singular values names the safe one, in the units of the file', () => {
    const line = stepText({ ...given, scale: 1 }, undefined);
    expect(line).toMatch(/^step sizes: 0\.00759 is safe from a small start/);
  });

  test('says nothing about a target of 0', () => {
    expect(stepText({ target: [[0]], rank: 1 }, 0)).toBeUndefined();
  });
});

describe('rank and singular values', () => {
  /** A product of random factors, so that it has this rank. */
  const ofRank = (rows: number, columns: number, rank: number): number[][] =>
    gaussian(rows, rank, 'left')
      .mmul(gaussian(rank, columns, 'right'))
      .to2DArray();

  test.each([
    [30, 20, 7],
    [20, 30, 20],
  ])('a small matrix of %i x %i is decomposed itself', (rows, columns, rank) => {
    const matrix = ofRank(rows, columns, rank);
    const found = spectrumOf(matrix)!;
    expect([found.rank, found.isCoarse]).toEqual([rank, false]);
    const squares = found.singularValues.reduce((sum, s) => sum + s * s, 0);
    expect(squares).toBeCloseTo(
      matrix.flat().reduce((sum, x) => sum + x * x, 0),
      8,
    );
  });

  test.each([
    [300, 160, 40],
    [160, 300, 160],
  ])('of a large one of %i x %i the Gram matrix', (rows, columns, rank) => {
    const matrix = ofRank(rows, columns, rank);
    const found = spectrumOf(matrix)!;
    expect([found.rank, found.isCoarse]).toEqual([rank, true]);
    // The squares are right to max(d1, d2) u times the largest of them, so a value above its threshold to half of that.
    const exact = new SVD(new Dense(matrix), { autoTranspose: true }).diagonal;
    const error = (found.threshold ** 2 * exact[0]! ** 2) / (2 * exact[rank - 1]!);
    for (let i = 0; i < rank; i++) expect(Math.abs(found.singularValues[i]! - exact[i]!)).toBeLessThan(error);
    expect(described({ rows: matrix, format: 'JSON', dropped: 0 })).toMatch(
      /, rank \d+ \(s_i > 3e-7 s_1\), s = .*, \.\.\. \(JSON\)$/,
    );
  });

  test('do not overflow, and are left out for very large matrices', () => {
    const huge = ofRank(300, 160, 3).map((row) => row.map((x) => 1e200 * x));
    expect(spectrumOf(huge)!.rank).toBe(3);
    const zeros = Array.from({ length: 600 }, () => new Array<number>(600).fill(0));
    expect(spectrumOf(zeros)!.rank).toBe(0);
    zeros[0]![0] = 1;
    expect(described({ rows: zeros, format: 'JSON', dropped: 0 })).toBe(
      '600 x 600, rank and singular values not computed because of its size (JSON)',
    );
  });
});

describe('lists of columns', () => {
  test.each([
    ['3', [3]],
    ['1-4', [1, 2, 3, 4]],
    ['4, 1-2', [4, 1, 2]],
  ])('%s', (text, columns) => {
    expect(columnsIn(text)).toEqual(columns);
  });

  test.each(['', '0', 'x', '2-1', '1,1', '1-3,2', '1-', '-1', '1;2', '1.5', '1-999999999', '1-2-3'])(
    'not %j',
    (text) => {
      expect(columnsIn(text)).toBeUndefined();
      expect(() => readOptions(['--target', 'x', '--rank', '1', `--columns=${text}`], {})).toThrow(BadUsage);
    },
  );

  test('are written as short as possible', () => {
    expect(columnList([1, 2, 3, 5, 7, 8])).toBe('1-3,5,7-8');
  });
});

describe('options without a target, or with a wrong list', () => {
  test.each([
    [['--rank', '2'], '--rank 2 was given without a target: give --target <file> too'],
    [['--columns', '1-2'], '--columns 1-2 was given without a target: give --target <file> too'],
    [['--array', 'M'], '--array M was given without a target: give --target <file> too'],
    [['--drop-rows-with-missing'], '--drop-rows-with-missing was given without a target: give --target <file> too'],
    [
      ['--target', 'x', '--rank', '1', '--columns', '0-2'],
      '--columns is 0-2: give the numbers of columns, each once, such as 1-4 or 1,3-5',
    ],
  ])('%j', (args, sentence) => {
    expect(() => readOptions(args, {})).toThrow(new BadUsage(sentence));
  });
});
