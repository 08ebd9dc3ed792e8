/** JSON: an array of rows, or one row per line. */
import { counted } from '../../model/numbers.ts';
import { BadTarget, checkShape, quotedText, type OddCell, type Table } from './table.ts';

const EXPECTED = 'give an array of rows such as [[1, 2], [3, 4]]';

/** Throws `BadTarget` if the text is not an array of rows of equal length. */
export function readJson(text: string): Table {
  const found = parsed(text);
  if (!Array.isArray(found)) throw new BadTarget(`is ${kindOf(found)} in JSON: ${EXPECTED}`);
  const rows = found as unknown[];
  const bad = rows.findIndex((row) => !Array.isArray(row));
  if (bad >= 0) throw new BadTarget(`has ${kindOf(rows[bad])} as row ${bad + 1}: ${EXPECTED}`);
  const cells = rows as unknown[][];
  const length = cells[0]?.length ?? 0;
  const ragged = cells.findIndex((row) => row.length !== length);
  if (ragged >= 0) {
    throw new BadTarget(
      `has ${counted(cells[ragged]!.length, 'cell')} in row ${ragged + 1} but ${length} in row 1: give every row the same number of cells`,
    );
  }
  checkShape(cells.length, length);
  return { format: 'JSON', ...numbersIn(cells) };
}

/** One document, or else one for each line. Python writes NaN, which JSON lacks: a missing value. */
function parsed(text: string): unknown {
  const standard = text.replace(/\bNaN\b/g, 'null');
  try {
    return JSON.parse(standard);
  } catch (error) {
    const lines = standard.split(/[\r\n]+/).filter((line) => line.trim() !== '');
    try {
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      throw new BadTarget(`begins like JSON but is not valid (${(error as Error).message}): ${EXPECTED}`);
    }
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${quotedText(JSON.stringify(value))}`;
}

function numbersIn(cells: readonly (readonly unknown[])[]): Pick<Table, 'rows' | 'texts' | 'missing'> {
  const [texts, missing] = [new Map<number, OddCell>(), new Map<number, OddCell>()];
  const rows = cells.map((row, i) =>
    row.map((cell, j) => {
      if (typeof cell === 'number') return cell;
      const odd = cell === null ? missing : texts;
      if (!odd.has(j))
        odd.set(j, { row: i, text: typeof cell === 'string' ? cell : cell === null ? '' : JSON.stringify(cell) });
      return NaN;
    }),
  );
  return { rows, texts, missing };
}
