/** One problem under each kind of noise: whether it balances, how fast, and its cost in the fit. */
import { Matrix } from 'ml-matrix';
import {
  antiPerturbedDescent,
  entrySamplingDescent,
  gaussianNoise,
  gradientNoiseDescent,
  labelNoiseDescent,
  norm,
  perturbedFormOf,
  sharpnessAwareDescent,
  uniformPicks,
  type Descent,
  type Factors,
} from '../../src/index.ts';
import { referenceDescent } from '../oracles/reference-descent.ts';

/** mu e_1 e_1' with mu = 1, and factors along e_1. */
export interface Problem {
  readonly d1: number;
  readonly d2: number;
  /** Step size. */
  readonly eta: number;
}

export const LAMBDA = 1 / 8;
export const LABELS = 1 / 2;
export const RADIUS = 1 / 4;
export const TAU = 1 / 64;

export interface Noise {
  readonly name: string;
  /** Its claim. */
  readonly claim: string;
  begin(problem: Problem, start: Factors, seed: string): Descent;
  /** The ratio |X| / |Y| to which it balances; undefined if it does not. */
  gamma?(problem: Problem): number;
  /** The rate of log(|X| / |Y|) - log(gamma) in a step, close to balance; 0 if it does not balance. */
  rate(problem: Problem): number;
  /** Its effect on the fitted singular value, mu = 1. */
  readonly bias: string;
}

/** sigma for which the penalties have the geometric mean lambda. */
export const sigmaOf = ({ d1, d2 }: Problem): number => Math.sqrt(LAMBDA / Math.sqrt(d1 * d2));

const target = ({ d1, d2 }: Problem): Matrix => Matrix.zeros(d1, d2).set(0, 0, 1);
const options = (problem: Problem, start: Factors): { target: Matrix; start: Factors; stepSize: number } => ({
  target: target(problem),
  start,
  stepSize: problem.eta,
});

const pointNoise = (
  problem: Problem,
  seed: string,
): { sigma1: number; sigma2: number; source: ReturnType<typeof gaussianNoise> } => ({
  sigma1: sigmaOf(problem),
  sigma2: sigmaOf(problem),
  source: gaussianNoise(seed),
});

/** The ratio gamma of the penalties of equal sigmas, and of label noise. */
const ofShape = ({ d1, d2 }: Problem): number => Math.sqrt(d1 / d2);

/** 4 eta lambda / (gamma + 1/gamma), docs/theory/studies.md#experiments. */
const ridgeRate = (problem: Problem): number => {
  const gamma = ofShape(problem);
  return (4 * problem.eta * LAMBDA) / (gamma + 1 / gamma);
};

export const noises: readonly Noise[] = [
  {
    name: 'none (gradient descent)',
    claim: 'gd/imbalance-kept',
    begin: (problem, start) => referenceDescent(options(problem, start)),
    rate: () => 0,
    bias: 'none',
  },
  {
    name: 'on the point (perturbed descent)',
    claim: 'balance/mean-decay',
    begin: (problem, start, seed) => referenceDescent({ ...options(problem, start), noise: pointNoise(problem, seed) }),
    gamma: ofShape,
    rate: ridgeRate,
    bias: '-λ',
  },
  {
    name: 'anticorrelated (Anti-PGD)',
    claim: 'anti-pgd/path',
    begin: (problem, start, seed) =>
      perturbedFormOf(antiPerturbedDescent)({ ...options(problem, start), noise: pointNoise(problem, seed) }),
    gamma: ofShape,
    rate: ridgeRate,
    bias: '-λ',
  },
  {
    name: 'on the labels',
    claim: 'noise/label-rate',
    begin: (problem, start, seed) =>
      labelNoiseDescent({ ...options(problem, start), labels: { scale: LABELS, source: gaussianNoise(seed) } }),
    gamma: ofShape,
    rate: ({ d1, d2, eta }) => ((eta * LABELS) ** 2 * 2 * d1 * d2) / (d1 + d2),
    bias: '-η s² (d1 + d2) / 2S',
  },
  {
    name: 'chosen (SAM)',
    claim: 'noise/sharpness-rate',
    begin: (problem, start) => sharpnessAwareDescent({ ...options(problem, start), radius: RADIUS }),
    gamma: () => 1,
    rate: ({ eta }) => (2 * eta * RADIUS ** 2) / (1 - eta) ** 2,
    bias: '± η ρ S^(3/2) / 2',
  },
  {
    name: 'chosen, not normalised (SAM)',
    claim: 'noise/sharpness-unnormalised',
    begin: (problem, start) => sharpnessAwareDescent({ ...options(problem, start), radius: RADIUS, normalised: false }),
    rate: () => 0,
    bias: 'none',
  },
  {
    name: 'on the gradient',
    claim: 'noise/gradient-step',
    begin: (problem, start, seed) =>
      gradientNoiseDescent({ ...options(problem, start), stepNoise: { scale: TAU, source: gaussianNoise(seed) } }),
    rate: () => 0,
    bias: 'of the order -τ² / η',
  },
  {
    name: 'sampled entries',
    claim: 'noise/entry-step',
    begin: (problem, start, seed) => entrySamplingDescent({ ...options(problem, start), pick: uniformPicks(seed) }),
    rate: () => 0,
    bias: 'none',
  },
];

/** At a minimum with |X| / |Y| = ratio, X and Y along e_1, off by a share of the product. */
export function startAt({ d1, d2 }: Problem, ratio: number, off = 0): Factors {
  const along = (d: number, value: number): Matrix => Matrix.zeros(d, 1).set(0, 0, value);
  return { X: along(d1, (1 + off) * Math.sqrt(ratio)), Y: along(d2, 1 / Math.sqrt(ratio)) };
}

/** |X|^2 and |Y|^2. */
export const squares = ({ X, Y }: Factors): readonly [number, number] => [norm(X) ** 2, norm(Y) ** 2];
