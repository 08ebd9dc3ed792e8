#!/usr/bin/env node
/** The commands of the installed package: `flat-minima verify`, `replay` and `study`. */
import { studyCommand } from './study/command.ts';
import { verifyCommand } from './command.ts';
import { settled } from './exit.ts';
import { BadUsage } from './usage.ts';
import { replayCommand } from './replay.ts';

const HELP = `Usage: flat-minima <command> [options]

  verify   check every claim of the theory on a solver
  replay   check one counterexample that an earlier run saved
  study    measure the behaviour of an optimiser

"flat-minima <command> --help" lists the options of a command.
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  verify: verifyCommand,
  replay: replayCommand,
  study: (args) => studyCommand(args),
};

async function main([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (name === '--help') {
    process.stdout.write(HELP);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new BadUsage(`${name} is not a command: give verify, replay or study`);
  return command(rest);
}

process.exitCode = await settled(main(process.argv.slice(2)));
