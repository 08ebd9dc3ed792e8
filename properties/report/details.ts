/** The details of a claim. */
import { presets } from '../explorer/presets.ts';
import { number, show } from '../model/numbers.ts';
import { faultTexts } from '../explain/faults.ts';
import { remarks } from '../explain/words.ts';
import { instanceCommand, refutationOf } from '../cli/refutation.ts';
import type { Entry } from '../cli/evidence-types.ts';
import { EXPLORER, isRefuted, killedBy, type Context } from './context.ts';
import { formula } from './formula.ts';
import { histogram } from './histogram.ts';
import { html, type Html } from './html.ts';
import { hypotheses, transcript } from './hypotheses.ts';

export const details = (entry: Entry, context: Context): Html =>
  html`<div class="details">
    ${fate(entry, context)}
    <div class="formula" tabindex="0" role="region" aria-label="Formula of ${entry.id}">${formula(entry.formula)}</div>
    <div class="columns">
      <div>
        <h3>Hypotheses</h3>
        ${hypotheses(entry, context)}
        <h3>About it</h3>
        <dl>
          ${about(entry, context).map(
            ([name, text]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${text}</dd>
              </div>`,
          )}
        </dl>
        ${mutants(entry, context)}
      </div>
      <div>${tried(entry, context)}</div>
    </div>
  </div>`;

function about(entry: Entry, context: Context): [string, Html | string][] {
  const { id, kind, needs, source, items, proof, random } = entry;
  return [
    ['proof', html`<a href="${context.link(proof)}">${proof}</a>, statement ${items.join(', ')}`],
    ...(presets.some(({ claim }) => claim === id)
      ? ([['interactive', html`<a href="${EXPLORER}/index.html#${id}">in the explorer</a>`]] as [string, Html][])
      : []),
    ['source', source],
    ['kind', kind],
    ['requires of the solver', needs === 'theory' ? 'nothing: it is about the formulas' : needs],
    ['bound', bound(entry, context)],
    ...(random === undefined ? [] : chances(random)),
  ];
}

/** The refutation, wanted or not; or why there is no verdict. */
function fate(entry: Entry, { evidence }: Context): Html | undefined {
  const why = remarks([entry]).map((remark) => html`<p class="reason">${remark}</p>`);
  if (entry.fault !== undefined)
    return html`${why}
      <h3 class="refuted">Fault of the solver</h3>
      ${transcript(`Fault in ${entry.id}`, faultTexts([entry], ({ id, fault }) => instanceCommand(id, fault!.replay, evidence)).join('\n'))}`;
  if (entry.refutation === undefined) return html`${why}`;
  const heading = isRefuted(entry)
    ? html`<h3 class="refuted">Refutation</h3>`
    : html`<h3>It is false, as expected</h3>`;
  return html`${why}${heading}${transcript(`Refutation of ${entry.id}`, refutationOf(entry, evidence))}`;
}

function bound({ id, bound: name, attained }: Entry, { evidence }: Context): string {
  if (attained === undefined) return name === 'equality' ? 'an equality' : 'valid; whether it is tight is not known';
  const check = evidence.claims.find((entry) => entry.id === `${id}#tight`);
  return `tight, attained ${attained}${check === undefined ? '' : `: ${check.outcome} on ${check.instances} instances`}`;
}

function chances({ basis, shift, finds }: NonNullable<Entry['random']>): [string, string][] {
  return [
    ['chance', `a trial of a correct solver fails with a chance of at most 1 in 20 (${basis})`],
    ...(shift === undefined || finds === undefined
      ? []
      : ([['finds', `deviations of ${shift} by ${Math.abs(100 * finds)} %`]] as [string, string][])),
  ];
}

function mutants({ id, needs, outcome }: Entry, { kills, link }: Context): Html | undefined {
  if (needs === 'theory' || outcome === 'refuted as expected') return undefined;
  const names = killedBy(id, kills);
  const list = names.map((name) => html`<li><a href="${link(`fixtures/mutants/${name}.ts`)}">${name}</a></li>`);
  return html`<h3>Faulty solvers that it refutes: ${names.length} of ${Object.keys(kills.mutants).length}</h3>
    <ul class="mutants">
      ${list}
    </ul>`;
}

/** The instances on which the claim was tried. */
function tried({ id, slacks, labels, instances, leastSlack, tightest, closest }: Entry, { evidence }: Context): Html {
  if (slacks === undefined) return html``;
  return html`<h3>Slack</h3>
    ${histogram(slacks)}
    ${
      closest === undefined || leastSlack === undefined
        ? undefined
        : html`<details class="closest">
            <summary>The instance with the least: ${number(leastSlack)}</summary>
            ${transcript(`Instance of ${id} with the least slack`, closestText(closest))}
            <p>Replay: <code>${instanceCommand(id, String(tightest), evidence)}</code></p>
          </details>`
    }
    <h3>Labels of the instances</h3>
    <ul class="labels">
      ${Object.entries(labels ?? {}).map(([label, count]) => share(label, count / instances))}
    </ul>`;
}

const share = (label: string, part: number): Html =>
  html`<li>
    <span>${label}</span> <span class="bar" aria-hidden="true"><i style="width: ${Math.round(100 * part)}%"></i></span>
    <span>${Math.round(100 * part)} %</span>
  </li>`;

function closestText({ instance, finding }: NonNullable<Entry['closest']>): string {
  const { what, lhs, relation, rhs, violation, tolerance } = finding;
  return [
    'Let',
    ...Object.entries(instance).map(([name, side]) => show(name, side)),
    `Then left ${relation} right, for ${what}:`,
    show('left', lhs),
    show('right', rhs),
    `  ${violation === 0 ? 'exactly' : `off by ${number(violation)}`}, with tolerance ${number(tolerance)}.`,
  ].join('\n');
}
