import { defineConfig } from 'vitest/config';
import { WATCHED, WATCHING, WATCH_OPTIONS } from './tools/watch.ts';

/** The tests that by themselves reach all lines of src. */
export const TESTS_OF_SRC = ['properties/{src,reduced,kernel,reference,neighbours}.test.ts'];

export default defineConfig({
  // The condition lets `import ... from 'flat-minima'` find the sources.
  ssr: { resolve: { conditions: ['flat-minima-source'], externalConditions: ['flat-minima-source'] } },
  test: {
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Node imports everything but the tests itself: c8 then counts the lines of the sources, and hot loops run at full speed.
    server: { deps: { external: [/\/(src|properties|fixtures)\/(?!.*\.test\.ts$).*\.ts$/] } },
    execArgv: ['--import=./tools/strip-types.mjs', '--conditions=flat-minima-source'],
    ...(WATCHING ? WATCH_OPTIONS : {}),
    projects: WATCHING
      ? WATCHED
      : [
          { extends: true, test: { name: 'src', include: TESTS_OF_SRC } },
          { extends: true, test: { name: 'suite', include: ['properties/**/*.test.ts'], exclude: TESTS_OF_SRC } },
        ],
  },
});
