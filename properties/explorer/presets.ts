/** A preset for each headline claim: a problem that shows it, and a sentence on what to watch. */
import type { Grid, Instance } from '../model/instance.ts';
import { stateOf, type State } from './state.ts';

export interface Preset {
  /** The claim's id. */
  readonly claim: string;
  /** A word or two for a button. */
  readonly title: string;
  /** One sentence on what to watch, with the prediction. */
  readonly watch: string;
  readonly state: State;
}

/** One number for each factor. */
const scalars = (x: number, y: number): { X0: Grid; Y0: Grid } => ({ X0: [[x]], Y0: [[y]] });

const one: Instance = {
  M: [[1]],
  ...scalars(2, 1 / 4),
  eta: 1 / 64,
  sigma1: 1 / 4,
  sigma2: 1 / 4,
  steps: 6144,
  seed: 1,
};
const plain = { sigma1: 0, sigma2: 0 };

/** Singular values 3, 2 and 1/2, on the columns of two reflections: every entry is a short decimal. */
const five: Grid = [
  [0.84, 0.16, -1.16, -0.96, 0.96],
  [-0.16, 0.16, 0.84, 1.04, -1.04],
  [-1.16, -0.84, 0.34, 0.04, -0.04],
  [-0.96, -1.04, 0.04, 0.24, -0.24],
  [-0.96, -1.04, 0.04, 0.24, -0.24],
];

const drafts: readonly Preset[] = [
  {
    claim: 'balance/emerges',
    title: 'Balance emerges',
    watch:
      'The path first falls onto the hyperbola of minima xy = 1, then slides along it to the balanced point x = y, while the imbalance falls along its predicted line.',
    state: stateOf(one),
  },
  {
    claim: 'limit/forgets-start',
    title: 'With noise the limit does not depend on the start',
    watch:
      'Six starts, each with noise of its own, end at one and the same point up to a common sign: the rings mark it.',
    state: stateOf(
      { ...one, ...scalars(2, 1 / 4), steps: 6144 },
      {
        others: [scalars(1 / 4, 2), scalars(-1.5, -0.5), scalars(0.25, 0.25), scalars(1.5, 1.5), scalars(-0.5, -1.75)],
      },
    ),
  },
  {
    claim: 'limit/closed-form',
    title: 'The limit in closed form',
    watch:
      'The singular values 3, 2 and 1/2 of M are lowered by λ = 5/8, so that the third one vanishes: each dot goes to its ring, each line to its level.',
    state: stateOf(
      {
        M: five,
        X0: [
          [2, 0, 1],
          [0, 2, 0],
          [-1, 0, 2],
          [0, 1, 0],
          [1, 0, 0],
        ],
        Y0: [
          [1 / 4, 0, 0],
          [0, 1 / 4, 0],
          [0, 0, 1 / 4],
          [1 / 4, 0, 0],
          [0, 1 / 4, 0],
        ],
        eta: 1 / 256,
        sigma1: 1 / 2,
        sigma2: 1 / 4,
        steps: 16384,
        seed: 1,
      },
      { pace: 32 },
    ),
  },
  {
    claim: 'gd/imbalance-kept',
    title: 'Gradient descent conserves the imbalance',
    watch:
      'Without noise the path stays on the dotted curve x² − y² = D₀ of its start, up to the drift that its steps allow: the imbalance stays within the band.',
    state: stateOf({ ...one, ...plain, ...scalars(1.75, -0.75), eta: 1 / 32, steps: 256 }, { pace: 1 }),
  },
  {
    claim: 'gd/remembers-start',
    title: 'Without noise the limit depends on the start',
    watch: 'Without noise six starts end at six different minima, each in the ring that its own imbalance predicts.',
    state: stateOf(
      { ...one, ...plain, steps: 1024 },
      {
        others: [
          scalars(1 / 4, 2),
          scalars(-1.5, -0.5),
          scalars(0.25, 0.125),
          scalars(1.5, 1.75),
          scalars(-0.5, -1.75),
        ],
        pace: 4,
      },
    ),
  },
  {
    claim: 'flatness/flatter-than-gd',
    title: 'Noise finds flatter minima',
    watch:
      'From one start plain descent stops at a sharp minimum and perturbed descent moves on to a flat one: the curvature falls from the upper to the lower level, both predicted.',
    state: stateOf({ ...one, ...scalars(2.25, 1 / 4), steps: 6144 }, { alsoPlain: true }),
  },
  {
    claim: 'large-step/converges',
    title: 'How large a step may be',
    watch:
      'At this large step the starts inside the ellipse converge, though the curvature at some of them is above 2/η, and the two outside of it diverge.',
    state: stateOf(
      { ...one, ...plain, ...scalars(2, 1), eta: 3 / 4, steps: 64 },
      {
        others: [scalars(0.25, 2), scalars(-1.5, -1.25), scalars(-1.75, 0.25), scalars(1.75, -1), scalars(-1.25, 2)],
        pace: 1,
      },
    ),
  },
];

export const presets: readonly Preset[] = drafts.map((preset) => ({
  ...preset,
  state: { ...preset.state, claim: preset.claim },
}));
