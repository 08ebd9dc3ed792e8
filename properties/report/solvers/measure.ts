/** One solver of the list: installed in a folder of its own, timed, and judged by verify. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { EXAMPLES, type Listed } from './list.ts';

const NODE = ['--conditions=flat-minima-source', '--import=./tools/strip-types.mjs'];
/** Seconds for one call: some libraries are slow. */
const TIMEOUT = 300;

const countsSchema = z.object({
  holds: z.number(),
  refuted: z.number(),
  notApplicable: z.number(),
  /** Undecided, not decidable at the precision, stopped by a fault, or not run. */
  other: z.number(),
  /** Ids of the claims that are refuted. */
  refutedClaims: z.array(z.string()).default([]),
  /** The solver's behaviour according to verify, if it is named. */
  instead: z.string().optional(),
});

/** The verdict of verify on a solver. */
export type Counts = z.infer<typeof countsSchema>;

export const resultSchema = z.object({
  name: z.string(),
  version: z.string(),
  seed: z.number(),
  instances: z.number(),
  /** The time of a step at 10 x 8, r = 3. */
  nanoseconds: z.number(),
  seconds: z.number(),
  counts: countsSchema,
  /** With the options of the list. */
  withOptions: countsSchema.optional(),
});

export type Result = z.infer<typeof resultSchema>;

/** How verify and the stopwatch are given a solver. */
type Given = readonly ['module' | 'program', string];

/** The options with which all solvers are judged. */
export interface Effort {
  readonly seed: number;
  /** Instances of each claim, if the list has no other number for the solver. */
  readonly instances: number;
  /** `--minutes` of verify. */
  readonly minutes?: string | undefined;
}

/** The findings; or a sentence why they are missing. */
export function measure(listed: Listed, { seed, instances: usual, minutes }: Effort): Result | string {
  const folder = mkdtempSync(join(tmpdir(), 'flat-minima-solvers-'));
  try {
    const ready = prepared(listed, folder);
    if (typeof ready === 'string') return ready;
    const { given, version } = ready;
    const instances = listed.instances ?? usual;
    const time = minutes === undefined ? [] : ['--minutes', minutes];
    const fixed = ['--instances', String(instances), '--seed', String(seed), ...time];
    const run = (options: readonly string[]): Counts => judged(given, [...fixed, ...options], folder);
    const began = performance.now();
    const counts = run([]);
    const seconds = Math.round((performance.now() - began) / 1000);
    const { name, options } = listed;
    const found = { name, version, seed, instances, nanoseconds: stepTime(given), seconds, counts };
    return options === undefined ? found : { ...found, withOptions: run(options) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function prepared(listed: Listed, folder: string): { given: Given; version: string } | string {
  if ('ours' in listed) return { given: ['module', listed.ours], version: versionIn('package.json') };
  if ('program' in listed) {
    const { interpreters, version: args, program, needs } = listed;
    for (const interpreter of interpreters) {
      const [command, ...first] = interpreter.split(' ');
      const { status, stdout } = spawnSync(command!, [...first, ...args], { encoding: 'utf8' });
      if (status === 0)
        return { given: ['program', `${interpreter} ${join(EXAMPLES, program)}`], version: stdout.trim() };
    }
    return `${listed.name} is not there: ${needs}`;
  }
  const file = join(EXAMPLES, listed.module);
  if (existsSync(join(dirname(file), 'package.json'))) return installed(file, listed.package, folder);
  const version = listed.package === undefined ? '' : versionOf(listed.package, '.');
  return { given: ['module', file], version };
}

/** A copy of the solver's folder, with its packages. */
function installed(file: string, name: string | undefined, folder: string): { given: Given; version: string } | string {
  cpSync(dirname(file), folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) return `npm install failed in ${dirname(file)}: ${stderr.trim().split('\n')[0]}`;
  return {
    given: ['module', join(folder, basename(file))],
    version: name === undefined ? '' : versionOf(name, folder),
  };
}

const versionOf = (name: string, folder: string): string =>
  versionIn(join(folder, 'node_modules', name, 'package.json'));

const versionIn = (file: string): string => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;

function stepTime(given: Given): number {
  const script = join('properties', 'report', 'solvers', 'step-time.ts');
  const { stdout } = spawnSync(process.execPath, [...NODE, script, ...given], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n').at(-1));
}

const evidenceSchema = z.object({
  claims: z.array(
    z.object({
      id: z.string(),
      outcome: z.string(),
      refutation: z.object({ diagnosis: z.string().optional() }).optional(),
    }),
  ),
});

function judged(given: Given, options: readonly string[], folder: string): Counts {
  const json = join(folder, 'evidence.json');
  const solver = [given[0] === 'program' ? '--solver-command' : '--solver', given[1]];
  const fixed = ['--quiet', '--keep', 'none', '--out', folder, '--timeout', String(TIMEOUT), '--json', json];
  const verify = [...NODE, join('properties', 'cli', 'main.ts'), ...solver, ...fixed, ...options];
  const { stderr } = spawnSync(process.execPath, verify, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (!existsSync(json)) throw new Error(`verify left no evidence: ${stderr}`);
  return countsIn(evidenceSchema.parse(JSON.parse(readFileSync(json, 'utf8'))).claims);
}

type Verdict = z.infer<typeof evidenceSchema>['claims'][0];

/** Derived claims, which are about the theory, are left out. */
export function countsIn(verdicts: readonly Verdict[]): Counts {
  const claims = verdicts.filter(({ id }) => !id.includes('#'));
  const count = (...outcomes: string[]): number => claims.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const [holds, refuted] = [count('holds', 'refuted as expected'), count('refuted', 'holds unexpectedly')];
  const refutedClaims = claims.filter(({ outcome }) => outcome === 'refuted').map(({ id }) => id);
  const notApplicable = count('not applicable');
  const other = claims.length - holds - refuted - notApplicable;
  const named = claims.flatMap(
    ({ refutation }) => /^What the solver does instead: (.*)\.$/m.exec(refutation?.diagnosis ?? '')?.slice(1) ?? [],
  );
  const instead = named[0] === undefined ? {} : { instead: named[0] };
  return { holds, refuted, notApplicable, other, refutedClaims, ...instead };
}
