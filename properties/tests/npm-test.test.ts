/** The first stage of `npm test`: a mistake in the solver is explained once, in few lines. */
import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { NODE } from './command-line.ts';

const PROGRAM = [...NODE.slice(0, 2), 'properties/tests/npm-test/root-cause.ts'];

function rootCause(solver: string): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, SOLVER: solver, SEED: '7' };
  return new Promise((done) => {
    execFile(process.execPath, PROGRAM, { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('the first stage of npm test', () => {
  test('explains a mistake once, names the claims that fail with it, and ends with the replay', async () => {
    const { code, out } = await rootCause('fixtures/mutants/momentum.ts');
    expect(code).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(120);
    expect(lines[0]).toMatch(/^REFUTED {2}definition\/step /);
    expect(lines[1]).toMatch(/the correct step plus 0\.5 times the step before: momentum/);
    expect(out.match(/^What the solver does instead/gm)).toHaveLength(1);
    expect(out).toMatch(/^REFUTED TOO {2}\d+ claims: .*gd\/imbalance-kept/m);
    expect(lines.at(-2)).toMatch(
      /^Read first definition\/step\. Its replay: .* --solver fixtures\/mutants\/momentum\.ts .*--seed 7 --instance /,
    );
    expect(lines.at(-1)).toMatch(/^\d+ passed, [1-9]\d* failed$/);
  });

  test('refuses a file that does not exist', async () => {
    expect(await rootCause('./missing.ts')).toEqual({
      code: 2,
      out: '',
      err: 'flat-minima: SOLVER is ./missing.ts, which does not exist: give the path of a .js, .mjs or .ts file\n',
    });
  });
});
