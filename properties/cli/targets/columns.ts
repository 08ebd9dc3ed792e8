/** Lists of columns as the command line has them: `1-4,6`, counted from 1. */

const PART = /^ *(?<first>\d{1,9}) *(?:- *(?<last>\d{1,9}) *)?$/;

/** So that 1-999999999 is refused instead of filling the memory. */
const MOST = 10_000_000;

/** The columns in the order given; undefined if the text is not such a list, or names a column twice. */
export function columnsIn(text: string): number[] | undefined {
  const columns: number[] = [];
  for (const part of text.split(',')) {
    const { first = '0', last = first } = PART.exec(part)?.groups ?? {};
    const [from, to] = [Number(first), Number(last)];
    if (from < 1 || to < from || to - from > MOST) return undefined;
    for (let column = from; column <= to; column++) columns.push(column);
  }
  return new Set(columns).size === columns.length ? columns : undefined;
}

/** The shortest such list for columns in increasing order. */
export function columnList(columns: readonly number[]): string {
  const starts = columns.filter((column, i) => i === 0 || columns[i - 1] !== column - 1);
  const ends = columns.filter((column, i) => columns[i + 1] !== column + 1);
  return starts.map((start, i) => (ends[i] === start ? `${start}` : `${start}-${ends[i]!}`)).join(',');
}
