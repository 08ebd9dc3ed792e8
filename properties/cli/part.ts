/** The part of a whole run that was judged, for the top of the report and the closing line. */
import type { Verdict } from '../model/verdict.ts';
import { claims, isDerived } from '../claims/registry.ts';
import type { RunFacts } from './evidence-types.ts';

/** The number of claims that are named. */
const NAMED = 3;

/** The part of a whole run that was judged, such as "19 of 193 claims"; undefined for a whole run. */
export function partOf(
  { instance, shard }: Pick<RunFacts, 'instance' | 'shard'>,
  verdicts: readonly Pick<Verdict, 'id' | 'outcome'>[],
): string | undefined {
  const parts = [
    claimsIn(verdicts.filter(({ outcome }) => outcome !== 'not run')),
    instance === undefined ? '' : `instance ${instance} of each`,
    shard === undefined ? '' : `shard ${shard}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}

function claimsIn(judged: readonly Pick<Verdict, 'id'>[]): string {
  const own = judged.filter((verdict) => !isDerived(verdict));
  if (own.length === claims.length) return '';
  const ids = (own.length > 0 ? own : judged).map(({ id }) => id);
  return `${ids.length > 0 && ids.length <= NAMED ? `only ${ids.join(', ')}` : ids.length} of ${claims.length} claims`;
}
