/** exp and log are those of Math up to the last places, and the same to the last bit on every machine. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { exp, log } from '../../src/kernel/elementary.ts';

/** Spread over an interval without a pattern. */
const spread = (low: number, high: number): number[] =>
  Array.from({ length: 20_000 }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887498949) % 1));
const ULP = 2 ** -52;

describe('elementary functions', () => {
  test('exp is e^x to a few units of the last place', () => {
    expect(exp(0)).toBe(1);
    const errors = [...spread(-700, 700), ...spread(-8, 0)].map((x) => Math.abs(exp(x) / Math.exp(x) - 1));
    // Taylor's sum rounds by two units, the reduction of x by one, and Math may be one off too.
    expect(Math.max(...errors)).toBeLessThan(4 * ULP);
  });

  test('log is ln x to a few units of the last place, or of 1 near 1', () => {
    expect(log(1)).toBe(0);
    const near = [...spread(0, 1), ...spread(0, 1e-9), ...spread(0.9, 1.1), ...spread(1, 1e9)];
    const errors = near.map((x) => Math.abs(log(x) - Math.log(x)) / Math.max(Math.abs(Math.log(x)), 1 / 4));
    expect(Math.max(...errors)).toBeLessThan(4 * ULP);
  });

  test('both keep their very bits', () => {
    const values = Float64Array.from(spread(-700, 0), (x) => exp(x) + log(-x));
    expect(createHash('sha256').update(values).digest('hex').slice(0, 16)).toBe('9ad14cb92e0bc670');
  });
});
