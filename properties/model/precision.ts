/** The precision of a solver: by name or by its unit roundoff, and rounding to it. */

/** Unit roundoff of doubles, in which all else is computed. */
export const DOUBLE = 2 ** -53;

/** Formats by name, with the bits of their significands. */
const FORMATS = { float64: 53, float32: 24, float16: 11, bfloat16: 8 } as const;

const byName = new Map<string, number>(Object.entries(FORMATS).map(([name, bits]) => [name, 2 ** -bits]));

/** The accepted forms, for messages. */
export const PRECISIONS = `${Object.keys(FORMATS).join(', ')}, or a unit roundoff such as 2^-16`;

/** The least number of bits that a format may have: with fewer, nothing that is claimed can be seen. */
const FEWEST = 2;

/** The unit roundoff of a named format, or of a power such as 2^-16; undefined if the text is neither. */
export function roundoffNamed(text: string): number | undefined {
  const bits = /^2\^-(\d{1,2})$/.exec(text)?.[1];
  if (bits === undefined) return byName.get(text);
  return Number(bits) >= FEWEST && Number(bits) <= FORMATS.float64 ? 2 ** -Number(bits) : undefined;
}

/** The name of a precision by its unit roundoff: the name of the format, if there is one. */
export function precisionName(roundoff: number): string {
  const format = [...byName].find(([, each]) => each === roundoff)?.[0];
  return format ?? `2^-${Math.round(-Math.log2(roundoff))}`;
}

/** Rounds a number to a precision. */
export type Rounding = (value: number) => number;

/**
 * Rounds to the nearest number of -log2(roundoff) bits, with the exponent range of a double except for float32. By
 * Veltkamp's splitting (Dekker 1971): the upper bits of x are c - (c - x) with c = (2^s + 1) x, s the number of lower
 * bits.
 */
export function roundingTo(roundoff: number): Rounding {
  if (roundoff === 2 ** -FORMATS.float32) return Math.fround;
  if (roundoff <= DOUBLE) return (value) => value;
  const factor = roundoff / DOUBLE + 1;
  return (value) => {
    const c = factor * value;
    // Numbers that overflow here are beyond those that a descent may reach.
    return Number.isFinite(c) ? c - (c - value) : value;
  };
}
