/** Bytes as text: UTF-8, UTF-16 with a byte order mark, or else Latin-1, which older programs write. */
import { isUtf8 } from 'node:buffer';
import { BadTarget, MOST_BYTES } from './table.ts';

/** Control characters that text does not contain. */
const CONTROL = /\p{Cc}(?<![\t\n\f\r])/u;

/** Binary data has a control character in its first bytes, except with negligible probability. */
const BEGINNING = 2 ** 16;

/** The text without its byte order mark. Throws `BadTarget` if the bytes are not text. */
export function decoded(bytes: Uint8Array): string {
  if (bytes.length > MOST_BYTES) {
    throw new BadTarget(`is text of more than ${MOST_BYTES / 2 ** 20} MB: save the matrix as .npy`);
  }
  const text = textOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).replace(/^\uFEFF/, '');
  if (CONTROL.test(text.slice(0, BEGINNING))) {
    throw new BadTarget(
      'is neither text nor of a known binary format: save the matrix as text, such as CSV, or as .npy',
    );
  }
  return text;
}

function textOf(bytes: Buffer): string {
  const mark = bytes.toString('latin1', 0, 2);
  if (mark === '\xff\xfe') return bytes.toString('utf16le');
  if (mark === '\xfe\xff')
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
