/** `npm run verify`. Help and, if it is cached, the list of claims are printed without loading a claim. */
import { InvalidInput } from '../../src/errors.ts';
import { HELP, UPKEEP_HELP } from './help.ts';
import { keepList, keptList, sourcesHash } from './listing.ts';

const args = process.argv.slice(2);
process.exitCode = await main().catch(refused);

async function main(): Promise<number> {
  if (args.length === 1 && args[0] === '--help') return print(`${HELP}\n${UPKEEP_HELP}\n`);
  if (args.length === 1 && args[0] === '--list') return print(await list());
  return (await import('./repository.ts')).run(args);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** The cached list if the sources are unchanged, otherwise a new one. */
async function list(): Promise<string> {
  const hash = sourcesHash();
  const kept = keptList(hash);
  if (kept !== undefined) return kept;
  const { listed } = await import('./command.ts');
  return keepList(hash, `${listed()}\n`);
}

/** A claim that the registry refuses is corrected by its author: one sentence, not a stack. */
function refused(error: unknown): number {
  if (!(error instanceof InvalidInput)) throw error;
  process.stderr.write(`flat-minima: ${error.message}\n`);
  return 2;
}
