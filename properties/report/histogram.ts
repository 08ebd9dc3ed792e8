/** The distribution of the slacks of a claim's instances, as a small picture. */
import type { SlackCounts } from '../model/slacks.ts';
import { html, type Html } from './html.ts';

const HEIGHT = 12;

/** Bars of width 1, the last one, for a slack of 1, set apart. Heights are square roots, so that single instances show. */
function bars(counts: SlackCounts): string {
  const most = Math.max(...counts);
  return counts
    .flatMap((count, bin) => {
      if (count === 0) return [];
      const height = Number((HEIGHT * Math.sqrt(count / most)).toFixed(2));
      return [`M${bin === counts.length - 1 ? bin + 0.6 : bin + 0.1} ${HEIGHT}v-${height}h.8v${height}z`];
    })
    .join('');
}

/** The bars alone, to stand next to the number that they illustrate. */
export const sparkline = (counts: SlackCounts): Html =>
  html`<svg class="spark" viewBox="0 0 ${counts.length + 0.5} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
    <path d="${bars(counts)}" />
  </svg>`;

/** With its axis, and in words. */
export function histogram(counts: SlackCounts): Html {
  const of = counts.reduce((sum, count) => sum + count, 0);
  return html`<figure class="histogram">
    <svg
      viewBox="0 0 ${counts.length + 0.5} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${inWords(counts)}"
    >
      <path d="${bars(counts)}" />
    </svg>
    <div class="axis" aria-hidden="true"><span>0</span><span>slack</span><span>1</span></div>
    <figcaption>${inWords(counts)} of ${of} instances; heights are square roots of counts.</figcaption>
  </figure>`;
}

/** "3 below 0.5, 97 from 0.5 to 1". */
function inWords(counts: SlackCounts): string {
  const bins = counts.length - 1;
  const parts = [
    [counts.slice(0, bins / 2), 'with slack below 0.5'],
    [counts.slice(bins / 2, bins), 'from 0.5 to 1'],
    [counts.slice(bins), 'at 1'],
  ] as const;
  return parts
    .map(([some, where]) => [some.reduce((sum, count) => sum + count, 0), where] as const)
    .filter(([count]) => count > 0)
    .map(([count, where]) => `${count} ${where}`)
    .join(', ');
}
