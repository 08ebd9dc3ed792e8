/** `npx vitest` on a terminal: on every save the claims that it may affect are judged again, on few instances, in all lanes. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config';
import type { Reporter, Vitest } from 'vitest/node';
import { readyThreads } from './ready.ts';
import { affectedBy, type Affected } from './affected.ts';

const [, script = '', ...args] = process.argv;

/** Whether vitest was called to watch, and not to run its tests once. */
export const WATCHING =
  /vitest(\.mjs)?$/.test(script) &&
  !['run', 'list', 'bench', 'related'].some((command) => args.includes(command)) &&
  process.stdin.isTTY &&
  process.env['CI'] === undefined;

const lanes = Math.min(4, availableParallelism());

/** The claims alone, a share of them in each lane. */
export const WATCHED: TestProjectInlineConfiguration[] = Array.from({ length: lanes }, (_, lane) => ({
  extends: true,
  test: {
    name: `lane ${lane + 1}`,
    include: ['properties/tests/claims.test.ts'],
    provide: { lane: { index: lane, of: lanes } },
    env: { INSTANCES: process.env['INSTANCES'] ?? '20' },
  },
}));

const saved = new Map<string, number>();

/** Saves that belong together follow within a second. */
function onSave(file: string): string | undefined {
  if (/\/src\/kernel\/assembly\/.*\.ts$/.test(file)) {
    void compile();
    return undefined;
  }
  const now = Date.now();
  saved.set(file, now);
  for (const [each, when] of saved) if (now - when > 1000) saved.delete(each);
  const affected = affectedBy([...saved.keys()], process.env['SOLVER'] ?? 'src/solvers/perturbed.ts');
  vitest!.provide('save', { at: now, files: [...saved.keys()], affected, costs: [...costs] });
  return 'properties/tests/claims.test.ts';
}

/** The kernel's source is compiled when it is saved: what comes of it is the save that counts. */
async function compile(): Promise<void> {
  try {
    const { compiledKernel, MODULE } = await import('./kernel.mjs');
    writeFileSync(MODULE, await compiledKernel());
  } catch (error) {
    vitest?.logger.error((error as Error).message);
  }
}

let vitest: Vitest | undefined;
/** Milliseconds that each claim took the last time, by its id. */
const costs = new Map<string, number>();

const notes: Reporter = {
  onInit(context) {
    vitest = context;
  },
  onTestCaseResult(test) {
    const { verdict } = test.meta() as { verdict?: { id: string } };
    if (verdict !== undefined) costs.set(verdict.id, test.diagnostic()!.duration);
  },
};

/** Node imports the sources, so vitest does not see what they import. */
export const WATCH_OPTIONS: Pick<
  NonNullable<ViteUserConfig['test']>,
  'watchTriggerPatterns' | 'maxWorkers' | 'reporters' | 'pool'
> = {
  maxWorkers: lanes,
  pool: readyThreads,
  reporters: ['default', notes],
  watchTriggerPatterns: [
    { pattern: /^(?!.*\/(?:node_modules|dist|coverage)\/).*(?<!\.test)\.m?[jt]s$/, testsToRun: onSave },
  ],
};

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the watch mode: one of `of` lanes. */
    lane?: { readonly index: number; readonly of: number };
    /** The last save, when it was in milliseconds of the clock, and what claims cost before it. */
    save?: {
      readonly at: number;
      readonly files: readonly string[];
      readonly affected: Affected;
      readonly costs: readonly [id: string, milliseconds: number][];
    };
  }
}
