/** `npm run verify`: judges a solver by the claims, prints the verdicts, leaves the evidence. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { styleText } from 'node:util';
import { errorLine } from '../errors.ts';
import { claimOf, claims, isTwin } from '../registry.ts';
import type { Refutation, Verdict } from '../verdict.ts';
import { filterText, labelText, notShownNecessary, remarks, summary, table } from '../words.ts';
import { keep, readAll } from '../counterexamples.ts';
import { writeExperiments } from '../experiments.ts';
import { ledger, withHeadlines } from '../ledger.ts';
import { calibration, calibrationText, findings } from './calibrate.ts';
import {
  evidenceOf,
  judgedIn,
  OURS,
  readEvidence,
  versions,
  writeEvidence,
  writeWhole,
  type RunFacts,
} from './evidence.ts';
import { EXIT, exitCodeFor } from './exit.ts';
import { junit } from './junit.ts';
import { killDocument, killMatrix, killText, readKills } from './kills.ts';
import { mergeShards } from './merge.ts';
import { BadUsage, HELP, readOptions, type Merge, type VerifyOptions } from './options.ts';
import { progressTo } from './progress.ts';
import { CannotLoad, Run, type Outcome, type Progress } from './run.ts';
import { refutationOf } from './refutation.ts';
import { jsonSchema } from './schema.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, process.env);
  if (options === 'help') return say(HELP);
  if (options === 'list') return say(claims.map(({ id, statement }) => `${id}  ${statement}`).join('\n'));
  if (options === 'ledger') return writeLedger();
  if (options === 'experiments') return say(`written: ${writeExperiments(join('fixtures', 'experiments')).join(', ')}`);
  if ('merge' in options) return reportMerged(options);
  if (options.kills) return reportKills(options);
  if (options.calibrate) return reportCalibration(options);
  const count = options.only === undefined ? options.instances : 1;
  const own = options.claims.filter((id) => !isTwin({ id })).length;
  say(
    `flat-minima: ${own} claims and ${options.claims.length - own} variations on them, ${count} instances each, ${solverName(options)}, seed ${options.seed}`,
  );
  const progress = progressTo(process.stderr, options.claims.length, count);
  const { kept, complaints } = options.keep === undefined ? NOTHING_KEPT : readAll(options.keep);
  for (const complaint of complaints) say(complaint);
  const run = new Run(options, recording(options, progress), kept);
  const interrupted = (): void => {
    progress.close();
    report(options, run.soFar('the run was interrupted before'));
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', interrupted);
  const outcome = await run.run().finally(() => progress.close());
  process.off('SIGINT', interrupted);
  return report(options, outcome);
}

const NOTHING_KEPT = { kept: [], complaints: [] };

/** The same progress, with each refutation kept as soon as it is known, and again when it is smaller. */
function recording(options: VerifyOptions, progress: Progress): Progress {
  const { keep: folder, target, seed } = options;
  if (folder === undefined || target !== undefined) return progress;
  const refuted = (id: string, refutation: Refutation): void => {
    if (claimOf(id)?.expected !== undefined || isTwin({ id })) return;
    keep(folder, id, options.command ?? options.solver?.file ?? OURS, seed, refutation);
  };
  return {
    ...progress,
    refuted,
    finished(verdict) {
      progress.finished(verdict);
      const { id, outcome, refutation } = verdict;
      if (outcome === 'refuted' && refutation !== undefined && refutation.kept === undefined) refuted(id, refutation);
    },
  };
}

function writeLedger(): number {
  write(join('docs', 'claims.md'), ledger());
  write(join('docs', 'evidence.schema.json'), jsonSchema());
  write('README.md', withHeadlines(readFileSync('README.md', 'utf8')));
  return say('docs/claims.md, docs/evidence.schema.json and the table of README.md are written');
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.holds;
}

function solverName({ solver, command }: VerifyOptions): string {
  if (command !== undefined) return `program ${command}`;
  return solver === undefined ? 'our solver' : `solver ${solver.file}`;
}

function report(options: VerifyOptions, { ownNoise, verdicts }: Outcome): number {
  const facts = factsOf(options, ownNoise);
  if (options.labels) say(`\n${labelText(verdicts)}`);
  const evidence = leave(facts, verdicts, options);
  return tell(
    facts,
    verdicts,
    verdicts.filter((verdict) => verdict.refutation !== undefined && isTold(options, verdict)),
    evidence,
  );
}

function reportMerged(options: Merge): number {
  const { facts, verdicts } = mergeShards(options);
  const evidence = leave(facts, verdicts, options);
  return tell(
    facts,
    verdicts,
    verdicts.filter(({ outcome }) => outcome === 'refuted'),
    evidence,
  );
}

/** Writes the evidence, with the kill matrix where there is one, to all places asked for. The first of them. */
function leave(
  facts: RunFacts,
  verdicts: readonly Verdict[],
  { out, json, junit: xml }: Pick<VerifyOptions, 'out' | 'json' | 'junit'>,
): string {
  const file = join(out, 'evidence.json');
  const evidence = evidenceOf(facts, verdicts, readKills(join(out, KILLS)));
  for (const each of [file, ...(json === undefined ? [] : [json])]) trying(each, () => writeEvidence(each, evidence));
  if (xml !== undefined) write(xml, junit(facts, verdicts));
  return file;
}

const KILLS = 'kills.json';

async function reportKills(options: VerifyOptions): Promise<number> {
  const kills = await killMatrix(options, (name, killers) =>
    process.stderr.write(`${name}: refuted by ${killers} claims\n`),
  );
  const [file, evidence] = [join(options.out, KILLS), join(options.out, 'evidence.json')];
  write(file, `${JSON.stringify(kills, undefined, 2)}\n`);
  if (existsSync(evidence)) writeEvidence(evidence, { ...readEvidence(evidence), kills });
  write(join('docs', 'kills.md'), killDocument(kills));
  say(
    `${killText(kills)}\nseed ${kills.seed}, ${kills.instances} instances a claim; the matrix in ${file} and docs/kills.md`,
  );
  return Object.values(kills.impostors).every((killers) => killers.length > 0) ? EXIT.holds : EXIT.refuted;
}

/** Measures the error rates; those of all claims are written down, those of some are only printed. */
function reportCalibration({ claims: ids, named, ...options }: VerifyOptions): number {
  const own = ids.filter((id) => !isTwin({ id }));
  const found = calibration(own, options, (id) => process.stderr.write(`${id}\n`));
  const text = calibrationText(found);
  if (named.length === 0) write(join('docs', 'calibration.md'), text);
  say(named.length === 0 ? 'docs/calibration.md is written' : text);
  const { refuted, undecided } = findings(found);
  for (const finding of [...refuted, ...undecided]) say(finding);
  return refuted.length > 0 ? EXIT.refuted : undecided.length > 0 ? EXIT.undecided : EXIT.holds;
}

/** Prints the verdicts, some of them with their refutation. The exit code that they deserve. */
function tell(facts: RunFacts, verdicts: readonly Verdict[], told: readonly Verdict[], evidence: string): number {
  say(`\n${table(verdicts)}\n`);
  if (facts.ownNoise) say(OWN_NOISE);
  for (const remark of [...remarks(verdicts), filterText(verdicts)].filter((text) => text !== '')) say(remark);
  const open = notShownNecessary(verdicts);
  if (open.length > 0) say(`\n${yellow(open.join('\n'))}`);
  for (const verdict of told) say(`\n${refutationOf(verdict, facts)}`);
  const errors = errorLine(judgedIn(facts, verdicts));
  say(`\n${[summary(verdicts), ...(errors === undefined ? [] : [errors])].join('\n')}`);
  say(`seed ${facts.seed}; evidence in ${evidence}`);
  return exitCodeFor(verdicts);
}

/** Refutations that were expected are in the evidence; they are told when they were asked for. */
const isTold = ({ named, only }: VerifyOptions, { id, outcome }: Verdict): boolean =>
  outcome === 'refuted' || only !== undefined || named.includes(id);

const yellow = (text: string): string =>
  process.stdout.isTTY && process.stdout.hasColors() ? styleText('yellow', text) : text;

const OWN_NOISE =
  'This solver never draws from the noise source that it is given: claims about injected noise are not applicable, ' +
  'claims that couple two runs are checked without noise, the rest are judged by law.';

const write = (file: string, text: string): void => trying(file, () => writeWhole(file, text));

function trying(file: string, writing: () => void): void {
  try {
    writing();
  } catch (error) {
    throw new BadUsage(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): give a file in a folder that you may write to`,
    );
  }
}

function factsOf({ seed, instances, solver, command, target, shard }: VerifyOptions, ownNoise: boolean): RunFacts {
  return {
    versions: versions(),
    seed,
    instances,
    solver: solver?.file ?? OURS,
    ...(command === undefined ? {} : { command }),
    ownNoise,
    ...(target === undefined ? {} : { target: target.file, rank: target.given.rank }),
    ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.of}` }),
  };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof BadUsage || error instanceof CannotLoad) {
    process.stderr.write(`flat-minima: ${error.message}\n`);
    return EXIT.badUsage;
  }
  process.stderr.write(
    `flat-minima: an error of its own, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.ourError;
}

/** Runs the command; resolves with its exit code. */
export const verifyCommand = (args: readonly string[]): Promise<number> => main(args).catch(exitCodeOf);

// Tests call the command without starting a process.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await verifyCommand(process.argv.slice(2));
