/** `npm run verify`: the command, and what it does for this repository alone. */
import { verifyCommand } from './command.ts';
import { settled } from './exit.ts';
import { upkeep, UPKEEP_HELP } from './upkeep.ts';

async function main(args: readonly string[]): Promise<number> {
  const code = await (upkeep(args) ?? verifyCommand(args));
  if (args.includes('--help')) process.stdout.write(`${UPKEEP_HELP}\n`);
  return code;
}

process.exitCode = await settled(main(process.argv.slice(2)));
