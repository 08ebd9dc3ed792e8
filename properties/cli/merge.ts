/** Puts the evidence of shards together: the whole equals the evidence of the unsplit run, apart from times. */
import { conclusion } from '../run/conclusion.ts';
import { reversed, type Refutation, type Verdict } from '../model/verdict.ts';
import { claimOf } from '../claims/registry.ts';
import { inOrder } from '../run/labels.ts';
import type { Label, LabelCounts } from '../model/labels.ts';
import { addSlacks } from '../model/slacks.ts';
import { mergeSurveys } from '../run/survey.ts';
import { readEvidence, type RunFacts } from './evidence.ts';
import { BadUsage } from './usage.ts';
import type { Merge } from './options.ts';
import type { Evidence } from './evidence-types.ts';

/** The facts and verdicts of the whole run. Throws `BadUsage` if the files are not the shards of one run. */
export function mergeShards({ merge }: Pick<Merge, 'merge'>): { facts: RunFacts; verdicts: Verdict[] } {
  const parts = merge.map((file) => ({ file, evidence: readEvidence(file) }));
  const { file: name, evidence: first } = parts[0]!;
  for (const { file, evidence } of parts) {
    const differing = FACTS.find((fact) => factOf(evidence, fact) !== factOf(first, fact));
    if (differing === undefined) continue;
    const [there, here] = [evidence, first].map((part) => String(factOf(part, differing)));
    throw new BadUsage(`--merge ${file} has ${differing} ${there} and ${name} has ${here}: give shards of one run`);
  }
  complete(parts);
  const nodes = new Set(parts.map(({ evidence }) => evidence.versions.node));
  return {
    facts: factsOf(first, [...nodes].join(', ')),
    verdicts: first.claims.map(({ id }) =>
      mergeVerdicts(
        parts.flatMap(({ evidence }) => evidence.claims.filter((verdict) => verdict.id === id)),
        first.target,
      ),
    ),
  };
}

/** The facts of the whole run: those of its parts, except for the shard. */
function factsOf(part: Evidence, node: string): RunFacts {
  const { versions, seed, instances, solver, command, ownNoise, precision, target, reading, rank, dimension } = part;
  return {
    versions: { ...versions, node },
    seed,
    instances,
    solver,
    ...(command === undefined ? {} : { command }),
    ownNoise,
    ...(precision === undefined ? {} : { precision }),
    ...(target === undefined ? {} : { target }),
    ...(reading === undefined ? {} : { reading }),
    ...(rank === undefined ? {} : { rank }),
    ...(dimension === undefined ? {} : { dimension }),
  };
}

const FACTS = [
  'version',
  'seed',
  'instances',
  'solver',
  'command',
  'ownNoise',
  'precision',
  'target',
  'reading',
  'rank',
  'dimension',
] as const;

function factOf(evidence: Evidence, fact: (typeof FACTS)[number]): string | number | boolean | undefined {
  if (fact === 'reading') return evidence.reading?.join(' ');
  return fact === 'version' ? evidence.versions.package : evidence[fact];
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

/** Saved counterexamples come before the first instance. */
const indexOf = ({ refutation }: Verdict): number =>
  refutation?.saved === undefined ? Number(refutation?.replay.split(':')[0] ?? -1) : -1;

/** One claim's verdicts over all shards. */
export function mergeVerdicts(parts: readonly Verdict[], target?: string): Verdict {
  const milliseconds = parts.reduce((sum, part) => sum + part.milliseconds, 0);
  const refuted = parts
    .filter(({ refutation }) => refutation !== undefined && refutation.pooled === undefined)
    .sort((a, b) => indexOf(a) - indexOf(b));
  if (refuted[0] !== undefined) return { ...mergeRefuted(refuted[0], refuted), milliseconds };
  const other = parts.find((part) => !wasCounted(part));
  if (other !== undefined) return { ...other, milliseconds };
  return { id: parts[0]!.id, ...together(parts, target), milliseconds };
}

/** Whether all instances of a part were drawn and checked, with any result. */
const wasCounted = ({ slacks }: Verdict): boolean => slacks !== undefined;

/** The unsplit run stops at its first refutation, and looks at the instances after it. */
function mergeRefuted(first: Verdict, refuted: readonly Verdict[]): Verdict {
  const index = indexOf(first);
  const surveys = refuted.flatMap(({ refutation }) => refutation?.survey ?? []);
  const survey = surveys.length === 0 ? {} : { survey: mergeSurveys(surveys, index) };
  // Every part tries the same saved counterexamples.
  const instances = index < 0 ? first.instances : index + 1;
  return { ...first, instances, refutation: { ...first.refutation!, ...survey } };
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
  const found = { ...mergeMisses(parts), ...mergeUndecidable(parts) };
  const covers = target === undefined ? claim?.covers : {};
  const { outcome, reason, refutation } = conclusion(
    instances,
    target === undefined ? filter : undefined,
    covers,
    labels,
    found,
  );
  return {
    outcome: claim?.expected === undefined ? outcome : reversed(outcome),
    ...(reason === undefined ? {} : { reason }),
    instances,
    ...(parts[0]!.stale === undefined ? {} : { stale: parts[0]!.stale }),
    ...(refutation === undefined ? {} : { refutation }),
    ...(tightest === undefined ? {} : closestOf(tightest)),
    ...found,
    slacks: addSlacks(parts.map(({ slacks = [] }) => slacks)),
    ...(filter.accepted === filter.drawn ? {} : { filter }),
    labels,
  };
}

/** The failures by chance of the parts, in the order of the instances. */
function mergeMisses(parts: readonly Verdict[]): Pick<Verdict, 'missed' | 'worstMiss'> {
  const missed = parts.flatMap((part) => part.missed ?? []).sort((a, b) => a.index - b.index);
  const failed = ({ trials }: Refutation): number => trials?.solver.failed ?? 0;
  const [worstMiss] = parts
    .flatMap((part) => part.worstMiss ?? [])
    .sort((a, b) => failed(b) - failed(a) || Number(a.replay) - Number(b.replay));
  return worstMiss === undefined ? {} : { missed, worstMiss };
}

/** Instances that decide nothing, of all parts: the first is that of the unsplit run. */
function mergeUndecidable(parts: readonly Verdict[]): Pick<Verdict, 'undecidable'> {
  const all = parts.flatMap(({ undecidable }) => undecidable ?? []);
  if (all.length === 0) return {};
  const first = all.reduce((least, each) => (each.index < least.index ? each : least));
  return { undecidable: { ...first, count: all.reduce((sum, { count }) => sum + count, 0) } };
}

const closestOf = ({ leastSlack, tightest, closest }: Verdict): Partial<Verdict> => ({
  leastSlack: leastSlack!,
  tightest: tightest!,
  ...(closest === undefined ? {} : { closest }),
});

function addLabels(all: readonly LabelCounts[]): LabelCounts {
  const sum: LabelCounts = {};
  for (const counts of all) {
    for (const [label, count] of Object.entries(counts) as [Label, number][]) sum[label] = (sum[label] ?? 0) + count;
  }
  return inOrder(sum);
}
