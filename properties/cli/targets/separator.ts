/** The separator of delimited text, recognised by trying each, and the text split by it. */
import { dsvFormat, type DSV } from 'd3-dsv';
import { isMissing, numberIn } from './cells.ts';

export type Separator = '\t' | ';' | ',' | ' ';

/** In this order if several fit: files with tabs or semicolons may also contain commas and blanks. */
const SEPARATORS: readonly Separator[] = ['\t', ';', ',', ' '];

const PARSERS = Object.fromEntries(SEPARATORS.map((each) => [each, dsvFormat(each)])) as Record<Separator, DSV>;

export const SEPARATOR_NAMES: Readonly<Record<Separator, string>> = {
  '\t': 'tab-separated text',
  ';': 'semicolon-separated text',
  ',': 'comma-separated text',
  ' ': 'blank-separated text',
};

const SAMPLE = 20;

/** The first lines of a text, without blank ones: the separator and the header are recognised by these. */
export const sampleOf = (text: string): string =>
  text
    .replace(/^[\r\n]+/, '')
    .split(/[\r\n]+/, SAMPLE)
    .join('\n');

/** The separator that splits the sample into the most numbers; a comma if none splits it. */
export function separatorOf(sample: string): Separator {
  const [best] = SEPARATORS.map((each) => ({ each, share: shareOfNumbers(sample, each) })).sort(
    (a, b) => b.share - a.share,
  );
  return best!.share < 0 ? ',' : best!.each;
}

/** The number of cells below the first line that are numbers; -1 if the separator does not split them. */
function shareOfNumbers(sample: string, separator: Separator): number {
  const below = belowFirst(rowsOf(sample, separator));
  if (!isIn(sample, separator) || below.every((cells) => cells.length < 2)) return -1;
  const present = below.flat().filter((cell) => !isMissing(cell));
  const numbers = present.filter((cell) => !Number.isNaN(numberIn(cell, separator !== ',')));
  return present.length === 0 ? 0 : numbers.length / present.length;
}

const belowFirst = <T>(lines: readonly T[]): readonly T[] => (lines.length > 1 ? lines.slice(1) : lines);

/** Whether the separator occurs outside quotes. d3-dsv takes any character after a quote for it. */
function isIn(sample: string, separator: Separator): boolean {
  const lines = belowFirst(
    sample
      .replaceAll(/"[^"]*"/g, '')
      .split(/\n+/)
      .filter((line) => line !== ''),
  );
  return lines.some((line) => line.includes(separator) || (separator === ' ' && line.includes('\t')));
}

/** All rows of a short text. */
export function rowsOf(text: string, separator: Separator): string[][] {
  const rows: string[][] = [];
  eachRow(text, separator, (cells) => rows.push(cells));
  return rows;
}

/** Calls `visit` with the cells of each row that is not blank, and with its line, counted from 1. */
export function eachRow(text: string, separator: Separator, visit: (cells: string[], line: number) => void): void {
  const quotes = text.includes('"');
  const blank = separator === ' ';
  let line = 1;
  PARSERS[separator].parseRows(prepared(text, separator, quotes), (found) => {
    const cells = blank ? found.filter((cell) => cell !== '') : found;
    if (cells.length > 1 || (cells[0] ?? '').trim() !== '') visit(cells, line);
    line += 1 + (quotes ? lineEnds(found) : 0);
    return undefined;
  });
}

/** The text as d3-dsv expects it: one blank as the separator of blanks and tabs, and no blanks around quotes. */
function prepared(text: string, separator: Separator, quotes: boolean): string {
  if (separator === ' ') return text.includes('\t') ? text.replaceAll('\t', ' ') : text;
  if (!quotes) return text;
  return text.replace(/(^|[,;\t]) +(?=")/gm, '$1').replace(/" +(?=[,;\t\r\n]|$)/g, '"');
}

/** Line ends inside quotes. */
const lineEnds = (cells: readonly string[]): number =>
  cells.reduce((count, cell) => count + (cell.match(/\r\n?|\n/g)?.length ?? 0), 0);
