/** The command line of `report`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BadUsage } from '../cli/usage.ts';

export const HELP = `Usage: npm run report -- [--evidence <file>]

Writes index.html to the folder of the evidence of a run (default coverage/claims/evidence.json; if it does not exist, verify runs
first). It needs no network. Exit code: 0 written, 2 bad usage.`;

const EVIDENCE = join('coverage', 'claims', 'evidence.json');

/** The file of the evidence; if it was given, it must exist. Throws `BadUsage`. */
export function evidenceFile(args: readonly string[]): string | { help: true } {
  const { evidence, help } = parse(args);
  if (help === true) return { help };
  if (evidence !== undefined && !existsSync(evidence))
    throw new BadUsage(`--evidence ${evidence} does not exist: give the path of a file`);
  return evidence ?? EVIDENCE;
}

function parse(args: readonly string[]): { evidence?: string; help?: boolean } {
  try {
    const options = { evidence: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new BadUsage(`${(error as Error).message.split(/\. |\.?\n/)[0]!}: see npm run report -- --help`);
  }
}
