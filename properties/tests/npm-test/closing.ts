/** The last lines of `npm test`: closing.ts FOLDER FAILED, the folder of the results, and the number of stages that failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claims } from '../../claims/registry.ts';
import { derivedText } from '../../explain/words.ts';
import { closingCounts, type Results } from './counts.ts';

const [folder = '', stages] = process.argv.slice(2);
const results = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Results);
const counts = closingCounts(
  results,
  claims.map(({ id }) => id),
);
// A stage that failed without a failing test counts as one, and so does a claim that never ran.
const failed = Math.max(counts.failed, Number(stages) + counts.neverRan.length);
process.stdout.write(
  `${counts.neverRan.map((id) => `FAILED: ${id} is in the registry and never ran\n`).join('')}
${counts.claims} claims, ${derivedText(counts.derived)}, ${counts.instances} instances
${counts.passed} passed, ${failed} failed\n`,
);
process.exitCode = failed > 0 ? 1 : 0;
