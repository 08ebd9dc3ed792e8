/** How verdicts are put into words. */
import { NONE } from '../model/claim.ts';
import { aligned, counted, number } from '../model/numbers.ts';
import { isRefuted, type Verdict } from '../model/verdict.ts';
import { ALLOWED, type ChanceBounds } from '../run/chance.ts';
import { claimOf, isDerived } from '../claims/registry.ts';

const HEADINGS = ['claim', 'bound', 'needed', 'instances', 'verdict', 'least slack', 'time'] as const;
const LEFT = ['claim', 'bound', 'verdict'];

/**
 * The table of verdicts, one claim per line, without derived claims: `needed` is the number of its hypotheses that
 * were shown necessary. Slack is 1 if both sides agree, 0 at the tolerance.
 */
export function table(verdicts: readonly Verdict[]): string {
  const own = verdicts.filter((verdict) => !isDerived(verdict));
  const rows = (own.length > 0 ? own : verdicts).map((verdict) => [
    verdict.id,
    boundOf(verdict.id),
    neededOf(verdict.id, verdicts),
    String(verdict.instances),
    verdict.outcome,
    verdict.leastSlack === undefined ? '' : slackText(verdict.leastSlack),
    verdict.outcome === 'not run' ? '' : `${(verdict.milliseconds / 1000).toFixed(2)} s`,
  ]);
  return aligned(HEADINGS, rows, LEFT);
}

function boundOf(id: string): string {
  const bound = claimOf(id)?.bound ?? 'equality';
  return typeof bound === 'string' ? bound : 'tight';
}

/** "2/3": without two of its three hypotheses it was refuted. */
export function neededOf(id: string, verdicts: readonly Verdict[]): string {
  if (isDerived({ id })) return '';
  const assumed = (claimOf(id)?.hypotheses ?? []).filter((hypothesis) => hypothesis !== NONE).length;
  const shown = verdicts.filter(
    (verdict) => verdict.id.startsWith(`${id}#`) && verdict.outcome === 'refuted as expected',
  );
  return assumed === 0 || !verdicts.some(isDerived) ? '' : `${shown.length}/${assumed}`;
}

/** Hypotheses that were not shown to be necessary, one claim per line. */
export function notShownNecessary(verdicts: readonly Verdict[]): string[] {
  // Derived claims are judged only if the theory itself is under test.
  if (!verdicts.some(isDerived)) return [];
  return verdicts
    .filter((verdict) => !isDerived(verdict))
    .flatMap(({ id }) => {
      const hypotheses = claimOf(id)?.hypotheses ?? [];
      const open = hypotheses.flatMap((each) => (typeof each === 'string' && each !== NONE ? [each] : []));
      return open.length === 0 ? [] : [`${id}: not shown necessary: ${open.join('; ')}`];
    });
}

/** Never rounds up to a slack of 1 or to a slack that would hold. */
export function slackText(value: number): string {
  // A side that is NaN has no slack; with tolerance 0, any deviation is beyond it.
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'none' : 'below 0';
  return Math.abs(value) < 1e6 ? (Math.floor(value * 1000) / 1000).toFixed(3) : number(value);
}

const UNEXPECTED =
  'expected a counterexample but found none: the statement may be true here, or the instances miss the case that fails';

/** Remarks on verdicts: why claims are not applicable or undecided, each reason once. */
export function remarks(verdicts: readonly Verdict[]): string[] {
  return [...verdicts.flatMap(ownRemarks), ...reasons(verdicts)];
}

/** Claims that a reason names; the table has the others. */
const MOST_NAMED = 6;

/** Each reason with the claims that it is about. */
function reasons(verdicts: readonly Verdict[]): string[] {
  const claims = new Map<string, string[]>();
  for (const { id, reason } of verdicts)
    if (reason !== undefined) claims.set(reason, [...(claims.get(reason) ?? []), id]);
  return [...claims].map(([reason, ids]) => {
    const more = ids.length - MOST_NAMED;
    return `${ids.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${reason}`;
  });
}

function ownRemarks({ id, outcome, stale = [], outdated = [], missed = [] }: Verdict): string[] {
  return [
    ...outdated.map((file) => `${id}: ${file} is outdated: its solver passes it now, so later runs do not try it`),
    ...missed.flatMap(({ index, answer, solver }) =>
      answer === undefined
        ? []
        : [`${id}: on instance ${index} ${answer}; ${solver.failed} of ${solver.of} further runs failed there`],
    ),
    ...stale.map((sentence) => `${id}: ${sentence}`),
    ...(outcome === 'holds unexpectedly' ? [`${id}: ${UNEXPECTED}`] : []),
    ...(isDerived({ id }) && outcome === 'refuted'
      ? [`${id}: its bound is not attained on the instances that its text names`]
      : []),
  ];
}

/**
 * One line for claims that hold on the decidable instances, while others are not decidable at the precision that the
 * solver declares.
 */
export function undecidableText(verdicts: readonly Verdict[]): string {
  const some = verdicts.filter(({ outcome, undecidable }) => outcome === 'holds' && undecidable !== undefined);
  if (some.length === 0) return '';
  const counts = some.map(({ id, undecidable, instances }) => `${undecidable!.count} of ${instances} of ${id}`);
  return `instances that decide nothing at this precision: ${counts.join(', ')}`;
}

/** The share of inputs that pass the filters of instances, in one line; empty without filters. */
export function filterText(verdicts: readonly Verdict[]): string {
  const filtered = verdicts.filter((verdict) => !isDerived(verdict) && verdict.filter !== undefined);
  const share = ({ filter }: Verdict): number => filter!.accepted / filter!.drawn;
  const least = filtered.sort((a, b) => share(a) - share(b))[0];
  if (least === undefined) return '';
  return `${counted(filtered.length, 'claim')} reject${filtered.length === 1 ? 's' : ''} draws that violate ${filtered.length === 1 ? 'its' : 'their'} hypotheses; lowest acceptance: ${percent(share(least))} (${least.id})`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/**
 * The effect of chance on the run, and the bound on wrong verdicts. After a refutation by deterministic claims alone there is
 * nothing to say: they are decided without chance.
 */
export function chanceLine(verdicts: readonly Verdict[], bounds: ChanceBounds): string | undefined {
  const own = verdicts.filter((verdict) => !isDerived(verdict));
  const random = own.filter(({ id }) => claimOf(id)?.random !== undefined);
  const text = own.some(isRefuted) ? refutedByChance(random.filter(isRefuted), bounds) : failedByChance(random, bounds);
  return text === undefined ? undefined : `chance: ${text}`;
}

const most = (bound: number): string => `with a chance of at most ${bound.toExponential(1)}`;

/** That chance does not explain a refutation by random claims. */
function refutedByChance(refuted: readonly Verdict[], bounds: ChanceBounds): string | undefined {
  if (refuted.length === 0) return undefined;
  const blamed = refuted.some(({ outcome }) => outcome === 'refuted')
    ? `a correct solver ${most(bounds.solver)}`
    : `a true statement ${most(bounds.statement)}`;
  return `it does not explain the refutation: this run blames ${blamed}`;
}

function failedByChance(random: readonly Verdict[], bounds: ChanceBounds): string | undefined {
  if (bounds.random === 0) return undefined;
  const instances = random.reduce((sum, verdict) => sum + verdict.instances, 0);
  const missed = random.reduce((sum, verdict) => sum + (verdict.missed?.length ?? 0), 0);
  return [
    `${missed} of ${counted(instances, 'instance')} failed by chance (at most 1 in ${1 / ALLOWED} is allowed for)`,
    `this run blames a correct solver ${most(bounds.solver)}`,
  ].join('; ');
}

/** For each claim the labels of its instances, in percent, and the share that passed its filter. */
export function labelText(verdicts: readonly Verdict[]): string {
  return verdicts
    .filter((verdict) => !isDerived(verdict) && verdict.labels !== undefined)
    .map(({ id, labels, instances, filter }) => {
      const shares = Object.entries(labels!).map(([label, count]) => `${label} ${percent(count / instances)}`);
      const passed = filter === undefined ? [] : [`passed the filter ${percent(filter.accepted / filter.drawn)}`];
      return `${id}: ${[...shares, ...passed].join(', ')}`;
    })
    .join('\n');
}

/** "343 ablations and 24 tightness checks". */
export function derivedText(derived: readonly Pick<Verdict, 'id'>[]): string {
  const tight = derived.filter(({ id }) => id.endsWith('#tight')).length;
  const ablations = derived.length - tight;
  return [
    ...(ablations === 0 ? [] : [counted(ablations, 'ablation')]),
    ...(tight === 0 ? [] : [counted(tight, 'tightness check')]),
  ].join(' and ');
}

/** The closing sentence: the numbers of claims and instances, the outcomes, and those of derived claims. */
export function summary(verdicts: readonly Verdict[]): string {
  const [own, derived] = [verdicts.filter((verdict) => !isDerived(verdict)), verdicts.filter(isDerived)];
  const tally = (of: readonly Verdict[]): string => {
    const count = (outcome: Verdict['outcome']): number => of.filter((verdict) => verdict.outcome === outcome).length;
    const rest = REST.filter((outcome) => count(outcome) > 0).map((outcome) => `, ${count(outcome)} ${outcome}`);
    return `${count('holds')} hold, ${count('refuted')} refuted${rest.join('')}`;
  };
  const instances = own.reduce((sum, verdict) => sum + verdict.instances, 0);
  const lines =
    own.length === 0 ? [] : [`${counted(own.length, 'claim')}, ${counted(instances, 'instance')}: ${tally(own)}`];
  if (derived.length > 0) lines.push(`${derivedText(derived)}: ${tally(derived)}`);
  return lines.join('\n');
}

const REST = [
  'statement refuted',
  'fault',
  'refuted as expected',
  'holds unexpectedly',
  'not decidable',
  'undecided',
  'not applicable',
  'not run',
] as const;
