/** Are the coverage numbers true? Runs c8 over this very test and compares the lines that it calls unreached. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { norm, quadrant } from '../../fixtures/coverage-canary.ts';

test('the canary is partly reached', () => {
  expect(quadrant({ x: 1, y: 1 })).toBe(1);
  expect(norm({ x: 3, y: 4 })).toBe(5);
});

test.skipIf(process.env['CANARY'] !== undefined)(
  'c8 reports exactly the unreached lines of the canary (not inside itself)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'flat-minima-canary-'));
    const c8 = ['node_modules/c8/bin/c8.js', '--all=false', '--check-coverage=false', '--reporter=lcovonly'];
    const where = [
      '--include=fixtures/coverage-canary.ts',
      `--reports-dir=${folder}`,
      `--temp-directory=${join(folder, 'tmp')}`,
    ];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'properties/tests/coverage-canary.test.ts'];
    try {
      execFileSync(process.execPath, [...c8, ...where, process.execPath, ...vitest], {
        env: { ...process.env, CANARY: '1', NODE_V8_COVERAGE: '' },
        stdio: 'pipe',
      });
      const lcov = readFileSync(join(folder, 'lcov.info'), 'utf8');
      const unreached = [...lcov.matchAll(/^DA:(\d+),0$/gm)].map(([, line]) => Number(line));
      expect(unreached).toEqual([9, 10, 19, 20, 21]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
