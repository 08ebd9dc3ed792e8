/** Numbers and matrices as people type them, and as links carry them. */
import { InvalidInput } from '../../src/index.ts';
import type { Grid } from '../model/instance.ts';

/** The page holds all entries in text fields and links. */
const MOST_ENTRIES = 1000;

/** A decimal number or a fraction, such as 0.5, -1e-3 or 1/64. Throws `InvalidInput`. */
export function readNumber(name: string, text: string): number {
  const value = valueOf(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidInput(`${name} is ${quoted(text)}: give a number such as 2, 0.5 or 1/64`);
}

/** A whole number within bounds. Throws `InvalidInput`. */
export function readWhole(name: string, text: string, least: number, most: number): number {
  const value = valueOf(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidInput(`${name} is ${quoted(text)}: give a whole number from ${least} to ${most}`);
}

/**
 * One row per line; entries apart by spaces, commas or tabs. Semicolons end rows too, and JSON is accepted. Throws
 * `InvalidInput`.
 */
export function readMatrix(name: string, text: string): Grid {
  const rows = text
    .replace(/\]\s*,\s*\[/g, '\n')
    .replace(/[[\]]/g, ' ')
    .split(/[\n;]/)
    .map((row) => row.split(/[\s,]+/).filter((entry) => entry !== ''))
    .filter((row) => row.length > 0);
  const wide = rows[0]?.length ?? 0;
  if (wide === 0) throw new InvalidInput(`${name} is empty: give numbers, one row per line`);
  if (rows.length * wide > MOST_ENTRIES) {
    throw new InvalidInput(`${name} is ${rows.length} x ${wide}: give at most ${MOST_ENTRIES} entries to this page`);
  }
  return rows.map((row, i) => {
    if (row.length !== wide) {
      throw new InvalidInput(
        `${name} has ${count(row.length)} in row ${i + 1} but ${wide} in row 1: give all rows the same number`,
      );
    }
    return row.map((entry, j) => readNumber(`${name}, row ${i + 1}, column ${j + 1},`, entry));
  });
}

/** The matrix as `readMatrix` reads it, every number in full. */
export const matrixText = (grid: Grid, between = ' ', after = '\n'): string =>
  grid.map((row) => row.map((entry) => numberText(entry)).join(between)).join(after);

/** Short for JavaScript's own shortest text, with the sign of -0, since a link reproduces bits. */
export const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** A number to four digits, as the page shows it. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function valueOf(text: string): number {
  // A minus sign pasted from a paper is U+2212.
  const parts = text
    .trim()
    .replaceAll('\u2212', '-')
    .split('/')
    .map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => DECIMAL.test(part))) return NaN;
  return Number(parts[0]) / Number(parts[1] ?? 1);
}

const count = (numbers: number): string => `${numbers} number${numbers === 1 ? '' : 's'}`;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function quoted(text: string): string {
  const shown = text.trim();
  return shown === '' ? 'empty' : `"${shown.length > 20 ? `${shown.slice(0, 20)}...` : shown}"`;
}
