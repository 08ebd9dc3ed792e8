/** Verdicts as JUnit XML, for continuous integration: one suite per family, one case per claim. */
import { familyOf } from '../claims/registry.ts';
import type { Outcome, Verdict } from '../model/verdict.ts';
import { remarks } from '../explain/words.ts';
import type { RunFacts } from './evidence.ts';
import { refutationOf } from './refutation.ts';

/** The names in JUnit of the outcomes that are not a plain pass. */
const ELEMENTS: Partial<Record<Outcome, 'failure' | 'error' | 'skipped'>> = {
  refuted: 'failure',
  'statement refuted': 'error',
  fault: 'error',
  'holds unexpectedly': 'failure',
  undecided: 'error',
  'not decidable': 'skipped',
  'not applicable': 'skipped',
  'not run': 'skipped',
};

export function junit(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const families = [...new Set(verdicts.map(familyOf))];
  const suites = families.map((family) => {
    const own = verdicts.filter((verdict) => familyOf(verdict) === family);
    return `<testsuite name="${escaped(family)}" ${counts(own)}>\n${own.map((each) => testcase(facts, each)).join('\n')}\n</testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="flat-minima, seed ${facts.seed}" ${counts(verdicts)}>
${suites.join('\n')}
</testsuites>
`;
}

function counts(verdicts: readonly Verdict[]): string {
  const of = (element: string): number => verdicts.filter(({ outcome }) => ELEMENTS[outcome] === element).length;
  const time = seconds(verdicts.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  return `tests="${verdicts.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="${time}"`;
}

function testcase(facts: RunFacts, verdict: Verdict): string {
  const { id, outcome, milliseconds, refutation } = verdict;
  const head = `<testcase classname="${escaped(familyOf({ id }))}" name="${escaped(id)}" time="${seconds(milliseconds)}"`;
  const element = ELEMENTS[outcome];
  if (element === undefined) return `${head}/>`;
  const text =
    refutation === undefined ? (verdict.fault?.message ?? remarks([verdict]).join('\n')) : refutationOf(verdict, facts);
  const blame = refutation?.blame === undefined ? '' : ` type="blame: ${refutation.blame}"`;
  return `${head}><${element}${blame} message="${escaped(`${id} is ${outcome}`)}">${escaped(text)}</${element}></testcase>`;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as XML has it; characters that XML cannot hold, such as those that colour a terminal, are replaced. */
const escaped = (text: string): string =>
  text.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '\ufffd').replace(/[&<>"]/g, (char) => ENTITIES[char]!);
