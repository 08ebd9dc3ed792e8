/** The command `verify`: judges a solver by the claims, prints the verdicts, leaves the evidence. */
import { join } from 'node:path';
import { writeWhole } from './files.ts';
import type { Given } from '../model/draft.ts';
import { counted } from '../model/numbers.ts';
import { claims, isDerived } from '../claims/registry.ts';
import { renamedText } from '../claims/renamed.ts';
import { isRefuted, type Verdict } from '../model/verdict.ts';
import { rootPath } from '../model/place.ts';
import { precisionName } from '../model/precision.ts';
import { versions } from './versions.ts';
import { derivedText, labelText } from '../explain/words.ts';
import { comparison } from './compare.ts';
import { evidenceOf, KEPT_KILLS, KILLS, OURS, readKills, writeEvidence, type RunFacts } from './evidence.ts';
import { EXIT, exitCodeFor } from './exit.ts';
import { junit } from './junit.ts';
import { Saving } from './saving.ts';
import { mergeShards } from './merge.ts';
import { meterOn } from './meter.ts';
import { BadUsage } from './usage.ts';
import { HELP } from './help.ts';
import { readOptions, type Merge, type VerifyOptions } from './options.ts';
import { costsIn, progressOn } from './progress.ts';
import { profileText } from './profile.ts';
import { Run, type RunResult } from './run.ts';
import { described } from './targets/describe.ts';
import { spectrumOf } from './targets/spectrum.ts';
import { stepText } from './targets/steps.ts';
import type { GivenTarget } from './target.ts';
import { runText, type TextOptions } from './text.ts';

/** Runs the command; resolves with its exit code. Throws `BadUsage` and `CannotLoad`. */
export async function verifyCommand(args: readonly string[]): Promise<number> {
  const options = readOptions(args, process.env);
  if (options === 'help') return say(HELP);
  if (options === 'list') return say(listed());
  if ('merge' in options) return reportMerged(options);
  const count = options.only === undefined ? options.instances : 1;
  const aside = options.quiet ? () => EXIT.holds : say;
  for (const line of [...renamedText(options.named), ...headOf(options, count)]) aside(line);
  const meter = meterOn(process.stderr, options);
  const progress = progressOn(meter, {
    claims: options.claims,
    instances: count,
    costs: costsIn(evidenceFile(options)),
  });
  const saving = new Saving(options);
  for (const complaint of saving.complaints) aside(complaint);
  const run = new Run(options, saving.recording(progress), saving.saved);
  const interrupted = (): void => {
    meter.close();
    report(options, run.soFar('the run was interrupted before'), saving);
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', interrupted);
  const outcome = await run.run().finally(() => meter.close());
  process.off('SIGINT', interrupted);
  if (options.profile === true) say(`\n${profileText(outcome.verdicts, run.profile)}`);
  const code = report(options, outcome, saving);
  if (options.compare !== undefined) say(`\n${await comparison(options.compare, outcome, options)}`);
  return code;
}

/** One claim per line. */
export const listed = (): string => claims.map(({ id, statement }) => `${id}  ${statement}`).join('\n');

/** The claims and the target of the run. */
function headOf(options: VerifyOptions, count: number): string[] {
  const { claims: ids, target, seed } = options;
  const derived = ids.map((id) => ({ id })).filter(isDerived);
  const own = ids.length - derived.length;
  const judged = [
    ...(own === 0 ? [] : [counted(own, 'claim')]),
    ...(derived.length === 0 ? [] : [derivedText(derived)]),
  ].join(', ');
  return [
    `flat-minima: ${judged}, ${counted(count, 'instance')} each, ${solverName(options)}, seed ${seed}`,
    ...(target === undefined ? [] : linesAbout(target)),
  ];
}

/** Its shape and spectrum, and the step sizes that it allows. */
function linesAbout({ file, given, matrix }: GivenTarget): string[] {
  if (matrix === undefined) return [];
  const spectrum = spectrumOf(matrix.rows);
  const steps = stepText(given, spectrum?.singularValues[0]);
  return [`target ${file}: ${described(matrix, spectrum)}${units(given)}`, ...(steps === undefined ? [] : [steps])];
}

const units = ({ scale }: Given): string =>
  scale === undefined ? '' : `; instances are shown with the target divided by 4^${scale}`;

/** Prints the text as a line; the exit code of a command that only says something. */
export function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.holds;
}

function solverName({ solver, command }: VerifyOptions): string {
  if (command !== undefined) return `program ${command}`;
  return solver === undefined ? 'our solver' : `solver ${solver.file}`;
}

function report(options: VerifyOptions, outcome: RunResult, saving: Saving): number {
  const [facts, { verdicts }] = [factsOf(options, outcome), outcome];
  if (options.labels) say(`\n${labelText(verdicts)}`);
  const evidence = leave(facts, verdicts, options);
  const shown = verdicts.filter((verdict) => verdict.refutation !== undefined && isTold(options, verdict));
  const full = options.only !== undefined || options.named.some((name) => name.includes('/'));
  const code = print(facts, verdicts, { shown, full, evidence, quiet: options.quiet });
  if ((process.env['CI'] ?? 'false') !== 'false') for (const text of saving.toCommit()) say(`\n${text}`);
  return code;
}

function reportMerged(options: Merge): number {
  const { facts, verdicts } = mergeShards(options);
  const evidence = leave(facts, verdicts, options);
  const shown = verdicts.filter(({ outcome, refutation }) => isRefuted({ outcome }) && refutation !== undefined);
  return print(facts, verdicts, { shown, evidence });
}

const evidenceFile = ({ out }: Pick<VerifyOptions, 'out'>): string => join(out, 'evidence.json');

/** Writes the evidence, with the kill matrix if there is one, to all requested files. Returns the first of them. */
function leave(
  facts: RunFacts,
  verdicts: readonly Verdict[],
  { out, json, junit: xml }: Pick<VerifyOptions, 'out' | 'json' | 'junit'>,
): string {
  const file = evidenceFile({ out });
  const evidence = evidenceOf(facts, verdicts, readKills(join(out, KILLS)));
  for (const each of [file, ...(json === undefined ? [] : [json])]) trying(each, () => writeEvidence(each, evidence));
  if (xml !== undefined) write(xml, junit(facts, verdicts));
  return file;
}

/** Prints the verdicts. The exit code that they deserve. */
function print(facts: RunFacts, verdicts: readonly Verdict[], options: TextOptions): number {
  const colours = process.stdout.isTTY && process.stdout.hasColors();
  const kills = options.shown.length === 0 ? undefined : readKills(rootPath(KEPT_KILLS));
  say(`${options.quiet === true ? '' : '\n'}${runText(facts, verdicts, { ...options, kills, colours })}`);
  return exitCodeFor(verdicts);
}

/** Refutations that were expected are in the evidence; they are printed on request. */
const isTold = ({ named, only }: VerifyOptions, { id, outcome }: Verdict): boolean =>
  isRefuted({ outcome }) || only !== undefined || named.includes(id);

/** Writes a file of the user's choice. Throws `BadUsage`. */
export const write = (file: string, text: string): void => trying(file, () => writeWhole(file, text));

function trying(file: string, writing: () => void): void {
  try {
    writing();
  } catch (error) {
    throw new BadUsage(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): give a file in a folder that you may write to`,
    );
  }
}

function factsOf(
  { seed, instances, solver, command, target, dimension, shard, only }: VerifyOptions,
  { ownNoise, u }: RunResult,
): RunFacts {
  return {
    versions: versions(),
    seed,
    instances,
    solver: solver?.file ?? OURS,
    ...(command === undefined ? {} : { command }),
    ownNoise,
    ...(u === undefined ? {} : { precision: precisionName(u) }),
    ...(target === undefined ? {} : targetFacts(target)),
    ...(dimension === undefined ? {} : { dimension }),
    ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.of}` }),
    ...(only === undefined ? {} : { instance: only }),
  };
}

const targetFacts = ({ file, given, reading }: NonNullable<VerifyOptions['target']>): Partial<RunFacts> => ({
  target: file,
  ...(reading === undefined ? {} : { reading }),
  rank: given.rank,
});
