/** The evidence of an earlier run, of any version, as far as a later run is compared with it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { currentNames } from '../claims/renamed.ts';
import { asNumbers } from './files.ts';
import { BadUsage } from './usage.ts';
import type { RunOptions } from './run-options.ts';

/** Nothing else is asked of it, so that evidence of older and newer versions can be read. */
const earlierSchema = z.looseObject({
  project: z.literal('flat-minima'),
  seed: z.int(),
  instances: z.int(),
  solver: z.string(),
  command: z.string().optional(),
  precision: z.string().optional(),
  target: z.string().optional(),
  reading: z.array(z.string()).optional(),
  rank: z.int().optional(),
  dimension: z.int().optional(),
  shard: z.string().optional(),
  instance: z.string().optional(),
  claims: z.array(
    z.looseObject({
      id: z.string(),
      outcome: z.string(),
      statement: z.string(),
      leastSlack: z.custom<number>((value) => typeof value === 'number').optional(),
    }),
  ),
});

export type Earlier = z.output<typeof earlierSchema> & { readonly file: string };

/** Throws `BadUsage` if the file is not the evidence of a whole run. */
export function readEarlier(file: string): Earlier {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'), asNumbers);
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new BadUsage(`--compare ${file} ${what}: give an evidence.json that verify wrote`);
  }
  const { data, error } = earlierSchema.safeParse(found);
  if (data === undefined) {
    const { path, message } = error.issues[0]!;
    const where = path.length === 0 ? message : `${path.join('.')}: ${message}`;
    throw new BadUsage(
      `--compare ${file} is not the evidence of a run (${where}): give an evidence.json that verify wrote`,
    );
  }
  if (data.shard !== undefined)
    throw new BadUsage(`--compare ${file} is shard ${data.shard} of a run: give the evidence of the whole run`);
  if (data.instance !== undefined)
    throw new BadUsage(`--compare ${file} is of instance ${data.instance} only: give the evidence of the whole run`);
  return { ...data, claims: data.claims.map((claim) => ({ ...claim, id: currentNames(claim.id)[0]! })), file };
}

/** Throws `BadUsage` if the runs are not on the same instances. */
export function checkComparable(
  { file, seed, instances, target, reading, rank, dimension }: Earlier,
  run: Pick<RunOptions, 'seed' | 'instances' | 'target' | 'dimension' | 'only' | 'shard'>,
): void {
  const parts = [run.only === undefined ? [] : ['--instance'], run.shard === undefined ? [] : ['--shard']].flat();
  if (parts.length > 0)
    throw new BadUsage(`--compare and ${parts[0]!} were both given: compare whole runs, without ${parts[0]!}`);
  const of = (name: string | undefined, options: readonly string[] | undefined, r: number | undefined): string =>
    name === undefined ? 'none' : `${[name, ...(options ?? [])].join(' ')} at rank ${r}`;
  const pairs = [
    ['seed', seed, run.seed],
    ['instances', instances, run.instances],
    ['target', of(target, reading, rank), of(run.target?.file, run.target?.reading, run.target?.given.rank)],
    ['dimension', dimension ?? 'none', run.dimension ?? 'none'],
  ] as const;
  const differing = pairs.find(([, then, now]) => then !== now);
  if (differing === undefined) return;
  const [name, then, now] = differing;
  throw new BadUsage(
    `--compare ${file} has ${name} ${then} and this run has ${name} ${now}: only runs on the same instances can be compared`,
  );
}
