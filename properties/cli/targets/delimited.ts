/** Delimited text: separated by commas, semicolons, tabs or blanks, with or without names of columns and of rows. */
import { counted } from '../../model/numbers.ts';
import { isMissing, numberIn } from './cells.ts';
import { hasHeader, namesRows } from './headings.ts';
import { eachRow, rowsOf, sampleOf, SEPARATOR_NAMES, separatorOf, type Separator } from './separator.ts';
import { BadTarget, checkShape, MOST_ENTRIES, quotedText, type Table } from './table.ts';
import { Values } from './values.ts';

/** The first row, if it names the columns. */
interface Header {
  readonly names: string[];
  readonly line: number;
}

/** Throws `BadTarget` if there are no numbers, or if rows differ in length. */
export function readDelimited(text: string, most = MOST_ENTRIES): Table {
  const data = withoutComments(text);
  checkQuotes(data);
  const sample = sampleOf(data);
  const separator = separatorOf(sample);
  const [first, values] = valuesIn(data, separator, hasHeader(rowsOf(sample, separator)), most);
  dropTrailing(values, first?.names);
  checkLengths(values);
  const columns = values.rows[0]!.length;
  checkShape(values.rows.length, columns);
  const header = headerFor(columns, first) ?? commentedHeader(text, values, separator);
  const names = { lines: values.lines, ...(header === undefined ? {} : { header }) };
  const index = columns > 1 && (header?.[0] === '' || namesRows(header?.[0] ?? 'no name', values.names));
  values.checkDecimalMark(names, Array.from({ length: columns }, (_, j) => j).slice(index ? 1 : 0));
  const format = `${SEPARATOR_NAMES[separator]}${header === undefined ? ' without a header' : ''}`;
  return { format, ...names, index, rows: values.rows, texts: values.texts, missing: values.missing };
}

const COMMENT = /^[ \t]*[#%].*$/gm;

/** Comments become blank lines, so that line numbers stay the same. */
const withoutComments = (text: string): string => (/[#%]/.test(text) ? text.replace(COMMENT, '') : text);

/** A quote that is not closed would take the rest of the file into one cell. */
function checkQuotes(text: string): void {
  if ((text.match(/"/g)?.length ?? 0) % 2 === 0) return;
  const line = text.slice(0, text.lastIndexOf('"')).split(/\r\n?|\n/).length;
  throw new BadTarget(`has a quote in line ${line} that is not closed: close it, or leave it out`);
}

/** The header, if there is one, and the rows below it, of which there is at least one. */
function valuesIn(text: string, separator: Separator, isNamed: boolean, most: number): [Header | undefined, Values] {
  const values = new Values(separator !== ',', most);
  let header: Header | undefined;
  eachRow(text, separator, (cells, line) => {
    if (isNamed && header === undefined) header = { names: cells.map((name) => name.trim()), line };
    else values.add(cells, line);
  });
  if (values.rows.length > 0) return [header, values];
  if (header === undefined) throw new BadTarget('is empty: give a matrix, one row per line');
  throw new BadTarget(
    `has a header, ${quotedText(header.names.join(', '))}, but no rows: give rows of numbers below it`,
  );
}

/** Separators at the end of every row make no column, unless the header names it. */
function dropTrailing(values: Values, names: string[] = []): void {
  const { length } = values.rows[0]!;
  let count = values.trailing;
  while (names.slice(length - count).some((name) => name !== '')) count--;
  if (names.length === length) names.length -= count;
  values.drop(count);
}

function checkLengths({ rows, lines }: Values): void {
  const { length } = rows[0]!;
  const ragged = rows.findIndex((row) => row.length !== length);
  if (ragged < 0) return;
  throw new BadTarget(
    `has ${counted(rows[ragged]!.length, 'cell')} in line ${lines[ragged]!} but ${length} in line ${lines[0]!}: give every row the same number of cells`,
  );
}

/** A name for each column. R leaves out the name of the column that names the rows. */
function headerFor(columns: number, header: Header | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  const { names, line } = header;
  if (names.length === columns) return names;
  if (names.length === columns - 1) return ['', ...names];
  throw new BadTarget(
    `has ${counted(names.length, 'name')} in its header, line ${line}, but ${counted(columns, 'cell')} in each row: give every column one name`,
  );
}

/** The header as numpy.savetxt writes it: a comment above the first row, with a name for each column. */
function commentedHeader(text: string, { rows, lines }: Values, separator: Separator): readonly string[] | undefined {
  const above = text.split(/\r\n?|\n/, lines[0]! - 1).at(-1) ?? '';
  const comment = /^[ \t]*[#%]+[ \t]?(.*)$/.exec(above)?.[1] ?? '';
  const names = rowsOf(comment, separator)[0]?.map((name) => name.trim()) ?? [];
  const isHeader = names.length > 1 && names.length === rows[0]!.length;
  return isHeader && names.every((name, j) => isName(name) || (j === 0 && name === '')) ? names : undefined;
}

const isName = (cell: string): boolean => !isMissing(cell) && Number.isNaN(numberIn(cell, true));
