/** The upkeep that `npm run verify` does for this repository alone: its documents, its data and its mutants. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeExperiments } from '../claims/experiments/study.ts';
import { ledger, withHeadlines } from './ledger.ts';
import { perturbedGradientDescent } from '../../src/index.ts';
import type { Claim } from '../model/claim.ts';
import { stepsOf } from '../run/cost.ts';
import { inspect } from '../run/subject.ts';
import { isDerived, select, derivedFrom } from '../claims/registry.ts';
import { calibration, calibrationText, findings, MEASURED, withEarlier } from './calibrate.ts';
import { say, write } from './command.ts';
import type { Kills } from '../model/kills.ts';
import { KEPT_KILLS, KILLS, readEvidence, readKills, writeEvidence } from './evidence.ts';
import { EXIT } from './exit.ts';
import { killDocument, killMatrix, killText, mutantIn, withClaims, withMutants } from './kills.ts';
import { meterOn, type Meter } from './meter.ts';
import { BadUsage } from './usage.ts';
import { readOptions, type VerifyOptions } from './options.ts';
import { COSTS } from '../run/plan.ts';
import { jsonSchema } from './schema.ts';

type Upkeep = (rest: readonly string[]) => number | Promise<number>;

const UPKEEP: Readonly<Record<string, Upkeep>> = {
  '--kills': (rest) => reportKills(runOptions('--kills', '20', rest)),
  '--calibrate': (rest) => reportCalibration(runOptions('--calibrate', '100', rest)),
  '--costs': writeCosts,
  '--experiments': () => say(`written: ${writeExperiments(join('fixtures', 'experiments')).join(', ')}`),
  '--ledger': writeLedger,
};

/** Which of these is asked for, and the rest of the arguments. */
export function asked(args: readonly string[]): { flag: string; rest: readonly string[] } | undefined {
  const flag = args.find((arg) => arg in UPKEEP);
  return flag === undefined ? undefined : { flag, rest: args.filter((arg) => arg !== flag) };
}

/** Runs the upkeep command of the arguments and returns its exit code; undefined if there is no such command. */
export function upkeep(args: readonly string[]): number | Promise<number> | undefined {
  const { flag, rest } = asked(args) ?? {};
  return flag === undefined ? undefined : UPKEEP[flag]!(rest!);
}

function runOptions(flag: string, instances: string, rest: readonly string[]): VerifyOptions {
  const options = readOptions(['--instances', instances, ...rest], process.env);
  if (typeof options === 'string' || 'merge' in options)
    throw new BadUsage(
      `${flag} and an option that runs no claims were both given: give only options of a run with ${flag}`,
    );
  return options;
}

function writeLedger(): number {
  write(join('docs', 'claims.md'), ledger());
  write(join('docs', 'evidence.schema.json'), jsonSchema());
  write('README.md', withHeadlines(readFileSync('README.md', 'utf8')));
  return say('docs/claims.md, docs/evidence.schema.json and the table of README.md are written');
}

/** Steps of our solver for an instance of each claim and derived claim, on average over a few. */
function writeCosts(): number {
  const subject = inspect(perturbedGradientDescent);
  const costs = select([]) as readonly Claim[];
  const all = costs.flatMap((claim) => [claim, ...derivedFrom(claim)]);
  const entries = all.map((claim) => [claim.id, Math.round(stepsOf(claim, subject))] as const);
  write(COSTS, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
  return say(`${COSTS} is written`);
}

async function reportKills({ solver, ...options }: VerifyOptions): Promise<number> {
  const meter = meterOn(process.stderr, options);
  const kills = await matrixOf(solver?.file, options, meter).finally(() => meter.close());
  const [file, evidence] = [join(options.out, KILLS), join(options.out, 'evidence.json')];
  for (const each of [file, KEPT_KILLS]) write(each, `${JSON.stringify(kills, undefined, 2)}\n`);
  if (existsSync(evidence)) writeEvidence(evidence, { ...readEvidence(evidence), kills });
  write(join('docs', 'kills.md'), killDocument(kills));
  say(
    `${killText(kills)}\nseed ${kills.seed}, ${kills.instances} instances per claim; the matrix in ${file} and docs/kills.md`,
  );
  return Object.values(kills.mutants).every((killers) => killers.length > 0) ? EXIT.holds : EXIT.refuted;
}

/**
 * The whole matrix; or the saved one with one mutant, or some claims, judged again, under the same seed and on the same number of
 * instances.
 */
async function matrixOf(file: string | undefined, options: VerifyOptions, meter: Meter): Promise<Kills> {
  if (file === undefined && options.named.length === 0) return killMatrix(options, meter);
  const saved = readKills(KEPT_KILLS)!;
  const { seed, instances } = saved;
  if (file === undefined) return withClaims(saved, await killMatrix({ ...options, seed, instances }, meter));
  const name = mutantIn(file);
  if (name === undefined) throw new BadUsage(`--solver ${file} is not in fixtures/mutants: give the file of a mutant`);
  if (options.named.length > 0)
    throw new BadUsage('--kills takes --solver or --claim, not both: leave one of them out');
  return withMutants(saved, await killMatrix({ ...options, seed, instances }, meter, [name]));
}

/**
 * Measures the error rates on our solver, which is several times as fast as the reference. After each claim the measurements are saved and the page is written, so that a long run can
 * be interrupted and continued claim by claim.
 */
function reportCalibration({ claims: ids, ...options }: VerifyOptions): number {
  const own = ids.filter((id) => !isDerived({ id }));
  const all = (select([]) as readonly Claim[]).map(({ id }) => id);
  const meter = meterOn(process.stderr, options);
  const found = calibration(own, inspect(perturbedGradientDescent), options, meter, (sofar) => {
    const kept = withEarlier(sofar, all);
    write(MEASURED, `${JSON.stringify(kept, undefined, 2)}\n`);
    write(join('docs', 'calibration.md'), calibrationText(kept));
  });
  meter.close();
  say(`docs/calibration.md and ${MEASURED} are written`);
  const { refuted, undecided } = findings(found);
  for (const finding of [...refuted, ...undecided]) say(finding);
  return refuted.length > 0 ? EXIT.refuted : undecided.length > 0 ? EXIT.undecided : EXIT.holds;
}
