/** The compiled WebAssembly kernel is committed in src. Compiling takes seconds: `.ci/run` does, and compares. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MODULE as module } from '../../src/kernel/module.ts';
import { kept, MODULE } from '../../tools/kernel.mjs';

test('it was compiled from its source, and is as it was then (if not: npm run build)', () => {
  expect(readFileSync(MODULE, 'utf8')).toBe(kept(module));
});
