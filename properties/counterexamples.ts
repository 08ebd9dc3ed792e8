/**
 * Counterexamples that were met are kept as values, in fixtures/counterexamples/<claim>/<hash>.json, one for each claim and
 * solver, and tried first by every later run.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Claim, PlainEvidence } from './claim.ts';
import type { Draft } from './design.ts';
import type { Instance } from './instance.ts';
import type { Refutation } from './verdict.ts';
import { claimOf } from './registry.ts';

/** A counterexample as it is stored. */
export interface Kept {
  readonly schema: 1;
  readonly claim: string;
  /** The solver that was refuted; information only. */
  readonly solver: string;
  /** Changes when the claim or the arbitrary of its instances does. */
  readonly fingerprint: string;
  readonly instance: Instance;
  /** What the instance is derived from: it must derive the same one again. */
  readonly draft: Draft;
  /** What was found then. */
  readonly finding: PlainEvidence | string;
  /** Seed of the run and path of the shrinks. */
  readonly seed: number;
  readonly replay: string;
  readonly node: string;
  readonly date: string;
}

export const FOLDER = join('fixtures', 'counterexamples');

/** Of the text of the claim and of its check. */
export function fingerprint(claim: Claim): string {
  const { id, statement, formula } = claim;
  const check = Object.getOwnPropertyDescriptor(claim, 'check')?.value as unknown;
  return digest([id, statement, formula, String(check)].join('\n'));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Where the counterexample of a claim and a solver is kept. */
export const fileOf = (folder: string, claim: string, solver: string): string =>
  join(folder, claim, `${digest(`${claim}\n${solver}`)}.json`);

/** Keeps a refutation, whole or not at all. The file. */
export function keep(folder: string, id: string, solver: string, seed: number, refutation: Refutation): string {
  const { instance, draft, finding, replay } = refutation;
  const kept: Kept = {
    schema: 1,
    claim: id,
    solver,
    fingerprint: fingerprint(claimOf(id)!),
    instance,
    draft,
    finding,
    seed,
    replay,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
  const file = fileOf(folder, id, solver);
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${randomUUID()}.part`;
  const word = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  writeFileSync(part, `${JSON.stringify(kept, word)}\n`);
  renameSync(part, file);
  return file;
}

/** All that is kept in a folder, and a sentence for each file that is none of ours. */
export function readAll(folder: string): { kept: (Kept & { file: string })[]; complaints: string[] } {
  const kept: (Kept & { file: string })[] = [];
  const complaints: string[] = [];
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  for (const name of names.filter((each) => each.endsWith('.json')).sort()) {
    const file = join(folder, name);
    const found = readKept(file);
    if (typeof found === 'string') complaints.push(found);
    else kept.push({ ...found, file: relative('.', file) });
  }
  return { kept, complaints };
}

/** A counterexample from its file, or the sentence that says why it is none. */
export function readKept(file: string): Kept | string {
  let found: Partial<Kept> | null;
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept> | null;
  } catch {
    return `${file} is not JSON: delete it, or restore it from version control`;
  }
  if (found?.schema !== 1 || typeof found.claim !== 'string' || typeof found.instance !== 'object') {
    return `${file} is no counterexample of flat-minima: delete it`;
  }
  if (claimOf(found.claim) === undefined)
    return `${file} is about ${found.claim}, which is no claim any more: delete it`;
  return found as Kept;
}
