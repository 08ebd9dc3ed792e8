/** Shared by the options of all commands: a user's mistake is one sentence. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A user's mistake: one sentence, exit code 2. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** The whole number that an option gives. Throws `BadUsage`. */
export function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new BadUsage(`${name} is ${text}: give a whole number from ${least} to ${most}`);
  return value;
}

/** The full path of a file that an option names. Throws `BadUsage` if it does not exist. */
export function existing(name: string, file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw new BadUsage(`${name} ${file} does not exist: give the path of a file`);
  return path;
}

/** The arguments of a command of this repository. For `--help`, and for a mistake, it prints a text and ends the process. */
export function argumentsOf<T extends ParseArgsConfig>(help: string, config: T): ReturnType<typeof parseArgs<T>> {
  const end = (stream: NodeJS.WriteStream, text: string, code: number): never => {
    stream.write(`${text}\n`);
    process.exit(code);
  };
  if (process.argv.slice(2).includes('--help')) return end(process.stdout, help, 0);
  try {
    return parseArgs(config);
  } catch (error) {
    return end(process.stderr, `flat-minima: ${(error as Error).message.split(/\. |\.?\n/)[0]!}: see --help`, 2);
  }
}
