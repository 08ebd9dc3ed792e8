/** Text as people write it, and random matrices written as text in random ways. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Matrix } from '../cli/targets/choose.ts';
import { targetFrom, type Reading } from '../cli/targets/read.ts';

type Names = Partial<Pick<Matrix, 'header' | 'index'>>;

describe('text', () => {
  const textOf = (text: string, reading: Reading = {}): Omit<Matrix, 'format'> => {
    const { format: _, ...matrix } = targetFrom(Buffer.from(text, 'latin1'), reading);
    return matrix;
  };

  test.each<[string, string, number[][], Names?]>([
    ['one number', '5', [[5]]],
    ['one column', '1\n2\n', [[1], [2]]],
    ['a column with a name of two words', 'petal length\n1.5\n2\n', [[1.5], [2]], { header: ['petal length'] }],
    [
      'comments between rows',
      '% a\n1 2\n\n  # b, c\n3 4\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a comment that names the columns', '#id,x\n1,5\n2,6\n', [[5], [6]], { header: ['x'], index: 'id' }],
    [
      'a comment that does not',
      '# from the lab\n1,5\n2,6\n',
      [
        [1, 5],
        [2, 6],
      ],
    ],
    ['dates as names of rows', 'day,a\n2024-01-01,1\n2024-01-02,2\n', [[1], [2]], { header: ['a'], index: 'day' }],
    ['dates with points', 'day,a\n31.12.2024,1\n01.01.2025,2\n', [[1], [2]], { header: ['a'], index: 'day' }],
    ['codes as names of rows', 'well,a\n1a,1\n1b,2\n', [[1], [2]], { header: ['a'], index: 'well' }],
    ['quantities below a name for numberings', 'id,a\n5 kg,1\n6 kg,2\n', [[1], [2]], { header: ['a'], index: 'id' }],
    [
      'names of rows without a header',
      'a 1 2\nb 3 4\n',
      [
        [1, 2],
        [3, 4],
      ],
      { index: '' },
    ],
    [
      'increasing numbers without a name for them',
      '1,5\n2,6\n',
      [
        [1, 5],
        [2, 6],
      ],
    ],
    [
      'increasing numbers under another name',
      't,x\n1,5\n2,6\n',
      [
        [1, 5],
        [2, 6],
      ],
      { header: ['t', 'x'] },
    ],
    [
      'years as names',
      'gene,2019,2020,2021\nA,1,2,4\nB,3,4,5\n',
      [
        [1, 2, 4],
        [3, 4, 5],
      ],
      { header: ['2019', '2020', '2021'], index: 'gene' },
    ],
    [
      'rows and years',
      'row,2019,2025\n1,1,2\n2,3,4\n',
      [
        [1, 2],
        [3, 4],
      ],
      { header: ['2019', '2025'], index: 'row' },
    ],
    ['a trailing separator in the header too', 'a;b;\n1;2;\n', [[1, 2]], { header: ['a', 'b'] }],
    [
      'several of them',
      '1,2,,\n3,4,,\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['blanks around quotes', '"a" , "b; c"\n"1" , "2"\n', [[1, 2]], { header: ['a', 'b; c'] }],
    ['a quote within quotes, and a line end', '"5"" pipe","b\nc"\n1,2\n', [[1, 2]], { header: ['5" pipe', 'b\nc'] }],
    [
      'blanks and tabs',
      '  1\t 2\n3 4 \n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a tab and a decimal comma', '1,5\t2\n', [[1.5, 2]]],
    ['a semicolon and a decimal point', '1.5;2\n', [[1.5, 2]]],
    ['all ways to write a number', '+1,-.5,1.,1E3,1.5D+02\n', [[1, -0.5, 1, 1000, 150]]],
    ['a header in Latin-1', 'gr\xf6\xdfe,b\n1,2\n', [[1, 2]], { header: ['gr\xf6\xdfe', 'b'] }],
    [
      'old line ends',
      'a,b\r1,2\r3,4',
      [
        [1, 2],
        [3, 4],
      ],
      { header: ['a', 'b'] },
    ],
  ])('with %s', (_, text, rows, names = {}) => {
    expect(textOf(text)).toEqual({ rows, dropped: 0, ...names });
  });

  test.each(['', 'NA', 'N/A', 'nan', 'NaN', 'null', 'None', '?', '.', '<NA>', '#N/A'])(
    'with the missing value %j',
    (word) => {
      expect(textOf(`1,${word}\n3,4\n`, { dropMissing: true })).toEqual({ rows: [[3, 4]], dropped: 1 });
    },
  );

  test('with infinity in a row that is dropped', () => {
    expect(textOf('1,-inf,NA\n3,4,5\n', { dropMissing: true }).rows).toEqual([[3, 4, 5]]);
  });

  test('in UTF-16 of the other byte order', () => {
    expect(targetFrom(Buffer.from('\ufeff1,2\n3,4', 'utf16le').swap16(), {}).rows).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

const bits = new DataView(new ArrayBuffer(8));

/** Finite numbers of all sizes: whole numbers, decimals, and arbitrary bits. No -0, which some formats write as 0. */
const numbers: fc.Arbitrary<number> = fc
  .oneof(
    fc.integer({ min: -99, max: 99 }),
    fc.record({ digits: fc.integer(), scale: fc.nat(12) }).map(({ digits, scale }) => digits / 10 ** scale),
    fc.record({ high: fc.integer(), low: fc.integer() }).map(({ high, low }) => {
      bits.setInt32(0, high);
      bits.setInt32(4, low);
      return bits.getFloat64(0);
    }),
  )
  .map((value) => (Number.isFinite(value) ? value + 0 : 0));

const matrices = (least = 1): fc.Arbitrary<number[][]> =>
  fc
    .record({ rows: fc.integer({ min: 1, max: 8 }), columns: fc.integer({ min: least, max: 6 }) })
    .chain(({ rows, columns }) => {
      const row = fc.array(numbers, { minLength: columns, maxLength: columns });
      return fc.array(row, { minLength: rows, maxLength: rows });
    });

const SEPARATORS = [',', ';', '\t', ' ', '   ', ', ', ' ; '];

/** A name of a column or a row: a letter first, so that it is neither a number nor a word for a missing value. */
const names = fc
  .string({ unit: fc.constantFrom(...Array.from('ab ,;"\'#%\t1.é')), maxLength: 6 })
  .map((text) => `c_${text}`);

const ways = fc.record({
  separator: fc.constantFrom(...SEPARATORS),
  decimalComma: fc.boolean(),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  isEnded: fc.boolean(),
  hasMark: fc.boolean(),
  hasTrailing: fc.boolean(),
  quotes: fc.constantFrom('none', 'names', 'all'),
  header: fc.boolean(),
  index: fc.constantFrom('none', 'text', 'numbers'),
  comments: fc.array(fc.constantFrom('# 1,2', '  % 3 "x', '', '#'), { maxLength: 3 }),
  words: fc.uniqueArray(names, { minLength: 20, maxLength: 20, selector: (name) => name.trim() }),
});

type Way = typeof ways extends fc.Arbitrary<infer T> ? T : never;

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A name, in quotes if it needs them. */
const nameText = (name: string, { quotes }: Way): string =>
  quotes !== 'none' || /[\s,;"]/.test(name) ? quoted(name) : name;

function numberText(value: number, { separator, decimalComma, quotes }: Way): string {
  const text = decimalComma && separator.trim() !== ',' ? String(value).replace('.', ',') : String(value);
  return quotes === 'all' ? quoted(text) : text;
}

/** Only a header shows that a column of numbers is an index. */
const indexOf = ({ index, header }: Way): Way['index'] => (index === 'numbers' && !header ? 'none' : index);

/** Blanks in names are not always preserved. */
const withoutBlanks = (name: string): string => name.replaceAll(/\s/g, '');

/** The matrix as delimited text. */
function written(matrix: readonly number[][], way: Way): string {
  const { separator, end, words } = way;
  const index = indexOf(way);
  const corner = index === 'none' ? [] : [quoted('')];
  const header = [...corner, ...matrix[0]!.map((_, j) => nameText(words[j]!, way))];
  const rows = matrix.map((row, i) => [
    ...(index === 'none' ? [] : [index === 'text' ? nameText(words[10 + i]!, way) : String(i)]),
    ...row.map((value) => numberText(value, way)),
  ]);
  const trailing = way.hasTrailing && separator.trim() !== '' ? separator.trim() : '';
  const lines = [...(way.header ? [header] : []), ...rows].map((cells) => cells.join(separator) + trailing);
  const all = [...way.comments, ...lines.flatMap((line, i) => (i === 1 ? [...way.comments, line] : [line]))];
  return `${way.hasMark ? '\ufeff' : ''}${all.join(end)}${way.isEnded ? end : ''}`;
}

test('delimited text, with all separators, quotes, line ends, comments, headers and names of rows', () => {
  // With one column, a decimal comma is a separator.
  fc.assert(
    fc.property(matrices(2), ways, (matrix, way) => {
      const { rows, header, index } = targetFrom(Buffer.from(written(matrix, way)), {});
      expect(rows).toEqual(matrix);
      expect(header?.map(withoutBlanks)).toEqual(
        way.header ? matrix[0]!.map((_, j) => withoutBlanks(way.words[j]!)) : undefined,
      );
      expect(index).toBe(indexOf(way) === 'none' ? undefined : '');
    }),
    { seed: 1, numRuns: 1500 },
  );
});

test('delimited text of one column', () => {
  fc.assert(
    fc.property(matrices(), ways, (matrix, way) => {
      const column = matrix.map((row) => row.slice(0, 1));
      expect(targetFrom(Buffer.from(written(column, { ...way, decimalComma: false })), {}).rows).toEqual(column);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('JSON: an array of rows, or a row per line', () => {
  const blanks = fc.constantFrom('', ' ', '\n', '\r\n  ');
  fc.assert(
    fc.property(matrices(), blanks, fc.boolean(), (matrix, blank, isLines) => {
      const rows = matrix.map((row) => `[${row.join(`,${blank.replaceAll(/[\r\n]/g, '')}`)}]`);
      const text = isLines ? rows.join('\n') : `${blank}[${blank}${rows.join(`,${blank}`)}${blank}]${blank}`;
      // One line is one document: an array of numbers, which is not a matrix.
      fc.pre(!isLines || rows.length > 1);
      expect(targetFrom(Buffer.from(text), {}).rows).toEqual(matrix);
    }),
    { seed: 1 },
  );
});

const square = (matrix: readonly number[][]): number[][] => {
  const size = Math.min(matrix.length, matrix[0]!.length);
  return matrix.slice(0, size).map((row) => row.slice(0, size));
};

/** The matrix that a file of this symmetry stores with the lower triangle of the given one. */
const symmetrised = (matrix: readonly number[][], symmetry: string): number[][] =>
  matrix.map((row, i) =>
    row.map((value, j) => {
      if (symmetry === 'general' || i > j) return value;
      const mirrored = matrix[j]![i]!;
      return symmetry === 'symmetric' ? mirrored : i === j ? 0 : 0 - mirrored;
    }),
  );

test('Matrix Market: array and coordinate, of all symmetries', () => {
  const forms = fc.record({
    layout: fc.constantFrom('array', 'coordinate'),
    symmetry: fc.constantFrom('general', 'symmetric', 'skew-symmetric'),
    end: fc.constantFrom('\n', '\r\n'),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(matrices(), forms, (drawn, { layout, symmetry, end, seed }) => {
      const matrix = symmetrised(symmetry === 'general' ? drawn : square(drawn), symmetry);
      const [rows, columns] = [matrix.length, matrix[0]!.length];
      const places = Array.from({ length: columns }, (_, j) => matrix.map((__, i) => [i, j] as const))
        .flat()
        .filter(([i, j]) => symmetry === 'general' || i > j || (i === j && symmetry === 'symmetric'));
      const stored = layout === 'array' ? places : places.filter(([i, j]) => matrix[i]![j] !== 0);
      // The order of the entries is free.
      const turned = layout === 'array' ? stored : [...stored.slice(seed % 7), ...stored.slice(0, seed % 7)];
      const entries = turned.map(([i, j]) => `${layout === 'array' ? '' : `${i + 1} ${j + 1} `}${matrix[i]![j]!}`);
      const sizes = layout === 'array' ? `${rows} ${columns}` : `${rows} ${columns} ${stored.length}`;
      const lines = [`%%MatrixMarket matrix ${layout} real ${symmetry}`, '% a comment', '%', sizes, ...entries, ''];
      expect(targetFrom(Buffer.from(lines.join(end)), {}).rows).toEqual(matrix);
    }),
    { seed: 1, numRuns: 300 },
  );
});
