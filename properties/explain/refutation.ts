/** A refutation as a short proof that a person can follow, who knows neither this project nor its theory. */
import { proofPath } from '../model/proofs.ts';
import { around } from './around.ts';
import type { Claim, PlainComparison } from '../model/claim.ts';
import { plot } from './course.ts';
import { number, show } from '../model/numbers.ts';
import { documentPath } from '../model/place.ts';
import { plainFormula } from './plain-formula.ts';
import { restingText } from './resting.ts';
import type { Blame, Closest, Refutation } from '../model/verdict.ts';

/** The meaning of the names in an instance and in the sentences about solvers. */
const SETTING = [
  "A solver factors the target, M ~ X Y'. In each step it draws noise xi1 and xi2, with standard deviations",
  "sigma1 and sigma2, and moves along the gradient at X~ = X + xi1, Y~ = Y + xi2: with R~ = X~ Y~' - M,",
  "  X+ = X - eta R~ Y~,   Y+ = Y - eta R~' X~.",
];

/**
 * The text of a refuted claim: the statement, the instance, both sides, the cause as far as it is known, and the replay
 * command.
 */
export function refutationText(
  claim: Claim,
  refutation: Refutation,
  replay: string,
  refuted: readonly string[] = [],
): string {
  const { instance, finding, arithmetic, diagnosis, course } = refutation;
  return [
    `${claim.expected === undefined ? HEADS[refutation.blame ?? 'solver'] : 'REFUTED AS EXPECTED'}  ${claim.id}   (${origin(refutation)})`,
    // If it is known, it comes first; the rest is its evidence.
    ...(diagnosis === undefined ? [] : [diagnosis]),
    ...about(claim),
    'Let',
    ...packed(instance),
    ...(typeof finding === 'string' ? [`However, ${finding}.`] : sides(finding)),
    ...blameText(claim, refutation),
    ...(arithmetic === undefined ? [] : [arithmetic]),
    ...(course === undefined ? [] : plot(course)),
    ...around(refutation),
    ...(claim.expected === undefined ? restingText(claim, refuted) : []),
    `Proof of the claim: ${documentPath(proofPath(claim.proof))}`,
    `Replay: ${replay}`,
  ].join('\n');
}

const HEADS: Readonly<Record<Blame, string>> = {
  solver: 'REFUTED',
  rounding: 'REFUTED',
  statement: 'STATEMENT REFUTED',
};

const REPORT = 'No solver is blamed. Please report it: the statement is wrong, or the code of flat-minima is.';

/** Who is wrong, by the trials that say so. */
function blameText({ needs, expected }: Claim, { blame, trials, pooled }: Refutation): string[] {
  if (expected !== undefined) return [];
  const report = blame === 'statement' ? [REPORT] : [];
  if (trials === undefined) return report;
  const { solver, reference } = trials;
  const ofReference = `the descent of the definition in ${reference.failed} of ${reference.of}`;
  const where = pooled === undefined ? 'on this instance' : `on ${pooled} instances together`;
  if (needs === 'theory') return [`It fails in ${reference.failed} of ${reference.of} runs ${where}.`, ...report];
  if (solver.of === 1)
    return [`This solver's runs are the same to the last bit, so they count as one: it fails, ${ofReference}.`];
  if (solver.of === 0)
    return [`With the same noise the descent of the definition fails too, and ${ofReference} other runs.`, ...report];
  return [`This solver fails in ${solver.failed} of ${solver.of} runs ${where}, ${ofReference}.`, ...report];
}

/** The text of an instance on which the claim holds. */
export function standing(claim: Claim, { instance, finding }: Closest): string {
  const { what, lhs, rhs, relation, violation, tolerance, slack } = finding;
  return [
    `HOLDS  ${claim.id}`,
    ...about(claim),
    'Let',
    ...packed(instance),
    `Expected left ${relation} right, for ${what}. Found:`,
    show('left', lhs),
    show('right', rhs),
    `  off by ${number(violation)}, within the tolerance ${number(tolerance)}: slack ${number(slack)}.`,
  ].join('\n');
}

function about(claim: Claim): string[] {
  return [
    // A false form says nothing about a solver.
    ...(claim.needs === 'theory' || claim.expected !== undefined ? [] : SETTING),
    `The claim: ${claim.statement}`,
    `           ${plainFormula(claim.formula)}`,
  ];
}

function origin({ saved, replay, shrinks, stoppedEarly }: Refutation): string {
  const from = saved === undefined ? `instance ${replay.split(':')[0]}` : `saved counterexample ${saved}`;
  if (saved !== undefined && shrinks === 0) return from;
  return `${from}, after ${shrinks} step${shrinks === 1 ? '' : 's'} of shrinking${stoppedEarly ? ', which was cut short' : ''}`;
}

/** Named values of an instance, one per line, short ones side by side. */
function packed(values: object): string[] {
  const isOneLine = (text: string): boolean => !text.includes('\n') && text.length < 40;
  const lines: string[] = [];
  for (const text of Object.entries(values).map(([name, value]) => show(name, value, ''))) {
    const last = lines.at(-1);
    const together = `${last ?? ''},  ${text}`;
    if (last !== undefined && isOneLine(text) && !last.includes('\n') && together.length <= 76)
      lines[lines.length - 1] = together;
    else lines.push(text);
  }
  return lines.map((text) => `  ${text.replaceAll('\n', '\n  ')}`);
}

function sides(finding: PlainComparison): string[] {
  const { what, step, lhs, rhs, relation, violation, tolerance, quantities } = finding;
  const by =
    tolerance > 0
      ? `${number(violation / tolerance)} times the tolerance ${number(tolerance)}`
      : 'and the tolerance is 0';
  return [
    `Expected left ${relation} right, for ${what}. ${step === undefined ? 'Found:' : `First violation at step ${step}:`}`,
    show('left', lhs),
    show('right', rhs),
    `  off by ${number(violation)}, ${by}.`,
    ...(Object.keys(quantities).length === 0 ? [] : ['Here', ...packed(quantities)]),
  ];
}
