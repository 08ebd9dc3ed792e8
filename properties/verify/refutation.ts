/** A refutation of a run in words, with the one command that replays it. */
import { commandLine } from '../place.ts';
import { claimOf } from '../registry.ts';
import type { Verdict } from '../verdict.ts';
import { refutationText } from '../refutation.ts';
import { OURS, type RunFacts } from './evidence.ts';

type Where = Pick<RunFacts, 'solver' | 'command' | 'seed' | 'target' | 'rank' | 'dimension'>;

/** The text of a refuted verdict. */
export const refutationOf = (verdict: Verdict, facts: Where, replay = replayOf(verdict, facts)): string =>
  refutationText(claimOf(verdict.id)!, verdict.refutation!, replay);

function replayOf({ id, refutation }: Verdict, facts: Where): string {
  const { kept, replay } = refutation!;
  const program = facts.command === undefined ? '' : ` --solver-command ${quoted(facts.command)}`;
  const by = facts.solver === OURS ? '' : ` --solver ${quoted(facts.solver)}`;
  if (kept !== undefined) return `${commandLine('replay')} ${quoted(kept)}${by}${program}`;
  return instanceCommand(id, replay, facts);
}

/** The command that judges one instance of a run again. */
export function instanceCommand(id: string, instance: string, facts: Where): string {
  const { solver, command, seed, target, rank, dimension } = facts;
  return [
    commandLine('verify'),
    ...(solver === OURS ? [] : [`--solver ${quoted(solver)}`]),
    ...(command === undefined ? [] : [`--solver-command ${quoted(command)}`]),
    ...(target === undefined ? [] : [`--target ${quoted(target)} --rank ${rank}`]),
    ...(dimension === undefined ? [] : [`--dimension ${dimension}`]),
    `--claim ${quoted(id)} --seed ${seed} --instance ${instance}`,
  ].join(' ');
}

/** A path as the shell takes it for one word. */
export const quoted = (path: string): string =>
  /^[\w./:@#-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
