/** Targets written by other programs: fixtures/targets/formats, whose README names the version that wrote each file. */
import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Matrix } from '../cli/targets/choose.ts';
import { targetFrom, type Reading } from '../cli/targets/read.ts';
import { fixture, FORMATS } from './target-files.ts';

/** The matrices that the scripts next to the fixtures write. */
const A = [
  [5.1, -3.5, 1.4],
  [0, 0.25, -12345.678],
  [1e-5, 7, 1e10],
  [2.5, -0.125, 3],
];
const WHOLE = [
  [1, -2, 3],
  [40, 0, -2147483648],
];
const SYMMETRIC = [
  [2, -1, 0],
  [-1, 2.5, 0.5],
  [0, 0.5, 4],
];
const SKEW = [
  [0, 1.5, -2],
  [-1.5, 0, 0.25],
  [2, -0.25, 0],
];
const SINGLE = A.map((row) => row.map(Math.fround));
const COMPLETE = A.filter((_, i) => i !== 1);
/** R's write prints seven digits. */
const SEVEN_DIGITS = A.map((row) => row.map((x) => Number(x.toPrecision(7))));

const NAMES = ['length', 'width', 'petal, length'];
const NAMED = { header: NAMES };
const INDEXED = { header: NAMES, index: '' };
const DROP = { dropMissing: true };

type Expected = Partial<Pick<Matrix, 'header' | 'index' | 'dropped'>>;

/** The contents of each fixture, with the names of columns and rows, and the options with which it is read. */
const CASES: [string, number[][], Expected?, Reading?][] = [
  ['savetxt.txt', A],
  ['savetxt-header.csv', A, { header: ['a', 'b', 'c'] }],
  ['savetxt.txt.gz', A],
  ['f8.npy', A],
  ['f8.npy.gz', A],
  ['f4.npy', SINGLE],
  ['f8-fortran.npy', A],
  ['f8-big-endian.npy', A],
  ['i4.npy', WHOLE],
  ['i8.npy', WHOLE],
  ['i8-fortran.npy', WHOLE],
  [
    'nan.npy',
    [
      [1, 2],
      [5, 6],
    ],
    { dropped: 1 },
    DROP,
  ],
  ['nan.npy', [[1], [3], [5]], {}, { columns: [1] }],
  ['one.npz', A],
  ['two.npz', A, {}, { array: 'M' }],
  ['two.npz', WHOLE, {}, { array: 'N' }],
  ['two-compressed.npz', A, {}, { array: 'M' }],
  ['two-compressed.npz', WHOLE, {}, { array: 'N' }],
  ['pandas.csv', A, INDEXED],
  ['pandas.csv.gz', A, INDEXED],
  ['pandas-no-index.csv', A, NAMED],
  ['pandas-named-index.csv', A, { header: NAMES, index: 'id' }],
  ['pandas-row-names.csv', A, { header: NAMES, index: 'site' }],
  ['pandas-dates.csv', A, INDEXED],
  ['pandas-unnamed.csv', A, { header: ['0', '1', '2'], index: '' }],
  ['pandas-unnamed.csv', A.map((row) => [row[2]!, row[0]!]), { header: ['2', '0'] }, { columns: [4, 2] }],
  ['pandas.tsv', A, NAMED],
  ['pandas-decimal-comma.csv', A, NAMED],
  ['pandas-blanks.txt', A, INDEXED],
  ['pandas-excel.csv', A, NAMED],
  ['pandas-utf-16.tsv', A, NAMED],
  ['pandas-missing.csv', COMPLETE, { header: NAMES, dropped: 1 }, DROP],
  ['pandas-missing.csv', A.map((row) => row.slice(0, 2)), { header: NAMES.slice(0, 2) }, { columns: [1, 2] }],
  ['pandas-text-column.csv', A, NAMED, { columns: [1, 2, 3] }],
  ['pandas.json', A],
  ['pandas-missing.json', COMPLETE, { dropped: 1 }, DROP],
  ['python.json', A],
  ['python-lines.json', A],
  ['python-nan.json', [[3, 4]], { dropped: 1 }, DROP],
  ['array-real.mtx', A],
  ['array-integer.mtx', WHOLE],
  ['array-symmetric.mtx', SYMMETRIC],
  ['array-skew.mtx', SKEW],
  ['coordinate-real.mtx', A],
  ['coordinate-integer.mtx', WHOLE],
  ['coordinate-symmetric.mtx', SYMMETRIC],
  ['coordinate-skew.mtx', SKEW],
  ['coordinate-pattern.mtx', SYMMETRIC.map((row) => row.map((x) => (x === 0 ? 0 : 1)))],
  ['r-write-csv.csv', A, INDEXED],
  ['r-write-csv.csv.gz', A, INDEXED],
  ['r-write-csv-no-row-names.csv', A, NAMED],
  ['r-write-csv2.csv', A, INDEXED],
  ['r-write-table.txt', A, INDEXED],
  ['r-write-table.tsv', A, NAMED],
  ['r-matrix.txt', A],
  ['r-matrix.csv', A, { header: ['V1', 'V2', 'V3'], index: '' }],
  ['r-write.txt', SEVEN_DIGITS],
  ['r-missing-and-text.csv', COMPLETE, { header: NAMES, dropped: 1 }, { ...DROP, columns: [2, 3, 4] }],
  ['octave-csvwrite.csv', A],
  ['octave-dlmwrite.tsv', A],
  ['octave-dlmwrite-windows.txt', A],
  ['octave-fprintf.csv', A],
  ['octave-save-ascii.txt', A],
  ['octave-save-text.txt', A],
  ['octave-save-text.txt.gz', A],
  ['octave-jsonencode.json', A],
];

/** Fixtures that are refused: targets-refused.test.ts. */
const REFUSED = [
  ...['1-d.npy', '3-d.npy', 'complex.mtx', 'complex.npy', 'empty.npy', 'i8-too-large.npy', 'infinite.npy'],
  ...['objects.npy', 'octave-save-mat7.mat', 'records.npy', 'sparse.npz'],
];

describe('a matrix is read as the program wrote it', () => {
  test.each(CASES)('%s', (name, rows, expected = {}, reading = {}) => {
    const { format: _, ...matrix } = targetFrom(fixture(name), reading);
    expect(matrix).toEqual({ rows, dropped: 0, ...expected });
  });

  test('of every fixture', () => {
    const tested = new Set([...CASES.map(([name]) => name), ...REFUSED, 'README.md', 'write.py', 'write.R', 'write.m']);
    expect([...tested].sort()).toEqual(readdirSync(FORMATS).sort());
  });
});

test('gzip is recognised around any format, by content alone', () => {
  for (const name of ['f8.npy', 'one.npz', 'array-real.mtx', 'python.json', 'pandas.csv']) {
    expect(targetFrom(gzipSync(fixture(name)), {}).rows).toEqual(A);
  }
});
