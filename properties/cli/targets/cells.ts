/** The cells of delimited text as numbers. */

/** How missing values are written: by pandas, R, SQL, spreadsheets, the UCI repository and SAS. Compared in lower case. */
const MISSING: ReadonlySet<string> = new Set([
  '',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nan',
  '-nan',
  'null',
  'none',
  '?',
  '.',
]);

export const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

/** A decimal number with a comma instead of the point. */
const DECIMAL_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;

export const hasDecimalComma = (cell: string): boolean => DECIMAL_COMMA.test(cell.trim());

/** Forms that JavaScript reads as numbers in another base. */
const OTHER_BASE = /^\s*0[xob]/i;

const INFINITE = /^([+-]?)inf(inity)?$/i;

/**
 * The cell as a number; NaN if it is missing or text. `decimalComma` allows 1,5 for 1.5. Cases are in the order of
 * their frequency, because they dominate the time to read a large file.
 */
export function numberIn(cell: string, decimalComma: boolean): number {
  const value = Number(cell);
  if (Number.isInteger(value)) return isWhole(cell, value) ? value : NaN;
  return Number.isNaN(value) ? unusualNumber(cell.trim(), decimalComma) : value;
}

/** JavaScript reads blanks as 0, and 0x10 as 16. */
const isWhole = (cell: string, value: number): boolean =>
  (value !== 0 || cell.trim() !== '') && (cell.length < 3 || !OTHER_BASE.test(cell));

/** Numbers that JavaScript does not write like this: infinity, 1,5 for 1.5, and Fortran's 1.5D+03. */
function unusualNumber(cell: string, decimalComma: boolean): number {
  const infinite = INFINITE.exec(cell);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  if (decimalComma && hasDecimalComma(cell)) return Number(cell.replace(',', '.'));
  return /^[+-]?[\d.]+d[+-]?\d+$/i.test(cell) ? Number(cell.replace(/d/i, 'e')) : NaN;
}
