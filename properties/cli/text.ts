/** The printed report of `verify`: the table, remarks, refutations, and the closing lines. */
import { styleText } from 'node:util';
import { boundsOn } from '../run/chance.ts';
import type { Verdict } from '../model/verdict.ts';
import {
  chanceLine,
  filterText,
  notShownNecessary,
  remarks,
  summary,
  table,
  undecidableText,
} from '../explain/words.ts';
import { judgedIn, type RunFacts } from './evidence.ts';
import { isBad } from './exit.ts';
import { partOf } from './part.ts';
import { NAMED } from '../explain/diagnosis.ts';
import { guess } from '../explain/suspects.ts';
import type { Kills } from '../model/kills.ts';
import { inShort, instanceCommand, refutationsOf, replayOf } from './refutation.ts';
import { faultTexts } from '../explain/faults.ts';

export interface TextOptions {
  /** Verdicts whose refutations are printed. */
  readonly shown: readonly Verdict[];
  /** Whether all of these are printed in full, also those that rest on others. */
  readonly full?: boolean;
  /** The kill matrix, for a guess at the cause. */
  readonly kills?: Kills | undefined;
  /** Only the refutations and the closing line. */
  readonly quiet?: boolean;
  readonly colours?: boolean;
  /** The file of the evidence, if it was written. */
  readonly evidence?: string;
  /** Replays a refutation (default: the command). */
  readonly replay?: (verdict: Verdict) => string;
}

/** The whole text, blocks that are separated by empty lines. */
export function runText(facts: RunFacts, verdicts: readonly Verdict[], options: TextOptions): string {
  const refutations = [
    ...faultTexts(verdicts, (verdict) => instanceCommand(verdict.id, verdict.fault!.replay, facts)),
    ...refutationsOf(options.shown, facts, options.full ?? false, options.replay),
    ...(options.kills === undefined || options.shown.some(isExplained) ? [] : [guess(options.kills, verdicts)]),
    inShort(options.shown, options.replay ?? ((verdict) => replayOf(verdict, facts))),
  ].filter((text) => text !== '');
  return options.quiet === true
    ? quietText(facts, verdicts, refutations)
    : fullText(facts, verdicts, refutations, options);
}

/** Whether the cause of a refutation is known: then nothing is guessed. */
const isExplained = ({ refutation }: Verdict): boolean => refutation?.diagnosis?.startsWith(NAMED) === true;

function quietText({ seed }: RunFacts, verdicts: readonly Verdict[], refutations: readonly string[]): string {
  const closing = [summary(verdicts).replaceAll('\n', '; '), `seed ${seed}`].join('; ');
  return [...refutations, [...remarks(verdicts.filter(isBad)), closing].join('\n')].join('\n\n');
}

function fullText(
  facts: RunFacts,
  verdicts: readonly Verdict[],
  refutations: readonly string[],
  { colours = false, evidence }: TextOptions,
): string {
  const said = [
    ...(facts.ownNoise ? [OWN_NOISE] : []),
    ...remarks(verdicts),
    undecidableText(verdicts),
    filterText(verdicts),
  ];
  const part = partOf(facts, verdicts);
  const left =
    evidence === undefined ? '' : `; evidence in ${evidence}${part === undefined ? '' : ` (partial run: ${part})`}`;
  const open = notShownNecessary(verdicts).join('\n');
  const closing = [
    summary(verdicts),
    chanceLine(verdicts, boundsOn(judgedIn(facts, verdicts))) ?? '',
    `seed ${facts.seed}${facts.precision === undefined ? '' : `, solver in ${facts.precision}`}${left}`,
  ];
  const lines = (all: readonly string[]): string => all.filter((text) => text !== '').join('\n');
  return [
    table(verdicts),
    lines(said),
    colours && open !== '' ? styleText('yellow', open) : open,
    ...refutations,
    lines(closing),
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

const OWN_NOISE =
  'This solver never draws from the noise source that it is given: claims about injected noise are not applicable, ' +
  'claims that couple two runs are checked without noise, the others are tested in distribution.';
