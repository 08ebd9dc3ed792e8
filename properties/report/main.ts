/** `npm run report`: the evidence of a run, with pictures of the theory, as a page that works from disk. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildExplorer } from '../explorer/build.ts';
import { claims } from '../claims/registry.ts';
import { readEvidence } from '../cli/evidence.ts';
import { EXIT, settled } from '../cli/exit.ts';
import { EXPLORER } from './context.ts';
import { evidenceFile, HELP } from './options.ts';
import { drawAll } from './pictures/index.ts';
import { writePictures, writeReport } from './write.ts';

async function main(args: readonly string[]): Promise<number> {
  const file = evidenceFile(args);
  if (typeof file !== 'string') return say(HELP);
  if (!existsSync(file)) {
    say(`there is no ${file} yet: verify runs first`);
    const code = verify();
    if (!existsSync(file)) return code;
  }
  say(`evidence: ${originOf(file)}`);
  const pictures = drawAll();
  say(`pictures of the README: ${writePictures(pictures).join(', ')}`);
  say(`the explorer: ${await buildExplorer(join(dirname(file), EXPLORER))}`);
  return say(`the report: ${writeReport(file, pictures)}, to be opened in a browser`);
}

/** Which run the report is on. */
function originOf(file: string): string {
  const { seed, instances, solver, command, target, part = `all ${claims.length} claims` } = readEvidence(file);
  const on = target === undefined ? '' : ` on ${target}`;
  return `${file}, ${part}, ${instances} instances, ${command ?? solver}${on}, seed ${seed}`;
}

/** A run of verify with its defaults. The exit code. */
function verify(): number {
  const args = [...process.execArgv, 'properties/cli/main.ts'];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? EXIT.interrupted;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.holds;
}

process.exitCode = await settled(main(process.argv.slice(2)));
