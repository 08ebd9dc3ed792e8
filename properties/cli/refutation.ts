/** A refutation of a run in words, with the one command that replays it. */
import type { Claim } from '../model/claim.ts';
import { commandLine } from '../model/place.ts';
import { claimOf } from '../claims/registry.ts';
import type { Verdict } from '../model/verdict.ts';
import { counted } from '../model/numbers.ts';
import { refutationText } from '../explain/refutation.ts';
import { restsOn } from '../explain/resting.ts';
import { OURS, type RunFacts } from './evidence.ts';

type Where = Pick<RunFacts, 'solver' | 'command' | 'precision' | 'seed' | 'target' | 'reading' | 'rank' | 'dimension'>;

/** The text of a refuted verdict, in full. */
export const refutationOf = (verdict: Verdict, facts: Where): string =>
  refutationText(claimOf(verdict.id)!, verdict.refutation!, replayOf(verdict, facts));

/**
 * The texts of refuted verdicts: in full, except for claims that rest on others of them, which are only named unless
 * all are requested in full. `replayed` returns the command that replays one (default: that of the command line).
 */
export function refutationsOf(
  shown: readonly Verdict[],
  facts: Where,
  full: boolean,
  replayed = (verdict: Verdict): string => replayOf(verdict, facts),
): string[] {
  const refuted = refutedIn(shown);
  const ids = refuted.length > 1 ? refuted.map(({ id }) => id) : [];
  const rests = ({ id }: Verdict): boolean => !full && basesIn(refuted, claimOf(id)!).length > 0;
  // The same mistake in src may fail them: no statement is in doubt before it is repaired.
  const ofOurs = !full && facts.solver === OURS && facts.command === undefined && refuted.length > 0;
  const isOfOurs = ({ outcome }: Verdict): boolean => ofOurs && outcome === 'statement refuted';
  return [
    ...shown
      .filter((verdict) => !rests(verdict) && !isOfOurs(verdict))
      .map((verdict) => refutationText(claimOf(verdict.id)!, verdict.refutation!, replayed(verdict), ids)),
    dependents(shown.filter(rests)),
    otherCode(shown.filter(isOfOurs)),
  ].filter((text) => text !== '');
}

/** Claims that fail because others do, in one paragraph. */
function dependents(resting: readonly Verdict[]): string {
  if (resting.length === 0) return '';
  const names = resting.map(({ id }) => id).join(', ');
  return `REFUTED TOO  ${counted(resting.length, 'claim')} that follow${resting.length === 1 ? 's' : ''} from those above: ${names}.\n--claim <id> shows one in full.`;
}

/** Claims that run other code of src than the solver, in one paragraph. */
function otherCode(failed: readonly Verdict[]): string {
  if (failed.length === 0) return '';
  const names = failed.map(({ id }) => id).join(', ');
  return `FAILED TOO  ${counted(failed.length, 'claim')} about other code of src: ${names}.\nRepair the solver first. If ${failed.length === 1 ? 'it fails' : 'they fail'} then, the statement or that code is wrong; --claim <id> shows one in full.`;
}

const refutedIn = (shown: readonly Verdict[]): Claim[] =>
  shown.filter(({ outcome }) => outcome === 'refuted').map(({ id }) => claimOf(id)!);

/** Ids of those that the claim rests on and that rest on no others. */
function basesIn(refuted: readonly Claim[], claim: Claim): string[] {
  const bases = refuted.filter((other) => restsOn(claim, other));
  return bases.filter((base) => !refuted.some((other) => restsOn(base, other))).map(({ id }) => id);
}

/** The heading and the cause, as far as it is known; empty if it has just been printed. */
export function inShort(shown: readonly Verdict[], replay?: (verdict: Verdict) => string): string {
  const refuted = refutedIn(shown);
  const first = refuted.filter((claim) => basesIn(refuted, claim).length === 0).map(({ id }) => id);
  if (first.length === refuted.length) return '';
  const root = shown.find(({ id }) => first.includes(id))!;
  const diagnosis = root.refutation?.diagnosis;
  const count = refuted.length - first.length;
  const rest = `${count} of the ${refuted.length} refuted claims follow${count === 1 ? 's' : ''} from others`;
  return [
    `In short: ${rest}: read ${first.join(', ')} first.`,
    ...(diagnosis === undefined ? [] : [diagnosis]),
    ...(replay === undefined ? [] : [`Replay: ${replay(root)}`]),
  ].join('\n');
}

/** The command that replays a refutation. */
export function replayOf({ id, refutation }: Verdict, facts: Where): string {
  const { saved, replay } = refutation!;
  const program = facts.command === undefined ? '' : ` --solver-command ${quoted(facts.command)}`;
  const by = facts.solver === OURS ? '' : ` --solver ${quoted(facts.solver)}`;
  const at = facts.precision === undefined ? '' : ` --precision ${facts.precision}`;
  if (saved !== undefined) {
    const smaller = replay === '' ? '' : ` --shrinks ${replay}`;
    return `${commandLine('replay')} ${quoted(saved)}${smaller}${by}${program}${at}`;
  }
  return instanceCommand(id, replay, facts);
}

/** The command that judges one instance of a run again. */
export function instanceCommand(id: string, instance: string, facts: Where): string {
  const { solver, command, precision, seed, target, reading = [], rank, dimension } = facts;
  return [
    commandLine('verify'),
    ...(solver === OURS ? [] : [`--solver ${quoted(solver)}`]),
    ...(command === undefined ? [] : [`--solver-command ${quoted(command)}`]),
    ...(precision === undefined ? [] : [`--precision ${precision}`]),
    ...(target === undefined ? [] : [`--target ${[target, ...reading].map(quoted).join(' ')} --rank ${rank}`]),
    ...(dimension === undefined ? [] : [`--dimension ${dimension}`]),
    `--claim ${quoted(id)} --seed ${seed} --instance ${instance}`,
  ].join(' ');
}

/** A path as the shell takes it for one word. */
export const quoted = (path: string): string =>
  /^[\w./:@#-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
