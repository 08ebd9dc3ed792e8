/** A study as a page that needs no other file and no network, in the style of the report. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../../cli/files.ts';
import { html, raw, type Html } from '../html.ts';
import type { Family } from '../../study/families.ts';
import { picturesOf } from './pictures.ts';
import { agrees, idsOf, TOO_MANY, type Quantity } from '../../study/quantity.ts';
import type { Study } from '../../study/study.ts';
import { differences, short, valueText } from '../../study/text.ts';

const file = (name: string): Html => raw(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** Writes index.html into the folder; its path. */
export function writePage(out: string, studies: readonly Study[]): string {
  const path = join(out, 'index.html');
  writeWhole(path, page(studies));
  return path;
}

export const page = (studies: readonly Study[]): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Study of ${names(studies)}</title>
        <style>
          ${file('../report.css')}${file('study.css')}
        </style>
      </head>
      <body>
        <header>
          <h1>Study of ${names(studies)}</h1>
          ${studies.map((study) => conclusion(study, studies.length > 1))}
          <dl class="facts">
            ${facts(studies).map(
              ([name, value]) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>
        </header>
        <main>${studies.map((study) => section(study, studies.length > 1))} ${comparison(studies)}</main>
        <footer>
          <p>
            Everything here is in <a href="study.json">study.json</a>, whose fields
            <a href="study.schema.json">a schema</a> describes.
          </p>
        </footer>
      </body>
    </html> `.text;

const names = (studies: readonly Study[]): string => studies.map(({ solver }) => solver).join(' and ');

const conclusion = ({ solver, conclusions }: Study, named: boolean): Html =>
  html`<p class="conclusion">${named ? html`<b>${solver}:</b> ` : undefined}${conclusions.join(' ')}</p>`;

function facts(studies: readonly Study[]): [string, string][] {
  const [{ seed, step, level, quantities, precision }] = studies as [Study];
  return [
    ['Seed', String(seed)],
    ['Step size × s₁', short(step)],
    ...(precision === undefined ? [] : ([['Precision', precision]] as [string, string][])),
    ['Independent units', studies.map(({ units }) => units).join(' and ')],
    ['Intervals', `${quantities.length}, which hold together with probability ${100 * level} %`],
  ];
}

const section = (study: Study, named: boolean): Html =>
  html`<section class="study">
    <h2>${named ? `Pictures: ${study.solver}` : 'Pictures'}</h2>
    <p class="legend">
      <b class="perturbed">${study.solver}</b>, <b class="gd">gradient descent</b>; dashed: the prediction.
    </p>
    <div class="gallery">
      ${picturesOf(study).map(
        ({ title, caption, svg }) =>
          html`<figure>
            <h3>${title}</h3>
            ${raw(svg)}
            <figcaption>${caption}</figcaption>
          </figure>`,
      )}
    </div>
    <h2>${named ? `Measured: ${study.solver}` : 'Measured'}</h2>
    <p class="legend">
      Each cell has an estimate and its interval. <b class="gd">g</b>: agrees with the theory of gradient descent,
      <b class="perturbed">p</b>: with that of perturbed gradient descent. The last two columns are the theory on the
      first problem.
    </p>
    ${table(study)} ${undecided(study)} ${families(study.families)}
  </section>`;

function table({ quantities, problems, solver }: Study): Html {
  const shown = problems.filter(({ name }) => quantities.some(({ problem }) => problem === name));
  return html`<div class="wide" tabindex="0" role="region" aria-label="Measured quantities of ${solver}">
    <table>
      <thead>
        <tr>
          <th scope="col">quantity</th>
          ${shown.map(({ name, text }) => html`<th scope="col">${name}<small>${text}</small></th>`)}
          <th scope="col">GD</th>
          <th scope="col">perturbed</th>
        </tr>
      </thead>
      <tbody>
        ${idsOf(quantities).map((id) =>
          row(
            quantities.filter((each) => each.id === id),
            shown,
          ),
        )}
      </tbody>
    </table>
  </div>`;
}

function row(own: readonly Quantity[], problems: Study['problems']): Html {
  const { text, theory, id } = own[0]!;
  return html`<tr>
    <th scope="row" title="${id}">${text}</th>
    ${problems.map(({ name }) => cell(own.find(({ problem }) => problem === name)))}
    <td>${theory.gd === undefined ? '' : short(theory.gd.value)}</td>
    <td>${theory.perturbed === undefined ? '' : short(theory.perturbed.value)}</td>
  </tr>`;
}

function cell(quantity: Quantity | undefined): Html {
  if (quantity === undefined) return html`<td></td>`;
  const { lower, upper, theory, needs, estimate } = quantity;
  const isOpen = needs !== undefined || Number.isNaN(estimate);
  const meets = (of: 'gd' | 'perturbed'): boolean =>
    !isOpen && theory[of] !== undefined && agrees(quantity, theory[of]);
  return html`<td>
    ${valueText(quantity)} ${meets('gd') ? html`<b class="gd">g</b>` : undefined}
    ${meets('perturbed') ? html`<b class="perturbed">p</b>` : undefined}
    ${Number.isNaN(estimate) ? undefined : html`<small>${short(lower)} to ${short(upper)}</small>`}
  </td>`;
}

function undecided({ quantities, units }: Study): Html | undefined {
  const open = quantities.filter(({ needs }) => needs !== undefined);
  if (open.length === 0) return undefined;
  return html`<details>
    <summary>${open.length} intervals are too wide to decide anything with ${units} units</summary>
    <ul>
      ${open.map(({ text, problem, needs }) => html`<li>${text} (${problem}): ${needs! < TOO_MANY ? `${needs} units would do` : 'more than a million units would do'}</li>`)}
    </ul>
  </details>`;
}

function families(all: readonly Family[]): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<h2>Claims of the theory of perturbed descent</h2>
    <dl class="families">
      ${all.map(
        ({ name, holds, fails, open }) =>
          html`<div>
            <dt>${name}</dt>
            <dd>
              ${holds.length} of ${holds.length + fails.length + open.length}
              hold${open.length === 0 ? '' : `, ${open.length} not decided`}${fails.length === 0 ? undefined : html`; not ${fails.join(', ')}`}
            </dd>
          </div>`,
      )}
    </dl>`;
}

function comparison(studies: readonly Study[]): Html | undefined {
  if (studies.length < 2) return undefined;
  const [one, other] = studies as [Study, Study];
  const rows = differences(one, other);
  return html`<section class="study">
    <h2>Differences that are certain</h2>
    ${rows.length === 0 ? html`<p>No intervals of the two are disjoint.</p>` : undefined}
    <div class="wide" tabindex="0" role="region" aria-label="Differences">
      <table>
        <thead>
          <tr>
            ${['quantity', 'problem', one.solver, other.solver].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (cells) =>
              html`<tr>
                ${cells.map((text, i) => (i === 0 ? html`<th scope="row">${text}</th>` : html`<td>${text}</td>`))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
