/** Reads a target from the bytes of a file of any supported format. */
import { chosenFrom, type Choice, type Matrix } from './choose.ts';
import { decoded } from './decode.ts';
import { readDelimited } from './delimited.ts';
import { binaryFormat, textFormat } from './detect.ts';
import { gunzipped } from './gzip.ts';
import { readJson } from './json.ts';
import { readMatrixMarket } from './matrix-market.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import { BadTarget, type Table } from './table.ts';

export interface Reading extends Choice {
  /** Name of the array in a .npz file. */
  readonly array?: string;
}

/** Throws `BadTarget` if the bytes are not a matrix of finite numbers in a format that is read. */
export function targetFrom(bytes: Uint8Array, reading: Reading): Matrix {
  return chosenFrom(tableFrom(bytes, reading.array), reading);
}

function tableFrom(bytes: Uint8Array, array: string | undefined): Table {
  const format = binaryFormat(bytes);
  if (format === 'gzip') {
    const table = tableOf(gunzipped(bytes), array);
    return { ...table, format: `${table.format}, gzip` };
  }
  return tableOf(bytes, array);
}

/** The table of bytes that are not compressed by gzip. */
function tableOf(bytes: Uint8Array, array: string | undefined): Table {
  const format = binaryFormat(bytes);
  if (format === 'gzip') throw new BadTarget('is compressed by gzip twice: unpack it once');
  if (format === 'zip') return readNpz(bytes, array);
  const table = format === 'npy' ? readNpy(bytes) : tableOfText(decoded(bytes));
  if (array === undefined) return table;
  throw new BadTarget(`is not a .npz file but ${table.format}: leave out --array ${array}`);
}

function tableOfText(text: string): Table {
  const format = textFormat(text);
  if (format === 'Matrix Market') return readMatrixMarket(text);
  return format === 'JSON' ? readJson(text) : readDelimited(text);
}
