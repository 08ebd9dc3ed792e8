/** How verdicts and counterexamples are put into words. */
import type { Claim, PlainEvidence, PlainSide } from './claim.ts';
import type { Refutation, Verdict } from './judge.ts';

/** A number as a person reads it: short binary fractions in full, others to six digits. */
export function number(value: number): string {
  const short = String(value);
  if (short.length <= 8 || Number.isSafeInteger(value) || !Number.isFinite(value)) return short;
  return Math.abs(value) >= 1e7 ? value.toExponential(2) : String(Number(value.toPrecision(6)));
}

/** `name = ` followed by the number, or by the matrix in aligned rows; large matrices keep their corner. */
export function show(name: string, side: PlainSide, indent = '  '): string {
  if (typeof side === 'number') return `${indent}${name} = ${number(side)}`;
  const [rows, columns] = [side.length, side[0]?.length ?? 0];
  const corner = side.slice(0, 8).map((row) => row.slice(0, 8).map(number));
  const width = Math.max(...corner.flat().map((text) => text.length));
  const head = `${indent}${name} = `;
  const lines = corner.map(
    (row) => `[ ${row.map((text) => text.padStart(width)).join('  ')}${columns > 8 ? '  ...' : ''} ]`,
  );
  const cut = rows > 8 || columns > 8 ? `\n${' '.repeat(head.length)}(${rows} x ${columns}, the corner is shown)` : '';
  return head + lines.join(`\n${' '.repeat(head.length)}`) + cut;
}

/** What a refuted claim prints: the statement, the instance, both sides, and the command that replays it. */
export function refutationText(claim: Claim, refutation: Refutation, replay: string): string {
  const { instance, finding, shrinks, stoppedEarly } = refutation;
  const steps = `after ${shrinks} steps of shrinking${stoppedEarly ? ', which ran out of time' : ''}`;
  const given = Object.entries(instance as unknown as Record<string, PlainSide>);
  return [
    `REFUTED  ${claim.id}   (instance ${refutation.replay.split(':')[0]}, ${steps})`,
    `The claim: ${claim.statement}`,
    `           ${claim.formula}`,
    'Let',
    ...given.map(([name, side]) => show(name, side)),
    ...(typeof finding === 'string' ? [`However, ${finding}.`] : sides(finding)),
    `Proof of the claim: docs/theory.md#${claim.proof}`,
    `Replay: ${replay}`,
  ].join('\n');
}

const WORDS = { '=': 'equals', '<=': 'is at most', '>=': 'is at least' } as const;

function sides(finding: PlainEvidence): string[] {
  const { what, lhs, rhs, relation, violation, tolerance, quantities } = finding;
  const by =
    tolerance > 0
      ? `${number(violation / tolerance)} times the tolerance ${number(tolerance)}`
      : 'and the tolerance is 0';
  return [
    `Then the left side ${WORDS[relation]} the right one, for ${what}. However,`,
    show('left', lhs),
    show('right', rhs),
    `  off by ${number(violation)}, ${by}.`,
    ...Object.entries(quantities).map(([name, side]) => show(name, side)),
  ];
}

const HEADINGS = ['claim', 'instances', 'verdict', 'least slack', 'time'] as const;

/** The table of verdicts. Slack is 1 where both sides agree, 0 at the tolerance. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => [
    verdict.id,
    String(verdict.instances),
    verdict.outcome,
    verdict.leastSlack === undefined ? '' : slack(verdict.leastSlack),
    verdict.outcome === 'not run' ? '' : `${(verdict.milliseconds / 1000).toFixed(2)} s`,
  ]);
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 || i === 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Never rounds up to a slack of 1 or to a slack that would hold. */
function slack(value: number): string {
  return Math.abs(value) < 1e6 ? (Math.floor(value * 1000) / 1000).toFixed(3) : number(value);
}

/** Remarks on single verdicts: why one is not applicable or undecided, how much a filter let pass. */
export function remarks(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ id, reason, acceptance }) => [
    ...(reason === undefined ? [] : [`${id}: ${reason}`]),
    ...(acceptance === undefined
      ? []
      : [`${id}: ${Math.round(100 * acceptance)} % of the drawn inputs satisfied its hypotheses`]),
  ]);
}

/** The closing sentence: how many claims, how many instances, how they fared. */
export function summary(verdicts: readonly Verdict[]): string {
  const instances = verdicts.reduce((sum, verdict) => sum + verdict.instances, 0);
  const count = (outcome: Verdict['outcome']): number =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const rest = (['undecided', 'not applicable', 'not run'] as const).map(
    (outcome) => [count(outcome), outcome] as const,
  );
  const others = rest.filter(([n]) => n > 0).map(([n, outcome]) => `, ${n} ${outcome}`);
  return `${verdicts.length} claims, ${instances} instances: ${count('holds')} hold, ${count('refuted')} refuted${others.join('')}`;
}
