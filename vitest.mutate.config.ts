/** The tests of src, which a mutant of src has to survive. The claims would kill more, but take a mutant ten times as long. */
import { defineConfig } from 'vitest/config';
import base, { TESTS_OF_SRC } from './vitest.config.ts';

const include = [...TESTS_OF_SRC, 'properties/tests/noise.test.ts', 'properties/tests/elementary.test.ts'];

export default defineConfig({
  ...base,
  // Numbers are drawn many times slower by a mutated source: a twentieth of them has to do.
  test: { ...base.test, env: { NUMBERS: '0.05' }, projects: [{ extends: true, test: { name: 'mutants', include } }] },
});
