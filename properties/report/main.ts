/** `npm run report`: the evidence of a run, and pictures of what it is about, as a page that works from disk. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EXIT } from '../verify/exit.ts';
import { BadUsage } from '../verify/options.ts';
import { evidenceFile, HELP } from './options.ts';
import { writeReport } from './write.ts';

function main(args: readonly string[]): number {
  const file = evidenceFile(args);
  if (typeof file !== 'string') return say(HELP);
  if (!existsSync(file)) {
    say(`there is no ${file} yet: verify runs first`);
    const code = verify();
    if (!existsSync(file)) return code;
  }
  return say(`the report is ${writeReport(file)}`);
}

/** A run of verify with its defaults. The exit code. */
function verify(): number {
  const args = [...process.execArgv, 'properties/verify/main.ts'];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? EXIT.interrupted;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.holds;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BadUsage)) throw error;
  process.stderr.write(`flat-minima: ${error.message}\n`);
  process.exitCode = EXIT.badUsage;
}
