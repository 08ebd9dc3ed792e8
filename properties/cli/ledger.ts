/** The ledger docs/claims.md and the table of the README, written from the registry. */
import { proofPath } from '../model/proofs.ts';
import { NONE, type Claim, type Hypothesis } from '../model/claim.ts';
import { identityOf } from '../identities/index.ts';
import { ERROR } from '../identities/prove.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';
import { ALLOWED, boundsOn, SUITE } from '../run/chance.ts';
import { judge } from '../explain/judge.ts';
import { inspect } from '../run/subject.ts';
import { claims, familyOf, derivedFrom } from '../claims/registry.ts';
import { statements, type Statement } from '../claims/statements.ts';
import { resolutions } from './calibrate.ts';
import { markdownTable } from './markdown.ts';
import { refutationText } from '../explain/refutation.ts';

/** The claims that a newcomer should see first. */
export const HEADLINE: readonly string[] = [
  'balance/emerges',
  'limit/forgets-start',
  'limit/closed-form',
  'gd/imbalance-kept',
  'gd/remembers-start',
  'flatness/flatter-than-gd',
  'large-step/converges',
];

/** The whole of docs/claims.md. */
export function ledger(): string {
  const families = [...new Set(claims.map(familyOf))];
  return `${[
    '# The claims',
    'Written by `npm run verify -- --ledger` from the registry (`properties/claims/registry.ts`); a test compares the two.',
    totals(),
    howToRead(),
    '## By statement',
    'Numbers are those of `properties/claims/statements.ts`; the proofs are in [theory.md](theory.md).',
    markdownTable(['number', 'statement', 'claims'], statements.map(statementRow)),
    '## Not checked',
    statements
      .flatMap(({ number, unchecked }) => (unchecked === undefined ? [] : [`- ${number}: ${unchecked}`]))
      .join('\n'),
    '## Resolution',
    RESOLVES,
    resolutionTable(),
    ...families.flatMap((family) => [
      `## ${family}`,
      ...claims.filter((claim) => familyOf(claim) === family).map(entry),
    ]),
  ].join('\n\n')}\n`;
}

const RESOLVES = `The smallest relative deviation that a run of ${SUITE} instances finds with a chance of at least 0.99. Every run of the tests checks
the declared one. The measured one is the finest of the last measurement ([calibration.md](calibration.md)).`;

function resolutionTable(): string {
  const measured = resolutions();
  return markdownTable(
    ['claim', 'quantity', 'declared', 'measured', 'why it is not finer'],
    claims.flatMap(({ id, random, expected }) => {
      if (random?.shift === undefined || expected !== undefined) return [];
      const { text, finds, because = '' } = random.shift;
      const finest = measured.get(id);
      const found = finest === undefined ? 'none' : percent(finest);
      return [[`[${id}](#${slug(id)})`, text, percent(finds), measured.has(id) ? found : 'not yet', because]];
    }),
  );
}

/** The table of headline claims that stands in the README. */
export function headlines(): string {
  const chosen = HEADLINE.map((id) => claims.find((claim) => claim.id === id)!);
  return markdownTable(
    ['claim', 'it says'],
    chosen.map(({ id, statement }) => [`\`${id}\``, statement]),
  );
}

const MARKS = ['<!-- headline claims, written by npm run verify -- --ledger -->', '<!-- end -->'] as const;

/** The README with its table as the registry has it. */
export function withHeadlines(readme: string): string {
  const [begin, end] = [readme.indexOf(MARKS[0]), readme.indexOf(MARKS[1])];
  if (begin < 0 || end < begin)
    throw new Error(`README.md has no place for the table: it needs the lines ${MARKS.join(' and ')}`);
  return `${readme.slice(0, begin)}${MARKS[0]}\n\n${headlines()}\n\n${readme.slice(end)}`;
}

const howToRead =
  (): string => `A bound is an _equality_, a _tight_ inequality, or an inequality that is only _valid_. The tightness check
\`id#tight\` asserts that a tight one is attained. A hypothesis is _needed_ if without it the claim is refuted, which every run checks:
the ablation \`id#2\` is the claim without its second hypothesis. The others are _not shown necessary_. A _proved_ claim is an identity that was also evaluated exactly, at random points of
prime fields. A _false form_ is shown with its counterexample, and a run in which it holds fails. In a random claim a trial of a
correct solver fails with a chance of at most ${ALLOWED}. A solver is blamed only if an exact test against the descent of the definition
says so ([proof](theory/verdicts.md#verdicts)). A correct one is blamed with a chance of at most ${falseAlarm()} in a run of ${SUITE}
instances. [calibration.md](calibration.md) measures all of this.`;

const falseAlarm = (): string => boundsOn(claims.map((claim) => [claim, SUITE])).solver.toExponential(1);

function totals(): string {
  const hypotheses = claims.flatMap((claim) => claim.hypotheses.filter((hypothesis) => hypothesis !== NONE));
  const needed = hypotheses.filter((hypothesis) => typeof hypothesis !== 'string').length;
  const bounds = claims.map((claim) => boundName(claim));
  const count = (name: string): number => bounds.filter((bound) => bound === name).length;
  const proved = claims.filter(({ id }) => identityOf(id) !== undefined).length;
  const falseForms = claims.filter(({ expected }) => expected !== undefined).length;
  return (
    `${claims.length} claims: ${count('equality')} equalities, ${count('tight')} tight inequalities, ${count('valid')} inequalities that are ` +
    `only known to be valid; ${falseForms} of the claims are false forms. Of ${hypotheses.length} hypotheses ${needed} are shown to be needed. ` +
    `${proved} claims have identities that are proved, not only sampled.`
  );
}

const boundName = ({ bound }: Claim): string => (typeof bound === 'string' ? bound : 'tight');

function statementRow({ number, anchor, text }: Statement): string[] {
  const ids = claims.filter(({ items }) => items.includes(number)).map(({ id }) => `[${id}](#${slug(id)})`);
  return [`[${number}](${proofPath(anchor)})`, text, ids.join(', ')];
}

/** The anchor that GitHub gives to the heading of a claim. */
const slug = (id: string): string => id.replace('/', '');

function entry(claim: Claim): string {
  const { id, statement, formula, kind, needs, source, proof, items } = claim;
  return [
    `### ${id}`,
    claim.expected === undefined ? statement : `**False:** ${statement}`,
    `\`\`\`math\n${formula}\n\`\`\``,
    [
      `- ${kind}; requires of the solver: ${needs}; statement ${items.join(', ')}; [proof](${proofPath(proof)}); source: ${source}`,
      `- bound: ${boundText(claim)}`,
      ...proofLines(claim),
      ...chanceLines(claim),
      ...claim.hypotheses.map((hypothesis, i) => hypothesisLine(id, hypothesis, i)),
    ].join('\n'),
    ...(claim.expected === undefined ? [] : [`\`\`\`text\n${counterexample(claim)}\n\`\`\``]),
  ].join('\n\n');
}

/** That the identity of a claim was evaluated in prime fields, not only sampled in doubles. */
function proofLines({ id }: Claim): string[] {
  const identity = identityOf(id);
  if (identity === undefined) return [];
  const { shapes, part, average } = identity;
  const notes = [
    `proved for the shapes ${shapes.text}, chance of error below ${ERROR} ([how](${proofPath('proved-identities')}))`,
    ...(part === undefined ? [] : [`proved part: ${part}`]),
    ...(average === undefined ? [] : [`the average is exact, since ${average}`]),
  ];
  return [`- ${notes.join('; ')}`];
}

function chanceLines({ random, expected }: Claim): string[] {
  if (random === undefined || expected !== undefined) return [];
  const { basis, shift } = random;
  return [
    `- statistical: a trial of a correct solver fails with a chance of at most ${ALLOWED} (${basis})`,
    ...(shift === undefined
      ? []
      : [
          `- resolution: finds a deviation of ${percent(shift.finds)} of ${shift.text}${shift.because === undefined ? '' : `; not finer, since ${shift.because}`}`,
        ]),
  ];
}

const percent = (share: number): string => `${Number((100 * Math.abs(share)).toPrecision(2))} %`;

const boundText = ({ bound, id }: Claim): string =>
  typeof bound === 'string' ? bound : `tight, attained ${bound.tight} (\`${id}#tight\`)`;

function hypothesisLine(id: string, hypothesis: Hypothesis, index: number): string {
  if (hypothesis === NONE) return '- assumes nothing';
  return typeof hypothesis === 'string'
    ? `- assumes: ${hypothesis} (not shown necessary)`
    : `- assumes: ${hypothesis.text} (needed: \`${id}#${index + 1}\`)`;
}

/** The smallest counterexample to a false form, under a fixed seed. */
function counterexample(claim: Claim): string {
  const subject = inspect(referenceDescent);
  const { refutation } = judge(claim, subject, { seed: 1, instances: 100 });
  if (refutation === undefined)
    throw new Error(`${claim.id} is a false form, but no counterexample was found: look at its instances`);
  return refutationText(
    claim,
    refutation,
    `npm run verify -- --claim ${claim.id} --seed 1 --instance ${refutation.replay}`,
  );
}

/** Numbered statements that have no claim, or none that is known to be able to fail. */
export function gaps(): string[] {
  return statements.flatMap(({ number }) => {
    const own = claims.filter(({ items }) => items.includes(number));
    if (own.length === 0) return [`statement ${number} has no claim`];
    const canFail = own.some(
      (claim) =>
        claim.expected !== undefined ||
        claim.needs !== 'theory' ||
        derivedFrom(claim).some(({ expected }) => expected !== undefined),
    );
    return canFail ? [] : [`nothing shows that the claims of statement ${number} can fail`];
  });
}
