/** `npm run study`: the command, and upkeep of this repository. */
import { settled } from '../../cli/exit.ts';
import { studyCommand } from '../../cli/study/command.ts';
import { writePage } from './page.ts';
import { upkeep, UPKEEP_HELP } from '../../cli/study/upkeep.ts';

async function main(args: readonly string[]): Promise<number> {
  const code = await (upkeep(args) ?? studyCommand(args, writePage));
  if (args.includes('--help')) process.stdout.write(`${UPKEEP_HELP}\n`);
  return code;
}

process.exitCode = await settled(main(process.argv.slice(2)));
