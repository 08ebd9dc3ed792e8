/** `npm run report`: the evidence of a run, and pictures of what it is about, as a page that works from disk. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { EXIT, settled } from '../verify/exit.ts';
import { evidenceFile, HELP } from './options.ts';
import { drawAll } from './pictures/index.ts';
import { writePictures, writeReport } from './write.ts';

function main(args: readonly string[]): number {
  const file = evidenceFile(args);
  if (typeof file !== 'string') return say(HELP);
  if (!existsSync(file)) {
    say(`there is no ${file} yet: verify runs first`);
    const code = verify();
    if (!existsSync(file)) return code;
  }
  const pictures = drawAll();
  const report = writeReport(file, pictures);
  say(`pictures of the README: ${writePictures(pictures).join(', ')}`);
  return say(`the report is ${report}`);
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

// Within a promise, so that what is thrown is told as other commands tell it.
process.exitCode = await settled(Promise.resolve(process.argv.slice(2)).then(main));
