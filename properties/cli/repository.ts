/** The command `verify` in this repository: the published command, and upkeep of generated files. */
import { verifyCommand } from './command.ts';
import { settled } from './exit.ts';
import { UPKEEP_HELP } from './help.ts';
import { upkeep } from './upkeep.ts';

async function main(args: readonly string[]): Promise<number> {
  const code = await (upkeep(args) ?? verifyCommand(args));
  if (args.includes('--help')) process.stdout.write(`${UPKEEP_HELP}\n`);
  return code;
}

/** The exit code. */
export const run = (args: readonly string[]): Promise<number> => settled(main(args));
