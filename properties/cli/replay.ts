/** The command `replay`: one kept counterexample in full detail, on our solver unless told otherwise. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprint, FOLDER, readAll, readKept, USERS_FOLDER } from './counterexamples.ts';
import type { Kept } from '../model/kept.ts';
import { commandLine, documentPath } from '../model/place.ts';
import { claimOf } from '../claims/registry.ts';
import { refutationText, standing } from '../explain/refutation.ts';
import type { Verdict } from '../model/verdict.ts';
import { EXIT } from './exit.ts';
import { BadUsage } from './usage.ts';
import { readOptions, type VerifyOptions } from './options.ts';
import { quoted } from './refutation.ts';
import { Run } from './run.ts';

const HELP = `Usage: ${commandLine('replay')} <file|hash> [options]

Checks one counterexample that an earlier run kept, on our solver if not said: whose it was is information only.
Exit code: 0 the claim holds on it, 1 it is refuted, 2 bad usage.

  --solver <file>       the default export of a .js, .mjs or .ts module
  --solver-command <c>  a program in any language that speaks ${documentPath('protocol.md')}
  --precision <p>       what the solver computes in, where not in doubles, as for verify
  --timeout <S>         seconds for one call into the solver (default 30)
  --help                show this text`;

/** Those that mean what they mean for verify. */
const OPTIONS = ['solver', 'solver-command', 'precision', 'timeout'] as const;
const FLAGS = {
  solver: { type: 'string' },
  'solver-command': { type: 'string' },
  precision: { type: 'string' },
  timeout: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** Runs the command; resolves with its exit code. Throws `BadUsage` and `CannotLoad`. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help === true) return say(HELP, EXIT.holds);
  if (positionals.length !== 1)
    throw new BadUsage(`${positionals.length} counterexamples were given: give one file or hash`);
  const kept = find(positionals[0]!);
  const asked = OPTIONS.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));
  const options = readOptions(['--claim', kept.claim, '--seed', String(kept.seed), '--keep', 'none', ...asked], {});
  const { instance, remark } = present(kept);
  if (remark !== undefined) say(remark);
  const replay = { ...kept, instance };
  const { verdicts } = await new Run({ ...(options as VerifyOptions), replay }, SILENT).run();
  const by = asked.map((word, i) => (i % 2 === 0 ? word : quoted(word))).join(' ');
  return tell(verdicts[0]!, kept, `${commandLine('replay')} ${quoted(kept.file)}${by === '' ? '' : ` ${by}`}`);
}

const SILENT = { running: () => undefined, finished: () => undefined };

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof FLAGS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new BadUsage(`${(error as Error).message.split(/\. |\.?\n/)[0]!}: see ${commandLine('replay')} --help`);
  }
}

/** By its file, or by the name of one in the folder where they are kept. */
function find(name: string): Kept & { file: string } {
  if (existsSync(name)) {
    const kept = readKept(name);
    if (typeof kept === 'string') throw new BadUsage(kept);
    return { file: name, ...kept };
  }
  const all = [FOLDER, USERS_FOLDER].flatMap((folder) => readAll(folder).kept);
  const found = all.filter(({ file }) => basename(file, '.json').startsWith(name));
  if (found.length === 1) return found[0]!;
  const some = (found.length > 0 ? found : all).slice(0, 5).map(({ file }) => basename(file, '.json'));
  throw new BadUsage(
    found.length > 1
      ? `${name} begins the hashes of ${found.length} counterexamples (${some.join(', ')}): give more of it`
      : `${name} is neither a file nor the hash of a counterexample in ${FOLDER} or ${USERS_FOLDER}: give one of these, such as ${some.join(', ')}`,
  );
}

/** What the claim makes of it now, and in what the claim has changed. */
function present({ claim: id, draft, instance, fingerprint: then, date }: Kept): {
  instance: Kept['instance'];
  remark?: string;
} {
  const claim = claimOf(id)!;
  const arbitrary = claim.instances();
  const now = typeof arbitrary === 'string' ? undefined : arbitrary.revive(draft);
  const since = `${id} has changed since ${date}`;
  if (now === undefined)
    return { instance, remark: `${since}: it draws no such instance any more, so this one may break its hypotheses.` };
  if (JSON.stringify(now) !== JSON.stringify(instance))
    return { instance: now, remark: `${since}: it makes another instance of it, which follows.` };
  if (JSON.stringify(fingerprint(claim)) !== JSON.stringify(then))
    return { instance, remark: `${since}: what follows is its present form.` };
  return { instance };
}

function tell({ outcome, reason, refutation, closest }: Verdict, kept: Kept, command: string): number {
  const claim = claimOf(kept.claim)!;
  const origin = `It was met on ${kept.date}, under seed ${kept.seed}, with ${kept.solver}.`;
  if (refutation !== undefined) return say(`${refutationText(claim, refutation, command)}\n${origin}`, EXIT.refuted);
  if (outcome === 'refuted') return say(`REFUTED  ${claim.id}: ${reason}\n${origin}`, EXIT.refuted);
  const text = closest === undefined ? `${claim.id} is ${outcome}: ${reason}` : standing(claim, closest);
  return say(`${text}\n${origin}`, EXIT.holds);
}

function say(text: string, code: number = EXIT.holds): number {
  process.stdout.write(`${text}\n`);
  return code;
}
