/** The options --target, --rank, --array, --columns and --drop-rows-with-missing. */
import { readFileSync } from 'node:fs';
import type { Given } from '../model/draft.ts';
import { inOrdinaryUnits } from '../run/rescaled.ts';
import type { Matrix } from './targets/choose.ts';
import { columnsIn } from './targets/columns.ts';
import { targetFrom, type Reading } from './targets/read.ts';
import { BadTarget } from './targets/table.ts';
import { BadUsage, existing, whole } from './usage.ts';

/** A target that the user gave. */
export interface GivenTarget {
  readonly file: string;
  readonly given: Given;
  /** The target with its names, if it was read from the file. */
  readonly matrix?: Matrix;
  /** The options with which it was read, such as `['--columns', '1-4']`. */
  readonly reading?: readonly string[];
}

type TargetValues = Partial<Record<'target' | 'rank' | 'array' | 'columns', string>> & {
  readonly 'drop-rows-with-missing'?: boolean;
};

/** Undefined without a target. Throws `BadUsage`. */
export function readTarget(values: TargetValues): GivenTarget | undefined {
  const { target: file, rank, array, columns, 'drop-rows-with-missing': dropMissing = false } = values;
  const reading = [
    ...(array === undefined ? [] : ['--array', array]),
    ...(columns === undefined ? [] : ['--columns', columns]),
    ...(dropMissing ? ['--drop-rows-with-missing'] : []),
  ];
  if (file === undefined) {
    checkAlone([...(rank === undefined ? [] : ['--rank', rank]), ...reading]);
    return undefined;
  }
  if (rank === undefined) throw new BadUsage(`--target ${file} was given without a rank: give --rank <r> too`);
  const matrix = targetIn(file, {
    ...(array === undefined ? {} : { array }),
    ...(columns === undefined ? {} : { columns: readColumns(columns) }),
    dropMissing,
  });
  const most = Math.min(matrix.rows.length, matrix.rows[0]!.length);
  const given = inOrdinaryUnits({ target: matrix.rows, rank: whole('--rank', rank, 1, most) });
  return { file, given, matrix, ...(reading.length === 0 ? {} : { reading }) };
}

/** Options that ask for a target were given without one. */
function checkAlone(options: readonly string[]): void {
  if (options.length === 0) return;
  throw new BadUsage(`${options.join(' ')} was given without a target: give --target <file> too`);
}

function readColumns(text: string): number[] {
  const columns = columnsIn(text);
  if (columns !== undefined) return columns;
  throw new BadUsage(`--columns is ${text}: give the numbers of columns, each once, such as 1-4 or 1,3-5`);
}

/** The matrix in a file. Throws `BadUsage`. */
function targetIn(file: string, reading: Reading): Matrix {
  const bytes = bytesOf(file);
  try {
    const matrix = targetFrom(bytes, reading);
    checkSize(matrix.rows);
    return matrix;
  } catch (error) {
    throw error instanceof BadTarget ? new BadUsage(`--target ${file} ${error.message}`) : error;
  }
}

/** Bounds on the largest entry of a target, in size: its square is neither infinite nor 0. */
const [LARGEST, LEAST] = [1e150, 1e-150];

/** Throws if the squares of the entries leave the range of doubles. */
function checkSize(rows: readonly (readonly number[])[]): void {
  const size = rows.reduce((most, row) => row.reduce((max, x) => Math.max(max, Math.abs(x)), most), 0);
  if (size === 0 || (size >= LEAST && size <= LARGEST)) return;
  throw new BadTarget(
    `has ${size.toPrecision(3)} as its largest entry: give it in other units, so that this is from ${LEAST} to ${LARGEST}`,
  );
}

function bytesOf(file: string): Uint8Array {
  const path = existing('--target', file);
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadUsage(
      `--target ${file} cannot be read (${String(code)}): give a file of at most 2 GB that you may read`,
    );
  }
}
