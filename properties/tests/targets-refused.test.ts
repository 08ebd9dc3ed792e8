/** Targets that are refused, each in one sentence that says what to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, test } from 'vitest';
import { BadUsage } from '../cli/usage.ts';
import { readOptions } from '../cli/options.ts';
import { readDelimited } from '../cli/targets/delimited.ts';
import { bomb, fixture, garbage, npyHeader, zipOfSize } from './target-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'flat-minima-targets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NOT_JSON = 'give an array of rows such as [[1, 2], [3, 4]]';
const MM = '%%MatrixMarket matrix';

/** The contents of the file, the sentence after its name, and the options other than --target and --rank. */
const CASES: [string, string | Buffer, string, string[]?][] = [
  // Delimited text
  ['nothing', '', 'is empty: give a matrix, one row per line'],
  ['comments only', '# a\n\n', 'is empty: give a matrix, one row per line'],
  ['a header only', 'a,b\n', 'has a header, "a, b", but no rows: give rows of numbers below it'],
  [
    'a quote that is not closed',
    'a,b\n"1,2\n3,4\n',
    'has a quote in line 2 that is not closed: close it, or leave it out',
  ],
  [
    'entries whose squares vanish',
    '1e-200,2e-200\n',
    'has 2.00e-200 as its largest entry: give it in other units, so that this is from 1e-150 to 1e+150',
  ],
  ['ragged rows', '1,2\n3\n', 'has 1 cell in line 2 but 2 in line 1: give every row the same number of cells'],
  [
    'a header that is too short',
    '"a,b",c\n1,2,3,4\n',
    'has 2 names in its header, line 1, but 4 cells in each row: give every column one name',
  ],
  [
    'a text column',
    fixture('r-missing-and-text.csv'),
    'has "setosa" in line 2, column 5 ("species"): choose columns of numbers, such as --columns 2-4',
  ],
  [
    'quantities with a unit in the first column',
    'mass,a,b\n5 kg,1,2\n6.5 kg,3,4\n',
    'has "5 kg" in line 2, column 1 ("mass"): choose columns of numbers, such as --columns 2-3',
  ],
  [
    'numbers in groups of three digits',
    'sum;a\n1.234.567;1\n2.345.678;2\n',
    'has "1.234.567" in line 2, column 1 ("sum"): choose columns of numbers, such as --columns 2',
  ],
  [
    'truth values in the first column',
    'flag,a,b\nTRUE,1,2\nFALSE,3,4\n',
    'has "TRUE" in line 2, column 1 ("flag"): choose columns of numbers, such as --columns 2-3',
  ],
  [
    'text in one cell, after comments and line ends in quotes',
    '# x\n"a\nb",c,d\n1,2,3\n\n4,5,6 cm\n',
    'has "6 cm" in line 6, column 3 ("d"): choose columns of numbers, such as --columns 1-2',
  ],
  [
    'a chosen text column',
    'a,b\n1,x\n',
    'has "x" in line 2, column 2 ("b"): choose columns of numbers, such as --columns 1',
    ['--columns', '2'],
  ],
  [
    'text only',
    `x,"${'y'.repeat(50)}"\nx,z\n`,
    `has "z" in line 2, column 2 ("${'y'.repeat(37)}..."): give a file with columns of numbers`,
  ],
  [
    'names of rows that occur twice',
    'a 1\na 2\n',
    'has "a" in line 1, column 1: choose columns of numbers, such as --columns 2',
  ],
  [
    'a number in another base',
    '1,0x10\n',
    'has "0x10" in line 1, column 2: choose columns of numbers, such as --columns 1',
  ],
  [
    'a missing value',
    fixture('pandas-missing.csv'),
    'has a missing value in line 3, column 3 ("petal, length"): leave out 1 of 4 rows with --drop-rows-with-missing, or choose columns without missing values, such as --columns 1-2',
  ],
  [
    'a missing value in every column',
    '1,NA\n?,4\n5,6\n',
    'has a missing value ("NA") in line 1, column 2: leave out 2 of 3 rows with --drop-rows-with-missing',
  ],
  [
    'a missing value in the only row',
    '1,NA\n',
    'has a missing value ("NA") in line 1, column 2: choose columns without missing values, such as --columns 1',
  ],
  [
    'missing values everywhere',
    'NA,NA\n',
    'has a missing value ("NA") in line 1, column 1: fill in the missing values',
  ],
  [
    'a missing value in every row',
    '1,NA\n',
    'has no row without missing values: choose other columns with --columns',
    ['--drop-rows-with-missing'],
  ],
  ['infinity', 'a,b\n1,2\n3,-inf\n', 'has -Infinity in line 3, column 2 ("b"): give finite numbers'],
  ['a number that is too large', '1e999\n', 'has Infinity in line 1, column 1: give finite numbers'],
  [
    'two decimal marks',
    'a;b\n1,5;2\n3;2.5\n',
    'has "1,5" in line 2, column 1 ("a") and "2.5" in line 3, column 2 ("b"): write all numbers with the same decimal mark',
  ],
  [
    'a column that does not exist',
    '1,2\n',
    'has no column 3, which --columns names: give columns from 1 to 2',
    ['--columns', '2-4'],
  ],
  [
    'an array in text',
    '1,2\n',
    'is not a .npz file but comma-separated text without a header: leave out --array M',
    ['--array', 'M'],
  ],
  // JSON
  ['broken JSON', '[[1, 2], [3,', `begins like JSON but is not valid (Unexpected end of JSON input): ${NOT_JSON}`],
  ['a JSON object', '{"a": [1]}', `is an object in JSON: ${NOT_JSON}`],
  ['a JSON list', '[1, 2]', `has the number "1" as row 1: ${NOT_JSON}`],
  ['JSON records', '[{"a": 1}]', `has an object as row 1: ${NOT_JSON}`],
  ['ragged JSON', '[[1, 2], [3]]', 'has 1 cell in row 2 but 2 in row 1: give every row the same number of cells'],
  ['empty JSON', '[[], []]', 'is a matrix of 2 rows and 0 columns: give one with at least one entry'],
  ['text in JSON', '[[1, "2"]]', 'has "2" in row 1, column 2: choose columns of numbers, such as --columns 1'],
  [
    'null in JSON',
    '[[1, null], [3, 4]]',
    'has a missing value in row 1, column 2: leave out 1 of 2 rows with --drop-rows-with-missing, or choose columns without missing values, such as --columns 1',
  ],
  // NumPy
  [
    'objects',
    fixture('objects.npy'),
    'is an array of Python objects (dtype |O), which are not read: save a matrix of real numbers, such as a.astype(float)',
  ],
  [
    'complex numbers',
    fixture('complex.npy'),
    'is an array of complex numbers (dtype <c16), which are not read: save a matrix of real numbers, such as a.real',
  ],
  [
    'records',
    fixture('records.npy'),
    'is an array of records (dtype [(x, <f8), (y, <i4)]), which are not read: save a matrix of real numbers, such as numpy.lib.recfunctions.structured_to_unstructured(a)',
  ],
  [
    'dates',
    npyHeader('2, 3', '<M8[D]'),
    'is an array of entries that are not numbers (dtype <M8[D]), which are not read: save a matrix of real numbers, such as a.astype(float)',
  ],
  ['one dimension', fixture('1-d.npy'), 'is a 1-d array of shape (3,): save a matrix, such as a.reshape(3, -1)'],
  ['no dimension', npyHeader(''), 'is a 0-d array of shape (): save a matrix, such as a.reshape(1, -1)'],
  [
    'three dimensions',
    fixture('3-d.npy'),
    'is a 3-d array of shape (2, 3, 4): save a matrix, such as a.reshape(2, -1)',
  ],
  ['no rows', fixture('empty.npy'), 'is a matrix of 0 rows and 3 columns: give one with at least one entry'],
  [
    'a large integer',
    fixture('i8-too-large.npy'),
    'has the integer 9007199254740993, beyond 2^53: save a.astype(float), which rounds it',
  ],
  ['infinity in .npy', fixture('infinite.npy'), 'has -Infinity in row 2, column 1: give finite numbers'],
  [
    'NaN in .npy',
    fixture('nan.npy'),
    'has a missing value ("NaN") in row 2, column 2: leave out 1 of 3 rows with --drop-rows-with-missing, or choose columns without missing values, such as --columns 1',
  ],
  [
    'half an array',
    fixture('f8.npy').subarray(0, 170),
    'is truncated: 54 bytes of its 4 x 3 entries are missing, so save it again',
  ],
  [
    'half a header',
    fixture('f8.npy').subarray(0, 60),
    'has a damaged .npy header: save the array again, with numpy.save',
  ],
  [
    'the beginning of a header',
    fixture('f8.npy').subarray(0, 8),
    'has a damaged .npy header: save the array again, with numpy.save',
  ],
  [
    'too many entries',
    npyHeader('20000, 10000'),
    'is 20000 x 10000, 200000000 entries: give a matrix of at most 100000000 entries',
  ],
  ['several arrays', fixture('two.npz'), 'has 2 arrays: give --array with one of "M", "N"'],
  ['another array', fixture('two.npz'), 'has no array "X": give --array with one of "M", "N"', ['--array', 'X']],
  ['an array in .npy', fixture('f8.npy'), 'is not a .npz file but .npy of <f8: leave out --array M', ['--array', 'M']],
  ['a sparse matrix', fixture('sparse.npz'), 'is a sparse matrix of SciPy: save it with scipy.io.mmwrite'],
  [
    'a zip file of other things',
    Buffer.from(zipSync({ 'xl/workbook.xml': new Uint8Array(9) })),
    'is a zip file without arrays of NumPy: save the matrix as text, such as CSV, or as .npy',
  ],
  [
    'a truncated zip file',
    fixture('two.npz').subarray(0, 300),
    'is a damaged zip file (invalid zip data): save it again',
  ],
  ['a zip bomb', zipOfSize(2 ** 29), 'unpacks to more than 256 MB: give a smaller matrix, or the file uncompressed'],
  [
    'a zip file that says less than it holds',
    zipOfSize(100),
    'has a damaged .npy header: save the array again, with numpy.save',
  ],
  // Matrix Market
  [
    'complex Matrix Market',
    fixture('complex.mtx'),
    'is a Matrix Market file of complex numbers, which are not read: write a real matrix',
  ],
  [
    'a Matrix Market vector',
    '%%MatrixMarket vector array real general\n3\n',
    'begins with "%%MatrixMarket vector array real general", which is not read: give a matrix in array or coordinate format, real, integer or (coordinate only) pattern, and general, symmetric or skew-symmetric',
  ],
  [
    'no sizes',
    `${MM} array real general\n% 2 2\n`,
    'has no sizes below its first line: give the numbers of rows and columns',
  ],
  [
    'no number of entries',
    `${MM} coordinate real general\n2 2\n`,
    'has no sizes below its first line: give the numbers of rows, columns and entries',
  ],
  [
    'a symmetric matrix that is not square',
    `${MM} array real symmetric\n2 3\n`,
    'is symmetric but 2 x 3: give a square matrix, or write it as general',
  ],
  [
    'too few entries',
    `${MM} array real general\n2 2\n1 2 3\n`,
    'is truncated: it has fewer entries than its sizes declare, so write it again',
  ],
  [
    'more entries than declared',
    `${MM} coordinate pattern general\n2 2 1\n1 1\n2 2\n`,
    'has "2" after its last entry: give the number of entries that its sizes declare',
  ],
  [
    'an index from 0',
    `${MM} coordinate pattern general\n2 2 1\n0 1\n`,
    'has the index "0": give whole numbers from 1 to 2',
  ],
  [
    'an entry above the diagonal',
    `${MM} coordinate real symmetric\n2 2 1\n1 2 5\n`,
    'has entry (1, 2), which a symmetric file does not store: give entries below the diagonal, or write it as general',
  ],
  ['text in Matrix Market', `${MM} array real general\n1 1\nx\n`, 'has the entry "x": give numbers'],
  [
    'a fraction among integers',
    `${MM} array integer general\n1 1\n1.5\n`,
    'has the entry "1.5": give whole numbers up to 2^53, or write it as real',
  ],
  [
    'a large sparse matrix',
    `${MM} coordinate real general\n20000 10000 0\n`,
    'is 20000 x 10000, 200000000 entries: give a matrix of at most 100000000 entries',
  ],
  // Other files
  [
    'binary garbage',
    garbage,
    'is neither text nor of a known binary format: save the matrix as text, such as CSV, or as .npy',
  ],
  [
    'a file of MATLAB',
    fixture('octave-save-mat7.mat'),
    'is a MATLAB file, which is not read: save the matrix as text, such as CSV, or as .npy',
  ],
  [
    'HDF5',
    Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'),
    'is an HDF5 file, which is not read: save the matrix as text, such as CSV, or as .npy',
  ],
  ['a gzip bomb', bomb(), 'unpacks to more than 256 MB: give a smaller matrix, or the file uncompressed'],
  [
    'a truncated gzip file',
    fixture('pandas.csv.gz').subarray(0, 60),
    'is a damaged gzip file (unexpected end of file): compress it again',
  ],
  ['gzip twice', gzipSync(fixture('pandas.csv.gz')), 'is compressed by gzip twice: unpack it once'],
];

describe('a target is refused with', () => {
  test.each(CASES)('%s', (name, content, sentence, options = []) => {
    const file = join(folder, name.replaceAll(/\W/g, '-'));
    writeFileSync(file, content);
    const reading = (): unknown => readOptions(['--target', file, '--rank', '1', ...options], {});
    expect(reading).toThrow(BadUsage);
    expect(reading).toThrow(new BadUsage(`--target ${file} ${sentence}`));
  });

  test('a folder', () => {
    expect(() => readOptions(['--target', folder, '--rank', '1'], {})).toThrow(
      new BadUsage(`--target ${folder} cannot be read (EISDIR): give a file of at most 2 GB that you may read`),
    );
  });

  test('too many entries in text, before it is read to the end', () => {
    expect(() => readDelimited('1,2,3\n'.repeat(4), 11)).toThrow(/^has more than 11 entries: give a smaller matrix$/);
    expect(readDelimited('1,2,3\n'.repeat(4), 12).rows).toHaveLength(4);
  });
});
