/** The answers of a program (docs/protocol.md), read from its lines of JSON. */
import { ProtocolError } from '../run/guard.ts';
import { Matrix } from 'ml-matrix';

/** An answer to one request: the iterate, or the reason why it is missing. */
export type Iterate = { readonly X: Matrix; readonly Y: Matrix } | { readonly error: Error };

/** The answer to a single request, and whether the program says that it takes batches. */
export function readAnswer(text: string): { iterate: Iterate; batch: boolean } {
  const value = parsed(text);
  return { iterate: iterateOf(value, text), batch: (value as { batch?: unknown } | null)?.batch === true };
}

/** The answers to a batch. */
export function readBatch(text: string, count: number): Iterate[] {
  const value = parsed(text) as { batch?: unknown; error?: unknown } | null;
  if (typeof value?.error === 'string') throw answeredWithError(value.error);
  if (!Array.isArray(value?.batch)) {
    throw new ProtocolError(
      `the program wrote "${shown(text)}": answer a batch with {"batch": [an answer to each request]}`,
    );
  }
  if (value.batch.length !== count) {
    throw new ProtocolError(
      `the program answered a batch of ${count} requests with ${value.batch.length} answers: answer each request, in the order of the batch`,
    );
  }
  return value.batch.map((each) => iterateOf(each, JSON.stringify(each)));
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);

const answeredWithError = (sentence: string): Error => new Error(`the program answered with the error "${sentence}"`);

const ONE_LINE = 'answer every request with one line of JSON, and write nothing else to standard output';

/** JSON with the names that some libraries write for numbers that JSON does not have. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(/\b(?:NaN|Infinity)\b/.test(text) ? text.replace(/-?\bInfinity\b|\bNaN\b/g, 'null') : text);
  } catch {
    throw new ProtocolError(`the program wrote "${shown(text)}", which is not JSON: ${ONE_LINE}`);
  }
}

/**
 * The sentence about a line that answers no request. A remark may also be read after the next request was sent, as its
 * answer: the sentence is the same.
 */
export function strayLine(text: string): string {
  try {
    parsed(text);
  } catch (error) {
    return (error as Error).message;
  }
  return `the program wrote "${shown(text)}" without a request: ${ONE_LINE}`;
}

/** {"X": rows, "Y": rows}; null stands for NaN and the infinities. */
function iterateOf(value: unknown, text: string): Iterate {
  const { X, Y, error } = (value ?? {}) as { X?: unknown; Y?: unknown; error?: unknown };
  if (typeof error === 'string') return { error: answeredWithError(error) };
  if (!isRows(X) || !isRows(Y)) {
    throw new ProtocolError(
      `the program wrote "${shown(text)}": answer with the iterate as {"X": rows of numbers, "Y": rows of numbers}`,
    );
  }
  const finite = (rows: (number | null)[][]): Matrix => new Matrix(rows.map((row) => row.map((entry) => entry ?? NaN)));
  return { X: finite(X), Y: finite(Y) };
}

function isRows(value: unknown): value is (number | null)[][] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (row) =>
        Array.isArray(row) &&
        row.length === (value[0] as unknown[]).length &&
        row.length > 0 &&
        row.every((entry) => entry === null || typeof entry === 'number'),
    )
  );
}
