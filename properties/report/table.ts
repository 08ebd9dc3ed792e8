/** The table of claims: refuted ones first, then family by family; each opens to its details. */
import { familyOf } from '../claims/registry.ts';
import { neededOf, slackText } from '../explain/words.ts';
import type { Entry, Evidence } from '../cli/evidence-types.ts';
import { claimsOf, isRefuted, killedBy, type Context } from './context.ts';
import { details } from './details.ts';
import { sparkline } from './histogram.ts';
import { html, type Html } from './html.ts';

const HEADINGS = ['Claim', 'Bound', 'Needed', 'Refutes', 'Instances', 'Least slack', 'Verdict'];

export function table(context: Context): Html {
  const all = claimsOf(context.evidence);
  const families = [...new Set(all.map(familyOf))];
  const groups: [string, Entry[]][] = [
    ['refuted', all.filter(isRefuted)],
    ...families.map((family): [string, Entry[]] => [
      family,
      all.filter((entry) => familyOf(entry) === family && !isRefuted(entry)),
    ]),
  ];
  return html`<section id="claims" aria-labelledby="claims-title">
    <h2 id="claims-title">Claims</h2>
    ${legend(context)} ${controls(context.evidence, families)}
    <table role="table">
      <caption class="unseen">
        The claims and their verdicts; each is followed by a row that opens.
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${HEADINGS.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`)}
        </tr>
      </thead>
      ${groups.filter(([, entries]) => entries.length > 0).map(([name, entries]) => group(name, entries, context))}
    </table>
  </section>`;
}

const legend = ({ kills }: Context): Html =>
  html`<p class="legend">
    <b>Slack</b> is 1 if both sides of a claim agree, 0 at the tolerance, and negative if the claim is refuted.
    <b>Needed</b> counts the hypotheses without which the claim was refuted. <b>Refutes</b> counts faulty solvers, of
    ${Object.keys(kills.mutants).length}, under seed ${kills.seed} with ${kills.instances} instances per claim.
  </p>`;

/** Shown by the script that makes them work. */
function controls({ claims }: Evidence, families: readonly string[]): Html {
  const outcomes = [...new Set(claimsOf({ claims } as Evidence).map(({ outcome }) => outcome))];
  const choice = (name: string, values: readonly string[]): Html =>
    html`<label
      >${name}
      <select name="${name}">
        <option value="">all</option>
        ${values.map((value) => html`<option>${value}</option>`)}
      </select></label
    >`;
  return html`<form class="controls" role="search" hidden>
    <label>search <input type="search" name="search" placeholder="balance, hessian, eta ..." /></label>
    ${choice('family', families)} ${choice('verdict', outcomes)} ${choice('bound', ['equality', 'tight', 'valid'])}
    <output aria-live="polite"></output>
  </form>`;
}

const group = (name: string, entries: readonly Entry[], context: Context): Html =>
  html`<tbody role="rowgroup" class="family">
      <tr role="row">
        <th role="rowheader" scope="rowgroup" colspan="7">${name}</th>
      </tr>
    </tbody>
    ${entries.map((entry) => claim(entry, context))}`;

function claim(entry: Entry, context: Context): Html {
  const { id, statement, bound, outcome, instances, slacks, leastSlack } = entry;
  const cells: [string, Html | string | number][] = [
    ['bound', bound],
    ['needed', neededOf(id, context.evidence.claims)],
    ['refutes', entry.needs === 'theory' ? '' : killedBy(id, context.kills).length],
    ['instances', instances],
    [
      'slack',
      html`${slacks === undefined ? '' : sparkline(slacks)} ${leastSlack === undefined ? '' : slackText(leastSlack)}`,
    ],
    ['verdict', html`<span class="badge" data-outcome="${outcome}">${outcome}</span>`],
  ];
  return html`<tbody role="rowgroup" class="claim" id="${id}" data-family="${familyOf(entry)}" data-verdict="${outcome}" data-bound="${bound}">
    <tr role="row"><th role="rowheader" scope="row"><a href="#${id}">${id}</a></th>
      ${cells.map(([name, content]) => html`<td role="cell" class="${name}">${content}</td>`)}</tr>
    <tr role="row"><td role="cell" colspan="7"><details${isRefuted(entry) ? OPEN : ''}><summary>${statement}</summary>${details(entry, context)}</details></td></tr>
  </tbody>`;
}

const OPEN = html` open`;
