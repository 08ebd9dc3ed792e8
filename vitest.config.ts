import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { defineConfig } from 'vitest/config';
import { namePattern, nothingMatched } from './tools/nothing-matched.ts';

// Hundreds of short checks: Node 20 spends a quarter of the time on the optimisation of code that soon ends. With eight
// times its usual budget it optimises only code that runs for long; newer versions have no such flag, and need it less.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=540672');

/** The tests that by themselves reach all lines of src. */
export const TESTS_OF_SRC = [
  'properties/tests/{src,reduced,reduced-noise,kernel,workspace,thin-factors,large-targets,reference,neighbours,noises,critical-step,other-problems}.test.ts',
];

/** One file for each family of claims. */
const CLAIMS = 'properties/tests/claims/*.test.ts';

/** The tests of the built package: `npm run pack-check`. */
const PACKAGE = 'properties/tests/package.test.ts';

/** The tests of our own code. */
const OF_THE_PROJECT = [
  { extends: true as const, test: { name: 'src', include: TESTS_OF_SRC } },
  {
    extends: true as const,
    test: { name: 'suite', include: ['properties/**/*.test.ts'], exclude: [...TESTS_OF_SRC, CLAIMS, PACKAGE] },
  },
];

/** The seed of all claims in this run, printed by each family; SEED=S repeats a run. */
const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));

/**
 * On a terminal vitest watches, and needs the imports of each file; a solver outside of the graph affects all claims.
 */
const isWatching = process.stdin.isTTY && !process.argv.includes('run') && process.env['CI'] === undefined;
const { SOLVER } = process.env;

/** Node imports everything but the tests itself: c8 then counts the lines of the sources, and hot loops run at full speed. */
const byNode = { deps: { external: [/\/(src|properties|fixtures)\/(?!.*\.test\.ts$).*\.ts$/] } };

export default defineConfig({
  // The condition lets `import ... from 'flat-minima'` find the sources.
  ssr: { resolve: { conditions: ['flat-minima-source'], externalConditions: ['flat-minima-source'] } },
  test: {
    reporters: ['default', nothingMatched(namePattern(process.argv))],
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...(isWatching ? {} : { server: byNode }),
    forceRerunTriggers: SOLVER === undefined ? [] : [resolve(SOLVER)],
    execArgv: ['--import=./tools/strip-types.mjs', '--conditions=flat-minima-source'],
    // Another solver concerns the claims alone.
    projects: [
      { extends: true, test: { name: 'claims', include: [CLAIMS], env: { SEED } } },
      ...(SOLVER === undefined ? OF_THE_PROJECT : []),
    ],
  },
});
