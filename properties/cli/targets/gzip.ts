/** Files compressed by gzip. */
import { gunzipSync } from 'node:zlib';
import { BadTarget, MOST_BYTES } from './table.ts';

/** Throws `BadTarget` if the file is damaged, or as soon as it unpacks to more than `MOST_BYTES`. */
export function gunzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new BadTarget(`is a damaged gzip file (${message}): compress it again`);
  }
}

/** The refusal of a compressed file that unpacks to too much. */
export const tooLarge = (): BadTarget =>
  new BadTarget(`unpacks to more than ${MOST_BYTES / 2 ** 20} MB: give a smaller matrix, or the file uncompressed`);
