/// <reference lib="dom" />
/** The state of the page in words: the claim and what to watch, and the contents of the pictures. */
import { byId, make } from './elements.ts';
import { brief } from './matrix-text.ts';
import type { Player } from './player.ts';
import { presets } from './presets.ts';
import { isNoisy, type State } from './state.ts';
import { norm } from '../../src/index.ts';

/** The statements of the claims, inserted when the page is built. */
declare const STATEMENTS: Readonly<Record<string, string>>;

/** The preset that a state is. */
const presetOf = ({ claim, met }: State): (typeof presets)[number] | undefined =>
  met === undefined ? presets.find((preset) => preset.claim === claim) : undefined;

export function showStory({ state }: Player): void {
  const preset = presetOf(state);
  for (const button of byId('presets').querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(preset !== undefined && button.dataset['claim'] === preset.claim));
  }
  byId('story').replaceChildren(...(state.claim === undefined ? ownStory(state) : claimStory(state, state.claim)));
}

const ownStory = (state: State): Node[] => [
  make('p', 'A problem of your own, ', isNoisy(state.instance) ? 'with noise' : 'without noise', '.'),
  make('p', 'Rings and dotted lines are predictions.'),
];

function claimStory({ met, sides }: State, claim: string): Node[] {
  const says = STATEMENTS[claim] ?? 'This claim is unknown to this version of flat-minima.';
  if (met === undefined) {
    const watch = presets.find((preset) => preset.claim === claim)?.watch ?? '';
    return [make('p', make('code', claim), ' ', says), make('p', make('b', 'Watch: '), watch)];
  }
  return [
    make('p', 'A counterexample to ', make('code', claim), ', met with ', make('code', met), '. ', says),
    ...(sides === undefined ? [] : [make('pre', sides)]),
    make(
      'p',
      'The page runs our own solver, which is correct, on the problem with the noise of its seed. Some claims change the noise or compare several runs; npm run replay shows the behaviour of that solver.',
    ),
  ];
}

/** The caption of the landscape, with the reason if nothing is predicted. */
export function landscapeNote({ forecast, state }: Player): string {
  const { projection, noisy, plain } = forecast;
  const why = [noisy, ...plain].find((limit) => typeof limit === 'string');
  return `${pictureNote(state, projection.kind)}${typeof why === 'string' ? ` ${sentence(why)}` : ''}`;
}

function pictureNote(state: State, kind: 'plane' | 'pairs'): string {
  const { M } = state.instance;
  if (M.length === 1 && M[0]!.length === 1)
    return `F(x, y) = ½ (xy − m)², m = ${brief(M[0]![0]!)}. The stronger the colour, the higher.`;
  return kind === 'plane'
    ? 'F on the plane X = a u, Y = b v of the leading singular pair (u, v) of M, onto which the iterates are projected.'
    : 'For r > 1 there is no plane to show. Each dot is a singular pair of M: how long X is along uᵢ, and Y along vᵢ. At a minimum it is on the curve ab = sᵢ or beyond.';
}

/** With a capital and a full stop. */
export const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** The figures in words, for readers who cannot see them. */
export function describeFigures({ simulation, state }: Player): void {
  const label = (id: string, text: string): void => byId(id).setAttribute('aria-label', text);
  const each = (of: (typeof simulation.runs)[number]['now'][]): string =>
    of.map(({ points }) => points.map(([a, b]) => `(${brief(a)}, ${brief(b)})`).join(' ')).join('; ');
  const change = (value: (of: (typeof simulation.runs)[number]['now']) => number): string =>
    simulation.runs.map(({ samples, now }) => `from ${brief(value(samples[0]!))} to ${brief(value(now))}`).join('; ');
  const step = `after step ${simulation.step}`;
  label('landscape', `Landscape ${step}: iterates at ${each(simulation.runs.map(({ now }) => now))}`);
  label('imbalance', `Imbalance ${step}: ${change(({ D }) => norm(D))}`);
  label('flatness', `Flatness ${step}: ${change((of) => of[state.measure])}`);
  label(
    'product',
    `Singular values of the product ${step}: ${simulation.runs.map(({ now }) => now.values.map(brief).join(', ')).join('; ')}`,
  );
}
