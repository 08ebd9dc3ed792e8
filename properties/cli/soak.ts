/** `npm run soak`: runs of fresh seeds until the time is up, counting claim-instances and alarms over all runs so far. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files.ts';
import { counted } from '../model/numbers.ts';
import { claims, isDerived } from '../claims/registry.ts';
import { freshSeed } from '../model/seeds.ts';
import { isBad, settled } from './exit.ts';
import { meterOn, type Meter } from './meter.ts';
import { BadUsage } from './usage.ts';
import { readOptions, type VerifyOptions } from './options.ts';
import { Run, type RunResult } from './run.ts';

interface Count {
  instances: number;
  /** Instances with a failed trial but without blame. */
  missed: number;
  /** The false alarms, on a solver or a statement, as arguments of verify. */
  alarms: string[];
}

/** The counts of all soaks so far. */
interface Counts {
  rounds: number;
  seconds: number;
  claims: Record<string, Count>;
}

const HELP = `Usage: npm run soak -- --minutes <N> [options of verify]

Judges our solver under fresh seeds until the time is up. Counts of claim-instances and false alarms are added to
soak.json in the folder of the evidence (--out), over all runs so far. Exit code: 0 no false alarm, 1 a false alarm.`;

async function main(args: readonly string[]): Promise<number> {
  const { minutes, rest } = readMinutes(args);
  if (minutes === 'help') return say(HELP);
  const options = readOptions(['--instances', '200', ...rest], process.env);
  if (typeof options === 'string' || 'merge' in options)
    throw new BadUsage('soak takes --minutes and the options of a run');
  const file = join(options.out, 'soak.json');
  const counts = readCounts(file);
  const before = alarmsOf(counts);
  const time = { began: Date.now(), total: 60_000 * minutes };
  const meter = meterOn(process.stderr, options);
  do {
    await round(options, counts, time, meter);
    writeWhole(file, `${JSON.stringify(counts, undefined, 2)}\n`);
    meter.line(`${new Date().toISOString()} ${line(counts)}`, true);
  } while (Date.now() < time.began + time.total);
  meter.close();
  say(`${report(counts)}\ncounts in ${file}`);
  return alarmsOf(counts) > before ? 1 : 0;
}

function readMinutes(args: readonly string[]): { minutes: number | 'help'; rest: string[] } {
  const at = args.indexOf('--minutes');
  if (args.includes('--help')) return { minutes: 'help', rest: [] };
  const minutes = Number(args[at + 1]);
  if (at < 0 || !(minutes > 0))
    throw new BadUsage(`--minutes is ${at < 0 ? 'missing' : args[at + 1]}: give a number of minutes above 0`);
  return { minutes, rest: args.filter((_, i) => i !== at && i !== at + 1) };
}

function readCounts(file: string): Counts {
  if (!existsSync(file)) return { rounds: 0, seconds: 0, claims: {} };
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Counts;
  } catch {
    throw new BadUsage(`${file} does not hold counts: move it away`);
  }
}

interface Time {
  readonly began: number;
  readonly total: number;
}

/** One run of all claims under a fresh seed; claims that are done when the time is up are counted. */
async function round(options: VerifyOptions, counts: Counts, { began, total }: Time, meter: Meter): Promise<void> {
  const seed = freshSeed();
  const own = options.claims.filter((id) => !isDerived({ id }));
  const passed = (): number => Date.now() - began;
  const run = new Run(
    { ...options, claims: own, seed },
    {
      running: (done) => meter.at(passed() / total, [`round ${counts.rounds + 1}`, ...done.keys()].join('  ')),
      finished: () => undefined,
    },
  );
  const start = passed();
  const timer = setTimeout(() => run.stop(), Math.max(0, total - start));
  const outcome = await run.run().finally(() => clearTimeout(timer));
  counts.rounds++;
  counts.seconds += (passed() - start) / 1000;
  add(counts, outcome, `--seed ${seed}`);
}

function add(counts: Counts, { verdicts }: RunResult, seed: string): void {
  for (const { id, instances, missed = [], outcome, refutation } of verdicts) {
    const count = (counts.claims[id] ??= { instances: 0, missed: 0, alarms: [] });
    count.instances += instances;
    count.missed += missed.length;
    if (isBad({ outcome }) && outcome !== 'not run')
      count.alarms.push(`--claim ${id} ${seed} --instance ${refutation?.replay ?? instances}`);
  }
}

const alarmsOf = (counts: Counts): number =>
  Object.values(counts.claims).reduce((sum, { alarms }) => sum + alarms.length, 0);

function line(counts: Counts): string {
  const sum = (what: 'instances' | 'missed'): number =>
    Object.values(counts.claims).reduce((total, count) => total + count[what], 0);
  const [total, missed] = [counted(sum('instances'), 'claim-instance'), sum('missed')];
  return `${counted(counts.rounds, 'round')}, ${total}, ${missed} failed by chance, ${counted(alarmsOf(counts), 'false alarm')}`;
}

function report(counts: Counts): string {
  // A false form ends with its first instance, which refutes it.
  const random = claims.filter(({ random, expected }) => random !== undefined && expected === undefined);
  const least = Math.min(...random.map(({ id }) => counts.claims[id]?.instances ?? 0));
  const alarms = Object.values(counts.claims).flatMap((count) => count.alarms);
  return [
    `${line(counts)}; at least ${least} of each of the ${random.length} true random claims; ${Math.round(counts.seconds / 60)} minutes`,
    ...alarms.map((alarm) => `alarm: npm run verify -- ${alarm}`),
  ].join('\n');
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

process.exitCode = await settled(main(process.argv.slice(2)));
