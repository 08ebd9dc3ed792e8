/** The kill matrix: which claims refute which faulty solvers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Solver } from '../../src/index.ts';
import type { Claim } from '../model/claim.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import type { Verdict } from '../model/verdict.ts';
import { claimOf, claims, isDerived } from '../claims/registry.ts';
import type { Meter } from './meter.ts';
import type { VerifyOptions } from './options.ts';
import { SOON } from './order.ts';
import { progressOn } from './progress.ts';
import { Run } from './run.ts';
import type { Kills } from '../model/kills.ts';

const FOLDER = join('fixtures', 'mutants');

/** Judges the mutants by every claim that runs a solver. */
export async function killMatrix(options: VerifyOptions, meter: Meter, names = mutantNames()): Promise<Kills> {
  const { seed, instances } = options;
  const claimed = options.claims.filter((id) => !isDerived({ id }) && claimOf(id)!.needs !== 'theory');
  const mutants: Record<string, string[]> = {};
  for (const [before, name] of names.entries()) {
    const file = join(FOLDER, `${name}.ts`);
    const part = { name: `${name} `, before, of: names.length };
    const progress = progressOn({ ...meter, line: () => undefined }, { claims: claimed, instances, part });
    const solver = { file, path: resolve(file) };
    const { verdicts } = await new Run({ ...options, claims: claimed, solver, shrink: false }, progress).run();
    mutants[name] = verdicts.filter(({ outcome }) => outcome === 'refuted').map(({ id }: Verdict) => id);
    meter.line(`[${before + 1}/${names.length}] ${name}: refuted by ${mutants[name].length} claims`, true);
  }
  const misreadings = Object.fromEntries(names.map((name) => [name, misreadingOf(name)]));
  return { seed, instances, claims: claimed, mutants, misreadings };
}

/** The matrix with the mutants of another one in place of its own; the other mutants that are gone are left out. */
export function withMutants(kills: Kills, { mutants, misreadings }: Kills): Kills {
  const both = { mutants: { ...kills.mutants, ...mutants }, misreadings: { ...kills.misreadings, ...misreadings } };
  const present = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(mutantNames().flatMap((name) => (name in all ? [[name, all[name]!]] : [])));
  return { ...kills, mutants: present(both.mutants), misreadings: present(both.misreadings) };
}

/** The matrix with the columns of another one in place of its own, and without claims that are gone. */
export function withClaims(kills: Kills, { claims: judged = [], mutants: found }: Kills): Kills {
  const tried = new Set([...(kills.claims ?? []), ...judged]);
  const present = claims.filter(({ id }) => tried.has(id)).map(({ id }) => id);
  const row = ([name, ids]: [string, readonly string[]]): [string, string[]] => {
    const now = new Set([...ids.filter((id) => !judged.includes(id)), ...(found[name] ?? [])]);
    return [name, present.filter((id) => now.has(id))];
  };
  return { ...kills, claims: present, mutants: Object.fromEntries(Object.entries(kills.mutants).map(row)) };
}

/** The name of the mutant in this file; undefined if it is not a mutant. */
export const mutantIn = (file: string): string | undefined =>
  mutantNames().find((name) => resolve(FOLDER, `${name}.ts`) === resolve(file));

/** The sentence at the head of a mutant's file. */
function misreadingOf(name: string): string {
  const text = readFileSync(join(FOLDER, `${name}.ts`), 'utf8');
  return /^\/\*\* (.*) \*\/$/m.exec(text)![1]!;
}

/** Claims with the number of instances to judge them on, in the order in which a faulty solver is likely to fail: a few first. */
function attempts(instances: number): readonly (readonly [Claim, number])[] {
  const soon = SOON.map((id) => claimOf(id)!);
  const all = claims.filter(({ needs, expected }) => needs !== 'theory' && expected === undefined);
  return [
    ...[1, 10].flatMap((few) => soon.map((claim) => [claim, few] as const)),
    ...all.map((claim) => [claim, instances] as const),
  ];
}

/**
 * Tries to refute every mutant under each of the seeds, stopping at its first refutation. The mutants that got away, each
 * with the seeds under which it did.
 */
export async function survivors(seeds: readonly number[], instances: number): Promise<Map<string, number[]>> {
  const tries = attempts(instances);
  const escaped = new Map<string, number[]>();
  for (const name of mutantNames()) {
    const { default: solver } = (await import(pathToFileURL(resolve(FOLDER, `${name}.ts`)).href)) as {
      default: Solver;
    };
    const subject = inspect(solver);
    const options = { shrink: false };
    const refuted = (seed: number): boolean =>
      tries.some(([claim, few]) => judge(claim, subject, { ...options, seed, instances: few }).outcome === 'refuted');
    const passed = seeds.filter((seed) => !refuted(seed));
    if (passed.length > 0) escaped.set(name, passed);
  }
  return escaped;
}

export const mutantNames = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));

/** Mutants with the claims that refute them, then the findings to check. */
export function killText(kills: Kills): string {
  const entries = Object.entries(kills.mutants);
  const width = Math.max(...entries.map(([name]) => name.length));
  const line = ([name, ids]: [string, readonly string[]]): string =>
    `${name.padEnd(width)}  ${String(ids.length).padStart(2)}  ${ids.join(' ')}`;
  return [...entries.map(line), '', ...findings(kills)].join('\n');
}

/** Mutants that no claim or one claim refutes, and claims about solvers that refute no mutant, or that were not tried. */
function findings({ mutants, claims: judged = claims.map(({ id }) => id) }: Kills): string[] {
  const entries = Object.entries(mutants);
  const killers = new Set(entries.flatMap(([, ids]) => ids));
  const about = claims.filter(({ needs, expected }) => needs !== 'theory' && expected === undefined);
  const idle = about.filter(({ id }) => judged.includes(id) && !killers.has(id)).map(({ id }) => id);
  const untried = about.filter(({ id }) => !judged.includes(id)).map(({ id }) => id);
  const alive = entries.filter(([, ids]) => ids.length === 0).map(([name]) => name);
  const single = entries.filter(([, ids]) => ids.length === 1).map(([name, ids]) => `${name} (${ids[0]})`);
  const list = (names: readonly string[]): string => names.join(', ') || 'none';
  return [
    `${entries.length} mutants, ${entries.length - alive.length} of them refuted; not refuted: ${list(alive)}.`,
    `Refuted by one claim only: ${list(single)}.`,
    `Claims about solvers that refute none of these: ${list(idle)}.`,
    ...(untried.length === 0 ? [] : [`Not tried yet: ${list(untried)}. Run npm run verify -- --kills --claim <id>.`]),
  ];
}

/** The matrix as a document. */
export function killDocument(kills: Kills): string {
  const rows = Object.entries(kills.mutants).map(([name, ids]) => {
    const families = [...new Set(ids.map((id) => id.split('/')[0]!))];
    const texts = families.map(
      (family) =>
        `${family}: ${ids
          .filter((id) => id.startsWith(`${family}/`))
          .map((id) => id.split('/')[1])
          .join(', ')}`,
    );
    return `- [${name}](../fixtures/mutants/${name}.ts), ${ids.length}: ${texts.join('; ')}`;
  });
  return `# The kill matrix

Written by \`npm run verify -- --kills --seed ${kills.seed} --instances ${kills.instances}\`: which claims refute which of the faulty solvers in
\`fixtures/mutants\`, with how many claims refute each.

${rows.join('\n')}

${findings(kills).join('\n\n')}
`;
}
