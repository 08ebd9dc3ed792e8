/** Writes the report on a run next to its evidence. */
import { basename, dirname, join, relative } from 'node:path';
import { writeWhole } from '../cli/files.ts';
import { claimOf } from '../claims/registry.ts';
import { KEPT_KILLS, readEvidence, readKills } from '../cli/evidence.ts';
import { BadUsage } from '../cli/usage.ts';
import type { Evidence } from '../cli/evidence-types.ts';
import { page } from './page.ts';
import { IN_README, standalone } from './pictures/index.ts';
import type { Picture } from './pictures/picture.ts';

/** The file of the report. Throws `BadUsage` if the file is no evidence. */
export function writeReport(file: string, pictures: readonly Picture[]): string {
  const evidence = known(readEvidence(file), file);
  const out = join(dirname(file), 'index.html');
  const link = (to: string): string => relative(dirname(file), to).replaceAll('\\', '/');
  writeWhole(
    out,
    page({ evidence, file: basename(file), kills: evidence.kills ?? readKills(KEPT_KILLS)!, link }, pictures),
  );
  return out;
}

/** The pictures of the README; the files. */
export function writePictures(pictures: readonly Picture[]): string[] {
  return pictures
    .filter(({ name }) => IN_README.includes(name))
    .map((picture) => {
      const file = join('docs', 'pictures', `${picture.name}.svg`);
      writeWhole(file, standalone(picture));
      return file;
    });
}

/** The evidence, if all of its claims are claims still. */
function known(evidence: Evidence, file: string): Evidence {
  const lost = evidence.claims.find(({ id }) => claimOf(id) === undefined);
  if (lost !== undefined)
    throw new BadUsage(`${file} is about ${lost.id}, which is no longer a claim: run verify again`);
  return evidence;
}
