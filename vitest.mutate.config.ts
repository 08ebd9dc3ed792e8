/** What a mutant of src has to survive: the tests of src, and the claims on a few instances under one seed. */
import { defineConfig } from 'vitest/config';
import base, { TESTS_OF_SRC } from './vitest.config.ts';

const include = [...TESTS_OF_SRC, 'properties/tests/noise.test.ts', 'tools/mutants.test.ts'];

export default defineConfig({
  ...base,
  // Numbers are drawn many times slower by a mutated source: a twentieth of them has to do.
  test: { ...base.test, env: { NUMBERS: '0.05' }, projects: [{ extends: true, test: { name: 'mutants', include } }] },
});
