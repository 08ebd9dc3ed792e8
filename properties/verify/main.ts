/** `npm run verify`: judges a solver by the claims, prints the verdicts, leaves the evidence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { Claim } from '../claim.ts';
import { errorLine } from '../errors.ts';
import { claimOf, claims, isTwin } from '../registry.ts';
import type { Verdict } from '../verdict.ts';
import { filterText, labelText, notShownNecessary, refutationText, remarks, summary, table } from '../words.ts';
import { keep, readAll } from '../counterexamples.ts';
import { writeExperiments } from '../experiments.ts';
import { ledger, withHeadlines } from '../ledger.ts';
import { calibration, calibrationText, findings } from './calibrate.ts';
import { evidenceJson, OURS, writeWhole, type RunFacts } from './evidence.ts';
import { EXIT, exitCodeFor } from './exit.ts';
import { killDocument, killMatrix, killText } from './kills.ts';
import { mergeShards } from './merge.ts';
import { BadUsage, HELP, readOptions, type Merge, type VerifyOptions } from './options.ts';
import { progressTo } from './progress.ts';
import { CannotLoad, Run, type Outcome, type Progress } from './run.ts';

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
  process.once('SIGINT', () => {
    progress.close();
    report(options, run.soFar('the run was interrupted before'));
    process.exit(EXIT.interrupted);
  });
  const outcome = await run.run().finally(() => progress.close());
  return report(options, outcome);
}

const NOTHING_KEPT = { kept: [], complaints: [] };

/** The same progress, with each refutation kept as soon as it is known. */
function recording(options: VerifyOptions, progress: Progress): Progress {
  const { keep: folder, target, seed } = options;
  if (folder === undefined || target !== undefined) return progress;
  return {
    ...progress,
    finished(verdict) {
      progress.finished(verdict);
      const { id, outcome, refutation } = verdict;
      if (outcome !== 'refuted' || refutation === undefined || refutation.kept !== undefined || isTwin(verdict)) return;
      keep(folder, id, options.command ?? options.solver?.file ?? OURS, seed, refutation);
    },
  };
}

function writeLedger(): number {
  write(join('docs', 'claims.md'), ledger());
  write('README.md', withHeadlines(readFileSync('README.md', 'utf8')));
  return say('docs/claims.md and the table of README.md are written');
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
  const evidence = join(options.out, 'evidence.json');
  const text = evidenceJson(facts, verdicts);
  for (const file of [evidence, ...(options.json === undefined ? [] : [options.json])]) write(file, text);
  return tell(
    facts,
    verdicts,
    verdicts.filter((verdict) => verdict.refutation !== undefined && isTold(options, verdict)),
    evidence,
  );
}

function reportMerged(options: Merge): number {
  const { facts, verdicts } = mergeShards(options);
  const evidence = join(options.out, 'evidence.json');
  write(evidence, evidenceJson(facts, verdicts));
  return tell(
    facts,
    verdicts,
    verdicts.filter(({ outcome }) => outcome === 'refuted'),
    evidence,
  );
}

async function reportKills(options: VerifyOptions): Promise<number> {
  const kills = await killMatrix(options, (name, killers) =>
    process.stderr.write(`${name}: refuted by ${killers} claims\n`),
  );
  const file = join(options.out, 'kills.json');
  write(file, `${JSON.stringify(kills, undefined, 2)}\n`);
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
  for (const verdict of told) say(`\n${refutation(verdict, facts)}`);
  const errors = errorLine(judgedIn(facts, verdicts));
  say(`\n${[summary(verdicts), ...(errors === undefined ? [] : [errors])].join('\n')}`);
  say(`seed ${facts.seed}; evidence in ${evidence}`);
  return exitCodeFor(verdicts);
}

/** The claims that were judged, each with the instances that it could have been refuted on. */
const judgedIn = ({ instances }: RunFacts, verdicts: readonly Verdict[]): [Claim, number][] =>
  verdicts
    .filter((verdict) => !isTwin(verdict) && verdict.instances > 0)
    .map((verdict) => [claimOf(verdict.id)!, verdict.outcome === 'refuted' ? instances : verdict.instances]);

/** Refutations that were expected are in the evidence; they are told when they were asked for. */
const isTold = ({ named, only }: VerifyOptions, { id, outcome }: Verdict): boolean =>
  outcome === 'refuted' || only !== undefined || named.includes(id);

const yellow = (text: string): string =>
  process.stdout.isTTY && process.stdout.hasColors() ? styleText('yellow', text) : text;

const OWN_NOISE =
  'This solver never draws from the noise source that it is given: claims about injected noise are not applicable, ' +
  'claims that couple two runs are checked without noise, the rest are judged by law.';

function write(file: string, text: string): void {
  try {
    writeWhole(file, text);
  } catch (error) {
    throw new BadUsage(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code}): give a file in a folder that you may write to`,
    );
  }
}

function factsOf({ seed, instances, solver, command, target, shard }: VerifyOptions, ownNoise: boolean): RunFacts {
  return {
    seed,
    instances,
    solver: solver?.file ?? OURS,
    ...(command === undefined ? {} : { command }),
    ownNoise,
    ...(target === undefined ? {} : { target: target.file, rank: target.given.rank }),
    ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.of}` }),
  };
}

function refutation({ id, refutation: found }: Verdict, { solver, command, seed, target, rank }: RunFacts): string {
  if (found!.kept !== undefined) {
    const by = solver === OURS ? '' : ` --solver ${quoted(solver)}`;
    return refutationText(claimOf(id)!, found!, `npm run replay -- ${quoted(found!.kept)}${by}`);
  }
  const replay = [
    'npm run verify --',
    ...(solver === OURS ? [] : [`--solver ${quoted(solver)}`]),
    ...(command === undefined ? [] : [`--solver-command ${quoted(command)}`]),
    ...(target === undefined ? [] : [`--target ${quoted(target)} --rank ${rank}`]),
    `--claim ${quoted(id)} --seed ${seed} --instance ${found!.replay}`,
  ];
  return refutationText(claimOf(id)!, found!, replay.join(' '));
}

const quoted = (path: string): string => (/^[\w./:@#-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);

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

process.exitCode = await main(process.argv.slice(2)).catch(exitCodeOf);
