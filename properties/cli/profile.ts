/** `--profile`: the time of each part of a run. */
import { isDerived } from '../claims/registry.ts';
import type { Times } from '../run/stopwatch.ts';
import type { Verdict } from '../model/verdict.ts';
import { aligned } from '../model/numbers.ts';

/** The times of a run, in milliseconds. */
export interface Profile {
  /** Until all modules were loaded, and until the first claim was begun. */
  readonly loaded: number;
  readonly started: number;
  /** From then on, in this number of workers. */
  readonly judging: number;
  readonly workers: number;
  readonly claims: ReadonlyMap<string, Times>;
}

/** One claim per line, with the time of its derived claims, the costliest first; then the start and the whole. */
export function profileText(verdicts: readonly Verdict[], profile: Profile): string {
  const all = total(verdicts);
  const rows = verdicts
    .filter((verdict) => !isDerived(verdict))
    .map((own) => ({ own, derived: verdicts.filter(({ id }) => id.startsWith(`${own.id}#`)) }))
    .map(({ own, derived }) => ({ own, derived: total(derived), whole: own.milliseconds + total(derived) }))
    .sort((a, b) => b.whole - a.whole)
    .map(({ own, derived, whole }) => {
      const parts = profile.claims.get(own.id);
      const share = (part: keyof Times): string => percent(parts?.[part] ?? 0, own.milliseconds);
      return [
        own.id,
        seconds(whole),
        percent(whole, all),
        seconds(derived),
        String(own.instances),
        own.instances === 0 ? '' : `${(own.milliseconds / own.instances).toFixed(1)} ms`,
        ...(['solver', 'drawing', 'checking', 'investigating'] as const).map(share),
      ];
    });
  return [aligned(HEADINGS, rows, ['claim']), ...closing(all, profile)].join('\n');
}

const HEADINGS = [
  'claim',
  'time',
  'share',
  'derived',
  'instances',
  'each',
  'solver',
  'drawing',
  'checking',
  'investigating',
];

function closing(all: number, { loaded, started, judging, workers }: Profile): string[] {
  const busy = percent(all, judging * workers);
  return [
    `The solver's share is part of the others. Start: ${seconds(started)}, of it ${seconds(loaded)} for loading this process.`,
    `Judging: ${seconds(judging)} in ${workers} ${workers === 1 ? 'worker' : 'workers'}, ${seconds(all)} of claims (${busy} of the workers' time).`,
  ];
}

const total = (verdicts: readonly Verdict[]): number =>
  verdicts.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
const percent = (part: number, whole: number): string => (whole <= 0 ? '' : `${Math.round((100 * part) / whole)} %`);
