/** How numbers, matrices and tables are written for a person. */

/** A number as a person reads it: short binary fractions in full, others to six digits. */
export function number(value: number): string {
  const short = String(value);
  const whole = Number.isInteger(value) && Math.abs(value) < 1e10;
  if (short.length <= 8 || whole || !Number.isFinite(value)) return short;
  return Math.abs(value) >= 1e7 ? value.toExponential(2) : String(Number(value.toPrecision(6)));
}

/**
 * `name = ` followed by the number, by the matrix in aligned rows (only the corner of a large one), or by any other
 * value.
 */
export function show(name: string, side: unknown, indent = '  '): string {
  if (typeof side === 'number') return `${indent}${name} = ${number(side)}`;
  if (!isGrid(side)) return `${indent}${name} = ${JSON.stringify(side)}`;
  const [rows, columns] = [side.length, side[0]?.length ?? 0];
  const corner = side.slice(0, 8).map((row) => row.slice(0, 8).map(number));
  const width = Math.max(...corner.flat().map((text) => text.length));
  const head = `${indent}${name} = `;
  const lines = corner.map(
    (row) => `[ ${row.map((text) => text.padStart(width)).join('  ')}${columns > 8 ? '  ...' : ''} ]`,
  );
  const cut = rows > 8 || columns > 8 ? `\n${' '.repeat(head.length)}(${rows} x ${columns}, the corner is shown)` : '';
  return head + lines.join(`\n${' '.repeat(head.length)}`) + cut;
}

const isGrid = (value: unknown): value is number[][] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((row) => Array.isArray(row) && row.every((entry) => typeof entry === 'number'));

/** A table: a heading over each column, numbers to the right and the columns named to the left. */
export function aligned(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly string[],
): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (left.includes(headings[i]!) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** "1 claim", "2 claims". */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
