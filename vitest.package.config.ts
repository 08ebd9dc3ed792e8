/** `npm run pack-check`: the tests of the built package, which is packed and installed first. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['properties/tests/package.test.ts'], reporters: ['verbose'], testTimeout: 300_000 },
});
