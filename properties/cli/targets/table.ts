/** The matrix of a file as the readers of the formats return it: all columns, before some of them are chosen. */

/** A file that cannot be read as a target. The message continues a sentence that begins with the name of the file. */
export class BadTarget extends Error {
  override readonly name = 'BadTarget';
}

/** A cell that is not a number. */
export interface OddCell {
  /** Index of its row. */
  readonly row: number;
  /** The cells of the file, unchanged. */
  readonly text: string;
}

/** The first cell of each column that is not a number, by the index of the column. */
export type OddCells = ReadonlyMap<number, OddCell>;

export interface Table {
  /** The format, such as "comma-separated text". */
  readonly format: string;
  /** Rows of equal length. NaN stands for a missing value and for text. */
  readonly rows: number[][];
  /** Names of the columns, if the file has them. */
  readonly header?: readonly string[];
  /** Whether the first column names the rows. */
  readonly index?: boolean;
  /** The columns that hold text. */
  readonly texts: OddCells;
  /** The columns that lack values. */
  readonly missing: OddCells;
  /** Line of each row in the file, for formats in lines. */
  readonly lines?: readonly number[];
}

/** At most this many entries are read. */
export const MOST_ENTRIES = 100_000_000;

/** Text, after decompression, is read up to this many bytes. */
export const MOST_BYTES = 2 ** 28;

/** Throws `BadTarget` if a matrix of this shape is empty or too large. */
export function checkShape(rows: number, columns: number): void {
  if (rows === 0 || columns === 0) {
    throw new BadTarget(`is a matrix of ${rows} rows and ${columns} columns: give one with at least one entry`);
  }
  if (rows * columns > MOST_ENTRIES) {
    throw new BadTarget(
      `is ${rows} x ${columns}, ${rows * columns} entries: give a matrix of at most ${MOST_ENTRIES} entries`,
    );
  }
}

/** A table of numbers only, in which NaN stands for missing values. */
export function numericTable(format: string, rows: number[][]): Table {
  const missing = new Map<number, OddCell>();
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < row.length; j++) {
      if (Number.isNaN(row[j]!) && !missing.has(j)) missing.set(j, { row: i, text: 'NaN' });
    }
  }
  return { format, rows, texts: new Map(), missing };
}

/** Text of a file in a message: quoted, on one line, and cut if it is long. */
export const quotedText = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);

/** The cell of a table in words, with column 0 as the first: `line 3, column 2 ("width")`. */
export function placeOf({ lines, header }: Pick<Table, 'lines' | 'header'>, row: number, column: number): string {
  const name = header?.[column] ?? '';
  const where = lines === undefined ? `row ${row + 1}` : `line ${lines[row]!}`;
  return `${where}, column ${column + 1}${name === '' ? '' : ` (${quotedText(name)})`}`;
}

/** The cell that comes first in the file, among those of the given columns. */
export function firstOf(
  cells: OddCells,
  columns: readonly number[],
): (OddCell & { readonly column: number }) | undefined {
  const found = columns.flatMap((column) => (cells.has(column) ? [{ column, ...cells.get(column)! }] : []));
  const [first] = found.sort((a, b) => a.row - b.row || a.column - b.column);
  return first;
}
