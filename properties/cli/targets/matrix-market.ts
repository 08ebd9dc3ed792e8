/** The Matrix Market exchange format of NIST: dense ("array") and sparse ("coordinate") matrices as text. */
import { isMissing, numberIn } from './cells.ts';
import { BadTarget, checkShape, numericTable, quotedText, type Table } from './table.ts';

const LAYOUTS = ['array', 'coordinate'] as const;
const FIELDS = ['real', 'double', 'integer', 'pattern'] as const;
const SYMMETRIES = ['general', 'symmetric', 'skew-symmetric'] as const;

interface Banner {
  readonly layout: (typeof LAYOUTS)[number];
  readonly field: (typeof FIELDS)[number];
  readonly symmetry: (typeof SYMMETRIES)[number];
}

/** Throws `BadTarget` if the file is damaged, or is not a real matrix. */
export function readMatrixMarket(text: string): Table {
  const [first] = text.split(/[\r\n]/, 1);
  const banner = bannerIn(first!);
  const words = new Words(text.slice(first!.length).replace(/^[ \t]*%.*$/gm, ''));
  const [rows, columns, entries] = sizesIn(words, banner.layout);
  checkShape(rows, columns);
  const { layout, field, symmetry } = banner;
  if (symmetry !== 'general' && rows !== columns) {
    throw new BadTarget(`is ${symmetry} but ${rows} x ${columns}: give a square matrix, or write it as general`);
  }
  const matrix = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  if (layout === 'array') fillColumns(matrix, words, banner);
  else fillEntries(matrix, words, entries, banner);
  return numericTable(`Matrix Market ${layout} ${field} ${symmetry}`, matrix);
}

function bannerIn(line: string): Banner {
  const [, object, layout, field, symmetry] = line.trim().toLowerCase().split(/\s+/);
  if (field === 'complex') {
    throw new BadTarget('is a Matrix Market file of complex numbers, which are not read: write a real matrix');
  }
  const found = {
    layout: LAYOUTS.find((each) => each === layout),
    field: FIELDS.find((each) => each === field),
    symmetry: SYMMETRIES.find((each) => each === symmetry),
  };
  const isComplete = object === 'matrix' && Object.values(found).every((part) => part !== undefined);
  if (isComplete && !(layout === 'array' && field === 'pattern')) return found as Banner;
  throw new BadTarget(
    `begins with ${quotedText(line.trim())}, which is not read: give a matrix in array or coordinate format, ` +
      'real, integer or (coordinate only) pattern, and general, symmetric or skew-symmetric',
  );
}

/** The words of a text, one after the other. */
class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word; empty at the end. */
  next(): string {
    let from = this.#at;
    while (this.#text.charCodeAt(from) <= BLANK) from++;
    let to = from;
    while (this.#text.charCodeAt(to) > BLANK) to++;
    this.#at = to;
    return this.#text.slice(from, to);
  }
}

/** Blanks and line ends have no larger character code. */
const BLANK = 32;

function sizesIn(words: Words, layout: Banner['layout']): readonly [number, number, number] {
  const sizes = [words.next(), words.next(), layout === 'array' ? '0' : words.next()].map((word) => wholeIn(word));
  if (sizes.every(Number.isSafeInteger)) return sizes as [number, number, number];
  const expected = layout === 'array' ? 'the numbers of rows and columns' : 'the numbers of rows, columns and entries';
  throw new BadTarget(`has no sizes below its first line: give ${expected}`);
}

const wholeIn = (word: string): number => (/^\d+$/.test(word) ? Number(word) : NaN);

/** Column by column. A symmetric matrix stores each column from the diagonal on, a skew-symmetric one from below it. */
function fillColumns(matrix: number[][], words: Words, { symmetry, field }: Banner): void {
  const [rows, columns] = [matrix.length, matrix[0]!.length];
  for (let j = 0; j < columns; j++) {
    for (let i = { general: 0, symmetric: j, 'skew-symmetric': j + 1 }[symmetry]; i < rows; i++) {
      add(matrix, i, j, valueIn(words, field), symmetry);
    }
  }
  checkEnd(words);
}

/** An entry that occurs several times is summed, as SciPy does. */
function fillEntries(matrix: number[][], words: Words, entries: number, { symmetry, field }: Banner): void {
  for (let entry = 0; entry < entries; entry++) {
    const i = indexIn(words, matrix.length);
    const j = indexIn(words, matrix[0]!.length);
    if (symmetry !== 'general' && (i < j || (i === j && symmetry === 'skew-symmetric'))) {
      throw new BadTarget(
        `has entry (${i + 1}, ${j + 1}), which a ${symmetry} file does not store: give entries below the diagonal, or write it as general`,
      );
    }
    add(matrix, i, j, field === 'pattern' ? 1 : valueIn(words, field), symmetry);
  }
  checkEnd(words);
}

function checkEnd(words: Words): void {
  const word = words.next();
  if (word === '') return;
  throw new BadTarget(
    `has ${quotedText(word)} after its last entry: give the number of entries that its sizes declare`,
  );
}

function wordIn(words: Words): string {
  const word = words.next();
  if (word !== '') return word;
  throw new BadTarget('is truncated: it has fewer entries than its sizes declare, so write it again');
}

/** An index, which counts from 1 in the file and from 0 here. */
function indexIn(words: Words, size: number): number {
  const word = wordIn(words);
  const index = wholeIn(word);
  if (index >= 1 && index <= size) return index - 1;
  throw new BadTarget(`has the index ${quotedText(word)}: give whole numbers from 1 to ${size}`);
}

function valueIn(words: Words, field: Banner['field']): number {
  const word = wordIn(words);
  const value = numberIn(word, false);
  if (Number.isNaN(value) && !isMissing(word)) throw new BadTarget(`has the entry ${quotedText(word)}: give numbers`);
  if (field === 'integer' && !Number.isSafeInteger(value)) {
    throw new BadTarget(`has the entry ${quotedText(word)}: give whole numbers up to 2^53, or write it as real`);
  }
  return value;
}

function add(matrix: number[][], i: number, j: number, value: number, symmetry: Banner['symmetry']): void {
  matrix[i]![j]! += value;
  if (symmetry !== 'general' && i !== j) matrix[j]![i]! += symmetry === 'symmetric' ? value : -value;
}
