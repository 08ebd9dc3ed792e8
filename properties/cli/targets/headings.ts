/** Whether the first row of delimited text names the columns, and whether the first column names the rows. */
import { isMissing, numberIn } from './cells.ts';

type Row = readonly string[];

const isNumber = (cell: string): boolean => !Number.isNaN(numberIn(cell, true));
const isText = (cell: string): boolean => !isNumber(cell) && !isMissing(cell);
const isBlank = (cell: string): boolean => cell.trim() === '';
const isWhole = (cell: string): boolean => /^\d+$/.test(cell.trim());

/** Whether the cells are whole numbers, each larger than the one before; by exactly 1 if `by` is 1. */
const isIncreasing = (cells: Row, by?: 1): boolean =>
  cells.every((cell, i) => {
    const step = i === 0 ? 1 : Number(cell) - Number(cells[i - 1]);
    return isWhole(cell) && (by === undefined ? step > 0 : step === by);
  });

/** Names of a column that numbers the rows; pandas and R leave it unnamed. */
const NUMBERING = /^(index|id|idx|no\.?|nr\.?|row|row[ ._-]?(names?|id)|unnamed: 0|#)?$/i;

/** Whether the first of the rows is a header. */
export function hasHeader([first, ...rows]: readonly Row[]): boolean {
  if (first === undefined) return false;
  const [corner, ...names] = first as [string, ...string[]];
  if (names.every((name) => isText(name) || isBlank(name))) return first.some(isText) && !isNumber(corner);
  return namedByNumbers(
    corner,
    names,
    rows.map((cells) => cells[0]!),
  );
}

/**
 * Years and numbers from 0 name columns too. We take a row with numbers for a header only if the first column names the rows, and
 * if it is unlikely that these numbers are values.
 */
function namedByNumbers(corner: string, names: Row, column: Row): boolean {
  const distinct = new Set(names).size === names.length && names.every((name) => isWhole(name) || isText(name));
  if (!distinct || !namesRows(corner, column)) return false;
  const counts = isIncreasing(names, 1);
  if (NUMBERING.test(corner.trim())) return counts || isIncreasing(column, 1) || column.every(isText);
  return counts && names.length >= 3;
}

/** Whether a first column of this name names the rows: by distinct texts, or by increasing whole numbers. */
export function namesRows(name: string, cells: Row): boolean {
  if (cells.length === 0) return false;
  if (cells.every(isText))
    return new Set(cells).size === cells.length && (NUMBERING.test(name.trim()) || !areValues(cells));
  return NUMBERING.test(name.trim()) && isIncreasing(cells);
}

const TRUTH = /^(true|false|yes|no)$/i;

/**
 * A number, perhaps in groups of three digits, before a unit, as in "5 kg" and "10 %", or after a currency or a bound, as in "$5"
 * and "<5". A date such as 31.12.2024 does not match.
 */
const QUANTITY = /^([$€£¥<>~]?) ?[+-]?(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?) ?([a-z%°µ/²³]*)$/i;

/** Whether texts are values that are written as text, and no names: truth values, or quantities in the same unit. */
function areValues(cells: Row): boolean {
  const texts = cells.map((cell) => cell.trim());
  const units = texts.map((cell) => QUANTITY.exec(cell)?.slice(1).join(' '));
  return (
    texts.every((cell) => TRUTH.test(cell)) || (units[0] !== undefined && units.every((unit) => unit === units[0]))
  );
}
