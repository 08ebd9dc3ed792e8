/**
 * NumPy's .npy format, versions 1 to 3: a header that describes the array, then its entries. We read it ourselves: npyjs 1.2.0
 * does not reorder Fortran arrays, reads complex numbers as real ones, accepts a truncated file, and needs a fetch library.
 */
import { BadTarget, checkShape, numericTable, type Table } from './table.ts';

interface Header {
  /** Type of the entries, such as "<f8". */
  readonly type: string;
  /** Whether columns are contiguous instead of rows. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** The offset of the first entry. */
  readonly at: number;
}

type Read = (view: DataView, at: number, littleEndian: boolean) => number;

/** How entries are read, by their kind and size in bytes. */
const READERS: Readonly<Record<string, Read>> = {
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => exact(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => exact(view.getBigUint64(at, little)),
};

/** Throws `BadTarget` if the array is not a matrix of real numbers. */
export function readNpy(bytes: Uint8Array): Table {
  const header = headerOf(bytes);
  const read = READERS[header.type.slice(1)];
  if (read === undefined) throw new BadTarget(unusable(header.type));
  const [rows, columns] = matrixShape(header.shape);
  checkShape(rows, columns);
  const size = Number(header.type.slice(2));
  const missing = header.at + rows * columns * size - bytes.length;
  if (missing > 0) {
    throw new BadTarget(
      `is truncated: ${missing} bytes of its ${rows} x ${columns} entries are missing, so save it again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.at);
  const little = !header.type.startsWith('>');
  const [down, along] = header.fortran ? [1, rows] : [columns, 1];
  const matrix = Array.from({ length: rows }, (_, i) => {
    const row = new Array<number>(columns);
    for (let j = 0; j < columns; j++) row[j] = read(view, size * (i * down + j * along), little);
    return row;
  });
  return numericTable(`.npy of ${header.type}`, matrix);
}

/** The header: magic string, version, length of a Python dict, and that dict. */
function headerOf(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes.length > 6 && bytes[6]! > 1;
  const from = long ? 12 : 10;
  const length = bytes.length < from ? Infinity : long ? view.getUint32(8, true) : view.getUint16(8, true);
  const text = Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
  const type = /'descr': *('[^']*'|\[.*\])/.exec(text)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1];
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1];
  if (from + length > bytes.length || type === undefined || order === undefined || shape === undefined) {
    throw new BadTarget('has a damaged .npy header: save the array again, with numpy.save');
  }
  return {
    type: type.replaceAll("'", ''),
    fortran: order === 'True',
    shape: shape.split(',').flatMap((n) => (n.trim() === '' ? [] : [Number(n)])),
    at: from + length,
  };
}

const KINDS: Readonly<Record<string, string>> = {
  O: 'Python objects',
  c: 'complex numbers',
  b: 'truth values',
  f: 'floating-point numbers of this size',
  U: 'strings',
  S: 'strings',
};

/** Expressions that make a matrix of real numbers, of arrays that astype(float) does not convert. */
const INSTEAD: Readonly<Record<string, string>> = {
  records: 'numpy.lib.recfunctions.structured_to_unstructured(a)',
  'complex numbers': 'a.real',
};

/** Why entries of this type are refused. */
function unusable(type: string): string {
  const kind = type.startsWith('[') ? 'records' : (KINDS[type.charAt(1)] ?? 'entries that are not numbers');
  const instead = INSTEAD[kind] ?? 'a.astype(float)';
  return `is an array of ${kind} (dtype ${type}), which are not read: save a matrix of real numbers, such as ${instead}`;
}

function matrixShape(shape: readonly number[]): readonly [number, number] {
  const [rows, columns] = shape;
  if (shape.length === 2) return [rows!, columns!];
  const text = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  throw new BadTarget(
    `is a ${shape.length}-d array of shape ${text}: save a matrix, such as a.reshape(${rows ?? 1}, -1)`,
  );
}

/** A 64-bit integer as a number, if there is one that equals it. */
function exact(value: bigint): number {
  if (value < Number.MIN_SAFE_INTEGER || value > Number.MAX_SAFE_INTEGER) {
    throw new BadTarget(`has the integer ${value}, beyond 2^53: save a.astype(float), which rounds it`);
  }
  return Number(value);
}
