/** Any finite matrix can be given as a target: on a degenerate one every claim holds for our solver, or is not applicable. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gaussianNoise, Matrix, perturbedGradientDescent, type Solver } from '../../src/index.ts';
import type { Grid } from '../model/instance.ts';
import type { Verdict } from '../model/verdict.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { inOrdinaryUnits, rescaled } from '../run/rescaled.ts';
import { freshSeed } from '../model/seeds.ts';
import { verify } from '../cli/verify.ts';

const seed = Number(process.env['SEED'] ?? freshSeed());

const entry = fc.integer({ min: -8, max: 8 }).map((n) => n / 4);
const size = fc.integer({ min: 1, max: 4 });
const filled = (d1: number, d2: number, value: number): Grid =>
  Array.from({ length: d1 }, () => new Array<number>(d2).fill(value));
const scaled = (grid: Grid, factor: number): Grid => grid.map((row) => row.map((each) => each * factor));
const shape = fc.tuple(size, size);

/** Matrices of a kind, with the rank of the factors. */
const kinds: Readonly<Record<string, fc.Arbitrary<Grid>>> = {
  'of one entry': entry.map((value) => [[value]]),
  'of zeros': shape.map(([d1, d2]) => filled(d1, d2, 0)),
  'of one value': fc.tuple(shape, entry).map(([[d1, d2], value]) => filled(d1, d2, value)),
  'of one row': fc.array(entry, { minLength: 1, maxLength: 4 }).map((row) => [row]),
  'of one column': fc.array(entry, { minLength: 1, maxLength: 4 }).map((column) => column.map((value) => [value])),
  'with equal singular values': size.map((n) => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i + j === n - 1 ? 3 : 0)))),
  'with one entry that is not 0': fc.tuple(shape, entry).map(([[d1, d2], value]) => {
    const grid = filled(d1, d2, 0);
    grid[d1 - 1]![d2 - 1] = value;
    return grid;
  }),
  'tiny or huge': fc
    .tuple(shape, fc.constantFrom(1e-150, 1e-12, 1e-5, 1e5, 1e12, 1e120, 1e150), fc.array(entry, { minLength: 16, maxLength: 16 }))
    .map(([[d1, d2], factor, values]) => scaled(filled(d1, d2, 0).map((row, i) => row.map((_, j) => values[4 * i + j]!)), factor)),
}; // prettier-ignore

const isBad = ({ outcome }: Verdict): boolean => outcome !== 'holds' && outcome !== 'not applicable';

async function onTarget(target: Grid, rank: number, claims?: readonly string[]): Promise<readonly Verdict[]> {
  const given = { target: { target, rank }, instances: 1, seed, ...(claims && { claims }) };
  return (await verify({ solver: perturbedGradientDescent, ...given, shrink: false })).verdicts;
}

test.each(Object.entries(kinds))('a target %s', { timeout: 120_000 }, async (_, arbitrary) => {
  const property = fc.asyncProperty(arbitrary, fc.nat(3), async (target, more) => {
    const rank = 1 + (more % Math.min(target.length, target[0]!.length));
    // A wrong step is seen in a moment; all claims would take a minute to be refuted on each simpler target.
    const step = await onTarget(target, rank, ['definition', 'contract']);
    const verdicts = step.some(isBad) ? step : await onTarget(target, rank);
    const bad = verdicts.filter(isBad);
    expect(bad.map(({ id, outcome, reason }) => `${id} ${outcome} ${reason ?? ''}`)).toEqual([]);
    for (const { reason, outcome } of verdicts) if (outcome === 'not applicable') expect(reason).toMatch(/\w/);
  });
  await fc.assert(property, { numRuns: Number(process.env['RUNS'] ?? 1), seed });
});

test('a target of ordinary size is not changed; another is scaled by a power of 4, and the solver gets the original', () => {
  const ordinary = { target: [[96, 1]], rank: 1 };
  expect(inOrdinaryUnits(ordinary)).toBe(ordinary);
  const { target, scale } = inOrdinaryUnits({ target: [[3e-12, 0]], rank: 1 });
  expect(target[0]![0]! * 4 ** scale!).toBe(3e-12);
  expect(target[0]![0]).toBeGreaterThan(1 / 4);
  expect(target[0]![0]).toBeLessThan(4);
});

test('a run in other units is the same run, to the last bit', () => {
  const options = {
    target: new Matrix([[0.7, 1.3]]),
    start: { X: new Matrix([[0.9]]), Y: new Matrix([[0.3], [-0.2]]) },
  };
  const noise = { sigma1: 0.1, sigma2: 0.2 };
  const [plain, scaled] = [0, -20].map((k) => {
    let given: number | undefined;
    const solver: Solver = (all) => {
      given = all.target.get(0, 0);
      return referenceDescent(all);
    };
    const descent = rescaled(
      solver,
      k,
    )({ ...options, stepSize: 0.05, noise: { ...noise, source: gaussianNoise('x') } });
    descent.advance(50);
    return { given, X: descent.X.to2DArray(), Y: descent.Y.to2DArray() };
  });
  expect(scaled!.given).toBe(0.7 * 4 ** -20);
  expect({ ...scaled, given: 0 }).toEqual({ ...plain, given: 0 });
});
