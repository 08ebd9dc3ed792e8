/**
 * Counterexamples that were met are saved as values, in fixtures/counterexamples/<claim>/<hash>.json, one for each claim and
 * solver, and tried first by every later run.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import type { Claim } from '../model/claim.ts';
import type { Draft } from '../model/draft.ts';
import { asExactWords, asNumbers, filesIn, writeWhole } from './files.ts';
import type { Instance } from '../model/instance.ts';
import type { Saved } from '../model/saved.ts';
import type { Certificate } from '../model/certificate.ts';
import type { Refutation } from '../model/verdict.ts';
import { claimOf } from '../claims/registry.ts';
import { versions } from './versions.ts';

const SCHEMA = 2;

const grid = z
  .array(z.array(z.number()).min(1))
  .min(1)
  .refine((rows) => rows.every((row) => row.length === rows[0]!.length), 'its rows differ in length');

const instance = z
  .looseObject({ M: grid, X0: grid, Y0: grid, steps: z.int().min(0), seed: z.int() })
  .extend({ eta: z.number(), sigma1: z.number().min(0), sigma2: z.number().min(0) })
  .refine(
    ({ M, X0, Y0 }) => M.length === X0.length && M[0]!.length === Y0.length && X0[0]!.length === Y0[0]!.length,
    'M, X0 and Y0 do not fit together',
  );

const savedSchema = z.object({
  schema: z.literal(SCHEMA),
  claim: z.string(),
  solver: z.string(),
  fingerprint: z.object({ claim: z.string(), instances: z.string() }),
  versions: z.object({ package: z.string(), node: z.string() }),
  date: z.iso.date(),
  seed: z.int(),
  replay: z.string(),
  outdated: z.iso.date().optional(),
  instance: instance as unknown as z.ZodType<Instance>,
  draft: z.looseObject({
    size: z.record(z.string(), z.int()),
    grids: z.record(z.string(), grid),
    picks: z.record(z.string(), z.number()),
  }) as unknown as z.ZodType<Draft>,
  finding: z.union([z.looseObject({ what: z.string() }), z.string()]),
  certificate: z.looseObject({ kind: z.enum(['steps', 'sides']) }).optional() as unknown as z.ZodType<
    Certificate | undefined
  >,
}) satisfies z.ZodType<Saved>;

export const FOLDER = join('fixtures', 'counterexamples');

/** The folder of counterexamples to a user's solver, which version control ignores. */
export const USERS_FOLDER = join('coverage', 'counterexamples');

/** The folder of counterexamples to a solver: only those to our own are meant to be committed. */
export const folderFor = (solver: string | undefined, command: string | undefined): string =>
  solver === undefined && command === undefined ? FOLDER : USERS_FOLDER;

/** Hashes of the claim's text and check, and of the first instances that it draws. */
export function fingerprint(claim: Claim): Saved['fingerprint'] {
  const { id, statement, formula } = claim;
  const check = Object.getOwnPropertyDescriptor(claim, 'check')?.value as unknown;
  const arbitrary = claim.instances();
  const drawn =
    typeof arbitrary === 'string' ? [] : fc.sample(arbitrary, { seed: 1, numRuns: SAMPLES, unbiased: true });
  // Stripped types may leave blanks.
  return {
    claim: digest([id, statement, formula, String(check).replace(/\s/g, '')].join('\n')),
    instances: digest(JSON.stringify(drawn)),
  };
}

const SAMPLES = 3;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** The file of the counterexample to a claim by a solver. */
export const fileOf = (folder: string, claim: string, solver: string): string =>
  join(folder, claim, `${digest(`${claim}\n${solver}`)}.json`);

/** Saves a refutation, unless the file holds the same one. Returns the file, and whether it was written. */
export function keep(
  folder: string,
  id: string,
  solver: string,
  seed: number,
  { instance, draft, finding, replay, certificate }: Refutation,
): { file: string; written: boolean } {
  const file = fileOf(folder, id, solver);
  const print = fingerprint(claimOf(id)!);
  const before = existsSync(file) ? readSaved(file) : undefined;
  const same = (saved: Saved): boolean =>
    JSON.stringify([saved.instance, saved.fingerprint]) === JSON.stringify([instance, print]) &&
    (certificate === undefined || JSON.stringify(saved.certificate) === JSON.stringify(certificate));
  if (typeof before === 'object' && same(before)) return { file, written: false };
  const saved = {
    ...{ schema: SCHEMA, claim: id, solver, fingerprint: print, versions: versions() },
    ...{ date: new Date().toISOString().slice(0, 10), seed, replay, instance, draft, finding },
    ...(certificate === undefined ? {} : { certificate }),
  };
  writeWhole(file, `${JSON.stringify(saved, asExactWords)}\n`);
  return { file, written: true };
}

/** Marks a counterexample as one that its solver passes now. */
export function markOutdated(file: string): void {
  const saved = readSaved(file);
  if (typeof saved === 'string') return;
  writeWhole(file, `${JSON.stringify({ ...saved, outdated: new Date().toISOString().slice(0, 10) }, asExactWords)}\n`);
}

/** All that is saved in a folder, and a sentence for each file that is not one of ours. */
export function readAll(folder: string): { saved: (Saved & { file: string })[]; complaints: string[] } {
  const saved: (Saved & { file: string })[] = [];
  const complaints: string[] = [];
  for (const name of filesIn(folder).filter((each) => each.endsWith('.json'))) {
    const file = join(folder, name);
    const found = readSaved(file);
    if (typeof found === 'string') complaints.push(found);
    else saved.push({ ...found, file: relative('.', file) });
  }
  return { saved, complaints };
}

/** A counterexample from its file, or the sentence that says why the file is not one. */
export function readSaved(file: string): Saved | string {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'), asNumbers);
  } catch {
    return `${file} is not JSON: delete it, or restore it from version control`;
  }
  const { error } = savedSchema.safeParse(found);
  if (error !== undefined) {
    const { path, message } = error.issues[0]!;
    const where = path.length === 0 ? message : `${path.join('.')}: ${message}`;
    return `${file} is not a counterexample of flat-minima (${where}): delete it, or restore it from version control`;
  }
  // The object that was read, so that its keys stay in order.
  const saved = found as Saved;
  const claim = claimOf(saved.claim)?.id;
  return claim === undefined
    ? `${file} is about ${saved.claim}, which is no longer a claim: delete it`
    : { ...saved, claim };
}
