/**
 * `verify --compare`: which claims' slack moved since an earlier run on the same instances, although they still hold.
 * The effect of rounding is measured: see `roundingMoves`.
 */
import type { Claim } from '../model/claim.ts';
import { aligned, counted, number } from '../model/numbers.ts';
import { DOUBLE, precisionName } from '../model/precision.ts';
import { claimOf, isDerived } from '../claims/registry.ts';
import type { Verdict } from '../model/verdict.ts';
import type { Earlier } from './earlier.ts';
import type { RunOptions } from './run-options.ts';
import { Run, type RunResult } from './run.ts';

/** A claim that held then and holds now. */
interface Move {
  readonly id: string;
  readonly then: number;
  readonly now: number;
  /** The bound on the change by rounding. */
  readonly bound: number;
}

const size = ({ then, now }: Move): number => Math.abs(now - then);
const isBeyond = (move: Move): boolean => !(size(move) <= move.bound);

/** The number of random changes of the inputs. */
const TRIALS = 3;

/** The least bound: a check sums thousands of terms, so its own slack is rounded in the last bits. */
const FLOOR = 2 ** -40;

/** Compares the verdicts with those of an earlier run. */
export async function comparison(
  earlier: Earlier,
  { verdicts, u = DOUBLE }: Pick<RunResult, 'verdicts' | 'u'>,
  options: RunOptions,
): Promise<string> {
  const [then, now] = [earlier.precision ?? precisionName(DOUBLE), precisionName(u)];
  if (then !== now)
    return `--compare ${earlier.file} is of a solver in ${then} and this run is of one in ${now}: only runs at one precision can be compared`;
  const own = verdicts.filter((verdict) => !isDerived(verdict));
  const before = new Map(earlier.claims.map((each) => [each.id, each]));
  const standing = own.filter(({ id, outcome }) => outcome === 'holds' && before.get(id)?.outcome === 'holds');
  const same = standing.filter(({ id }) => before.get(id)!.statement === claimOf(id)!.statement);
  const moved = same.filter(({ id, leastSlack }) => leastSlack !== before.get(id)!.leastSlack);
  const bounds = await roundingMoves(moved, options, u);
  const moves = moved.map(({ id, leastSlack }): Move => ({
    id,
    then: before.get(id)!.leastSlack ?? NaN,
    now: leastSlack ?? NaN,
    bound: bounds.get(id)!,
  }));
  const changed = own.flatMap(({ id, outcome }) => {
    const then = before.get(id)?.outcome;
    return then === undefined || then === outcome ? [] : [`${id}: ${then} then, ${outcome} now`];
  });
  return [
    `Compared with ${earlier.file}, on the same instances (${who(earlier)} then):`,
    ...changed,
    ...tables(moves),
    ...closing(moves, same.length, own.filter(({ outcome }) => outcome === 'holds').length),
  ].join('\n');
}

const who = ({ solver, command }: Earlier): string =>
  command !== undefined ? `program ${command}` : solver === 'flat-minima' ? 'our solver' : `solver ${solver}`;

/**
 * The possible change of slacks by rounding. In an identity or inequality the tolerance is a bound on rounding, so it
 * may move within all of [0, 1]. Along a trajectory, each step's rounding is at most the effect of a relative change of
 * its inputs by 2 (d1 + d2 + r + 8) u (see `stepRounding`), and that of all steps at most their number times this. The
 * inputs of the solver are changed at random by this amount, and the slack of the tightest instance is compared again.
 */
async function roundingMoves(moved: readonly Verdict[], options: RunOptions, u: number): Promise<Map<string, number>> {
  const tried = moved.filter(({ id, closest }) => !isBoundedByRounding(claimOf(id)!) && closest !== undefined);
  const bounds = new Map(moved.map(({ id }) => [id, isBoundedByRounding(claimOf(id)!) ? 1 : FLOOR]));
  if (tried.length === 0) return bounds;
  const of = Object.fromEntries(
    tried.map(({ id, tightest, closest }) => [id, { only: String(tightest), amount: amount(closest!, u) }]),
  );
  for (let trial = 1; trial <= TRIALS; trial++) {
    const jitter = { seed: `${options.seed}/${trial}`, of };
    const run = new Run({ ...options, claims: tried.map(({ id }) => id), shrink: false, jitter }, SILENT);
    for (const { id, leastSlack = NaN } of (await run.run()).verdicts) {
      const move = Math.abs(leastSlack - tried.find((each) => each.id === id)!.leastSlack!);
      bounds.set(id, Math.max(bounds.get(id)!, Number.isNaN(move) ? Infinity : move));
    }
  }
  return bounds;
}

const SILENT = { running: () => undefined, finished: () => undefined };

const isBoundedByRounding = ({ kind }: Claim): boolean => kind === 'identity' || kind === 'inequality';

function amount({ instance: { X0, Y0, steps } }: NonNullable<Verdict['closest']>, u: number): number {
  return 2 * (X0.length + Y0.length + X0[0]!.length + 8) * u * Math.max(1, steps);
}

const HEADINGS = ['claim', 'slack then', 'slack now', 'move', 'rounding moves it by'] as const;

/** The number of moves within rounding that are shown. */
const SHOWN = 5;

function tables(moves: readonly Move[]): string[] {
  const largest = [...moves].sort((a, b) => size(b) - size(a));
  const part = (title: string, some: readonly Move[]): string[] =>
    some.length === 0 ? [] : [`\n${title}`, aligned(HEADINGS, some.map(row), ['claim'])];
  const within = largest.filter((move) => !isBeyond(move));
  return [
    ...part('Moved by more than rounding explains:', largest.filter(isBeyond)),
    ...part(
      `Moved within rounding${within.length > SHOWN ? `, the ${SHOWN} largest of ${within.length}` : ''}:`,
      within.slice(0, SHOWN),
    ),
  ];
}

const row = (move: Move): string[] => [
  move.id,
  number(move.then),
  number(move.now),
  (move.now - move.then).toExponential(1),
  `at most ${move.bound.toExponential(1)}`,
];

function closing(moves: readonly Move[], compared: number, holding: number): string[] {
  const beyond = moves.filter(isBeyond).length;
  const [still, within] = [compared - moves.length, moves.length - beyond];
  const others = holding - compared;
  return [
    `\n${counted(compared, 'claim')} compared: ${still} have not moved, ${within} moved within rounding, ${beyond} beyond it${beyond > 0 ? ': the solver behaves differently' : ''}.`,
    ...(others > 0
      ? [`${others} more hold now, but did not then, or were not judged, or had a different statement.`]
      : []),
  ];
}
