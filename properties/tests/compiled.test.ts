/** The kernel in WebAssembly is kept in src as it was compiled. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MODULE } from '../../tools/kernel.mjs';

// In a process of its own: the compiler's changes to the globals make all else slow.
const COMPILE = "const { compiledKernel } = await import('./tools/kernel.mjs'); console.log(await compiledKernel());";

test('it is what its source is compiled to (if not: npm run build)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', COMPILE]);
  expect(readFileSync(MODULE, 'utf8').trim()).toBe(stdout.trim());
});
