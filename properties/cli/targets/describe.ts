/** One line about the target that was read. */
import { counted } from '../../model/numbers.ts';
import type { Matrix } from './choose.ts';
import { quotedText } from './table.ts';
import { spectrumOf, type Spectrum } from './spectrum.ts';

/** Names and singular values that are printed. */
const SHOWN = 4;

/** Such as `150 x 4, header "sepal_length, sepal_width, ...", rank 4, s = 96.0, 17.8, 3.46, 1.88 (comma-separated text)`. */
export function described(matrix: Matrix, spectrum: Spectrum | undefined = spectrumOf(matrix.rows)): string {
  const { rows, header, index, dropped, format } = matrix;
  const parts = [
    `${rows.length} x ${rows[0]!.length}`,
    ...(header === undefined ? [] : [`header "${list(header.map((name) => shortName(name)))}"`]),
    ...(index === undefined ? [] : [`without the index column${index === '' ? '' : ` ${quotedText(index)}`}`]),
    ...(dropped === 0 ? [] : [`without ${counted(dropped, 'row')} with missing values`]),
    spectrumText(spectrum),
  ];
  return `${parts.join(', ')} (${format})`;
}

const list = (words: readonly string[]): string =>
  [...words.slice(0, SHOWN), ...(words.length > SHOWN ? ['...'] : [])].join(', ');

const shortName = (name: string): string => (name.length > 20 ? `${name.slice(0, 17)}...` : name);

function spectrumText(spectrum: Spectrum | undefined): string {
  if (spectrum === undefined) return 'rank and singular values not computed because of its size';
  const { rank, singularValues, threshold, isCoarse } = spectrum;
  const above = isCoarse ? ` (s_i > ${threshold.toExponential(0)} s_1)` : '';
  return `rank ${rank}${above}, s = ${list(singularValues.map((value) => rounded(value)))}`;
}

/** To three digits. */
const rounded = (value: number): string => (value === 0 ? '0' : value.toPrecision(3));
