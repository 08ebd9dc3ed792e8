/** A refutation of a run in words, with the one command that replays it. */
import { claimOf } from '../registry.ts';
import type { Verdict } from '../verdict.ts';
import { refutationText } from '../refutation.ts';
import { OURS, type RunFacts } from './evidence.ts';

type Where = Pick<RunFacts, 'solver' | 'command' | 'seed' | 'target' | 'rank'>;

/** The text of a refuted verdict. */
export const refutationOf = (verdict: Verdict, facts: Where): string =>
  refutationText(claimOf(verdict.id)!, verdict.refutation!, replayOf(verdict, facts));

function replayOf({ id, refutation }: Verdict, facts: Where): string {
  const { kept, replay } = refutation!;
  const by = facts.solver === OURS ? '' : ` --solver ${quoted(facts.solver)}`;
  if (kept !== undefined) return `npm run replay -- ${quoted(kept)}${by}`;
  return instanceCommand(id, replay, facts);
}

/** The command that judges one instance of a run again. */
export function instanceCommand(id: string, instance: string, facts: Where): string {
  const { solver, command, seed, target, rank } = facts;
  return [
    'npm run verify --',
    ...(solver === OURS ? [] : [`--solver ${quoted(solver)}`]),
    ...(command === undefined ? [] : [`--solver-command ${quoted(command)}`]),
    ...(target === undefined ? [] : [`--target ${quoted(target)} --rank ${rank}`]),
    `--claim ${quoted(id)} --seed ${seed} --instance ${instance}`,
  ].join(' ');
}

const quoted = (path: string): string => (/^[\w./:@#-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
