/** The precision that a solver declares, as the command `verify` takes it. */
import { describe, expect, test } from 'vitest';
import { commandLine, CORRECT, QUICK } from './command-line.ts';

const { verify, file } = commandLine();
const steps = [...QUICK, '--claim', 'definition'];
const declaring = (name: string, precision: string): string =>
  file(
    name,
    `import { referenceDescent } from ${JSON.stringify(import.meta.resolve('../oracles/reference-descent.ts'))};
export default referenceDescent;
export const precision = ${precision};
`,
  );

describe('--precision', () => {
  test.each([
    ['float12', 'float64, float32, float16, bfloat16, or a unit roundoff such as 2^-16'],
    ['2^-1', 'float64, float32'],
    ['2^-54', 'float64, float32'],
    ['single', 'float64, float32'],
  ])('%s is unknown: one sentence lists the choices', async (precision, known) => {
    const { code, out, err } = await verify(...steps, '--precision', precision);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`--precision is ${precision}, which is unknown: give ${known}`);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  test('that a module contradicts, or that a module misspells, is refused in one sentence', async () => {
    const contradicted = await verify(
      ...steps,
      '--solver',
      declaring('f32.mjs', "'float32'"),
      '--precision',
      'float16',
    );
    expect(contradicted.code).toBe(2);
    expect(contradicted.err).toMatch(
      /--precision float16 was given and the solver's module exports precision 'float32': give one of them\n$/,
    );
    const misspelt = await verify(...steps, '--solver', declaring('f12.mjs', "'float12'"));
    expect(misspelt.code).toBe(2);
    expect(misspelt.err).toMatch(/precision.*float12.*unknown/);
  });

  test('is said with the verdicts, and goes with the replay', async () => {
    const { code, out } = await verify(...steps, ...CORRECT, '--precision', 'float32');
    expect(code).toBe(0);
    expect(out).toMatch(/solver in float32/);
    const wrong = await verify(...steps, '--solver', 'fixtures/mutants/momentum.ts', '--precision', 'float32');
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/^Replay: .*--precision float32/m);
  });

  test('that is finer than that of the solver is refuted, with the one to declare', async () => {
    const { code, out } = await verify(...steps, '--instances', '20', '--solver', 'fixtures/half-declared-single.ts');
    expect(code).toBe(1);
    expect(out).toMatch(/rounded to half precision \(11 bits\)\.[^]*declare it: --precision float16/);
    const undeclared = await verify(...steps, '--instances', '20', '--solver', 'fixtures/mutants/single-precision.ts');
    expect(undeclared.out).toMatch(/rounded to single precision \(24 bits\)\.[^]*declare it: --precision float32/);
  });
});
