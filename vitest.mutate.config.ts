/** What a mutant of src has to survive: the tests of src, and the claims on a few instances under one seed. */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['properties/{src,noise,reference,neighbours}.test.ts', 'tools/mutants.test.ts'] },
});
