/** All pictures, drawn from data that the reference descent computes under fixed seeds: they show the theory, for any solver. */
import { html, raw, type Html } from '../html.ts';
import { palette, type Scheme } from '../palette.ts';
import { ellipse } from './ellipse.ts';
import { gammas } from './gammas.ts';
import { imbalance } from './imbalance.ts';
import { landscape } from './landscape.ts';
import { limits } from './limits.ts';
import { noisesPicture } from './noises.ts';
import { phases } from './phases.ts';
import { measurements } from './measurements.ts';
import type { Picture } from './picture.ts';
import { recovery } from './recovery.ts';
import { spectra } from './spectra.ts';
import { thresholds } from './thresholds.ts';
import { timeScale } from './time-scale.ts';

export const drawAll = (): Picture[] => [
  landscape(),
  imbalance(),
  limits(),
  spectra(),
  gammas(),
  phases(),
  timeScale(),
  thresholds(),
  noisesPicture(),
  ellipse(),
  recovery(),
  measurements(),
];

/** Those that stand in the README. */
export const IN_README: readonly string[] = ['landscape', 'imbalance', 'limits', 'spectra'];

/** The section of the report; claims that are in its table are linked. */
export const gallery = (pictures: readonly Picture[], known: ReadonlySet<string>): Html =>
  html`<section id="pictures" aria-labelledby="pictures-title">
    <h2 id="pictures-title">Pictures</h2>
    <p class="legend">
      The claims, drawn from runs of the reference descent under fixed seeds.
      <b class="gd">Plain gradient descent</b>, <b class="perturbed">perturbed gradient descent</b>; dashed: the
      prediction.
    </p>
    <div class="gallery">${pictures.map((picture) => figure(picture, known))}</div>
  </section>`;

const figure = ({ name, title, caption, claims, svg }: Picture, known: ReadonlySet<string>): Html =>
  html`<figure id="picture-${name}">
    <h3>${title}</h3>
    ${raw(svg)}
    <figcaption>
      ${unbroken(caption)}
      <span class="illustrates"
        >Illustrates
        ${claims.map((id, i) => html`${i > 0 ? ', ' : ''}${known.has(id) ? html`<a href="#${id}">${id}</a>` : id}`)}.</span
      >
    </figcaption>
  </figure>`;

/** |X|² is not broken before its square. */
const unbroken = (text: string): string => text.replaceAll('|²', '|\u2060²');

const USED = ['card', 'ink', 'muted', 'gd', 'perturbed', 'theory'];
const variables = (scheme: Scheme): string => USED.map((name) => `--${name}:${palette[scheme][name]!}`).join(';');

/** The colours of the report's page, for a picture that stands alone. */
const STYLE = `<style>
svg{${variables('light')}}
@media(prefers-color-scheme:dark){svg{${variables('dark')}}}
</style><rect width="100%" height="100%" rx="6" style="fill:var(--card)"/>`;

/** A picture as a file of its own, on a ground of its own: it can be read on light and on dark pages. */
export const standalone = ({ svg }: Picture): string =>
  `${svg.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('>', `>${STYLE}`)}\n`;
