/** NumPy's .npz format: a zip file of .npy files. */
import { unzipSync, type UnzipFileInfo } from 'fflate';
import { tooLarge } from './gzip.ts';
import { readNpy } from './npy.ts';
import { BadTarget, MOST_BYTES, quotedText, type Table } from './table.ts';

const EXTENSION = '.npy';

/** The array of this name, or the only one. Throws `BadTarget` if there is no such array. */
export function readNpz(bytes: Uint8Array, array: string | undefined): Table {
  const found = entriesOf(bytes).filter(({ name }) => name.endsWith(EXTENSION));
  const names = found.map(({ name }) => name.slice(0, -EXTENSION.length));
  const name = chosen(names, array);
  const { size, originalSize } = found[names.indexOf(name)]!;
  // Data stored without compression cannot grow, and readNpy checks its shape.
  if (originalSize > Math.max(size, MOST_BYTES)) throw tooLarge();
  const table = readNpy(unzipped(bytes, `${name}${EXTENSION}`));
  return { ...table, format: `array ${quotedText(name)} of a .npz, ${table.format}` };
}

function chosen(names: readonly string[], array: string | undefined): string {
  if (names.length === 0) {
    throw new BadTarget('is a zip file without arrays of NumPy: save the matrix as text, such as CSV, or as .npy');
  }
  if (['data', 'format', 'shape'].every((name) => names.includes(name)) && array === undefined) {
    throw new BadTarget('is a sparse matrix of SciPy: save it with scipy.io.mmwrite');
  }
  const list = names.map((name) => quotedText(name)).join(', ');
  if (array === undefined && names.length > 1) {
    throw new BadTarget(`has ${names.length} arrays: give --array with one of ${list}`);
  }
  if (array !== undefined && !names.includes(array)) {
    throw new BadTarget(`has no array ${quotedText(array)}: give --array with one of ${list}`);
  }
  return array ?? names[0]!;
}

/** The directory of the zip file; nothing is unpacked. */
function entriesOf(bytes: Uint8Array): UnzipFileInfo[] {
  const entries: UnzipFileInfo[] = [];
  unzipping(bytes, (file) => {
    entries.push(file);
    return false;
  });
  return entries;
}

const unzipped = (bytes: Uint8Array, name: string): Uint8Array => unzipping(bytes, (file) => file.name === name)[name]!;

function unzipping(bytes: Uint8Array, filter: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (error) {
    throw new BadTarget(`is a damaged zip file (${(error as Error).message}): save it again`);
  }
}
