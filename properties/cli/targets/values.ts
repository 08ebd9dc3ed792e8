/** Rows of cells as numbers. Each row is converted as soon as it is split, so that few strings are alive at a time. */
import { isMissing, numberIn } from './cells.ts';
import { BadTarget, firstOf, placeOf, quotedText, type OddCell, type Table } from './table.ts';

type FirstCells = Map<number, OddCell>;

export class Values {
  readonly rows: number[][] = [];
  readonly lines: number[] = [];
  /** The first cell of each row, which may name it. */
  readonly names: string[] = [];
  /** The first cell of each column that is text, or missing, or a number with a decimal comma or point. */
  readonly texts: FirstCells = new Map();
  readonly missing: FirstCells = new Map();
  readonly #commas: FirstCells = new Map();
  readonly #points: FirstCells = new Map();
  readonly #decimalComma: boolean;
  readonly #most: number;
  #entries = 0;
  #trailing = Infinity;

  /** With `decimalComma`, 1,5 is a number. At most `most` entries are accepted. */
  constructor(decimalComma: boolean, most: number) {
    this.#decimalComma = decimalComma;
    this.#most = most;
  }

  /** Throws `BadTarget` if there are too many entries. */
  add(cells: readonly string[], line: number): void {
    this.#entries += cells.length;
    if (this.#entries > this.#most) {
      throw new BadTarget(`has more than ${this.#most} entries: give a smaller matrix`);
    }
    const numbers = new Array<number>(cells.length);
    for (let j = 0; j < cells.length; j++) {
      numbers[j] = numberIn(cells[j]!, this.#decimalComma);
      if (Number.isNaN(numbers[j])) this.#note(isMissing(cells[j]!) ? this.missing : this.texts, cells, j);
      else if (this.#decimalComma) this.#noteMark(cells, j);
    }
    this.#trailing = Math.min(this.#trailing, emptyAtEnd(cells));
    this.rows.push(numbers);
    this.lines.push(line);
    this.names.push(cells[0]!);
  }

  /** The number of cells at the end that are empty in every row. */
  get trailing(): number {
    return this.#trailing;
  }

  /** Removes cells at the end of every row, which are empty. */
  drop(count: number): void {
    for (const row of this.rows) row.length -= count;
    for (const column of this.missing.keys()) if (column >= this.rows[0]!.length) this.missing.delete(column);
  }

  /** Throws `BadTarget` if some of the columns have a decimal comma and others a point, which may then separate thousands. */
  checkDecimalMark(names: Pick<Table, 'header' | 'lines'>, columns: readonly number[]): void {
    const [comma, point] = [this.#commas, this.#points].map((cells) => firstOf(cells, columns));
    if (comma === undefined || point === undefined) return;
    const [one, other] = [comma, point].map(
      (cell) => `${quotedText(cell.text)} in ${placeOf(names, cell.row, cell.column)}`,
    );
    throw new BadTarget(`has ${one!} and ${other!}: write all numbers with the same decimal mark`);
  }

  #noteMark(cells: readonly string[], column: number): void {
    if (cells[column]!.includes(',')) this.#note(this.#commas, cells, column);
    else if (cells[column]!.includes('.')) this.#note(this.#points, cells, column);
  }

  #note(first: FirstCells, cells: readonly string[], column: number): void {
    if (!first.has(column)) first.set(column, { row: this.rows.length, text: cells[column]!.trim() });
  }
}

/** Not counting the first cell. */
function emptyAtEnd(cells: readonly string[]): number {
  let count = 0;
  while (count < cells.length - 1 && cells[cells.length - 1 - count]!.trim() === '') count++;
  return count;
}
