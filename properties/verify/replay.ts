/** The command `replay`: one kept counterexample in full detail, on our solver unless told otherwise. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Solver } from '../../src/index.ts';
import { holds, toPlain, type Evidence } from '../claim.ts';
import { fingerprint, FOLDER, readAll, readKept, type Kept } from '../counterexamples.ts';
import { SolverFault } from '../guard.ts';
import { commandLine } from '../place.ts';
import { inspect } from '../subject.ts';
import { claimOf } from '../registry.ts';
import { refutationText } from '../refutation.ts';
import { load } from './load.ts';
import { BadUsage } from './options.ts';
import { quoted } from './refutation.ts';

const HELP = `Usage: ${commandLine('replay')} <file|hash> [--solver <file>]

Checks one counterexample that an earlier run kept. Exit code: 0 the claim holds on it, 1 it is refuted, 2 bad usage.`;

/** Runs the command; resolves with its exit code. Throws `BadUsage`. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) return say(HELP, 0);
  if (positionals.length !== 1)
    throw new BadUsage(`${positionals.length} counterexamples were given: give one file or hash`);
  const { file, kept } = find(positionals[0]!);
  const solver = await load(values.solver === undefined ? undefined : resolve(values.solver), NO_WATCH);
  if (typeof solver === 'string') throw new BadUsage(solver);
  const claim = claimOf(kept.claim)!;
  if (kept.fingerprint !== fingerprint(claim))
    say(`${kept.claim} has changed since ${kept.date}: what follows is its present form.`);
  const evidence = check(kept, inspect(solver).solver);
  const who = values.solver ?? 'our solver';
  const origin = `It was met on ${kept.date}, under seed ${kept.seed}, with ${kept.solver}.`;
  if (typeof evidence !== 'string' && holds(evidence)) {
    return say(`${kept.claim} holds for ${who} on ${file}, with slack ${evidence.slack}.\n${origin}`, 0);
  }
  const finding = typeof evidence === 'string' ? evidence : toPlain(evidence);
  const { instance, draft, replay } = kept;
  const by = values.solver === undefined ? '' : ` --solver ${quoted(values.solver)}`;
  const command = `${commandLine('replay')} ${quoted(file)}${by}`;
  const text = refutationText(
    claim,
    { instance, draft, finding, replay, kept: file, shrinks: 0, stoppedEarly: false },
    command,
  );
  return say(`${text}\n${origin}`, 1);
}

const NO_WATCH = { enter: () => undefined, leave: () => undefined };

function parse(args: readonly string[]): { values: { solver?: string; help?: boolean }; positionals: string[] } {
  try {
    const options = { solver: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new BadUsage(`${(error as Error).message.split(/\. |\.?\n/)[0]!}: see ${commandLine('replay')} --help`);
  }
}

function find(name: string): { file: string; kept: Kept } {
  if (existsSync(name)) {
    const kept = readKept(name);
    if (typeof kept === 'string') throw new BadUsage(kept);
    return { file: name, kept };
  }
  const found = readAll(FOLDER).kept.filter(({ file }) => file.endsWith(`/${name}.json`));
  if (found.length !== 1)
    throw new BadUsage(`${name} is neither a file nor the hash of a counterexample in ${FOLDER}: give one of these`);
  return { file: found[0]!.file, kept: found[0]! };
}

/** Both sides of the claim, or the sentence that says what the solver did instead. */
function check(kept: Kept, solver: Solver): Evidence | string {
  try {
    return claimOf(kept.claim)!.check(solver, kept.instance);
  } catch (error) {
    if (error instanceof SolverFault) return error.message;
    throw error;
  }
}

function say(text: string, code = 0): number {
  process.stdout.write(`${text}\n`);
  return code;
}
