/** The command `replay`: one saved counterexample in full detail, on our solver by default. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { fingerprint, FOLDER, readAll, readSaved, USERS_FOLDER } from './counterexamples.ts';
import type { Saved } from '../model/saved.ts';
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

Checks one saved counterexample (default: on our solver). The solver that it names is information only.
Exit code: 0 the claim holds on it, 1 it is refuted, 2 bad usage.

  --shrinks <path>      a smaller instance that was found for another solver, as printed with its refutation
  --solver <file>       the default export of a .js, .mjs or .ts module
  --solver-command <c>  a program in any language that implements ${documentPath('protocol.md')}
  --precision <p>       precision of the solver, if not double, as for verify
  --timeout <S>         seconds for one call into the solver (default 30)
  --help                show this text`;

/** Options with the same meaning as for `verify`. */
const OPTIONS = ['solver', 'solver-command', 'precision', 'timeout'] as const;
const FLAGS = {
  shrinks: { type: 'string' },
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
  const saved = smaller(find(positionals[0]!), values.shrinks);
  const asked = OPTIONS.flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));
  const options = readOptions(['--claim', saved.claim, '--seed', String(saved.seed), '--keep', 'none', ...asked], {});
  const { instance, remark } = present(saved);
  if (remark !== undefined) say(remark);
  const replay = { ...saved, instance };
  const { verdicts } = await new Run({ ...(options as VerifyOptions), replay }, SILENT).run();
  const by = asked.map((word, i) => (i % 2 === 0 ? word : quoted(word))).join(' ');
  const path = values.shrinks === undefined ? '' : ` --shrinks ${values.shrinks}`;
  return print(
    verdicts[0]!,
    saved,
    `${commandLine('replay')} ${quoted(saved.file)}${path}${by === '' ? '' : ` ${by}`}`,
  );
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

/** By its file, or by the name of one in the folder of saved counterexamples. */
function find(name: string): Saved & { file: string } {
  if (existsSync(name)) {
    const saved = readSaved(name);
    if (typeof saved === 'string') throw new BadUsage(saved);
    return { file: name, ...saved };
  }
  const all = [FOLDER, USERS_FOLDER].flatMap((folder) => readAll(folder).saved);
  const found = all.filter(({ file }) => basename(file, '.json').startsWith(name));
  if (found.length === 1) return found[0]!;
  const some = (found.length > 0 ? found : all).slice(0, 5).map(({ file }) => basename(file, '.json'));
  throw new BadUsage(
    found.length > 1
      ? `${name} begins the hashes of ${found.length} counterexamples (${some.join(', ')}): give more of it`
      : `${name} is neither a file nor the hash of a counterexample in ${FOLDER} or ${USERS_FOLDER}: give one of these, such as ${some.join(', ')}`,
  );
}

/** The instance at the end of a path of shrinks from a saved one. */
function smaller(saved: Saved & { file: string }, path: string | undefined): Saved & { file: string } {
  if (path === undefined) return saved;
  if (!/^\d+(:\d+)*$/.test(path)) throw new BadUsage(`--shrinks is ${path}: give the printed numbers, such as 1:2`);
  const arbitrary = claimOf(saved.claim)!.instances();
  if (typeof arbitrary === 'string') return saved;
  let draft: Saved['draft'] | undefined = saved.draft;
  for (const step of path.split(':')) draft = draft && arbitrary.simpler(draft)[Number(step)];
  const instance = draft && arbitrary.derive(draft);
  if (draft === undefined || instance === undefined)
    throw new BadUsage(`--shrinks ${path} leads to no instance from ${saved.file}: leave it out, or run verify again`);
  return { ...saved, draft, instance };
}

/** The present finding of the claim, and the changes of the claim. */
function present({ claim: id, draft, instance, fingerprint: then, date }: Saved): {
  instance: Saved['instance'];
  remark?: string;
} {
  const claim = claimOf(id)!;
  const arbitrary = claim.instances();
  const now = typeof arbitrary === 'string' ? undefined : arbitrary.revive(draft);
  const since = `${id} has changed since ${date}`;
  if (now === undefined)
    return { instance, remark: `${since}: it no longer draws this instance, so this one may break its hypotheses.` };
  if (JSON.stringify(now) !== JSON.stringify(instance))
    return { instance: now, remark: `${since}: it derives a different instance from it, which follows.` };
  if (JSON.stringify(fingerprint(claim)) !== JSON.stringify(then))
    return { instance, remark: `${since}: the current version is checked on it.` };
  return { instance };
}

function print({ outcome, reason, refutation, closest }: Verdict, saved: Saved, command: string): number {
  const claim = claimOf(saved.claim)!;
  const origin = `It was met on ${saved.date}, under seed ${saved.seed}, with ${saved.solver}.`;
  if (refutation !== undefined) return say(`${refutationText(claim, refutation, command)}\n${origin}`, EXIT.refuted);
  if (outcome === 'refuted') return say(`REFUTED  ${claim.id}: ${reason}\n${origin}`, EXIT.refuted);
  const text = closest === undefined ? `${claim.id} is ${outcome}: ${reason}` : standing(claim, closest);
  return say(`${text}\n${origin}`, EXIT.holds);
}

function say(text: string, code: number = EXIT.holds): number {
  process.stdout.write(`${text}\n`);
  return code;
}
