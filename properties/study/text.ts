/** A study as a table of one screen. */
import { aligned } from '../model/numbers.ts';
import type { Prediction } from './experiment.ts';
import { agreement, agrees, idsOf, TOO_MANY, type Quantity } from './quantity.ts';
import { DIVERGES } from './conclusions.ts';
import type { Family } from './families.ts';
import type { Study } from './study.ts';

export const LEGEND =
  'g: agrees with the theory of gradient descent (GD), p: of perturbed gradient descent, both in the last columns, on the first problem.';

/**
 * The printed form of a study: the conclusions, the table, and the undecided quantities.
 *
 * @example
 * ```ts
 * studyText(await study({ solver: perturbedGradientDescent, units: 1, seed: 1, claims: false })).length > 0; // true
 * ```
 */
export function studyText(study: Study): string {
  const { quantities, units, seed } = study;
  const open = undecided(study);
  const said = study.conclusions.join(' ');
  // Then there is nothing else to show.
  if (said === DIVERGES) return said;
  return [
    said,
    '',
    tableOf(quantities),
    '',
    LEGEND,
    `All ${quantities.length} intervals hold together with probability 95 % (order statistics, binomial; ${units} units each; seed ${seed}).`,
    ...(open === undefined ? [] : [open]),
    ...(study.families.length === 0 ? [] : ['', familiesText(study.families)]),
  ].join('\n');
}

function tableOf(quantities: readonly Quantity[]): string {
  const problems = [...new Set(quantities.map(({ problem }) => problem))];
  const rows = idsOf(quantities).map((id) => {
    const own = quantities.filter((each) => each.id === id);
    const cells = problems.map((problem) => {
      const found = own.find((each) => each.problem === problem);
      return found === undefined ? '' : cell(found);
    });
    const { theory, text } = own[0]!;
    return [text, ...cells, predicted(theory.gd), predicted(theory.perturbed)];
  });
  return aligned(['quantity', ...problems, 'GD', 'perturbed'], rows, ['quantity']);
}

const predicted = (prediction: Prediction | undefined): string =>
  prediction === undefined ? '' : short(prediction.value);

/** `0.94±0.01 p`. */
export function cell(quantity: Quantity): string {
  return [valueText(quantity), marks(quantity)].filter((part) => part !== '').join(' ');
}

/** With the larger of the two deviations of the interval. */
export function valueText({ estimate, lower, upper, needs }: Quantity): string {
  if (Number.isNaN(estimate)) return '-';
  if (lower === Infinity) return 'never';
  if (needs !== undefined) return 'undecided';
  const off = Math.max(upper - estimate, estimate - lower);
  if (off < 1e-3 * Math.abs(estimate) || off < 5e-5) return short(estimate);
  if (Math.abs(estimate) < off && off < 1e-3) return '0';
  // One significant digit of the deviation, rounded up, and the estimate to the same number of places.
  const places = Math.max(0, -Math.floor(Math.log10(off)));
  if (places > 4) return `${estimate.toExponential(0)}±${off.toExponential(0)}`;
  const up = Math.ceil(off * 10 ** places) / 10 ** places;
  return `${estimate.toFixed(places).replace(/^-(?=[0.]*$)/, '')}±${up.toFixed(places)}`;
}

function marks(quantity: Quantity): string {
  const { gd, perturbed } = quantity.theory;
  if (quantity.needs !== undefined || Number.isNaN(quantity.estimate)) return '';
  return [
    gd !== undefined && agrees(quantity, gd) ? 'g' : '',
    perturbed !== undefined && agrees(quantity, perturbed) ? 'p' : '',
  ].join('');
}

/** To three digits. */
export const short = (value: number): string => {
  if (value === Infinity) return 'never';
  if (Math.abs(value) < 1e-6) return '0';
  return Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
};

/** The conclusions for which the time did not suffice, and the time that would. */
function undecided({ quantities, units, secondsPerUnit }: Study): string | undefined {
  const open = quantities.filter(({ needs }) => needs !== undefined);
  if (open.length === 0) return undefined;
  const most = (text: string): number =>
    Math.max(...open.filter((each) => each.text === text).map(({ needs }) => needs!));
  const texts = [...new Set(open.map(({ text }) => text))];
  const groups = [...new Set(texts.map(most))]
    .sort((a, b) => a - b)
    .map((needs) => {
      const own = texts.filter((text) => most(text) === needs).map((text) => `"${text}"`);
      const what =
        needs < TOO_MANY ? `${needs} units, about ${timeOf(needs * secondsPerUnit)}` : 'more than a million units';
      return `${own.join(', ')} (${what})`;
    });
  return `Undecided with ${units} units, with the number of units required: ${groups.join('; ')}.`;
}

const timeOf = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`;

/** Which claims hold, one line a family. */
function familiesText(families: readonly Family[]): string {
  const width = Math.max(...families.map(({ name }) => name.length));
  const lines = families.map(({ name, holds, fails, open }) => {
    const parts = [`${holds.length} of ${holds.length + fails.length + open.length} hold`];
    if (open.length > 0) parts.push(`${open.length} not decided`);
    if (fails.length > 0) parts.push(`not: ${fails.map((id) => id.split('/')[1]).join(', ')}`);
    return `${name.padEnd(width)}  ${parts.join('; ')}`;
  });
  return ['Claims of the theory of perturbed descent:', ...lines].join('\n');
}

/** "agrees with 40 of 44 predictions". */
export const agreementText = (quantities: readonly Quantity[], of: 'gd' | 'perturbed'): string => {
  const { meets, of: all } = agreement(quantities, of);
  return `${meets} of ${all}`;
};

/** Quantity, problem and both values, if the intervals of two studies are disjoint. */
export const differences = (one: Study, other: Study): string[][] =>
  one.quantities.flatMap((each) => {
    const partner = other.quantities.find(({ id, problem }) => id === each.id && problem === each.problem);
    if (partner === undefined || !(each.lower > partner.upper || each.upper < partner.lower)) return [];
    return [[each.text, each.problem, valueText(each), valueText(partner)]];
  });

/** The same as a table. */
export function againstText(one: Study, other: Study): string {
  const rows = differences(one, other);
  if (rows.length === 0) return 'No intervals of the two are disjoint: no difference is certain.';
  const headings = ['differs for certain', 'problem', one.solver, other.solver];
  return `${aligned(headings, rows, headings.slice(0, 2))}\n\nEach study holds with probability 95 %, so that all of these differences hold together with 90 %.`;
}
