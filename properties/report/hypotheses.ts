/** The hypotheses of a claim, and whether this run shows that each is necessary. */
import { NONE } from '../model/claim.ts';
import { refutationOf } from '../cli/refutation.ts';
import type { Entry } from '../cli/evidence-types.ts';
import type { Context } from './context.ts';
import { html, type Html } from './html.ts';

export function hypotheses(entry: Entry, context: Context): Html {
  if (entry.hypotheses.every(({ text }) => text === NONE)) return html`<p>It assumes nothing beyond the shapes.</p>`;
  const items = entry.hypotheses.map(
    (hypothesis) => html`<li>${hypothesis.text} ${ablationText(hypothesis, context)}</li>`,
  );
  return html`<ol class="hypotheses">
    ${items}
  </ol>`;
}

/** The claim without the hypothesis, which has to fail. */
function ablationText({ ablation: id }: Entry['hypotheses'][number], context: Context): Html {
  if (id === undefined) return html`<small>(not shown to be needed)</small>`;
  const ablation = context.evidence.claims.find((entry) => entry.id === id);
  if (ablation === undefined) return html`<small>(needed; not tried in this run)</small>`;
  if (ablation.refutation === undefined) return html`<strong>(${ablation.outcome} without it)</strong>`;
  return html`<details class="ablation">
    <summary>needed: without it the claim is refuted</summary>
    ${transcript(`Counterexample to ${id}`, refutationOf(ablation, context.evidence))}
  </details>`;
}

/** Text in the layout of a terminal, which a keyboard can scroll if it is wider than the page. */
export const transcript = (label: string, text: string): Html =>
  html`<pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`;
