import { setFlagsFromString } from 'node:v8';
import { BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { WATCHED, WATCHING, WATCH_OPTIONS } from './tools/watch.ts';

// Hundreds of checks, each run for a moment: Node 20 spends a quarter of the time on making code fast that is soon done. With
// eight times its usual budget it begins with what runs for long; newer ones have no such flag, and less need of it.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=540672');

/** The tests that by themselves reach all lines of src. */
export const TESTS_OF_SRC = [
  'properties/tests/{src,reduced,reduced-noise,kernel,workspace,thin-factors,reference,neighbours,noises}.test.ts',
];

/** The claims take as long as all else together: they begin first, whether it is known yet how long files take or not. */
class ClaimsFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const sorted = await super.sort(files);
    const isClaims = ({ moduleId }: { moduleId: string }): boolean => moduleId.endsWith('/claims.test.ts');
    return [...sorted.filter(isClaims), ...sorted.filter((file) => !isClaims(file))];
  }
}

export default defineConfig({
  // The condition lets `import ... from 'flat-minima'` find the sources.
  ssr: { resolve: { conditions: ['flat-minima-source'], externalConditions: ['flat-minima-source'] } },
  test: {
    pool: 'threads',
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: ClaimsFirst },
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
