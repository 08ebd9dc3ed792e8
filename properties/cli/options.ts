/** The command line of `verify`. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { folderFor } from './counterexamples.ts';
import { commandLine } from '../model/place.ts';
import { checkComparable, readEarlier, type Earlier } from './earlier.ts';
import { PRECISIONS, roundoffNamed } from '../model/precision.ts';
import { freshSeed } from '../model/seeds.ts';
import { isDerived, select, derivedFrom } from '../claims/registry.ts';
import type { Shard } from '../run/judge-options.ts';
import type { RunOptions } from './run-options.ts';
import { readTarget } from './target.ts';
import { BadUsage, existing, whole } from './usage.ts';

/** A run, and its outputs. */
export interface VerifyOptions extends RunOptions {
  /** Whether the labels of the instances are printed. */
  readonly labels: boolean;
  /** Only refutations and the closing line are printed. */
  readonly quiet: boolean;
  /** Folder of the counterexamples. */
  readonly keep?: string;
  /** The evidence that slacks are compared with. */
  readonly compare?: Earlier;
  readonly json?: string;
  /** The file of the verdicts as JUnit XML. */
  readonly junit?: string;
  readonly out: string;
}

/** Default folder of the evidence. */
const OUT = join('coverage', 'claims');

/** A listing that verify prints instead of judging. */
type Other = 'help' | 'list';

/** Evidence of shards to be put together. */
export interface Merge {
  readonly merge: readonly string[];
  readonly junit?: string;
  readonly out: string;
}

const FLAGS = {
  solver: { type: 'string' },
  'solver-command': { type: 'string' },
  precision: { type: 'string' },
  claim: { type: 'string', multiple: true },
  instances: { type: 'string' },
  seed: { type: 'string' },
  instance: { type: 'string' },
  shard: { type: 'string' },
  merge: { type: 'string', multiple: true },
  target: { type: 'string' },
  rank: { type: 'string' },
  array: { type: 'string' },
  columns: { type: 'string' },
  'drop-rows-with-missing': { type: 'boolean' },
  dimension: { type: 'string' },
  timeout: { type: 'string' },
  workers: { type: 'string' },
  profile: { type: 'boolean' },
  json: { type: 'string' },
  junit: { type: 'string' },
  out: { type: 'string' },
  labels: { type: 'boolean' },
  quiet: { type: 'boolean' },
  keep: { type: 'string' },
  minutes: { type: 'string' },
  compare: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** The options, or which text to print. Throws `BadUsage`. */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): VerifyOptions | Other | Merge {
  const values = parse(args);
  if (values.help === true) return 'help';
  if (values.list === true) return 'list';
  if (values.merge !== undefined) {
    return {
      merge: values.merge.filter((file) => existing('--merge', file)),
      ...(values.junit === undefined ? {} : { junit: values.junit }),
      out: values.out ?? OUT,
    };
  }
  const dimension = readDimension(values);
  const named = values.claim ?? (dimension === undefined ? [] : [AT_SCALE]);
  const chosen = select(named);
  if ('unknown' in chosen) {
    throw new BadUsage(
      `--claim ${chosen.unknown} is neither a claim nor a family: see ${commandLine('verify')} --list`,
    );
  }
  if (values.instance !== undefined && !/^\d+(:|(:\d+)*)$/.test(values.instance)) {
    throw new BadUsage(`--instance is ${values.instance}: give an index, or the index:path that a refutation prints`);
  }
  const command = values['solver-command'];
  if (command !== undefined && values.solver !== undefined) {
    throw new BadUsage(`--solver ${values.solver} and --solver-command ${command} were both given: give one of them`);
  }
  if (command?.trim() === '')
    throw new BadUsage('--solver-command is empty: give a command such as "python3 solver.py"');
  const earlier = values.compare === undefined ? undefined : readEarlier(values.compare);
  const seed = values.seed ?? (earlier === undefined ? env['SEED'] : String(earlier.seed));
  const usual = String(earlier?.instances ?? (command === undefined ? 100 : 10));
  // Derived claims test the theory, not a solver or a target.
  const aboutTheory = [
    values.solver,
    command,
    values.target,
    values.instance,
    values.dimension,
    values.precision,
  ].every((value) => value === undefined);
  const target = readTarget(values);
  const options = {
    ...(values.solver === undefined
      ? {}
      : { solver: { file: values.solver, path: existing('--solver', values.solver) } }),
    claims: [
      ...new Set(
        chosen.flatMap((claim) =>
          [claim, ...(aboutTheory && !isDerived(claim) ? derivedFrom(claim) : [])].map(({ id }) => id),
        ),
      ),
    ],
    named,
    labels: values.labels === true,
    quiet: values.quiet === true,
    ...(command === undefined ? {} : { command }),
    ...(values.precision === undefined ? {} : { roundoff: readPrecision(values.precision) }),
    instances: whole('--instances', values.instances ?? usual, 1, 1_000_000),
    seed: seed === undefined ? freshSeed() : whole('the seed', seed, 0, 2 ** 31 - 1),
    ...(values.shard === undefined ? {} : { shard: readShard(values.shard) }),
    ...(values.instance === undefined ? {} : { only: values.instance }),
    ...(target === undefined ? {} : { target }),
    ...(dimension === undefined ? {} : { dimension }),
    ...(values.keep === 'none' ? {} : { keep: values.keep ?? folderFor(values.solver, command) }),
    ...(earlier === undefined ? {} : { compare: earlier }),
    timeout: positive('--timeout', values.timeout ?? '30'),
    ...(values.minutes === undefined ? {} : { minutes: positive('--minutes', values.minutes) }),
    ...(values.workers === undefined ? {} : { workers: whole('--workers', values.workers, 1, 256) }),
    profile: values.profile === true,
    ...(values.json === undefined ? {} : { json: resolve(values.json) }),
    ...(values.junit === undefined ? {} : { junit: values.junit }),
    out: values.out ?? OUT,
  };
  if (earlier !== undefined) checkComparable(earlier, options);
  return options;
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'] {
  try {
    return parseArgs({ args: joinNegatives(args), options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const [message] = (error as Error).message.split(/\. |\.?\n/);
    throw new BadUsage(`${message}: ${npmHint(args) ?? `see ${commandLine('verify')} --help`}`);
  }
}

/** npm takes options as its own unless they follow a lone --. */
function npmHint(args: readonly string[]): string | undefined {
  const isByNpm = process.env['npm_lifecycle_event'] === 'verify';
  return isByNpm && args.length > 0 && !args[0]!.startsWith('-')
    ? 'npm takes options for itself unless -- comes first: npm run verify -- --claim <id>'
    : undefined;
}

/** `--seed -1` means `--seed=-1`, which is refused with a sentence about the number. */
const joinNegatives = (args: readonly string[]): string[] =>
  args
    .join('\0')
    .replace(/(?<=^|\0)(--[a-z-]+)\0(?=-[\d.])/g, '$1=')
    .split('\0')
    .filter((arg) => arg !== '');

function readPrecision(text: string): number {
  const roundoff = roundoffNamed(text);
  if (roundoff === undefined) throw new BadUsage(`--precision is ${text}, which is unknown: give ${PRECISIONS}`);
  return roundoff;
}

function readShard(text: string): Shard {
  const [index, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (index === undefined || of === undefined || index < 1 || index > of) {
    throw new BadUsage(`--shard is ${text}: give i/n with i from 1 to n, such as 1/4`);
  }
  return { index, of };
}

function positive(name: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && value <= 86_400))
    throw new BadUsage(`${name} is ${text}: give a number of seconds above 0, at most 86400`);
  return value;
}

/** The family whose claims are about any dimension. */
const AT_SCALE = 'scale';

function readDimension({
  dimension: text,
  ...others
}: Partial<Record<'dimension' | 'target' | 'solver' | 'solver-command', string>>): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?(e\+?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!(Number.isSafeInteger(value) && value >= 1)) {
    throw new BadUsage(
      `--dimension is ${text}: give a whole number from 1 to ${Number.MAX_SAFE_INTEGER}, such as 1000000 or 1e6`,
    );
  }
  for (const other of ['target', 'solver', 'solver-command'] as const) {
    if (others[other] !== undefined) {
      throw new BadUsage(
        `--dimension ${text} and --${other} ${others[other]} were both given: give only one of them, because --dimension judges the reduced descent of flat-minima on its own targets`,
      );
    }
  }
  return value;
}
