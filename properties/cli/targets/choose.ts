/** The columns and rows of a table that make up the target. */
import { columnList } from './columns.ts';
import { BadTarget, firstOf, placeOf, quotedText, type Table } from './table.ts';

/** The choices of the user. */
export interface Choice {
  /** Columns, counted from 1 in the order of the file (default: all except the names of the rows). */
  readonly columns?: readonly number[];
  /** Whether rows with missing values are dropped. */
  readonly dropMissing?: boolean;
}

/** The target, and facts about its file that are printed. */
export interface Matrix {
  readonly format: string;
  readonly rows: number[][];
  /** Names of the columns of the target. */
  readonly header?: readonly string[];
  /** Name of the column of row names that was left out, possibly empty; undefined if there was no such column. */
  readonly index?: string;
  /** Number of rows that were dropped because of missing values. */
  readonly dropped: number;
}

/** Throws `BadTarget` if a chosen cell is not a finite number. */
export function chosenFrom(table: Table, { columns, dropMissing = false }: Choice): Matrix {
  const { format, header, rows } = table;
  const total = rows[0]!.length;
  const picked = pickedFrom(table, columns);
  checkTexts(table, picked);
  if (!dropMissing) checkMissing(table, picked);
  const lacking = picked.filter((j) => table.missing.has(j));
  checkFinite(table, picked, lacking);
  const kept = lacking.length === 0 ? rows : rows.filter((row) => isComplete(row, lacking));
  if (kept.length === 0) throw new BadTarget('has no row without missing values: choose other columns with --columns');
  const isAll = picked.length === total && picked.every((j, k) => j === k);
  return {
    format,
    rows: isAll ? kept : kept.map((row) => picked.map((j) => row[j]!)),
    ...(header === undefined ? {} : { header: picked.map((j) => header[j]!) }),
    ...(table.index === true && columns === undefined ? { index: header?.[0] ?? '' } : {}),
    dropped: rows.length - kept.length,
  };
}

/** Indices of the chosen columns. */
function pickedFrom({ rows, index }: Table, columns: readonly number[] | undefined): number[] {
  const total = rows[0]!.length;
  if (columns === undefined) return range(index === true ? 1 : 0, total);
  const beyond = columns.find((column) => column > total);
  if (beyond === undefined) return columns.map((column) => column - 1);
  throw new BadTarget(`has no column ${beyond}, which --columns names: give columns from 1 to ${total}`);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);

const isComplete = (row: readonly number[], columns: readonly number[]): boolean =>
  columns.every((j) => !Number.isNaN(row[j]!));

/** The option that names these columns, given by their indices. */
const option = (columns: readonly number[]): string => `--columns ${columnList(columns.map((j) => j + 1))}`;

function checkTexts(table: Table, picked: readonly number[]): void {
  const text = firstOf(table.texts, picked);
  if (text === undefined) return;
  const columns = range(table.index === true ? 1 : 0, table.rows[0]!.length).filter((j) => !table.texts.has(j));
  const instead =
    columns.length === 0
      ? 'give a file with columns of numbers'
      : `choose columns of numbers, such as ${option(columns)}`;
  throw new BadTarget(`has ${quotedText(text.text)} in ${placeOf(table, text.row, text.column)}: ${instead}`);
}

function checkMissing(table: Table, picked: readonly number[]): void {
  const cell = firstOf(table.missing, picked);
  if (cell === undefined) return;
  const { rows, missing } = table;
  const count = rows.filter((row) => !isComplete(row, picked)).length;
  const columns = picked.filter((j) => !missing.has(j));
  const ways = [
    ...(count === rows.length ? [] : [`leave out ${count} of ${rows.length} rows with --drop-rows-with-missing`]),
    ...(columns.length === 0 ? [] : [`choose columns without missing values, such as ${option(columns)}`]),
  ];
  const shown = cell.text === '' ? '' : ` (${quotedText(cell.text)})`;
  const instead = ways.length === 0 ? 'fill in the missing values' : ways.join(', or ');
  throw new BadTarget(`has a missing value${shown} in ${placeOf(table, cell.row, cell.column)}: ${instead}`);
}

/** Rows that lack values are not looked at: they are dropped. */
function checkFinite(table: Table, picked: readonly number[], lacking: readonly number[]): void {
  for (const [i, row] of table.rows.entries()) {
    const j = picked.find((column) => Math.abs(row[column]!) === Infinity);
    if (j !== undefined && isComplete(row, lacking))
      throw new BadTarget(`has ${row[j]!} in ${placeOf(table, i, j)}: give finite numbers`);
  }
}
