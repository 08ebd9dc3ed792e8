/** The page: one file that needs no other and no network. */
import { readFileSync } from 'node:fs';
import { summary } from '../explain/words.ts';
import { OURS } from '../cli/evidence.ts';
import type { Evidence } from '../cli/evidence-types.ts';
import { claimsOf, EXPLORER, isRefuted, type Context } from './context.ts';
import { html, raw, type Html } from './html.ts';
import { gallery } from './pictures/index.ts';
import type { Picture } from './pictures/picture.ts';
import { table } from './table.ts';

const beside = (file: string): Html => raw(readFileSync(new URL(file, import.meta.url), 'utf8'));

/** The report on a run. */
export function page(context: Context, pictures: readonly Picture[]): string {
  const { evidence } = context;
  const own = claimsOf(evidence);
  const parts = [gallery(pictures, new Set(own.map(({ id }) => id))), table(context)];
  // A reader with a refutation wants to see it first.
  const ordered = own.some(isRefuted) ? parts.reverse() : parts;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>flat-minima: ${short(evidence)}</title>
        <style>
          ${beside('report.css')}
        </style>
      </head>
      <body>
        ${head(context)}
        <main>${ordered}</main>
        ${foot(context)}
        <script>
          ${beside('filter.js')};
        </script>
      </body>
    </html> `.text;
}

function head(context: Context): Html {
  const { evidence, link } = context;
  return html`<header>
    <h1>flat-minima</h1>
    ${partial(evidence)}
    <p class="finding">${finding(evidence)}</p>
    <p class="lead">
      Gradient descent on a matrix factorization converges to a minimum that depends on its start. Perturbed gradient
      descent converges to one flat, balanced minimum that the noise alone determines (Liu et al. 2021). This page has
      the results of <code>npm run verify</code>, which checked that theory claim by claim on random instances.
      ${warnings(tally(evidence))} <a href="${link('docs/theory.md')}">The proofs</a> are in the same package.
    </p>
    <dl class="facts">
      ${facts(context).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <nav aria-label="Contents">
      <ul>
        <li><a href="#pictures">Pictures</a></li>
        <li><a href="#claims">Claims</a></li>
        <li><a href="${EXPLORER}/index.html">Explorer</a></li>
        <li><a href="${link('docs/claims.md')}">Ledger of claims</a></li>
        <li><a href="${link('docs/kills.md')}">Faulty solvers</a></li>
      </ul>
    </nav>
  </header>`;
}

function tally(evidence: Evidence): Record<'hold' | 'refuted' | 'falseForms' | 'rest', number> {
  const own = claimsOf(evidence);
  const count = (outcome: string): number => own.filter((entry) => entry.outcome === outcome).length;
  const [hold, refuted, falseForms] = [count('holds'), own.filter(isRefuted).length, count('refuted as expected')];
  return { hold, refuted, falseForms, rest: own.length - hold - refuted - falseForms };
}

function short(evidence: Evidence): string {
  const { hold, refuted } = tally(evidence);
  return refuted > 0 ? `${refuted} refuted` : `${hold} claims hold`;
}

/** The note on a partial run, before all else. */
const partial = ({ part }: Evidence): Html | undefined =>
  part === undefined ? undefined : html`<p class="partial"><b>Partial run:</b> ${part}.</p>`;

/** The run in one sentence. */
function finding(evidence: Evidence): Html {
  const { hold, refuted, rest } = tally(evidence);
  const bad = html`<span class="bad">${plural(refuted, 'claim')} refuted</span>, `;
  const notApplicable = claimsOf(evidence).filter(({ outcome }) => outcome === 'not applicable').length;
  const open = [
    notApplicable === 0 ? '' : `, ${notApplicable} not applicable`,
    rest === notApplicable ? '' : `, ${rest - notApplicable} undecided or not run`,
  ].join('');
  return html`${refuted > 0 ? bad : ''}${plural(hold, 'claim')}
  ${hold === 1 ? 'holds' : 'hold'}${open}${refuted > 0 ? '' : ', none fails'}.`;
}

/** The false forms. */
function warnings({ falseForms }: Record<'falseForms', number>): Html | undefined {
  if (falseForms === 0) return undefined;
  return html`${plural(falseForms, 'false form')}, shown as a warning, ${falseForms === 1 ? 'is' : 'are'} refuted as
  expected.`;
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function facts({ evidence, kills }: Context): [string, string | number][] {
  const { seed, solver, command, target, rank, dimension, versions, chance } = evidence;
  const killers = Object.values(kills.mutants);
  const instances = claimsOf(evidence).reduce((sum, entry) => sum + entry.instances, 0);
  return [
    ['Solver', command ?? (solver === OURS ? 'ours, of src' : solver)],
    ...(target === undefined ? [] : ([['Target', `${target}, rank ${rank}`]] as [string, string][])),
    ...(dimension === undefined ? [] : ([['Dimension', String(dimension)]] as [string, string][])),
    ['Seed', seed],
    [
      'Instances',
      evidence.instance === undefined ? `${instances}, at most ${evidence.instances} of a claim` : instances,
    ],
    ['Chance to blame a correct solver', `at most ${chance.solver.toExponential(1)}`],
    ['Faulty solvers refuted', `${killers.filter((ids) => ids.length > 0).length} of ${killers.length}`],
    ['Versions', `flat-minima ${versions.package}, Node ${versions.node}`],
  ];
}

const foot = ({ evidence, file, link }: Context): Html =>
  html`<footer>
    <p>${summary(evidence.claims)}</p>
    <p>
      Everything here is in <a href="${file}">${file}</a>, whose fields
      <a href="${link('docs/evidence.schema.json')}">a schema</a> describes. The same seed gives the same verdicts:
      <code>--seed ${evidence.seed}</code>.
    </p>
  </footer>`;
