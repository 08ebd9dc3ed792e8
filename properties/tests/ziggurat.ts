/**
 * Normal numbers from the textbook's ziggurat, one at a time: the reference for the unrolled loop of
 * src/noise/sources.ts, bit for bit. Marsaglia and Tsang 2000, with a draw of its own for the layer (Doornik 2005), on
 * seedrandom's xor128.
 */
import seedrandom from 'seedrandom';
import { exp, log } from '../../src/kernel/elementary.ts';

/** Signed 32-bit integers of seedrandom.xor128, its state drawn from seedrandom's default generator. */
export function integers(seed: string): () => number {
  const key = seedrandom(seed);
  const state = { x: key.int32(), y: key.int32(), z: key.int32(), w: key.int32() };
  const generator = seedrandom.xor128('', { state });
  return () => generator.int32();
}

const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const density = (x: number): number => exp((-x * x) / 2);

/** Half-widths of the layers from the base up, and 0. */
const halfWidths = [AREA / density(TAIL), TAIL];
while (halfWidths.length < LAYERS) {
  const last = halfWidths.at(-1)!;
  halfWidths.push(Math.sqrt(-2 * log(AREA / last + density(last))));
}
halfWidths.push(0);

/** The next standard normal number. */
export function normal(integer: () => number): number {
  const unit = (): number => (integer() + 2 ** 31 + 0.5) / 2 ** 32;
  for (;;) {
    const layer = integer() & (LAYERS - 1);
    const x = integer() * (halfWidths[layer]! / 2 ** 31);
    if (Math.abs(x) < halfWidths[layer + 1]!) return x;
    if (layer === 0) {
      for (;;) {
        const beyond = -log(unit()) / TAIL;
        if (-2 * log(unit()) > beyond * beyond) return Math.sign(x) * (TAIL + beyond);
      }
    }
    const [low, high] = [density(halfWidths[layer]!), density(halfWidths[layer + 1]!)];
    if (low + unit() * (high - low) < density(x)) return x;
  }
}
