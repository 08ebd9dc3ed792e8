/** The evidence of a run as JSON, written in one move so that runs side by side cannot spoil it, and read again. */
import { proofPath } from '../model/proofs.ts';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Claim, Hypothesis } from '../model/claim.ts';
import { boundsOn, type Judged } from '../run/chance.ts';
import { asWords, writeWhole } from './files.ts';
import { claimOf, isDerived } from '../claims/registry.ts';
import type { Verdict } from '../model/verdict.ts';
import type { ClaimText, Evidence, HypothesisText, RandomText, RunFacts } from './evidence-types.ts';
import type { Kills } from '../model/kills.ts';
import { partOf } from './part.ts';
import { BadUsage } from './usage.ts';
import { evidenceSchema, jsonSchema, killsSchema, SCHEMA } from './schema.ts';

export type { RunFacts };

/** How evidence names the solver of src. */
export const OURS = 'flat-minima';

const SCHEMA_FILE = 'evidence.schema.json';

/** All that is known of a run. */
export function evidenceOf(facts: RunFacts, verdicts: readonly Verdict[], kills?: Kills): Evidence {
  const part = partOf(facts, verdicts);
  return {
    $schema: `../verify/${SCHEMA_FILE}`,
    schema: SCHEMA,
    project: 'flat-minima',
    ...facts,
    ...(part === undefined ? {} : { part }),
    chance: boundsOn(judgedIn(facts, verdicts)),
    ...(kills === undefined ? {} : { kills }),
    claims: verdicts.map((verdict) => ({ ...verdict, ...textOf(claimOf(verdict.id)!) })),
  };
}

/** The description of a claim for readers of the evidence. */
export function textOf(claim: Claim): ClaimText {
  const { id, statement, formula, kind, needs, hypotheses, bound, source, proof, items, random } = claim;
  return {
    id,
    statement,
    formula,
    kind,
    needs,
    hypotheses: hypotheses.map((hypothesis, i) => hypothesisOf(id, hypothesis, i)),
    ...(typeof bound === 'string' ? { bound } : { bound: 'tight', attained: bound.tight }),
    source,
    proof: `docs/${proofPath(proof)}`,
    items: [...items],
    ...(random === undefined ? {} : { random: randomText(random) }),
  };
}

function hypothesisOf(id: string, hypothesis: Hypothesis, i: number): HypothesisText {
  if (typeof hypothesis === 'string') return { text: hypothesis };
  return { text: hypothesis.text, ...(isDerived({ id }) ? {} : { ablation: `${id}#${i + 1}` }) };
}

function randomText({ basis, shift }: NonNullable<Claim['random']>): RandomText {
  if (shift === undefined) return { basis };
  const { text, finds, because } = shift;
  return { basis, shift: text, finds, ...(because === undefined ? {} : { because }) };
}

/** The claims that were judged, each with the instances that it could have been refuted on. */
export const judgedIn = ({ instances }: Pick<RunFacts, 'instances'>, verdicts: readonly Verdict[]): Judged =>
  verdicts
    .filter((verdict) => !isDerived(verdict) && verdict.instances > 0)
    .map((verdict) => [claimOf(verdict.id)!, verdict.outcome === 'refuted' ? instances : verdict.instances]);

/** Evidence as text: numbers that JSON lacks stand as words, and an array of numbers on one line. */
export function evidenceText(evidence: Evidence): string {
  // Keys in the order of the schema: the same evidence is the same text, of a run as of its shards put together.
  const ordered = evidenceSchema.safeParse(JSON.parse(JSON.stringify(evidence, asWords))).data ?? evidence;
  const text = JSON.stringify(ordered, asWords, 2);
  return `${text.replace(/\[\n[-+\d.,eE\s]+\]/g, (row) => row.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'))}\n`;
}

/** Writes evidence, and its schema next to it. */
export function writeEvidence(file: string, evidence: Evidence): void {
  writeWhole(file, evidenceText(evidence));
  writeWhole(join(dirname(file), SCHEMA_FILE), jsonSchema());
}

/** Evidence from a file, with words converted back to numbers. Throws `BadUsage` if the file is not evidence. */
export function readEvidence(file: string): Evidence {
  const found = parsed(file);
  if (found?.schema !== undefined && found.schema !== SCHEMA) {
    throw new BadUsage(`${file} has schema ${found.schema} and ${SCHEMA} is read here: run verify again`);
  }
  const { data, error } = evidenceSchema.safeParse(found);
  if (data !== undefined) return data;
  const { path, message } = error.issues[0]!;
  const where = path.length === 0 ? '' : ` (${path.join('.')}: ${message})`;
  throw new BadUsage(`${file} is not the evidence of a run${where}: give an evidence.json that verify wrote`);
}

function parsed(file: string): { schema?: number | string } | null | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { schema?: number | string } | null;
  } catch {
    return undefined;
  }
}

/** The file of the kill matrix, next to the evidence. */
export const KILLS = 'kills.json';

/** The committed matrix, from which docs/kills.md is written. */
export const KEPT_KILLS = join('fixtures', 'kills.json');

/** The matrix that `--kills` left, if there is one. */
export function readKills(file: string): Kills | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return killsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new BadUsage(`${file} is not a kill matrix: delete it, or write it again with npm run verify -- --kills`);
  }
}
