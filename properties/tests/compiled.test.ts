/** The kernel in WebAssembly is kept in src as it was compiled. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compiledKernel, MODULE } from '../../tools/kernel.mjs';

test('it is what its source is compiled to (if not: npm run build)', async () => {
  expect(readFileSync(MODULE, 'utf8')).toBe(await compiledKernel());
});
