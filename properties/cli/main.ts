/** `npm run verify`. Help and, if it is cached, the list of claims are printed without loading a claim. */
import { HELP, UPKEEP_HELP } from './help.ts';
import { keepList, keptList, sourcesHash } from './listing.ts';

const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--help') process.stdout.write(`${HELP}\n${UPKEEP_HELP}\n`);
else if (args.length === 1 && args[0] === '--list') process.stdout.write(await list());
else process.exitCode = await (await import('./repository.ts')).run(args);

/** The cached list if the sources are unchanged, otherwise a new one. */
async function list(): Promise<string> {
  const hash = sourcesHash();
  const kept = keptList(hash);
  if (kept !== undefined) return kept;
  const { listed } = await import('./command.ts');
  return keepList(hash, `${listed()}\n`);
}
