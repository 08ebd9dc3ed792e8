/** docs/study.md: measurements of known optimisers, each at three step sizes, next to the predictions of the theory. */
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import { inspect } from '../../run/subject.ts';
import { SILENT, type Meter } from '../meter.ts';
import type { Prediction } from '../../study/experiment.ts';
import { optimisers, type Known } from '../../study/optimisers.ts';
import { generated } from '../../study/problems.ts';
import { agrees, type Quantity } from '../../study/quantity.ts';
import { jsonSchema } from '../../study/schema.ts';
import { studySubject, type Study } from '../../study/study.ts';
import { short, valueText } from '../../study/text.ts';

export const LEDGER = join('docs', 'study.md');
export const SCHEMA_FILE = join('docs', 'study.schema.json');

/** eta s_1, units and seed of each study, and the problems: those of rank one. */
const [STEPS, UNITS, SEED, PROBLEMS] = [[1 / 8, 1 / 16, 1 / 32], 60, 1, 2];

const COLUMNS: readonly (readonly [heading: string, id: string, problem: 'square' | 'tall'])[] = [
  ['imbalance lost', 'balance/lost', 'tall'],
  ['rate ~ eta^p', 'balance/exponent', 'square'],
  ['gamma', 'balance/gamma', 'tall'],
  ['another start further', 'memory/further', 'tall'],
  ['shrinkage / lambda', 'limit/shrinkage-1', 'square'],
  ['eigenvalue / least', 'flatness/sharpness', 'square'],
  ['trace / least', 'flatness/trace', 'tall'],
  ['stable step', 'stability/step', 'square'],
  ['steps from origin', 'escape/time', 'square'],
  ['correlation of steps', 'noise/time', 'square'],
];

/** Marks the part of the file that the coverage command writes, which stays unchanged here. */
const COVERAGE_MARK = '<!-- coverage -->';

export async function writeLedger(meter: Meter = SILENT): Promise<string> {
  const rows: string[] = [];
  for (const [i, known] of optimisers.entries()) {
    for (const [j, step] of STEPS.entries()) {
      meter.at((i + j / STEPS.length) / optimisers.length, `${known.name}, step ${step}`);
      rows.push(row(known, await studyOf(known, step), step));
    }
    rows.push(theoryRow(known));
  }
  writeWhole(LEDGER, `${textOf(rows)}\n${COVERAGE_MARK}\n${keptCoverage()}`);
  writeWhole(SCHEMA_FILE, jsonSchema());
  return LEDGER;
}

/** Puts the report of the coverage command in its place. */
export function writeCoverage(report: string): string {
  const [text] = readFileSync(LEDGER, 'utf8').split(COVERAGE_MARK) as [string];
  writeWhole(LEDGER, `${text}${COVERAGE_MARK}\n${report}\n`);
  return LEDGER;
}

const keptCoverage = (): string =>
  existsSync(LEDGER) ? (readFileSync(LEDGER, 'utf8').split(`${COVERAGE_MARK}\n`)[1] ?? '') : '';

function studyOf({ name, solver }: Known, step: number): Promise<Study> {
  const problems = generated(step).slice(0, PROBLEMS);
  return studySubject(inspect(solver), { name, seed: SEED, units: UNITS, claims: false, step, problems });
}

/** Predictions of the optimiser's own theory with the quantities that they are about. */
export function predicted({ theory }: Known, { quantities, step }: Study): [Quantity, Prediction][] {
  const problems = generated(step);
  return quantities.flatMap((quantity): [Quantity, Prediction][] => {
    const problem = problems.find(({ name }) => name === quantity.problem)!;
    const prediction = theory(problem)[quantity.id];
    return prediction === undefined || Number.isNaN(quantity.estimate) ? [] : [[quantity, prediction]];
  });
}

function row(known: Known, study: Study, step: number): string {
  const all = predicted(known, study);
  const missed = all.filter(([quantity, prediction]) => !agrees(quantity, prediction));
  const cells = COLUMNS.map(([, id, problem]) => {
    const found = study.quantities.find((each) => each.id === id && each.problem === problem)!;
    return valueText(found);
  });
  const meets = all.length === 0 ? '' : `${all.length - missed.length} of ${all.length}`;
  const which = missed.map(([{ id, problem }]) => `${id} (${problem})`).join(', ');
  return `| ${[known.name, `1/${1 / step}`, ...cells, which === '' ? meets : `${meets}; not ${which}`].join(' | ')} |`;
}

/** The predictions at the middle step size. */
function theoryRow({ name, note, theory }: Known): string {
  const [square, tall] = generated(STEPS[1]) as [Parameters<typeof theory>[0], Parameters<typeof theory>[0]];
  const cells = COLUMNS.map(([, id, problem]) => {
    const prediction = theory(problem === 'square' ? square : tall)[id];
    return prediction === undefined ? '' : `*${short(prediction.value)}*`;
  });
  return `| *theory: ${name}, ${note}* | *1/${1 / STEPS[1]!}* | ${cells.join(' | ')} | |`;
}

const textOf = (rows: readonly string[]): string => `# Study of known optimisers

Written by \`npm run study -- --ledger\`; do not edit. Each row is a study (\`npm run study\`) of an optimiser at one step size, eta s_1, with ${UNITS} independent
units of each experiment and the seed ${SEED}. Its intervals hold together with probability 95 %. ± is the larger distance from the estimate to an end of
its interval. Rows in italics are the predictions at eta s_1 = 1/${1 / STEPS[1]!}, if there are any (docs/theory.md); the last column counts
the predictions, on all quantities and both problems, that the intervals meet.

Problems: \`square\` is 6 x 6, \`tall\` is 8 x 2, both of rank one with s_1 = 1. The noise is lambda = 1/16 with gamma = 1 for perturbed descent.

- *imbalance lost*: share of the difference in |X|^2 - |Y|^2 between runs from opposite unbalanced minima that is lost in 1 / (2 eta lambda) steps (tall).
- *rate ~ eta^p*: exponent of that loss per step in the step size (square).
- *gamma*: |X| / |Y| at the end (tall). Perturbed descent goes to 1 with this noise, label noise to sqrt(d1 / d2) = 2.
- *another start further*: probability that a run from another start ends further away than one from the same start (tall): 1/2 if the start is forgotten.
- *shrinkage*, *eigenvalue*, *trace*: of the time average at the end; relative to lambda, and to the least of all minima.
- *stable step*: the largest step size at which it stays at a minimum, relative to 2 / lambda_max; 0 if below 1/8.
- *steps from origin*: until u_1'XY'v_1 >= s_1 / 2. *correlation of steps*: of the noise of two steps.

| optimiser | eta s_1 | ${COLUMNS.map(([heading]) => heading).join(' | ')} | theory met |
| --- | --- | ${COLUMNS.map(() => '---').join(' | ')} | --- |
${rows.join('\n')}
`;
