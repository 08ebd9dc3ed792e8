/** `verify -- --calibrate`: measures the false alarms and misses of random claims, and writes docs/calibration.md. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  blameRates,
  contradicts,
  DOUBT,
  ENOUGH,
  found,
  FURTHER,
  resolution,
  rateOf,
  VISIBLE,
  worstChance,
  type Rate,
  type Worst,
} from './calibration.ts';
import { ALLOWED, SUITE } from '../run/chance.ts';
import type { Subject } from '../run/subject.ts';
import { markdownTable } from './markdown.ts';
import type { Meter } from './meter.ts';
import { claimOf, claims as registered } from '../claims/registry.ts';

export interface Calibration {
  readonly seed: number;
  readonly instances: number;
  readonly claims: readonly Calibrated[];
}

export interface Calibrated {
  readonly id: string;
  readonly worst: Worst;
  /** At each of the visible chances. */
  readonly blamed: readonly Rate[];
  /** Instances that find the declared error. */
  readonly found: Rate;
  /** The smallest deviation that a run finds. */
  readonly resolution?: number;
}

/** Measures every true random claim of the ids on a correct solver; calls `keep` with the measurements after each of them. */
export function calibration(
  ids: readonly string[],
  correct: Subject,
  { seed, instances }: { seed: number; instances: number },
  meter: Meter,
  keep: (sofar: Calibration) => void = () => undefined,
): Calibration {
  const random = ids
    .map((id) => claimOf(id)!)
    .filter(({ random, expected }) => random !== undefined && expected === undefined);
  const effort = { instances, worst: 8, again: Math.ceil(instances / 4), climb: instances };
  const claims: Calibrated[] = [];
  for (const [i, claim] of random.entries()) {
    meter.at(i / random.length, claim.id);
    const declared = found(claim, correct, claim.random!.shift!.finds, seed, FURTHER * instances);
    const finest = resolution(claim, correct, seed, instances, declared.atLeast >= ENOUGH);
    claims.push({
      id: claim.id,
      worst: worstChance(claim, correct, seed, effort),
      blamed: blameRates(claim, correct, seed, Math.ceil(instances / 4)),
      found: declared,
      ...(finest === undefined ? {} : { resolution: finest }),
    });
    keep({ seed, instances, claims });
    meter.line(`[${i + 1}/${random.length}] ${claim.id}`);
  }
  return { seed, instances, claims };
}

/** Declarations that the measurements rule out, and declarations for which there are too few. */
export function findings({ claims }: Calibration): { refuted: string[]; undecided: string[] } {
  const refuted = claims.flatMap(({ id, worst, blamed, found }) => [
    ...(contradicts(worst, ALLOWED) ? [`${id}: ${worst.hits} of ${worst.trials} trials failed on one instance`] : []),
    ...blamedTooOften(id, blamed),
    ...(found.atMost < ENOUGH
      ? [`${id}: only ${found.hits} of ${found.trials} instances found the declared deviation`]
      : []),
  ]);
  if (claims.length > 1) refuted.push(...blamedTooOften('all claims together', together(claims)));
  const undecided = claims.flatMap(({ id, worst, found }) => [
    ...(worst.atMost > ALLOWED && !contradicts(worst, ALLOWED)
      ? [`${id}: its largest chance of a trial may be ${short(worst.atMost)}`]
      : []),
    ...(found.atLeast < ENOUGH && found.atMost >= ENOUGH
      ? [`${id}: ${found.hits} of ${found.trials} instances found the declared deviation`]
      : []),
  ]);
  return {
    refuted: refuted.map((text) => `refuted: ${text}`),
    undecided: undecided.map((text) => `undecided: ${text}; more instances would decide it`),
  };
}

const blamedTooOften = (id: string, blamed: readonly Rate[]): string[] =>
  blamed.flatMap((rate, i) =>
    contradicts(rate, VISIBLE[i]!)
      ? [`${id}: ${rate.hits} of ${rate.trials} tests blamed a correct solver at the chance ${VISIBLE[i]}`]
      : [],
  );

/** The blame of all claims: its sum resolves a rate that no claim's own count does. */
function together(claims: readonly Calibrated[]): Rate[] {
  const sum = (i: number, count: 'hits' | 'trials'): number =>
    claims.reduce((total, { blamed }) => total + blamed[i]![count], 0);
  return VISIBLE.map((_, i) => rateOf(sum(i, 'hits'), sum(i, 'trials')));
}

/** The last measurements, for the page and the ledger. */
export const MEASURED = join('fixtures', 'calibration.json');

const readMeasured = (): Calibration | undefined =>
  existsSync(MEASURED) ? (JSON.parse(readFileSync(MEASURED, 'utf8')) as Calibration) : undefined;

/** The smallest deviation that a run finds, by the id of the claim, as last measured. */
export const resolutions = (): ReadonlyMap<string, number | undefined> =>
  new Map(readMeasured()?.claims.map(({ id, resolution }) => [id, resolution]));

/**
 * The measurements with those of other claims that were made under the same seed and with the same number of instances,
 * in the order of `ids`; a claim that does not exist any more is left out.
 */
export function withEarlier(found: Calibration, ids: readonly string[], earlier = readMeasured()): Calibration {
  const { seed, instances } = found;
  const alike = earlier?.seed === seed && earlier.instances === instances ? earlier.claims : [];
  const byId = new Map([...alike, ...found.claims].map((claim) => [claim.id, claim]));
  return { seed, instances, claims: ids.flatMap((id) => byId.get(id) ?? []) };
}

/** The whole of docs/calibration.md. */
export function calibrationText({ seed, instances, claims }: Calibration): string {
  return `${[
    '# The errors of the judge',
    `Written by \`npm run verify -- --calibrate --instances ${instances} --seed ${seed}\`.`,
    INTRODUCTION,
    ...missing(claims),
    '## The chance of a trial to fail',
    CHANCE,
    markdownTable(
      ['claim', 'it rests on', 'instances', 'largest: failed', 'of trials', 'chance at most', 'least slack'],
      claims.map(chanceRow),
    ),
    '## Blame on a correct solver',
    BLAMED,
    markdownTable(
      ['claim', ...VISIBLE.flatMap((chance) => [`at ${chance}`, 'rate at most'])],
      [{ id: 'all of them', blamed: together(claims) }, ...claims].map(blamedRow),
    ),
    '## Resolution',
    RESOLVES,
    markdownTable(
      ['claim', 'quantity', 'declared', 'instances that find it', 'resolution', 'why it is not finer'],
      claims.map(resolutionRow),
    ),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `A random claim derives that a trial of a correct solver fails with a chance of at most ${ALLOWED} on every instance that
it draws. Only an exact test blames a solver ([proof](theory/verdicts.md#verdicts)). Here the first is measured, and the
second is tried at chances that a simulation can measure. Bounds on rates are wrong with a chance of
${100 * DOUBT} % each (Clopper and Pearson).`;

/** Which claims the tables do not have, if any. */
function missing(measured: readonly Calibrated[]): string[] {
  const all = registered.filter(({ random, expected }) => random !== undefined && expected === undefined);
  const ids = all.map(({ id }) => id).filter((id) => !measured.some((each) => each.id === id));
  return ids.length === 0
    ? []
    : [`${measured.length} of ${all.length} claims are measured. Missing: ${ids.join(', ')}.`];
}

const CHANCE = `Our solver. The instances with the least slack are tried again and again, and from the worst of them a search climbs to
neighbours with less slack. The table has the largest share of trials that failed on one instance, counted on fresh trials.
All chances have to be below ${ALLOWED}.`;

const BLAMED = `Twelve trials of our solver and 64 of the reference on each instance. A trial counts as failed where its slack is among the
least fifth of the 76, since hardly any trial fails. The exact test has to stay below the chance at which it is made. One
claim has few tests: the rate of all together is the one to compare.`;

const RESOLVES = `The smallest relative deviation of the quantity that a run of ${SUITE} instances finds with a chance of at least 0.99, which
holds if one instance finds it with a chance of at least ${(100 * ENOUGH).toFixed(1)} %. The claim declares one, and finer ones were tried.
This is a lower bound: instances that are missed one by one are tested together at the end of a run
([proof](theory/verdicts.md#verdicts)), and this test is not counted here.`;

const short = (value: number): string =>
  value !== 0 && value < 1e-3 ? value.toExponential(1).replace('.0', '') : String(Number(value.toPrecision(2)));

const percent = (share: number | undefined): string =>
  share === undefined ? 'none' : `${Number((100 * Math.abs(share)).toPrecision(3))} %`;

const chanceRow = ({ id, worst: { drawn, hits, trials, atMost, leastSlack } }: Calibrated): string[] => [
  id,
  claimOf(id)!.random!.basis,
  String(drawn),
  String(hits),
  String(trials),
  short(atMost),
  short(leastSlack),
];

const blamedRow = ({ id, blamed }: Pick<Calibrated, 'id' | 'blamed'>): string[] => [
  id,
  ...blamed.flatMap(({ hits, trials, atMost }) => [`${hits} of ${trials}`, short(atMost)]),
];

function resolutionRow({ id, found: { hits, trials }, resolution: finest }: Calibrated): string[] {
  const { text, finds, because = '' } = claimOf(id)!.random!.shift!;
  return [id, text, percent(finds), `${hits} of ${trials}`, percent(finest), because];
}
