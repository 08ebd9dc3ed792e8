/** A refutation of a run in words, with the one command that replays it. */
import type { Claim } from '../claim.ts';
import { commandLine } from '../place.ts';
import { claimOf } from '../registry.ts';
import type { Verdict } from '../judging/verdict.ts';
import { briefText, refutationText } from '../refuting/refutation.ts';
import { restsOn } from '../refuting/resting.ts';
import { OURS, type RunFacts } from './evidence.ts';

type Where = Pick<RunFacts, 'solver' | 'command' | 'seed' | 'target' | 'rank' | 'dimension'>;

/** The text of a refuted verdict, in full. */
export const refutationOf = (verdict: Verdict, facts: Where): string =>
  refutationText(claimOf(verdict.id)!, verdict.refutation!, replayOf(verdict, facts));

/**
 * The texts of refuted verdicts: in full, but for claims that rest on others of them, where not all are asked for in full.
 * `replayed` is what replays one; the command if not said.
 */
export function refutationsOf(
  told: readonly Verdict[],
  facts: Where,
  full: boolean,
  replayed = (verdict: Verdict): string => replayOf(verdict, facts),
): string[] {
  const refuted = refutedIn(told);
  return told.map((verdict) => {
    const claim = claimOf(verdict.id)!;
    const bases = full ? [] : basesIn(refuted, claim);
    const replay = replayed(verdict);
    return bases.length > 0
      ? briefText(claim, verdict.refutation!, replay, bases)
      : refutationText(claim, verdict.refutation!, replay, refuted.length > 1 ? refuted.map(({ id }) => id) : []);
  });
}

const refutedIn = (told: readonly Verdict[]): Claim[] =>
  told.filter(({ outcome }) => outcome === 'refuted').map(({ id }) => claimOf(id)!);

/** Ids of those that the claim rests on and that rest on no others. */
function basesIn(refuted: readonly Claim[], claim: Claim): string[] {
  const bases = refuted.filter((other) => restsOn(claim, other));
  return bases.filter((base) => !refuted.some((other) => restsOn(base, other))).map(({ id }) => id);
}

/** What to read first, and what is wrong as far as it is known; nothing where it has just been read. */
export function inShort(told: readonly Verdict[]): string {
  const refuted = refutedIn(told);
  const first = refuted.filter((claim) => basesIn(refuted, claim).length === 0).map(({ id }) => id);
  if (first.length === refuted.length) return '';
  const diagnosis = told.find(({ id }) => first.includes(id))!.refutation?.diagnosis;
  const rest = `${refuted.length - first.length} of the ${refuted.length} refuted claims rest on others of them`;
  return [`In short: ${rest}; read first ${first.join(', ')}.`, ...(diagnosis === undefined ? [] : [diagnosis])].join(
    '\n',
  );
}

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
