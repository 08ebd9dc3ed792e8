/** The upkeep that `npm run study` does for this repository alone: docs/study.md. */
import { EXIT } from '../exit.ts';
import { meterOn } from '../meter.ts';
import { whole } from '../usage.ts';
import { coverageText } from '../../study/coverage.ts';
import { writeCoverage, writeLedger } from './ledger.ts';

export const UPKEEP_HELP = `
For this repository alone:
  --ledger              write docs/study.md, with known optimisers, and docs/study.schema.json
  --coverage <N>        simulate N small studies, and write to docs/study.md how often their intervals cover`;

/** The work that the first argument asks for, or undefined. */
export function upkeep([flag, count = '1000']: readonly string[]): Promise<number> | undefined {
  if (flag === '--ledger') return saying((meter) => writeLedger(meter));
  if (flag !== '--coverage') return undefined;
  const studies = whole('--coverage', count, 1, 1_000_000);
  return saying(async (meter) => writeCoverage(await coverageText(studies, (share, what) => meter.at(share, what))));
}

async function saying(work: (meter: ReturnType<typeof meterOn>) => Promise<string>): Promise<number> {
  const meter = meterOn(process.stderr, {});
  const file = await work(meter).finally(() => meter.close());
  process.stdout.write(`${file}\n`);
  return EXIT.holds;
}
