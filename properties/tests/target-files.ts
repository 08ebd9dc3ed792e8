/** Files for the tests of targets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';

export const FORMATS = join('fixtures', 'targets', 'formats');

/** A file of fixtures/targets/formats. */
export const fixture = (name: string): Buffer => readFileSync(join(FORMATS, name));

/** A .npy file without entries, as NumPy would begin it. */
export function npyHeader(shape: string, type = '<f8'): Buffer {
  const dict = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117);
  const start = Buffer.from('\x93NUMPY\x01\0\0\0', 'latin1');
  start.writeUInt16LE(dict.length + 1, 8);
  return Buffer.concat([start, Buffer.from(`${dict}\n`)]);
}

/** A zip file whose directory says that its member unpacks to this many bytes. */
export function zipOfSize(bytes: number): Buffer {
  const zip = Buffer.from(zipSync({ 'M.npy': Uint8Array.from(fixture('f8.npy')) }));
  zip.writeUInt32LE(bytes, zip.indexOf('PK\x01\x02') + 24);
  return zip;
}

/** Bytes that no program wrote. */
export const garbage = Buffer.from(Array.from({ length: 400 }, (_, i) => (i * i * 31 + 7 * i) % 256));

/** 272 MB of zeros: a gzip file may consist of several that follow one another. */
export const bomb = (): Buffer => Buffer.concat(new Array<Buffer>(17).fill(gzipSync(Buffer.alloc(2 ** 24))));
