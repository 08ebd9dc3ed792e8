/** The format of a file, recognised by its content. Its name is ignored. */
import { BadTarget } from './table.ts';

export type BinaryFormat = 'gzip' | 'zip' | 'npy';
export type TextFormat = 'Matrix Market' | 'JSON' | 'delimited';

/** First bytes of the binary formats that are read. */
const SIGNATURES: readonly (readonly [BinaryFormat, string])[] = [
  ['gzip', '\x1f\x8b'],
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['npy', '\x93NUMPY'],
];

/** First bytes of common formats that are not read, with their names for the message. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ['a MATLAB file', 'MATLAB 5.0'],
  ['an HDF5 file', '\x89HDF'],
  ['a Parquet file', 'PAR1'],
  ['an R data file', 'RDX'],
  ['an R data file', 'X\n\0\0\0'],
  ['a file of Octave', 'Octave-1-'],
  ['an Excel workbook', '\xd0\xcf\x11\xe0'],
  ['a file compressed by bzip2', 'BZh'],
  ['a file compressed by xz', '\xfd7zXZ'],
  ['a file compressed by zstd', '\x28\xb5\x2f\xfd'],
  ['a PDF document', '%PDF-'],
];

/** The binary format of the bytes; undefined for text. Throws `BadTarget` if another format is recognised. */
export function binaryFormat(bytes: Uint8Array): BinaryFormat | undefined {
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const found = SIGNATURES.find(([, signature]) => start.startsWith(signature));
  if (found !== undefined) return found[0];
  const foreign = FOREIGN.find(([, signature]) => start.startsWith(signature));
  if (foreign !== undefined) {
    throw new BadTarget(`is ${foreign[0]}, which is not read: save the matrix as text, such as CSV, or as .npy`);
  }
  return undefined;
}

export function textFormat(text: string): TextFormat {
  if (/^%%MatrixMarket\b/i.test(text)) return 'Matrix Market';
  return /^\s*[[{]/.test(text) ? 'JSON' : 'delimited';
}
