/** Shared by the options of all commands: a user's mistake is one sentence. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

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
