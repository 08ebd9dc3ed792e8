/** Puts the evidence of shards together: the whole is what the unsplit run would have left, apart from times. */
import { readFileSync } from 'node:fs';
import { conclusion, reversed, type Verdict } from '../verdict.ts';
import { claimOf } from '../registry.ts';
import { inOrder, type Label, type LabelCounts } from '../labels.ts';
import type { RunFacts } from './evidence.ts';
import { BadUsage, type Merge } from './options.ts';

export interface Evidence extends RunFacts {
  readonly schema: number;
  readonly claims: readonly Verdict[];
}

/** The facts and verdicts of the whole run. Throws `BadUsage` where the files are no shards of one run. */
export function mergeShards({ merge }: Merge): { facts: RunFacts; verdicts: Verdict[] } {
  const parts = merge.map(({ file, path }) => ({ file, evidence: readEvidence(file, path) }));
  const first = parts[0]!.evidence;
  for (const { file, evidence } of parts) {
    const differing = FACTS.find((fact) => evidence[fact] !== first[fact]);
    if (differing !== undefined) {
      throw new BadUsage(
        `--merge ${file} has ${differing} ${evidence[differing]} and ${parts[0]!.file} has ${first[differing]}: give shards of one run`,
      );
    }
  }
  complete(parts);
  const facts = Object.fromEntries(FACTS.flatMap((fact) => (first[fact] === undefined ? [] : [[fact, first[fact]]])));
  return {
    facts: facts as unknown as RunFacts,
    verdicts: first.claims.map(({ id }) =>
      mergeVerdicts(
        parts.flatMap(({ evidence }) => evidence.claims.filter((verdict) => verdict.id === id)),
        first.target,
      ),
    ),
  };
}

const FACTS = ['seed', 'instances', 'solver', 'command', 'ownNoise', 'target', 'rank'] as const;

/** Evidence from a file; words that stand for numbers become numbers again. */
export function readEvidence(file: string, path: string): Evidence {
  const number = (_: string, value: unknown): unknown =>
    value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value;
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8'), number) as Evidence;
    if (Array.isArray(parsed.claims)) return parsed;
  } catch {
    // Said below.
  }
  throw new BadUsage(`${file} is no evidence of a run: give an evidence.json that verify wrote`);
}

/** Every shard of n once. */
function complete(parts: readonly { file: string; evidence: Evidence }[]): void {
  const shards = parts.map(({ evidence }) => evidence.shard ?? '1/1');
  const of = Number(shards[0]!.split('/')[1]);
  const missing = Array.from({ length: of }, (_, i) => `${i + 1}/${of}`).filter((shard) => !shards.includes(shard));
  if (missing.length > 0)
    throw new BadUsage(`--merge has no evidence of shard ${missing.join(', ')}: give all ${of} of them`);
  if (shards.length > of)
    throw new BadUsage(`--merge was given ${shards.length} files for ${of} shards: give each once`);
}

const indexOf = ({ refutation }: Verdict): number => Number(refutation?.replay.split(':')[0] ?? -1);

/** One claim's verdicts over all shards. */
export function mergeVerdicts(parts: readonly Verdict[], target?: string): Verdict {
  const milliseconds = parts.reduce((sum, part) => sum + part.milliseconds, 0);
  const refuted = parts.filter(({ refutation }) => refutation !== undefined).sort((a, b) => indexOf(a) - indexOf(b))[0];
  // The unsplit run stops at its first refutation.
  if (refuted !== undefined) return { ...refuted, instances: indexOf(refuted) + 1, milliseconds };
  const other = parts.find(
    ({ outcome }) => outcome !== 'holds' && outcome !== 'holds unexpectedly' && outcome !== 'undecided',
  );
  if (other !== undefined) return { ...other, milliseconds };
  return { id: parts[0]!.id, ...together(parts, target), milliseconds };
}

function together(parts: readonly Verdict[], target: string | undefined): Omit<Verdict, 'id' | 'milliseconds'> {
  const instances = parts.reduce((sum, part) => sum + part.instances, 0);
  const filters = parts.map(({ filter, instances: drawn }) => filter ?? { drawn, accepted: drawn });
  const filter = {
    drawn: filters.reduce((sum, { drawn }) => sum + drawn, 0),
    accepted: filters.reduce((sum, { accepted }) => sum + accepted, 0),
  };
  const tightest = parts
    .filter(({ leastSlack }) => leastSlack !== undefined)
    .sort((a, b) => a.leastSlack! - b.leastSlack! || a.tightest! - b.tightest!)[0];
  const labels = addLabels(parts.map((part) => part.labels ?? {}));
  const claim = claimOf(parts[0]!.id);
  const { outcome, reason } = conclusion(instances, filter, target === undefined ? claim?.covers : {}, labels);
  return {
    outcome: claim?.expected === undefined ? outcome : reversed(outcome),
    ...(reason === undefined ? {} : { reason }),
    instances,
    ...(tightest === undefined ? {} : { leastSlack: tightest.leastSlack!, tightest: tightest.tightest! }),
    ...(filter.accepted === filter.drawn ? {} : { filter }),
    labels,
  };
}

function addLabels(all: readonly LabelCounts[]): LabelCounts {
  const sum: LabelCounts = {};
  for (const counts of all) {
    for (const [label, count] of Object.entries(counts) as [Label, number][]) sum[label] = (sum[label] ?? 0) + count;
  }
  return inOrder(sum);
}
