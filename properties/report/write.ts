/** Writes the report on a run beside its evidence. */
import { dirname, join, relative } from 'node:path';
import { writeWhole } from '../files.ts';
import { claimOf } from '../registry.ts';
import { readEvidence, readKills } from '../verify/evidence.ts';
import { KEPT_KILLS } from '../verify/kills.ts';
import { BadUsage } from '../verify/options.ts';
import type { Evidence } from '../verify/certificate.ts';
import { page } from './page.ts';

/** The file of the report. Throws `BadUsage` where the evidence is none. */
export function writeReport(file: string): string {
  const evidence = known(readEvidence(file), file);
  const out = join(dirname(file), 'index.html');
  const link = (to: string): string => relative(dirname(file), to).replaceAll('\\', '/');
  writeWhole(out, page({ evidence, kills: evidence.kills ?? readKills(KEPT_KILLS)!, link }));
  return out;
}

/** The evidence, if all of its claims are claims still. */
function known(evidence: Evidence, file: string): Evidence {
  const lost = evidence.claims.find(({ id }) => claimOf(id) === undefined);
  if (lost !== undefined)
    throw new BadUsage(`${file} is about ${lost.id}, which is no claim any more: run verify again`);
  return evidence;
}
